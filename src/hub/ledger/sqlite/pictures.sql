-- Step 13: pictures of items. Each is kept once at a site, however many items have it, under the digest of its bytes.

CREATE TABLE picture (
    site TEXT NOT NULL,
    picture TEXT NOT NULL,
    png BLOB NOT NULL,
    PRIMARY KEY (site, picture)
) STRICT;
-- The picture of the item; empty for none.
ALTER TABLE item ADD COLUMN picture TEXT NOT NULL DEFAULT '';
CREATE INDEX item_picture ON item (site, picture) WHERE picture <> '';
