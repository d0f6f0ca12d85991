-- Packs that are being read: what they show is not verified yet.
CREATE TABLE pack (
    calendar BLOB NOT NULL PRIMARY KEY, -- calendar id
    manifest BLOB NOT NULL              -- the signed manifest
) STRICT, WITHOUT ROWID;

-- Their chunks, as far as they have come: sealed, and gone when the pack has been read.
CREATE TABLE pack_chunk (
    id       INTEGER PRIMARY KEY,
    calendar BLOB NOT NULL, -- calendar id
    name     BLOB NOT NULL, -- BLAKE3 of the bytes
    bytes    BLOB NOT NULL,
    UNIQUE (calendar, name)
) STRICT;
