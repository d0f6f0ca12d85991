-- Packs: a stream up to one number, for devices that come late, and what may go because of them.

-- Up to this number the envelopes are no longer here: their rows stay, without bytes.
ALTER TABLE stream ADD COLUMN dropped_to INTEGER NOT NULL DEFAULT 0;

-- Packs, each taken only after all its chunks were there.
CREATE TABLE pack (
    id           INTEGER NOT NULL PRIMARY KEY,                 -- order of arrival
    stream       INTEGER NOT NULL REFERENCES stream (id),      -- of which stream
    name         BLOB    NOT NULL CHECK (length(name) = 32),   -- BLAKE3 of the manifest
    rseq         INTEGER NOT NULL,                             -- number of the last envelope it covers
    device       BLOB    NOT NULL CHECK (length(device) = 32), -- who made it
    confirmed_ms INTEGER NOT NULL DEFAULT 0,                   -- milliseconds since 1970, 0 while it is not confirmed
    manifest     BLOB    NOT NULL,                             -- signed by that device; empty once a newer pack took its place
    UNIQUE (stream, name)
) STRICT;

-- Chunks of packs, also those that are still on their way. They lie here and not in files so that a
-- backup of the database never has a pack without its chunks, nor a commit one without the other.
CREATE TABLE pack_chunk (
    id         INTEGER NOT NULL PRIMARY KEY,
    calendar   BLOB    NOT NULL REFERENCES calendar (calendar), -- of which calendar
    name       BLOB    NOT NULL CHECK (length(name) = 32),      -- BLAKE3 of the whole chunk
    touched_ms INTEGER NOT NULL,                                -- when bytes last came, in milliseconds since 1970
    is_whole   INTEGER NOT NULL CHECK (is_whole IN (0, 1)),     -- whether all bytes are there
    bytes      BLOB    NOT NULL,                                -- what has come so far; sealed
    UNIQUE (calendar, name)
) STRICT;
