-- Lays the large tables of a hub's database out in partitions by site. Stop all hubs first, and make a backup; then
--
--   psql -v ON_ERROR_STOP=1 -1 -f partition-by-site.sql "$TALLYMAN_HUB_DATABASE"
--
-- once, as the role that owns the tables. Hubs notice no difference: every statement of theirs names the site, and each
-- unique key begins with it. Rows that are there are moved, which takes as long as writing them anew. How many
-- partitions: `SET tallyman.partitions = 32;` before, in the same session; 16 where nothing is set. A site is in one of
-- them by its name's hash, so it needs no new partition when it is new; take a number that stays right for years, for
-- another one means moving every row.
--
-- Tables that are small, or that others refer to, stay as they are: sites, items, locations, tasks with their lines,
-- devices.

DO $$
DECLARE
    partitions integer := coalesce(nullif(current_setting('tallyman.partitions', true), ''), '16')::integer;
    large regclass;
    name text;
    kept text;
    owner text;
    keys text[];
    key text;
BEGIN
    PERFORM set_config('search_path', 'tallyman, pg_catalog', true);
    FOREACH name IN ARRAY ARRAY['journal', 'entry', 'balance', 'line_progress', 'reversal', 'exception', 'fork', 'trace']
    LOOP
        large := ('tallyman.' || name)::regclass;
        IF (SELECT relkind FROM pg_class WHERE oid = large) = 'p' THEN
            RAISE NOTICE '% is in partitions already', name;
            CONTINUE;
        END IF;
        -- Room on each page for new versions of its rows, where a table has it; a parent table cannot have it itself.
        kept := coalesce((SELECT 'WITH (' || array_to_string(reloptions, ', ') || ')' FROM pg_class WHERE oid = large), '');
        owner := (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = large);
        -- Keys and indexes keep their names: later steps of the schema may speak of them.
        keys := ARRAY(SELECT format('ALTER TABLE %I ADD CONSTRAINT %I %s', name, conname, pg_get_constraintdef(oid))
                      FROM pg_constraint WHERE conrelid = large AND contype = 'p')
             || ARRAY(SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = large AND NOT indisprimary);
        EXECUTE format('ALTER TABLE %I RENAME TO %I', name, name || '_whole');
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL EXCLUDING INDEXES) PARTITION BY HASH (site)', name, name || '_whole');
        EXECUTE format('ALTER TABLE %I OWNER TO %I', name, owner);
        FOR number IN 0 .. partitions - 1 LOOP
            EXECUTE format(
                'CREATE TABLE %I PARTITION OF %I FOR VALUES WITH (MODULUS %s, REMAINDER %s) %s',
                name || '_' || number, name, partitions, number, kept);
            EXECUTE format('ALTER TABLE %I OWNER TO %I', name || '_' || number, owner);
        END LOOP;
        EXECUTE format('INSERT INTO %I SELECT * FROM %I', name, name || '_whole');
        EXECUTE format('DROP TABLE %I', name || '_whole');
        FOREACH key IN ARRAY keys LOOP
            EXECUTE key;
        END LOOP;
    END LOOP;
END
$$;
