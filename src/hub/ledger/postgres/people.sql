-- People, their sessions, the keys of programs, and the trail of what was done. All of it is "house": it belongs to no
-- site. Whoever changes any of it holds the trail's head until it commits; a change of a site takes it after the site's row.

-- Nobody is ever removed: the trail names them. Who leaves is disabled.
CREATE TABLE person (
    login text COLLATE "C" PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    role text COLLATE "C" NOT NULL CHECK (role IN ('worker', 'supervisor', 'administrator', 'integrator')),
    -- '*' for all, or the sites with a space between them.
    sites text COLLATE "C" NOT NULL,
    -- What the badge says; empty for none.
    badge text COLLATE "C" NOT NULL,
    disabled boolean NOT NULL,
    -- A PHC string; empty for none.
    password text COLLATE "C" NOT NULL,
    added_us bigint NOT NULL,
    signed_in_us bigint,
    signed_in_from text COLLATE "C" NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX person_badge ON person (badge) WHERE badge <> '';

CREATE TABLE session (
    -- The token itself is only in the browser.
    token_hash bytea PRIMARY KEY,
    login text COLLATE "C" NOT NULL REFERENCES person (login),
    began_us bigint NOT NULL,
    seen_us bigint NOT NULL,
    source text COLLATE "C" NOT NULL,
    browser text COLLATE "C" NOT NULL
);
CREATE INDEX session_login ON session (login, seen_us);

CREATE TABLE api_key (
    key text COLLATE "C" PRIMARY KEY,
    secret_hash bytea NOT NULL,
    name text COLLATE "C" NOT NULL,
    owner text COLLATE "C" NOT NULL REFERENCES person (login),
    sites text COLLATE "C" NOT NULL,
    made_us bigint NOT NULL,
    used_us bigint,
    used_from text COLLATE "C" NOT NULL DEFAULT '',
    ended_us bigint
);
CREATE INDEX api_key_owner ON api_key (owner);

-- Each row's hash covers the row before; see ledger/audit.rs.
CREATE TABLE audit (
    number bigint PRIMARY KEY,
    at_us bigint NOT NULL,
    actor text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL,
    action text COLLATE "C" NOT NULL,
    site text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    outcome text COLLATE "C" NOT NULL,
    detail text COLLATE "C" NOT NULL,
    times bigint NOT NULL,
    hash bytea NOT NULL
);
CREATE INDEX audit_actor ON audit (actor, number);
CREATE INDEX audit_action ON audit (action, number);
CREATE FUNCTION audit_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'the audit trail is only ever added to';
END $$;
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    EXECUTE FUNCTION audit_is_only_added_to();

-- Where the trail ends, so that a missing end is noticed.
CREATE TABLE audit_head (
    id smallint PRIMARY KEY CHECK (id = 1),
    number bigint NOT NULL,
    hash bytea NOT NULL
);
INSERT INTO audit_head VALUES (1, 0, decode(repeat('00', 32), 'hex'));
