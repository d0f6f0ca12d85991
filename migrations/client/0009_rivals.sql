-- Signed frames that cannot stand in their chain, because another one has their number or the one before: kept for everybody to see.
CREATE TABLE rival (
    calendar    BLOB    NOT NULL, -- calendar id
    device      BLOB    NOT NULL, -- author
    incarnation BLOB    NOT NULL, -- the author's life
    seq         INTEGER NOT NULL, -- the number that another frame has
    hash        BLOB    NOT NULL, -- of the signed bytes
    bytes       BLOB    NOT NULL, -- the signed bytes
    is_lost     INTEGER NOT NULL, -- 1: the relay has not shown it since it lost its place
    PRIMARY KEY (calendar, device, incarnation, seq, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX rival_lost ON rival (calendar) WHERE is_lost = 1;

-- `change.cut` may also be 2: of a life that was cut, and let in because something that counts depends on it;
-- and 3: it depends on the wrong one of two changes that have one number.
