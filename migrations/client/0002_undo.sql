-- What a person did on this device and how to take it back, also after a restart and from another
-- program on the same profile. Never sent; old actions are forgotten.

-- One action of a person.
CREATE TABLE undo (
    id      INTEGER PRIMARY KEY AUTOINCREMENT, -- names the action for ever: never given again
    time_s  INTEGER NOT NULL,                  -- when it was done, in Unix seconds
    verb    TEXT    NOT NULL,                  -- a word listed in the client's undo/verb.rs
    subject TEXT    NOT NULL,                  -- what it was done to, as people call it
    undone  INTEGER NOT NULL DEFAULT 0         -- 0: it counts; else it was taken back, the higher the later
) STRICT;

-- What an action changed. One row says the same of several documents, so an import stays small.
CREATE TABLE undo_step (
    action    INTEGER NOT NULL REFERENCES undo (id) ON DELETE CASCADE,
    number    INTEGER NOT NULL, -- order within the action, from 0
    calendar  BLOB    NOT NULL, -- calendar id
    documents BLOB    NOT NULL, -- document ids, sixteen bytes each
    changes   TEXT    NOT NULL, -- JSON: the values it changed, each with old and new
    PRIMARY KEY (action, number)
) STRICT, WITHOUT ROWID;

-- The trash is listed without reading every event.
CREATE INDEX event_trashed ON event (calendar, document) WHERE trashed = 1;

-- Tasks are listed without reading every event.
CREATE INDEX event_task ON event (calendar, document)
    WHERE trashed = 0 AND instr(event, '"task":{') > 0;

-- Cache: event documents with values that were written twice at the same time and not settled.
CREATE TABLE conflict (
    calendar BLOB NOT NULL, -- calendar id
    document BLOB NOT NULL, -- document id
    PRIMARY KEY (calendar, document)
) STRICT, WITHOUT ROWID;
