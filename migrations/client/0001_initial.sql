-- The client's database, encrypted by SQLCipher. Signed frames and links are the truth;
-- the table `event` is a cache of the documents and can be rebuilt from `change`.

-- What this profile is and how a person set it up.
CREATE TABLE setting (
    key   TEXT NOT NULL PRIMARY KEY, -- a name listed in setting.rs
    value BLOB NOT NULL              -- bytes or UTF-8 text, as the name says
) STRICT, WITHOUT ROWID;

-- Device keys, account keys and epoch secrets, each sealed once more under a key of its own.
CREATE TABLE secret (
    name   TEXT NOT NULL PRIMARY KEY, -- what the secret opens
    sealed BLOB NOT NULL              -- ciphertext; this crate cannot open it
) STRICT, WITHOUT ROWID;

-- Links of membership logs, of accounts and calendars alike: the pins of this device.
CREATE TABLE link (
    log   BLOB    NOT NULL,           -- account or calendar id
    seq   INTEGER NOT NULL,           -- 0 is the genesis
    bytes BLOB    NOT NULL,           -- the signed link
    sent  INTEGER NOT NULL DEFAULT 0, -- 1 once a relay has it
    PRIMARY KEY (log, seq)
) STRICT, WITHOUT ROWID;

-- Sealed keys that wait to be left at the relay beside a log.
CREATE TABLE box (
    log    BLOB    NOT NULL,           -- account or calendar id
    record BLOB    NOT NULL,           -- the box record
    sent   INTEGER NOT NULL DEFAULT 0, -- 1 once a relay has it
    PRIMARY KEY (log, record)
) STRICT, WITHOUT ROWID;

-- Calendars, and how far their main stream was read.
CREATE TABLE calendar (
    id          BLOB    NOT NULL PRIMARY KEY, -- calendar id
    purpose     INTEGER NOT NULL,             -- 1 calendar, 2 the account's private one
    rseq        INTEGER NOT NULL DEFAULT 0,   -- number of the last envelope stored from the relay
    stream_hash BLOB    NOT NULL DEFAULT x'', -- running hash after it; empty before the first
    relay_epoch BLOB    NOT NULL DEFAULT x''  -- the relay's life in which rseq counts
) STRICT, WITHOUT ROWID;

-- Every signed frame that was accepted, of this device and of others.
CREATE TABLE frame (
    calendar    BLOB    NOT NULL,
    device      BLOB    NOT NULL, -- author
    incarnation BLOB    NOT NULL, -- the author's life
    seq         INTEGER NOT NULL, -- from 1
    hash        BLOB    NOT NULL, -- of the signed bytes
    bytes       BLOB    NOT NULL, -- the signed bytes
    sent        INTEGER NOT NULL, -- 0 waits, 1 sealed in the outbox, 2 at the relay
    PRIMARY KEY (calendar, device, incarnation, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX frame_waiting ON frame (calendar, incarnation, seq) WHERE sent < 2;

-- Automerge changes that a stored frame lists.
CREATE TABLE change (
    id       INTEGER PRIMARY KEY,
    calendar BLOB NOT NULL,
    document BLOB NOT NULL, -- sixteen zero bytes: the calendar's own document
    hash     BLOB NOT NULL, -- Automerge's hash of the change
    bytes    BLOB NOT NULL, -- one uncompressed change chunk
    UNIQUE (calendar, document, hash)
) STRICT;

-- Sealed envelopes, kept until the relay has said that they are durable.
CREATE TABLE outbox (
    calendar    BLOB    NOT NULL,
    incarnation BLOB    NOT NULL,
    first_seq   INTEGER NOT NULL, -- first frame inside
    last_seq    INTEGER NOT NULL, -- last frame inside
    bytes       BLOB    NOT NULL, -- sent again unchanged after every interruption
    PRIMARY KEY (calendar, incarnation, first_seq)
) STRICT, WITHOUT ROWID;

-- What arrived and could not be accepted: kept, with the reason, and never in the way.
CREATE TABLE quarantine (
    id       INTEGER PRIMARY KEY,
    calendar BLOB NOT NULL,
    reason   TEXT NOT NULL, -- a word listed in quarantine.rs
    hash     BLOB NOT NULL, -- of the bytes, so that the same find is kept once
    bytes    BLOB NOT NULL, -- an envelope or a frame
    UNIQUE (calendar, hash)
) STRICT;

-- Cache: one row per event document.
CREATE TABLE event (
    calendar BLOB    NOT NULL,
    document BLOB    NOT NULL,
    uid      TEXT    NOT NULL,           -- UID of RFC 5545
    first_s  INTEGER NOT NULL,           -- no occurrence starts before this Unix second
    last_s   INTEGER,                    -- none ends after this one; NULL: goes on
    trashed  INTEGER NOT NULL DEFAULT 0, -- 1 while in the trash
    event    TEXT    NOT NULL,           -- the event as JSON
    PRIMARY KEY (calendar, document)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_uid ON event (calendar, uid);
CREATE INDEX event_window ON event (calendar, last_s, first_s) WHERE trashed = 0;
