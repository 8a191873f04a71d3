-- Step 6: what SQL never looks at is one column of JSON, so that a further kind of work, or a further member of a task, a
-- line or an item, changes no table. And what devices are told besides: holds, reasons, check digits, and who works. The
-- same tables as in SQLite.

-- The kind with what only that kind of work needs, as devices get it: `TaskKindBody` in JSON. `kind` is its word, for lists.
ALTER TABLE task DROP CONSTRAINT task_kind_check;
ALTER TABLE task ADD COLUMN details text COLLATE "C" NOT NULL DEFAULT '';
UPDATE task SET details = CASE kind
    WHEN 'receive' THEN json_build_object(
        'receive', json_build_object('dock', dock, 'over_tolerance_percent', over_tolerance_percent))
    WHEN 'pick' THEN json_build_object('pick', json_strip_nulls(json_build_object('into', nullif(into_unit, ''))))
    ELSE json_build_object('count', json_build_object())
END::text;
ALTER TABLE task ALTER COLUMN details DROP DEFAULT;
ALTER TABLE task DROP COLUMN dock, DROP COLUMN over_tolerance_percent, DROP COLUMN into_unit;

-- The members of `LineBody` and of `ItemBody` that have no column of their own, in JSON; empty for none.
ALTER TABLE line ADD COLUMN details text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE item ADD COLUMN details text COLLATE "C" NOT NULL DEFAULT '';

-- What is painted beside the label; empty for none.
ALTER TABLE location ADD COLUMN check_digits text COLLATE "C" NOT NULL DEFAULT '';

-- Goods that may not be used until somebody releases them. Devices get the list whole, with its version.
CREATE TABLE hold (
    site text COLLATE "C" NOT NULL,
    item text COLLATE "C" NOT NULL,
    -- Empty for every lot.
    lot text COLLATE "C" NOT NULL,
    reason text COLLATE "C" NOT NULL,
    created_us bigint NOT NULL,
    PRIMARY KEY (site, item, lot)
);
-- Counts the changes of the list.
ALTER TABLE site ADD COLUMN holds_version bigint NOT NULL DEFAULT 0;
ALTER TABLE site ADD COLUMN holds_change_seq bigint NOT NULL DEFAULT 0;

-- The reasons that workers choose from, by exception code, in the order of their numbers.
CREATE TABLE reason (
    site text COLLATE "C" NOT NULL,
    code text COLLATE "C" NOT NULL,
    number bigint NOT NULL CHECK (number > 0),
    word text COLLATE "C" NOT NULL,
    PRIMARY KEY (site, code, number)
);
ALTER TABLE site ADD COLUMN reasons_change_seq bigint NOT NULL DEFAULT 0;

-- What somebody reads, as 'de', and what their PIN is checked by, as a PHC string; empty for none.
ALTER TABLE person ADD COLUMN language text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE person ADD COLUMN pin text COLLATE "C" NOT NULL DEFAULT '';
-- Counts the changes of people that devices are told: people belong to no site, and have no number of one. It changes under
-- the lock on the trail's head.
ALTER TABLE hub ADD COLUMN people_change bigint NOT NULL DEFAULT 0;
