-- Codes that workers linked to items on the floor: used at the site at once, until a supervisor keeps or removes them. They
-- stand apart from the codes of the item list, so that no import takes one away; where the list has the code, it decides.
CREATE TABLE linked_code (
    site TEXT NOT NULL,
    code TEXT NOT NULL,
    item TEXT NOT NULL,
    unit TEXT NOT NULL,
    pack_micro INTEGER NOT NULL CHECK (pack_micro > 0),
    -- The fact that linked it.
    journal INTEGER NOT NULL,
    PRIMARY KEY (site, code),
    FOREIGN KEY (site, item) REFERENCES item (site, item)
) STRICT, WITHOUT ROWID;
CREATE INDEX linked_code_item ON linked_code (site, item);
