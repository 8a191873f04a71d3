-- People, their sessions, the keys of programs, and the trail of what was done.

-- Nobody is ever removed: the trail names them. Who leaves is disabled.
CREATE TABLE person (
    login TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('worker', 'supervisor', 'administrator', 'integrator')),
    -- '*' for all, or the sites with a space between them.
    sites TEXT NOT NULL,
    -- What the badge says; empty for none.
    badge TEXT NOT NULL,
    disabled INTEGER NOT NULL,
    -- A PHC string; empty for none.
    password TEXT NOT NULL,
    added_us INTEGER NOT NULL,
    signed_in_us INTEGER,
    signed_in_from TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX person_badge ON person (badge) WHERE badge <> '';

CREATE TABLE session (
    -- The token itself is only in the browser.
    token_hash BLOB PRIMARY KEY,
    login TEXT NOT NULL REFERENCES person (login),
    began_us INTEGER NOT NULL,
    seen_us INTEGER NOT NULL,
    source TEXT NOT NULL,
    browser TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_login ON session (login, seen_us);

CREATE TABLE api_key (
    key TEXT PRIMARY KEY,
    secret_hash BLOB NOT NULL,
    name TEXT NOT NULL,
    owner TEXT NOT NULL REFERENCES person (login),
    sites TEXT NOT NULL,
    made_us INTEGER NOT NULL,
    used_us INTEGER,
    used_from TEXT NOT NULL DEFAULT '',
    ended_us INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX api_key_owner ON api_key (owner);

-- Each row's hash covers the row before; see ledger/audit.rs.
CREATE TABLE audit (
    number INTEGER PRIMARY KEY,
    at_us INTEGER NOT NULL,
    actor TEXT NOT NULL,
    source TEXT NOT NULL,
    action TEXT NOT NULL,
    site TEXT NOT NULL,
    subject TEXT NOT NULL,
    outcome TEXT NOT NULL,
    detail TEXT NOT NULL,
    times INTEGER NOT NULL,
    hash BLOB NOT NULL
) STRICT;
CREATE INDEX audit_actor ON audit (actor, number);
CREATE INDEX audit_action ON audit (action, number);
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit BEGIN
    SELECT raise(ABORT, 'the audit trail is only ever added to');
END;
CREATE TRIGGER audit_is_never_cut BEFORE DELETE ON audit BEGIN
    SELECT raise(ABORT, 'the audit trail is only ever added to');
END;

-- Where the trail ends, so that a missing end is noticed.
CREATE TABLE audit_head (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    number INTEGER NOT NULL,
    hash BLOB NOT NULL
) STRICT;
INSERT INTO audit_head VALUES (1, 0, zeroblob(32));
