-- The relay's database. Everything in it is either sealed by a device, signed by a device and
-- public to its readers, or the relay's own bookkeeping. Ids are hashes; there are no names.

-- What this database is. One row.
CREATE TABLE relay (
    id         INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    epoch      BLOB    NOT NULL CHECK (length(epoch) = 16),    -- this life of the database: clients notice a restored one
    key_seed   BLOB    NOT NULL CHECK (length(key_seed) = 32), -- Ed25519 seed of the relay's own key, for notices
    created_ms INTEGER NOT NULL                                -- milliseconds since 1970
) STRICT;

-- Codes that allow one account each. The codes themselves are not kept.
CREATE TABLE invite (
    hash       BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32), -- of the code
    created_ms INTEGER NOT NULL,                                       -- milliseconds since 1970
    used_ms    INTEGER NOT NULL DEFAULT 0,                             -- milliseconds since 1970, 0 while unused
    account    BLOB    NOT NULL DEFAULT x''                            -- the account it created, empty while unused
) STRICT, WITHOUT ROWID;

-- Accounts that may store here.
CREATE TABLE account (
    account    BLOB    NOT NULL PRIMARY KEY CHECK (length(account) = 32), -- its id
    used_bytes INTEGER NOT NULL DEFAULT 0,                                -- bytes of the envelopes its devices pushed
    created_ms INTEGER NOT NULL                                           -- milliseconds since 1970
) STRICT, WITHOUT ROWID;

-- Devices, as the account logs name them: rebuilt from `link` whenever a log grows.
CREATE TABLE device (
    account    BLOB    NOT NULL REFERENCES account (account),     -- whose device
    device     BLOB    NOT NULL CHECK (length(device) = 32),      -- its id
    verify_key BLOB    NOT NULL CHECK (length(verify_key) = 32),  -- Ed25519 public key
    class      INTEGER NOT NULL,                                  -- 1 links and frames, 3 links of its account only
    PRIMARY KEY (account, device)
) STRICT, WITHOUT ROWID;

-- Calendars, as their logs describe them: rebuilt from `link` whenever a log grows.
CREATE TABLE calendar (
    calendar BLOB    NOT NULL PRIMARY KEY CHECK (length(calendar) = 32), -- its id
    owner    BLOB    NOT NULL CHECK (length(owner) = 32),                -- account of the genesis
    purpose  INTEGER NOT NULL,                                           -- 1 calendar, 2 an account's private one
    epoch    INTEGER NOT NULL                                            -- number of the epoch in force
) STRICT, WITHOUT ROWID;

-- Members, as the calendar logs name them: rebuilt from `link` whenever a log grows.
CREATE TABLE member (
    calendar BLOB    NOT NULL REFERENCES calendar (calendar), -- of which calendar
    account  BLOB    NOT NULL CHECK (length(account) = 32),   -- who
    role     INTEGER NOT NULL CHECK (role BETWEEN 1 AND 4),   -- 1 free/busy, 2 viewer, 3 editor, 4 owner
    PRIMARY KEY (calendar, account)
) STRICT, WITHOUT ROWID;

CREATE INDEX member_by_account ON member (account, calendar);

-- The membership logs: signed by devices, checked before they are stored, never changed.
CREATE TABLE link (
    log   BLOB    NOT NULL CHECK (length(log) = 32),  -- id of the account or calendar
    seq   INTEGER NOT NULL,                           -- number in the log, from 0
    kind  INTEGER NOT NULL CHECK (kind IN (1, 2)),    -- 1 account log, 2 calendar log
    type  INTEGER NOT NULL,                           -- what the link does, as protocol.md numbers it
    hash  BLOB    NOT NULL CHECK (length(hash) = 32), -- link hash: what the next link names
    bytes BLOB    NOT NULL,                           -- the link, signature included
    PRIMARY KEY (log, seq)
) STRICT;

-- Streams: one of kind 1 and one of kind 2 for a calendar, each from its first envelope on.
CREATE TABLE stream (
    id       INTEGER NOT NULL PRIMARY KEY,                      -- short name of the stream inside this database
    calendar BLOB    NOT NULL REFERENCES calendar (calendar),   -- of which calendar
    kind     INTEGER NOT NULL CHECK (kind IN (1, 2)),           -- 1 main, 2 free/busy
    rseq     INTEGER NOT NULL,                                  -- number of the newest envelope
    hash     BLOB    NOT NULL CHECK (length(hash) = 32),        -- running hash after it
    UNIQUE (calendar, kind)
) STRICT;

-- Who seals envelopes: a device in one of its incarnations.
CREATE TABLE author (
    id          INTEGER NOT NULL PRIMARY KEY,                      -- short name of the author inside this database
    device      BLOB    NOT NULL CHECK (length(device) = 32),      -- the device
    incarnation BLOB    NOT NULL CHECK (length(incarnation) = 8),  -- one life of its numbering
    UNIQUE (device, incarnation)
) STRICT;

-- The envelopes: header in clear, the rest sealed. Numbered without a gap within a stream.
CREATE TABLE envelope (
    id         INTEGER NOT NULL PRIMARY KEY,                -- order of arrival
    stream     INTEGER NOT NULL REFERENCES stream (id),     -- in which stream
    rseq       INTEGER NOT NULL,                            -- number in the stream, from 1
    author     INTEGER NOT NULL REFERENCES author (id),     -- who sealed it
    kind       INTEGER NOT NULL,                            -- 1 own frames, 2 free/busy, 3 carried
    first_seq  INTEGER NOT NULL,                            -- number of the first frame inside
    arrived_ms INTEGER NOT NULL,                            -- milliseconds since 1970
    hash       BLOB    NOT NULL CHECK (length(hash) = 32),  -- running hash of the stream after it
    bytes      BLOB    NOT NULL,                            -- the envelope as it came
    UNIQUE (stream, rseq),
    UNIQUE (stream, author, kind, first_seq)
) STRICT;

-- Sealed keys beside the logs. Whoever supplies one again replaces only its own.
CREATE TABLE box (
    log        BLOB    NOT NULL CHECK (length(log) = 32),        -- the account or calendar
    generation INTEGER NOT NULL,                                 -- epoch of a calendar, key generation of an account
    recipient  BLOB    NOT NULL CHECK (length(recipient) = 32),  -- account (calendar log) or device (account log)
    supplier   BLOB    NOT NULL CHECK (length(supplier) = 32),   -- account that stored it
    record     BLOB    NOT NULL,                                 -- the record; only the recipient opens it
    PRIMARY KEY (log, generation, recipient, supplier)
) STRICT;
