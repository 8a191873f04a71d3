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
