-- What other devices say they have seen, what does not fit it, and what a relay has lost.

-- The newest heads of each device: what it had seen of a calendar when it wrote them.
CREATE TABLE heads (
    calendar    BLOB    NOT NULL, -- calendar id
    device      BLOB    NOT NULL, -- who says it
    incarnation BLOB    NOT NULL, -- the frame that says it, in the table `frame`
    seq         INTEGER NOT NULL,
    time_ms     INTEGER NOT NULL, -- when it was said, by the clock of whoever said it; never after it came
    read_again  INTEGER NOT NULL, -- 1 once the stream was read from its start for what these name and we lack
    is_placed   INTEGER NOT NULL, -- 0 once the relay lost its place: what it showed before cannot be compared
    PRIMARY KEY (calendar, device)
) STRICT, WITHOUT ROWID;

-- When this device last told what it has seen.
CREATE TABLE heads_told (
    calendar BLOB    NOT NULL PRIMARY KEY, -- calendar id
    told_ms  INTEGER NOT NULL,             -- Unix milliseconds; 0: never
    logs     BLOB    NOT NULL,             -- hash of the ends of its logs then
    is_due   INTEGER NOT NULL              -- 0 nothing new, 1 something came since, 2 at once
) STRICT, WITHOUT ROWID;

-- The relay's running hash after each of the newest envelopes, to hold against what others were shown.
CREATE TABLE trail (
    calendar BLOB    NOT NULL, -- calendar id
    rseq     INTEGER NOT NULL, -- number of the envelope in this life of the relay
    hash     BLOB    NOT NULL, -- running hash after it
    PRIMARY KEY (calendar, rseq)
) STRICT, WITHOUT ROWID;

-- What a person should know about a relay or a device.
CREATE TABLE finding (
    id          INTEGER PRIMARY KEY,
    kind        TEXT    NOT NULL,           -- a word listed in finding.rs
    calendar    BLOB    NOT NULL,           -- calendar id; empty: all of them
    device      BLOB    NOT NULL,           -- whom it is about; empty: the relay
    number      INTEGER NOT NULL,           -- of a frame or an envelope, as the kind says; else 0
    first_ms    INTEGER NOT NULL,           -- first seen, in Unix milliseconds
    last_ms     INTEGER NOT NULL,           -- last seen
    resolved_ms INTEGER NOT NULL DEFAULT 0, -- 0 while it stands
    one         BLOB    NOT NULL,           -- evidence: a signed frame; empty where there is none
    other       BLOB    NOT NULL,           -- evidence: what contradicts it
    UNIQUE (kind, calendar, device, number)
) STRICT;

-- Where a life of an author was cut, because it signed two frames with one number.
CREATE TABLE cut (
    calendar    BLOB    NOT NULL, -- calendar id
    device      BLOB    NOT NULL, -- author
    incarnation BLOB    NOT NULL, -- its life
    seq         INTEGER NOT NULL, -- first number that does not count
    PRIMARY KEY (calendar, device, incarnation)
) STRICT, WITHOUT ROWID;

-- 1: of a life that was cut, and nothing that counts depends on it. Kept, and not in its document.
ALTER TABLE change ADD COLUMN cut INTEGER NOT NULL DEFAULT 0;

-- Number of the last envelope in which this device carried frames of others.
ALTER TABLE calendar ADD COLUMN carried INTEGER NOT NULL DEFAULT 0;

-- `frame.sent` may be 3: of another author, and the relay has not shown it again since it lost its place.
CREATE INDEX frame_lost ON frame (calendar, device, incarnation, seq) WHERE sent = 3;
