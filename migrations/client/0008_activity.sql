-- What a person should be able to look up later about who came near their calendars.

-- When something was set aside, in Unix milliseconds; 0: before this was noted.
ALTER TABLE quarantine ADD COLUMN time_ms INTEGER NOT NULL DEFAULT 0;

-- Attempts to open this profile with a wrong passphrase.
CREATE TABLE failed_unlock (
    time_ms INTEGER NOT NULL PRIMARY KEY -- in Unix milliseconds
) STRICT, WITHOUT ROWID;
