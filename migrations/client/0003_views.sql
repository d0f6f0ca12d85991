-- What views draw and what search finds, so that neither reads every event. All of it is a cache of the
-- documents: a client that finds it empty, or of another shape than its own, builds it again.

-- One row per event document.
DROP TABLE event;
CREATE TABLE event (
    id       INTEGER PRIMARY KEY,        -- names the row in `occurrence` and in search
    calendar BLOB    NOT NULL,           -- calendar id
    document BLOB    NOT NULL,           -- document id
    uid      TEXT    NOT NULL,           -- UID of RFC 5545
    first_s  INTEGER NOT NULL,           -- no occurrence starts before this Unix second
    last_s   INTEGER,                    -- none ends after this one; NULL: goes on
    trashed  INTEGER NOT NULL DEFAULT 0, -- 1 while in the trash
    shown    INTEGER NOT NULL,           -- 0 in no grid, 1 once, by its row in `occurrence`, 2 by computing
    lane     INTEGER NOT NULL DEFAULT 0, -- of its row in `occurrence`
    start_s  INTEGER NOT NULL DEFAULT 0, -- of its row in `occurrence`
    version  INTEGER NOT NULL,           -- drawn at random on every write, so it never comes twice
    found_at INTEGER,                    -- its place in `search` (search.rs); NULL: in none
    event    TEXT    NOT NULL            -- the event as JSON
) STRICT;
CREATE UNIQUE INDEX event_document ON event (calendar, document);
CREATE INDEX event_uid ON event (calendar, uid);
CREATE INDEX event_trashed ON event (calendar, document) WHERE trashed = 1;
CREATE INDEX event_task ON event (calendar, document)
    WHERE trashed = 0 AND instr(event, '"task":{') > 0;
CREATE INDEX event_window ON event (calendar, last_s, first_s) WHERE trashed = 0;
CREATE INDEX event_computed ON event (calendar, last_s, first_s, document, version)
    WHERE trashed = 0 AND shown = 2;

-- What happens once, in order of time, with all that a view draws of it.
CREATE TABLE occurrence (
    calendar BLOB    NOT NULL, -- calendar id
    lane     INTEGER NOT NULL, -- how far from its start it reaches: 0 a day, 1 a month, 2 any length
    start_s  INTEGER NOT NULL, -- Unix second; of whole days and floating times as if read in UTC
    event    INTEGER NOT NULL, -- row in `event`
    document BLOB    NOT NULL, -- document id
    end_s    INTEGER NOT NULL, -- first second after, read like start_s
    local_s  INTEGER NOT NULL, -- wall clock of the start as it was written, as if in UTC
    clock    INTEGER NOT NULL, -- 0 whole days, 1 floating, 2 in a zone
    zone     TEXT    NOT NULL, -- name of the zone; empty where there is none
    status   INTEGER NOT NULL, -- 0 confirmed, 1 tentative, 2 cancelled
    busy     INTEGER NOT NULL, -- 0 takes the time it stands in, 1 does not
    color    TEXT    NOT NULL, -- own colour; empty where there is none
    title    TEXT    NOT NULL, -- title
    place    TEXT    NOT NULL, -- place
    PRIMARY KEY (calendar, lane, start_s, event)
) STRICT, WITHOUT ROWID;

-- What a calendar's own document says.
CREATE TABLE summary (
    calendar BLOB NOT NULL PRIMARY KEY, -- calendar id
    facts    TEXT NOT NULL              -- as JSON
) STRICT, WITHOUT ROWID;

-- Words of events, folded by the client and each once for an event. Holds no texts: the words stand in
-- no order. A row's number tells where in time the event lies (search.rs), so that an answer around now
-- is read from there and no further than needed. What was removed goes when its page is next merged.
CREATE VIRTUAL TABLE search USING fts5 (
    title, place, notes, people, labels,
    facets, -- marks that filters ask for
    content = '', contentless_delete = 1, detail = column, prefix = '1 2', tokenize = 'ascii'
);
-- Words of many events are gathered before they are written, and few parts are left alone.
INSERT INTO search (search, rank) VALUES ('hashsize', 16000000);
INSERT INTO search (search, rank) VALUES ('automerge', 16);

-- Every word that is or was in `search`: a beginning is looked up here, so that the few words it stands
-- for can be read lazily there.
CREATE TABLE search_word (
    word TEXT NOT NULL PRIMARY KEY -- folded
) STRICT, WITHOUT ROWID;

-- Events whose words search does not know yet, or knows as they were.
CREATE TABLE search_waiting (
    event INTEGER NOT NULL PRIMARY KEY -- row in `event`
) STRICT;
