//! One command that makes everything right again that can be made right on this device.
//!
//! It may be run at any time and as often as one likes: nothing of it loses or doubles anything.

use serde::Serialize;
use ts_rs::TS;

use almanac_store::Setting;

use crate::client::Client;
use crate::error::Result;
use crate::replica::{documents, receive};
use crate::sync::start_everything_over;

/// What a repair did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RepairReport {
    /// Documents whose rows, occurrences and words were built again.
    pub documents: u64,
    /// Things that were set aside and could be accepted now.
    pub accepted: u64,
    /// Things that stay set aside.
    pub set_aside: u64,
    /// Streams that the next sync reads from their beginning, and in which it offers what is ours.
    pub streams: u64,
}

impl Client {
    /// Tries again what was set aside, builds every cache again from the documents, and has the next
    /// sync read every stream from its beginning and offer what the relay lacks.
    pub fn repair(&self) -> Result<RepairReport> {
        let identity = self.identity();
        let (report, changed) = self.store(|tx| {
            let before = tx.quarantine_count()?;
            let calendars = tx.calendars()?;
            for row in &calendars {
                receive::retry(tx, identity, row.id)?;
            }
            documents::rebuild(tx)?;
            let has_relay = tx.setting(Setting::Relay)?.is_some();
            if has_relay {
                start_everything_over(tx, identity)?;
            }
            let after = tx.quarantine_count()?;
            let report = RepairReport {
                documents: tx.documents()?.len() as u64,
                accepted: before.saturating_sub(after),
                set_aside: after,
                streams: if has_relay { calendars.len() as u64 } else { 0 },
            };
            let changed = calendars.iter().map(|row| row.id).collect();
            Ok((report, changed))
        })?;
        tracing::info!(accepted = report.accepted, "profile.repaired");
        self.announce(&changed);
        // A sync that runs begins again.
        self.wake();
        self.announce_status();
        Ok(report)
    }
}
