-- The privacy ledger: whom this program contacted, why, and what went over the connection.

-- One connection to another computer.
CREATE TABLE request (
    id       INTEGER PRIMARY KEY,
    time_ms  INTEGER NOT NULL, -- when it began, in Unix milliseconds
    host     TEXT    NOT NULL, -- scheme, name and port, as it was called
    reason   TEXT    NOT NULL, -- a word listed in the client's contacts.rs
    sent     INTEGER NOT NULL, -- bytes of messages, without what carries them
    received INTEGER NOT NULL,
    ended_ms INTEGER NOT NULL  -- 0 while it goes on, or when the program was ended meanwhile
) STRICT;

-- What went over it.
CREATE TABLE traffic (
    id      INTEGER PRIMARY KEY,
    request INTEGER NOT NULL REFERENCES request (id) ON DELETE CASCADE,
    time_ms INTEGER NOT NULL,
    is_sent INTEGER NOT NULL, -- 1 from here, 0 from there
    size    INTEGER NOT NULL, -- bytes of the message
    kind    INTEGER NOT NULL, -- its first byte: a number of docs/protocol.md; 0: a line of HTTP
    bytes   BLOB    NOT NULL  -- the message as it went over; empty when there was no room to keep it
) STRICT;

CREATE INDEX traffic_request ON traffic (request);
