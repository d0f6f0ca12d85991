//! Backups that nobody asks for: made by a running program when they are due.

use std::time::Duration;

use super::making::Trial;
use super::{BackupMade, terms};
use crate::client::Client;
use crate::clock;
use crate::error::{Error, Result};
use crate::replica::logs;

/// How often a running program looks whether one is due.
const LOOK: Duration = Duration::from_secs(5 * 60);
/// After a failed attempt the next one is made no sooner.
const AGAIN_MS: u64 = 60 * 60 * 1000;
/// A backup is restored for a trial when none was for so long.
const TRIAL_MS: u64 = 7 * 24 * 60 * 60 * 1000;
const HOUR_MS: u64 = 60 * 60 * 1000;

impl Client {
    /// Makes a backup if one is due, and proves it if none was proven for a week. Where nothing
    /// could open one, none is due.
    pub fn back_up_if_due(&self) -> Result<Option<BackupMade>> {
        let identity = self.identity();
        let (stored, opens) = self.read(|tx| {
            let kit = logs::account(tx, identity)?.recovery().is_some();
            Ok((
                terms::stored(tx)?,
                kit || terms::way(tx, identity)?.is_some(),
            ))
        })?;
        let now_ms = clock::now_ms();
        if !opens || !is_due(&stored, now_ms) {
            return Ok(None);
        }
        let proven_ms = stored.proven.as_ref().map_or(0, |proven| proven.proven_ms);
        let trial = if now_ms.saturating_sub(proven_ms) >= TRIAL_MS {
            Trial::Now
        } else {
            Trial::Later
        };
        self.back_up(None, trial).map(Some)
    }

    /// Makes backups as they get due, for as long as the program runs. What fails is noted, told by
    /// `backup schedule`, and tried again.
    pub async fn keep_backed_up(&self) {
        loop {
            let client = self.clone();
            let made = tokio::task::spawn_blocking(move || client.back_up_if_due()).await;
            match made.map_err(Error::internal).and_then(|made| made) {
                Ok(Some(made)) => tracing::info!(bytes = made.bytes, "backup.made"),
                Ok(None) => {}
                Err(error) => tracing::warn!(code = ?error.code, "backup.failed"),
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}

/// A clock that was set back does not keep backups from being made.
fn is_due(stored: &terms::Stored, now_ms: u64) -> bool {
    if stored.hours == 0 {
        return false;
    }
    let has_passed = |since_ms: u64, wait_ms: u64| {
        since_ms > now_ms || now_ms.saturating_sub(since_ms) >= wait_ms
    };
    let every_ms = u64::from(stored.hours) * HOUR_MS;
    let is_old = stored
        .last
        .as_ref()
        .is_none_or(|last| has_passed(last.made_ms, every_ms));
    let is_rested = stored
        .failed
        .as_ref()
        .is_none_or(|(at_ms, _)| has_passed(*at_ms, AGAIN_MS));
    is_old && is_rested
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_due_a_day_after_the_last_and_an_hour_after_a_failure() {
        let mut stored = terms::Stored::default();
        let now = 1_700_000_000_000;
        assert!(is_due(&stored, now), "the first");
        stored.last = Some(terms::Made {
            id: String::new(),
            made_ms: now,
            path: "b".into(),
        });
        assert!(!is_due(&stored, now + 23 * HOUR_MS));
        assert!(is_due(&stored, now + 24 * HOUR_MS));
        assert!(is_due(&stored, now - HOUR_MS), "the clock was set back");
        let failed_ms = now + 24 * HOUR_MS;
        stored.failed = Some((failed_ms, String::new()));
        assert!(!is_due(&stored, failed_ms + AGAIN_MS / 2));
        assert!(is_due(&stored, failed_ms + AGAIN_MS));
        stored.hours = 0;
        assert!(!is_due(&stored, now + 1_000 * HOUR_MS), "turned off");
    }
}
