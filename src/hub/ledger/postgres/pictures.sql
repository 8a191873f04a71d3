-- Step 13: pictures of items. Each is kept once at a site, however many items have it, under the digest of its bytes.

CREATE TABLE picture (
    site text COLLATE "C" NOT NULL,
    picture text COLLATE "C" NOT NULL,
    png bytea NOT NULL,
    PRIMARY KEY (site, picture)
);
-- The picture of the item; empty for none.
ALTER TABLE item ADD COLUMN picture text COLLATE "C" NOT NULL DEFAULT '';
CREATE INDEX item_picture ON item (site, picture) WHERE picture <> '';
