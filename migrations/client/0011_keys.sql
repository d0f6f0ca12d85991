-- Keys that are still to come, and keys that everyone has been given.

-- Since when the key of the newest epoch is missing here, in Unix milliseconds; 0: it is here.
ALTER TABLE calendar ADD COLUMN keyless_ms INTEGER NOT NULL DEFAULT 0;

-- The newest epoch whose key every member has been given, as far as the relay knows.
ALTER TABLE calendar ADD COLUMN supplied_epoch INTEGER NOT NULL DEFAULT 0;
