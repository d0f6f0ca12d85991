-- Calendars that live at another relay than the account's own.

-- Origin of the relay that keeps the calendar; empty: the account's own.
ALTER TABLE calendar ADD COLUMN relay TEXT NOT NULL DEFAULT '';
