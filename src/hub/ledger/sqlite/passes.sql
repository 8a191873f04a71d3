-- The facts of passes through portals, by their receipt.
CREATE INDEX IF NOT EXISTS journal_pass ON journal (site, json_extract(CAST(body AS TEXT), '$.task'), place)
    WHERE instr(body, CAST('"pass":' AS BLOB)) > 0;
