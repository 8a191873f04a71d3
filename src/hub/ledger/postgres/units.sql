-- Where handling units stand, and what of them lies where: kept by the postings, recomputed by every check.

-- What was said of the place of a unit, as often as facts say so that were not taken back. Lines that one task moves with
-- it from one place to another are one step.
CREATE TABLE unit_step (
    site text COLLATE "C" NOT NULL REFERENCES site (site),
    unit text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('carried', 'seen', 'loaded')),
    task text COLLATE "C" NOT NULL,
    -- The location it left; empty where nobody said.
    from_place text COLLATE "C" NOT NULL,
    -- 'location', 'vehicle', or 'handling_unit': with a worker.
    account text COLLATE "C" NOT NULL,
    place text COLLATE "C" NOT NULL,
    facts bigint NOT NULL CHECK (facts > 0),
    -- Those of them that moved it with whatever is in it.
    whole bigint NOT NULL,
    -- The newest one.
    journal bigint NOT NULL,
    PRIMARY KEY (site, unit, kind, task, from_place, account, place)
);

-- Where each stands by that. One of which nobody knows is not here.
CREATE TABLE unit_place (
    site text COLLATE "C" NOT NULL REFERENCES site (site),
    unit text COLLATE "C" NOT NULL,
    account text COLLATE "C" NOT NULL,
    place text COLLATE "C" NOT NULL,
    PRIMARY KEY (site, unit)
);
CREATE INDEX unit_place_place ON unit_place (site, account, place);

-- The sum of the entries that name a unit.
CREATE TABLE unit_content (
    site text COLLATE "C" NOT NULL REFERENCES site (site),
    unit text COLLATE "C" NOT NULL,
    account text COLLATE "C" NOT NULL,
    place text COLLATE "C" NOT NULL,
    item text COLLATE "C" NOT NULL,
    lot text COLLATE "C" NOT NULL,
    serial text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    owner text COLLATE "C" NOT NULL,
    quantity_micro bigint NOT NULL,
    PRIMARY KEY (site, unit, account, place, item, lot, serial, status, owner)
);

INSERT INTO unit_content (site, unit, account, place, item, lot, serial, status, owner, quantity_micro)
SELECT site, handling_unit, account, place, item, lot, serial, status, owner, sum(quantity_micro)
FROM entry WHERE handling_unit <> '' AND account IN ('location', 'handling_unit', 'vehicle')
GROUP BY site, handling_unit, account, place, item, lot, serial, status, owner HAVING sum(quantity_micro) <> 0;

CREATE TEMP TABLE unit_fact ON COMMIT DROP AS
SELECT site, journal, body ->> 'act' AS act, coalesce(body ->> 'task', '') AS task,
       body -> 'goods' ->> 'handling_unit' AS named,
       coalesce(body -> 'goods' ->> 'item' IS NULL
                AND body -> 'goods' ->> 'code' = body -> 'goods' ->> 'handling_unit', false) AS whole,
       CASE json_typeof(body -> 'from') WHEN 'object' THEN body -> 'from' ->> 'location' END AS from_location,
       CASE json_typeof(body -> 'from') WHEN 'object' THEN body -> 'from' ->> 'handling_unit' END AS from_unit,
       CASE json_typeof(body -> 'to') WHEN 'object' THEN body -> 'to' ->> 'location' END AS to_location,
       CASE json_typeof(body -> 'to') WHEN 'object' THEN body -> 'to' ->> 'handling_unit' END AS to_unit,
       CASE json_typeof(body -> 'to') WHEN 'object' THEN body -> 'to' ->> 'vehicle' END AS to_vehicle
FROM (SELECT site, place AS journal, convert_from(body, 'UTF8')::json AS body FROM journal
      WHERE quarantined = ''
          AND NOT EXISTS (SELECT 1 FROM reversal
                          WHERE reversal.site = journal.site AND original = journal.place)) AS fact;

INSERT INTO unit_step (site, unit, kind, task, from_place, account, place, facts, whole, journal)
SELECT site, unit, kind, task, from_place, account, place, count(*), sum(whole::integer), max(journal) FROM (
    SELECT site, named AS unit, 'carried' AS kind, task, coalesce(from_location, '') AS from_place, 'location' AS account,
           to_location AS place, act = 'moved' AND whole AS whole, journal
    FROM unit_fact WHERE act IN ('received', 'returned', 'moved') AND named IS NOT NULL AND to_location IS NOT NULL
    UNION ALL
    SELECT site, named, 'carried', task, coalesce(from_location, ''), 'handling_unit', to_unit, whole, journal
    FROM unit_fact WHERE act = 'picked' AND named = to_unit
    UNION ALL
    SELECT site, to_unit, 'seen', '', '', 'handling_unit', to_unit, false, journal
    FROM unit_fact WHERE to_unit IS NOT NULL
        AND (act = 'packed' OR (act = 'picked' AND (named IS NULL OR named <> to_unit)))
    UNION ALL
    SELECT site, from_unit, 'seen', '', '', 'location', to_location, false, journal
    FROM unit_fact WHERE act IN ('handed_over', 'reported') AND from_unit IS NOT NULL AND to_location IS NOT NULL
    UNION ALL
    SELECT site, from_unit, 'loaded', task, '', 'vehicle', to_vehicle, true, journal
    FROM unit_fact WHERE act = 'loaded' AND from_unit IS NOT NULL AND to_vehicle IS NOT NULL
) AS said GROUP BY site, unit, kind, task, from_place, account, place;

DROP TABLE unit_fact;

INSERT INTO unit_place (site, unit, account, place)
SELECT site, unit, account, place FROM (
    SELECT site, unit, account, place,
           row_number() OVER (
               PARTITION BY site, unit
               ORDER BY (kind = 'loaded' AND unit ~ '^[0-9]{18}$') DESC, journal DESC
           ) AS nth
    FROM unit_step AS step
    WHERE kind <> 'carried' OR account <> 'location'
        OR (SELECT count(*) FROM unit_step AS came
            WHERE came.site = step.site AND came.unit = step.unit AND came.kind = 'carried'
                AND came.account = 'location' AND came.place = step.place)
         > (SELECT count(*) FROM unit_step AS went
            WHERE went.site = step.site AND went.unit = step.unit AND went.kind = 'carried'
                AND went.from_place = step.place)
) AS ordered WHERE nth = 1 AND account <> 'handling_unit';
