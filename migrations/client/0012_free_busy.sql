-- The second stream of calendars: when their people are busy, and nothing else. There are rows only for
-- calendars with a member who sees no more than that.

-- How far that stream was read, and what this device has to do with it.
CREATE TABLE busy_stream (
    calendar    BLOB    NOT NULL PRIMARY KEY, -- calendar id
    rseq        INTEGER NOT NULL DEFAULT 0,   -- number of the last envelope stored from the relay
    stream_hash BLOB    NOT NULL DEFAULT x'', -- running hash after it; empty before the first
    relay_epoch BLOB    NOT NULL DEFAULT x'', -- the relay's life in which rseq counts
    first_day   INTEGER NOT NULL DEFAULT 0,   -- days that this device keeps true there, since 1970 UTC
    last_day    INTEGER NOT NULL DEFAULT -1,  -- the last of them; before the first: none
    is_shown    INTEGER NOT NULL DEFAULT 0    -- 1: this person sees busy times alone, in place of events
) STRICT, WITHOUT ROWID;

-- Signed frames of that stream. Two under one number are both kept: what counts is judged when it is read.
CREATE TABLE busy_frame (
    calendar    BLOB    NOT NULL, -- calendar id
    device      BLOB    NOT NULL, -- author
    incarnation BLOB    NOT NULL, -- the author's life
    seq         INTEGER NOT NULL, -- from 1
    hash        BLOB    NOT NULL, -- of the signed bytes
    bytes       BLOB    NOT NULL, -- the signed bytes
    sent        INTEGER NOT NULL, -- 0 waits, 2 at the relay
    PRIMARY KEY (calendar, device, incarnation, seq, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX busy_frame_waiting ON busy_frame (calendar, incarnation, seq) WHERE sent = 0;

-- Stretches of time in which an event was changed since busy times were last told.
CREATE TABLE busy_stale (
    id        INTEGER PRIMARY KEY,
    calendar  BLOB    NOT NULL,          -- calendar id
    first_s   INTEGER NOT NULL,          -- first Unix second
    last_s    INTEGER NOT NULL,          -- last one; the largest number: it goes on
    is_remote INTEGER NOT NULL DEFAULT 0 -- 1: another device made the change, and will tell of it
) STRICT;

-- Cache: what a person sees who sees busy times alone. Each has a row in `event`.
CREATE TABLE busy_block (
    calendar  BLOB    NOT NULL, -- calendar id
    first_min INTEGER NOT NULL, -- first minute since 1970
    end_min   INTEGER NOT NULL, -- the minute after the last
    state     INTEGER NOT NULL, -- 1 busy, 2 perhaps, 3 away
    PRIMARY KEY (calendar, first_min, end_min, state)
) STRICT, WITHOUT ROWID;

-- Whatever changes an event in a calendar of which busy times are told is noticed here, so that no way of
-- changing one forgets it.
CREATE TRIGGER busy_event_added AFTER INSERT ON event
WHEN EXISTS (SELECT 1 FROM busy_stream WHERE calendar = NEW.calendar AND last_day >= first_day)
BEGIN
    INSERT INTO busy_stale (calendar, first_s, last_s)
    VALUES (NEW.calendar, NEW.first_s, coalesce(NEW.last_s, 9223372036854775807));
END;
CREATE TRIGGER busy_event_changed AFTER UPDATE OF event ON event
WHEN EXISTS (SELECT 1 FROM busy_stream WHERE calendar = NEW.calendar AND last_day >= first_day)
BEGIN
    INSERT INTO busy_stale (calendar, first_s, last_s)
    VALUES (OLD.calendar, OLD.first_s, coalesce(OLD.last_s, 9223372036854775807)),
           (NEW.calendar, NEW.first_s, coalesce(NEW.last_s, 9223372036854775807));
END;
CREATE TRIGGER busy_event_removed AFTER DELETE ON event
WHEN EXISTS (SELECT 1 FROM busy_stream WHERE calendar = OLD.calendar AND last_day >= first_day)
BEGIN
    INSERT INTO busy_stale (calendar, first_s, last_s)
    VALUES (OLD.calendar, OLD.first_s, coalesce(OLD.last_s, 9223372036854775807));
END;
