//! Table `setting`: what this profile is and how a person set it up.

use rusqlite::{OptionalExtension, params};

use crate::error::StoreError;
use crate::transaction::Transaction;

/// A name of a setting; its value is bytes unless said otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// Id of the account.
    Account,
    /// Name of this device, UTF-8.
    DeviceName,
    /// This life of the device's numbering.
    Incarnation,
    /// Shape of the caches of the documents, UTF-8 digits; another than the program's: build anew.
    CacheShape,
    /// Id of the account's private calendar.
    PrivateCalendar,
    /// Address of the relay, UTF-8; absent when there is none.
    Relay,
    /// The own relay's word for where the account's log ends.
    Voucher,
    /// What the keychain's anchor is held against.
    Anchor,
    /// Where and how often backups are made, and what became of the last ones, JSON.
    Backups,
    /// After how many idle minutes a running program locks, UTF-8 digits; absent: never.
    LockIdle,
    /// Which reading of all streams this is, UTF-8 digits; a sync that began in another one begins
    /// again.
    Reading,
    /// Since when the account's newest key is missing here, UTF-8 digits of Unix milliseconds.
    KeylessSince,
    /// The newest generation of the account's key that every device has been given, UTF-8 digits.
    SuppliedGeneration,
}

impl Setting {
    const fn key(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::DeviceName => "device name",
            Self::Incarnation => "incarnation",
            Self::CacheShape => "cache shape",
            Self::PrivateCalendar => "private calendar",
            Self::Relay => "relay",
            Self::Voucher => "voucher",
            Self::Anchor => "anchor",
            Self::Backups => "backups",
            Self::LockIdle => "lock idle",
            Self::Reading => "reading",
            Self::KeylessSince => "keyless since",
            Self::SuppliedGeneration => "supplied generation",
        }
    }
}

impl Transaction<'_> {
    /// The value of a setting.
    pub fn setting(&self, setting: Setting) -> Result<Option<Vec<u8>>, StoreError> {
        let mut statement = self
            .sql
            .prepare_cached("SELECT value FROM setting WHERE key = ?1")?;
        Ok(statement
            .query_row([setting.key()], |row| row.get(0))
            .optional()?)
    }

    /// Sets a setting.
    pub fn set(&self, setting: Setting, value: &[u8]) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("INSERT OR REPLACE INTO setting (key, value) VALUES (?1, ?2)")?
            .execute(params![setting.key(), value])?;
        Ok(())
    }

    /// Forgets a setting.
    pub fn unset(&self, setting: Setting) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("DELETE FROM setting WHERE key = ?1")?
            .execute([setting.key()])?;
        Ok(())
    }
}
