-- Step 6: what SQL never looks at is one column of JSON, so that a further kind of work, or a further member of a task, a
-- line or an item, changes no table. And what devices are told besides: holds, reasons, check digits, and who works.

-- A table whose check names the kinds has to be made anew. Lines go on pointing to it by its name.
CREATE TABLE task_anew (
    site TEXT NOT NULL REFERENCES site (site),
    task TEXT NOT NULL,
    -- The word of the kind, for lists; all of it is in the details.
    kind TEXT NOT NULL,
    -- The kind with what only that kind of work needs, as devices get it: `TaskKindBody` in JSON.
    details TEXT NOT NULL,
    revision INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'done', 'cancelled')),
    reference TEXT NOT NULL,
    priority INTEGER NOT NULL,
    assigned_to TEXT NOT NULL,
    quantity_entry TEXT NOT NULL,
    created_us INTEGER NOT NULL,
    changed_us INTEGER NOT NULL,
    change_seq INTEGER NOT NULL,
    PRIMARY KEY (site, task)
) STRICT, WITHOUT ROWID;
INSERT INTO task_anew (site, task, kind, details, revision, state, reference, priority, assigned_to, quantity_entry,
                       created_us, changed_us, change_seq)
SELECT site, task, kind,
       CASE kind
           WHEN 'receive' THEN json_object('receive', json_object('dock', dock, 'over_tolerance_percent', over_tolerance_percent))
           WHEN 'pick' THEN json_object('pick', CASE into_unit WHEN '' THEN json_object() ELSE json_object('into', into_unit) END)
           ELSE json_object('count', json_object())
       END,
       revision, state, reference, priority, assigned_to, quantity_entry, created_us, changed_us, change_seq
FROM task;
DROP TABLE task;
ALTER TABLE task_anew RENAME TO task;
CREATE INDEX task_change ON task (site, change_seq);

-- The members of `LineBody` and of `ItemBody` that have no column of their own, in JSON; empty for none.
ALTER TABLE line ADD COLUMN details TEXT NOT NULL DEFAULT '';
ALTER TABLE item ADD COLUMN details TEXT NOT NULL DEFAULT '';

-- What is painted beside the label; empty for none.
ALTER TABLE location ADD COLUMN check_digits TEXT NOT NULL DEFAULT '';

-- Goods that may not be used until somebody releases them. Devices get the list whole, with its version.
CREATE TABLE hold (
    site TEXT NOT NULL REFERENCES site (site),
    item TEXT NOT NULL,
    -- Empty for every lot.
    lot TEXT NOT NULL,
    reason TEXT NOT NULL,
    created_us INTEGER NOT NULL,
    PRIMARY KEY (site, item, lot)
) STRICT, WITHOUT ROWID;
-- Counts the changes of the list.
ALTER TABLE site ADD COLUMN holds_version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE site ADD COLUMN holds_change_seq INTEGER NOT NULL DEFAULT 0;

-- The reasons that workers choose from, by exception code, in the order of their numbers.
CREATE TABLE reason (
    site TEXT NOT NULL REFERENCES site (site),
    code TEXT NOT NULL,
    number INTEGER NOT NULL CHECK (number > 0),
    word TEXT NOT NULL,
    PRIMARY KEY (site, code, number)
) STRICT, WITHOUT ROWID;
ALTER TABLE site ADD COLUMN reasons_change_seq INTEGER NOT NULL DEFAULT 0;

-- What somebody reads, as 'de', and what their PIN is checked by, as a PHC string; empty for none.
ALTER TABLE person ADD COLUMN language TEXT NOT NULL DEFAULT '';
ALTER TABLE person ADD COLUMN pin TEXT NOT NULL DEFAULT '';
-- Counts the changes of people that devices are told: people belong to no site, and have no number of one.
ALTER TABLE hub ADD COLUMN people_change INTEGER NOT NULL DEFAULT 0;
