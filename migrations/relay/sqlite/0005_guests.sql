-- Guests: accounts that live at another relay and share calendars that live here.

-- Accounts of which this relay keeps the log for the sake of calendars here, and nothing else. Who is
-- in `account` and not here has registered.
CREATE TABLE guest (
    account  BLOB    NOT NULL PRIMARY KEY REFERENCES account (account), -- whose
    home_key BLOB    NOT NULL CHECK (length(home_key) = 32),            -- key of its own relay, whose word its log is taken on
    calendar BLOB    NOT NULL CHECK (length(calendar) = 32),            -- to which calendar it was invited last
    invite   BLOB    NOT NULL CHECK (length(invite) = 32),              -- by which invite
    until_ms INTEGER NOT NULL                                           -- when that is over: until then it is kept without being a member
) STRICT, WITHOUT ROWID;
