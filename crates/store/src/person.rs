//! Table `profile`: how people are called in a calendar.

use almanac_protocol::ids::{AccountId, CalendarId, DeviceId};
use rusqlite::params;

use crate::error::StoreError;
use crate::transaction::Transaction;

/// How a person is called in a calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRow {
    /// The calendar.
    pub calendar: CalendarId,
    /// The person.
    pub account: AccountId,
    /// The highest counts.
    pub counter: u64,
    /// The device that signed.
    pub device: DeviceId,
    /// The name.
    pub name: String,
    /// The signed profile.
    pub bytes: Vec<u8>,
}

impl Transaction<'_> {
    /// Keeps a profile, unless one that counts more is there: of a higher counter, or of a higher
    /// device.
    pub fn put_person(&self, person: &PersonRow) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "INSERT INTO profile (calendar, account, counter, device, name, bytes)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (calendar, account) DO UPDATE SET counter = excluded.counter,
                     device = excluded.device, name = excluded.name, bytes = excluded.bytes
                 WHERE (excluded.counter, excluded.device) > (counter, device)",
            )?
            .execute(params![
                person.calendar.as_bytes().as_slice(),
                person.account.as_bytes().as_slice(),
                person.counter,
                person.device.as_bytes().as_slice(),
                person.name,
                person.bytes,
            ])?;
        Ok(())
    }

    /// Everyone of whom a calendar holds a profile, ascending by account.
    pub fn people(&self, calendar: CalendarId) -> Result<Vec<PersonRow>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT account, counter, device, name, bytes FROM profile
             WHERE calendar = ?1 ORDER BY account",
        )?;
        let rows = statement.query_map([calendar.as_bytes().as_slice()], |row| {
            Ok(PersonRow {
                calendar,
                account: AccountId::from_bytes(row.get(0)?),
                counter: row.get(1)?,
                device: DeviceId::from_bytes(row.get(2)?),
                name: row.get(3)?,
                bytes: row.get(4)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transaction::tests::scratch;

    #[test]
    fn the_highest_counter_stays_whatever_comes_last() {
        let (_folder, mut store) = scratch();
        let calendar = CalendarId::from_bytes([1; 32]);
        let row = |counter: u64, device: u8, name: &str| PersonRow {
            calendar,
            account: AccountId::from_bytes([2; 32]),
            counter,
            device: DeviceId::from_bytes([device; 32]),
            name: name.to_owned(),
            bytes: vec![device],
        };
        let told = [row(2, 1, "Ada"), row(1, 9, "A."), row(2, 3, "Ada L.")];
        store
            .write(|tx| told.iter().try_for_each(|row| tx.put_person(row)))
            .unwrap();
        let kept = store.read(|tx| tx.people(calendar)).unwrap();
        assert_eq!(kept, [row(2, 3, "Ada L.")]);
    }
}
