-- Where handling units stand, and what of them lies where: kept by the postings, recomputed by every check.

-- What was said of the place of a unit, as often as facts say so that were not taken back. Lines that one task moves with
-- it from one place to another are one step.
CREATE TABLE unit_step (
    site TEXT NOT NULL REFERENCES site (site),
    unit TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('carried', 'seen', 'loaded')),
    task TEXT NOT NULL,
    -- The location it left; empty where nobody said.
    from_place TEXT NOT NULL,
    -- 'location', 'vehicle', or 'handling_unit': with a worker.
    account TEXT NOT NULL,
    place TEXT NOT NULL,
    facts INTEGER NOT NULL CHECK (facts > 0),
    -- Those of them that moved it with whatever is in it.
    whole INTEGER NOT NULL,
    -- The newest one.
    journal INTEGER NOT NULL,
    PRIMARY KEY (site, unit, kind, task, from_place, account, place)
) STRICT, WITHOUT ROWID;

-- Where each stands by that. One of which nobody knows is not here.
CREATE TABLE unit_place (
    site TEXT NOT NULL REFERENCES site (site),
    unit TEXT NOT NULL,
    account TEXT NOT NULL,
    place TEXT NOT NULL,
    PRIMARY KEY (site, unit)
) STRICT, WITHOUT ROWID;
CREATE INDEX unit_place_place ON unit_place (site, account, place);

-- The sum of the entries that name a unit.
CREATE TABLE unit_content (
    site TEXT NOT NULL REFERENCES site (site),
    unit TEXT NOT NULL,
    account TEXT NOT NULL,
    place TEXT NOT NULL,
    item TEXT NOT NULL,
    lot TEXT NOT NULL,
    serial TEXT NOT NULL,
    status TEXT NOT NULL,
    owner TEXT NOT NULL,
    quantity_micro INTEGER NOT NULL,
    PRIMARY KEY (site, unit, account, place, item, lot, serial, status, owner)
) STRICT, WITHOUT ROWID;

INSERT INTO unit_content (site, unit, account, place, item, lot, serial, status, owner, quantity_micro)
SELECT site, handling_unit, account, place, item, lot, serial, status, owner, sum(quantity_micro)
FROM entry WHERE handling_unit <> '' AND account IN ('location', 'handling_unit', 'vehicle')
GROUP BY site, handling_unit, account, place, item, lot, serial, status, owner HAVING sum(quantity_micro) <> 0;

CREATE TEMP TABLE unit_fact AS
SELECT site, journal, json_extract(body, '$.act') AS act,
       coalesce(json_extract(body, '$.task'), '') AS task,
       json_extract(body, '$.goods.handling_unit') AS named,
       json_extract(body, '$.goods.item') IS NULL
           AND json_extract(body, '$.goods.code') = json_extract(body, '$.goods.handling_unit') AS whole,
       CASE json_type(body, '$.from') WHEN 'object' THEN json_extract(body, '$.from.location') END AS from_location,
       CASE json_type(body, '$.from') WHEN 'object' THEN json_extract(body, '$.from.handling_unit') END AS from_unit,
       CASE json_type(body, '$.to') WHEN 'object' THEN json_extract(body, '$.to.location') END AS to_location,
       CASE json_type(body, '$.to') WHEN 'object' THEN json_extract(body, '$.to.handling_unit') END AS to_unit,
       CASE json_type(body, '$.to') WHEN 'object' THEN json_extract(body, '$.to.vehicle') END AS to_vehicle
FROM (SELECT site, place AS journal, CAST(body AS TEXT) AS body FROM journal
      WHERE quarantined = '' AND NOT EXISTS (SELECT 1 FROM reversal WHERE original = journal.place));

INSERT INTO unit_step (site, unit, kind, task, from_place, account, place, facts, whole, journal)
SELECT site, unit, kind, task, from_place, account, place, count(*), sum(whole), max(journal) FROM (
    SELECT site, named AS unit, 'carried' AS kind, task, coalesce(from_location, '') AS from_place, 'location' AS account,
           to_location AS place, act = 'moved' AND whole AS whole, journal
    FROM unit_fact WHERE act IN ('received', 'returned', 'moved') AND named IS NOT NULL AND to_location IS NOT NULL
    UNION ALL
    SELECT site, named, 'carried', task, coalesce(from_location, ''), 'handling_unit', to_unit, whole, journal
    FROM unit_fact WHERE act = 'picked' AND named = to_unit
    UNION ALL
    SELECT site, to_unit, 'seen', '', '', 'handling_unit', to_unit, 0, journal
    FROM unit_fact WHERE to_unit IS NOT NULL
        AND (act = 'packed' OR (act = 'picked' AND (named IS NULL OR named <> to_unit)))
    UNION ALL
    SELECT site, from_unit, 'seen', '', '', 'location', to_location, 0, journal
    FROM unit_fact WHERE act IN ('handed_over', 'reported') AND from_unit IS NOT NULL AND to_location IS NOT NULL
    UNION ALL
    SELECT site, from_unit, 'loaded', task, '', 'vehicle', to_vehicle, 1, journal
    FROM unit_fact WHERE act = 'loaded' AND from_unit IS NOT NULL AND to_vehicle IS NOT NULL
) GROUP BY site, unit, kind, task, from_place, account, place;

DROP TABLE unit_fact;

INSERT INTO unit_place (site, unit, account, place)
SELECT site, unit, account, place FROM (
    SELECT site, unit, account, place,
           row_number() OVER (
               PARTITION BY site, unit
               ORDER BY kind = 'loaded' AND length(unit) = 18 AND unit NOT GLOB '*[^0-9]*' DESC, journal DESC
           ) AS nth
    FROM unit_step AS step
    WHERE kind <> 'carried' OR account <> 'location'
        OR (SELECT count(*) FROM unit_step AS came
            WHERE came.site = step.site AND came.unit = step.unit AND came.kind = 'carried'
                AND came.account = 'location' AND came.place = step.place)
         > (SELECT count(*) FROM unit_step AS went
            WHERE went.site = step.site AND went.unit = step.unit AND went.kind = 'carried'
                AND went.from_place = step.place)
) WHERE nth = 1 AND account <> 'handling_unit';
