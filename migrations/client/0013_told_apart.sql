-- What a relay that told two histories leaves behind.

-- 1: the relay has not shown it since it lost its place.
ALTER TABLE quarantine ADD COLUMN is_lost INTEGER NOT NULL DEFAULT 0;

-- Changes of this device that another copy of it signed, that do not count, and that wait for what they rest upon to be written once more.
CREATE TABLE owed (
    calendar BLOB NOT NULL, -- calendar id
    document BLOB NOT NULL, -- document id
    hash     BLOB NOT NULL, -- of the change
    PRIMARY KEY (calendar, document, hash)
) STRICT, WITHOUT ROWID;
