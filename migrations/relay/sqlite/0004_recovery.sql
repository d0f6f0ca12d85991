-- Devices that have left, and the way back into an account: the second factor and the recovery kit.

-- Devices that were revoked, as the account logs say: rebuilt from `link` whenever a log grows. They
-- may read the link that says so, and nothing that came after it.
CREATE TABLE former_device (
    account    BLOB    NOT NULL REFERENCES account (account),    -- whose device it was
    device     BLOB    NOT NULL CHECK (length(device) = 32),     -- its id
    verify_key BLOB    NOT NULL CHECK (length(verify_key) = 32), -- Ed25519 public key
    left_seq   INTEGER NOT NULL,                                 -- number of the link that revoked it
    PRIMARY KEY (account, device)
) STRICT, WITHOUT ROWID;

-- A recovery kit names itself and not its account.
CREATE INDEX device_by_id ON device (device);

-- Second factors, as protocol.md lays them out.
CREATE TABLE second_factor (
    account BLOB    NOT NULL PRIMARY KEY REFERENCES account (account), -- whose
    version INTEGER NOT NULL,                                          -- one more whenever it is set or taken away
    record  BLOB    NOT NULL                                           -- secret, codes, wrong codes; empty once taken away
) STRICT, WITHOUT ROWID;

-- Recovery kits that have proven their key and wait, or may sign.
CREATE TABLE recovery_hold (
    account     BLOB    NOT NULL PRIMARY KEY REFERENCES account (account), -- whose
    device      BLOB    NOT NULL CHECK (length(device) = 32),              -- the kit
    begun_ms    INTEGER NOT NULL,                                          -- when it proved its key, milliseconds since 1970
    approved_ms INTEGER NOT NULL                                           -- when a device agreed, 0 while none has
) STRICT, WITHOUT ROWID;
