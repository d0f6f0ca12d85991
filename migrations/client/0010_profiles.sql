-- How people are called in a calendar: of each account the profile that counts. Read from frames, and signed for itself.
CREATE TABLE profile (
    calendar BLOB    NOT NULL, -- calendar id
    account  BLOB    NOT NULL, -- the person
    counter  INTEGER NOT NULL, -- the highest counts
    device   BLOB    NOT NULL, -- who signed it: of two with one counter the higher counts
    name     TEXT    NOT NULL, -- what they are called
    bytes    BLOB    NOT NULL, -- the signed profile
    PRIMARY KEY (calendar, account)
) STRICT, WITHOUT ROWID;
