-- Codes that workers linked to items on the floor: used at the site at once, until a supervisor keeps or removes them. They
-- stand apart from the codes of the item list, so that no import takes one away; where the list has the code, it decides.
CREATE TABLE linked_code (
    site text COLLATE "C" NOT NULL,
    code text COLLATE "C" NOT NULL,
    item text COLLATE "C" NOT NULL,
    unit text COLLATE "C" NOT NULL,
    pack_micro bigint NOT NULL CHECK (pack_micro > 0),
    -- The fact that linked it.
    journal bigint NOT NULL,
    PRIMARY KEY (site, code),
    FOREIGN KEY (site, item) REFERENCES item (site, item)
);
CREATE INDEX linked_code_item ON linked_code (site, item);
