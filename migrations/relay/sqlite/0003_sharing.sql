-- Sharing: who has left a calendar, which invites are open, and who asks to be admitted by them.

-- Accounts that were members and are not any more, as the calendar logs say: rebuilt from `link`
-- whenever a log grows. Members need their logs to judge the calendar's, and they themselves may
-- read the link that says so.
CREATE TABLE former_member (
    calendar BLOB    NOT NULL REFERENCES calendar (calendar), -- of which calendar
    account  BLOB    NOT NULL CHECK (length(account) = 32),   -- who
    left_seq INTEGER NOT NULL,                                -- number of the link that took the last role away
    PRIMARY KEY (calendar, account)
) STRICT, WITHOUT ROWID;

-- Invites to calendars that are open, as the logs say: rebuilt from `link` whenever a log grows.
CREATE TABLE calendar_invite (
    calendar   BLOB    NOT NULL REFERENCES calendar (calendar), -- to which calendar
    invite     BLOB    NOT NULL CHECK (length(invite) = 32),    -- its public key
    expires_ms INTEGER NOT NULL,                                -- milliseconds since 1970
    PRIMARY KEY (calendar, invite)
) STRICT, WITHOUT ROWID;

-- Who asks to be admitted: kept while the invite is open and its time is not over.
CREATE TABLE acceptance (
    calendar   BLOB    NOT NULL REFERENCES calendar (calendar), -- to which calendar
    invite     BLOB    NOT NULL CHECK (length(invite) = 32),    -- by which invite
    account    BLOB    NOT NULL CHECK (length(account) = 32),   -- who asks
    arrived_ms INTEGER NOT NULL,                                -- milliseconds since 1970
    record     BLOB    NOT NULL,                                -- the acceptance; the name in it is sealed to an owner
    PRIMARY KEY (calendar, invite, account)
) STRICT, WITHOUT ROWID;
