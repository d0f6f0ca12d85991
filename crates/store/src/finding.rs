//! Table `finding`: what a person should know about a relay or a device.

use almanac_protocol::ids::{CalendarId, DeviceId};
use rusqlite::params;

use crate::error::StoreError;
use crate::transaction::Transaction;

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingKind {
    /// Another device has seen something that the relay does not show here.
    Withheld,
    /// Frames or heads rest on a link of a log that the relay does not show here.
    LinkWithheld,
    /// The relay shows less than it has shown before.
    RolledBack,
    /// The relay shows another history to another device.
    Forked,
    /// The relay's database is another one than before.
    Replaced,
    /// An author signed two frames with one number.
    Equivocation,
    /// A membership log has two histories.
    LogForked,
    /// An old copy of this profile was put back, or another copy of it is at work.
    Restored,
    /// Edits of this device count no longer: the right to write was taken before they had arrived.
    KeptBack,
    /// Somebody has proven to hold the words of the account's recovery kit.
    RecoveryBegun,
}

impl FindingKind {
    /// Every kind there is.
    pub const ALL: [Self; 10] = [
        Self::Withheld,
        Self::LinkWithheld,
        Self::RolledBack,
        Self::Forked,
        Self::Replaced,
        Self::Equivocation,
        Self::LogForked,
        Self::Restored,
        Self::KeptBack,
        Self::RecoveryBegun,
    ];

    /// The word that is stored.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Withheld => "withheld",
            Self::LinkWithheld => "link withheld",
            Self::RolledBack => "rolled back",
            Self::Forked => "forked",
            Self::Replaced => "replaced",
            Self::Equivocation => "equivocation",
            Self::LogForked => "log forked",
            Self::Restored => "restored",
            Self::KeptBack => "kept back",
            Self::RecoveryBegun => "recovery begun",
        }
    }
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingRow {
    /// What was found.
    pub kind: FindingKind,
    /// In which calendar; `None`: in all of them.
    pub calendar: Option<CalendarId>,
    /// Whom it is about; `None`: the relay.
    pub device: Option<DeviceId>,
    /// Number of a frame or an envelope, as the kind says; else 0.
    pub number: u64,
    /// First seen, in Unix milliseconds.
    pub first_ms: u64,
    /// Last seen.
    pub last_ms: u64,
    /// Evidence: signed frames. Empty where there is none.
    pub evidence: [Vec<u8>; 2],
}

impl Transaction<'_> {
    /// Notes a finding. One that was noted before is seen again, and keeps its first evidence.
    pub fn find(&self, finding: &FindingRow) -> Result<(), StoreError> {
        let [one, other] = &finding.evidence;
        self.sql
            .prepare_cached(
                "INSERT INTO finding
                 (kind, calendar, device, number, first_ms, last_ms, one, other)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT (kind, calendar, device, number)
                 DO UPDATE SET last_ms = excluded.last_ms, resolved_ms = 0",
            )?
            .execute(params![
                finding.kind.word(),
                calendar_bytes(finding.calendar.as_ref()),
                finding.device.as_ref().map_or(&[][..], |id| id.as_bytes()),
                finding.number,
                finding.first_ms,
                finding.last_ms,
                one,
                other
            ])?;
        Ok(())
    }

    /// What stands, the newest first.
    pub fn findings(&self) -> Result<Vec<FindingRow>, StoreError> {
        let all = self.findings_ever()?.into_iter();
        let standing = all.filter(|(_, resolved_ms)| resolved_ms.is_none());
        Ok(standing.map(|(row, _)| row).collect())
    }

    /// What was ever found, the newest first, with when it was resolved, in Unix milliseconds.
    pub fn findings_ever(&self) -> Result<Vec<(FindingRow, Option<u64>)>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT kind, calendar, device, number, first_ms, last_ms, one, other, resolved_ms
             FROM finding ORDER BY last_ms DESC, id DESC",
        )?;
        let rows = statement.query_map([], |row| {
            let (word, calendar, device): (String, Vec<u8>, Vec<u8>) =
                (row.get(0)?, row.get(1)?, row.get(2)?);
            let kind = FindingKind::ALL
                .into_iter()
                .find(|kind| kind.word() == word);
            let resolved_ms = row.get(8)?;
            Ok(kind.map(|kind| {
                let finding = FindingRow {
                    kind,
                    calendar: CalendarId::from_slice(&calendar),
                    device: DeviceId::from_slice(&device),
                    number: row.get(3)?,
                    first_ms: row.get(4)?,
                    last_ms: row.get(5)?,
                    evidence: [row.get(6)?, row.get(7)?],
                };
                Ok((finding, (resolved_ms > 0).then_some(resolved_ms)))
            }))
        })?;
        // A word of a newer program says nothing to this one.
        let known = rows.filter_map(Result::transpose);
        Ok(known
            .map(|row| row?)
            .collect::<Result<_, rusqlite::Error>>()?)
    }

    /// Notes that findings of a kind no longer stand in a calendar, about one device or about all.
    /// Gives how many did.
    pub fn resolve(
        &self,
        kind: FindingKind,
        calendar: Option<CalendarId>,
        device: Option<DeviceId>,
        now_ms: u64,
    ) -> Result<usize, StoreError> {
        Ok(self
            .sql
            .prepare_cached(
                "UPDATE finding SET resolved_ms = max(?4, 1) WHERE kind = ?1 AND calendar = ?2
                 AND (?3 = x'' OR device = ?3) AND resolved_ms = 0",
            )?
            .execute(params![
                kind.word(),
                calendar_bytes(calendar.as_ref()),
                device.as_ref().map_or(&[][..], |id| id.as_bytes()),
                now_ms
            ])?)
    }
}

fn calendar_bytes(calendar: Option<&CalendarId>) -> &[u8] {
    calendar.map_or(&[], |id| id.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transaction::tests::scratch;

    #[test]
    fn a_finding_stands_once_and_goes_when_it_is_resolved() {
        let (_folder, mut store) = scratch();
        let row = |device: u8, ms| FindingRow {
            kind: FindingKind::Withheld,
            calendar: Some(CalendarId::from_bytes([1; 32])),
            device: Some(DeviceId::from_bytes([device; 32])),
            number: 3,
            first_ms: ms,
            last_ms: ms,
            evidence: [vec![7], vec![]],
        };
        let found: Result<_, StoreError> = store.write(|tx| {
            tx.find(&row(2, 10))?;
            tx.find(&row(2, 20))?;
            tx.find(&row(3, 15))?;
            let both = tx.findings()?;
            let calendar = row(2, 0).calendar;
            let gone = tx.resolve(FindingKind::Withheld, calendar, row(2, 0).device, 30)?;
            Ok((both, gone, tx.findings()?))
        });
        let (both, gone, left) = found.unwrap();
        let seen_again = FindingRow {
            last_ms: 20,
            ..row(2, 10)
        };
        assert_eq!(both, [seen_again, row(3, 15)]);
        assert_eq!((gone, left), (1, vec![row(3, 15)]));
    }
}
