//! The anchor: what the keychain keeps so that an old copy of the database is noticed.
//!
//! It is noted when nothing waits for the relay any more: what others have seen of this device is
//! what must not be set back, and an edit that never left can be without anyone noticing. The
//! database comes first and the keychain after it, on its own thread: nobody waits for a keychain.

use almanac_protocol::anchor::{Anchor, OwnEnd, Standing};
use almanac_protocol::heads::SeenLog;
use almanac_protocol::ids::LogId;
use almanac_store::{FindingKind, Setting, Transaction};

use crate::client::{Client, Identity};
use crate::clock;
use crate::entropy;
use crate::error::Result;
use crate::keychain;
use crate::replica::{cuts, logs};

/// Where a profile's anchor is kept, and what was there when the profile was opened.
#[derive(Debug, Clone)]
pub(crate) struct Mooring {
    name: String,
    kept: Option<Anchor>,
}

impl Mooring {
    /// The anchor of the profile with this id, read before its database is.
    pub(crate) fn of(profile: &str) -> Self {
        let name = format!("{profile}/anchor");
        // A keychain that fails now has just given the profile's key, or will say so itself.
        let bytes = keychain::get(&name).ok().flatten();
        Self {
            kept: bytes.and_then(|bytes| Anchor::parse(&bytes).ok()),
            name,
        }
    }

    /// Holds the database against the anchor. An old copy begins a new life of this device's
    /// numbering, before anything can be sent.
    pub(crate) fn check(&self, tx: &Transaction<'_>, identity: &Identity) -> Result<()> {
        if let Some(repaired) = settle(tx, identity, self.kept)? {
            keychain::set_later(&self.name, &repaired.to_bytes());
        }
        Ok(())
    }
}

impl Client {
    /// Notes the state of the database, now that others have seen all of it; none where there is no
    /// keychain, or nothing has changed.
    pub(crate) fn note_anchor(&self, tx: &Transaction<'_>) -> Result<Option<Anchor>> {
        match self.mooring() {
            Some(_) => note(tx, self.identity()),
            None => Ok(None),
        }
    }

    /// Has the keychain keep what was noted, once that is durable.
    pub(crate) fn keep_anchor(&self, noted: Option<Anchor>) {
        if let (Some(mooring), Some(anchor)) = (self.mooring(), noted) {
            keychain::set_later(&mooring.name, &anchor.to_bytes());
        }
    }
}

/// Gives what the keychain has to be set to, if it has to.
fn settle(
    tx: &Transaction<'_>,
    identity: &Identity,
    kept: Option<Anchor>,
) -> Result<Option<Anchor>> {
    let inside = stored(tx)?;
    let Some(kept) = kept else {
        // A keychain that has lost it, or a profile that never had one.
        return Ok((inside.counter > 0).then_some(inside));
    };
    match kept.judge(&inside) {
        Standing::Agrees => Ok(None),
        Standing::Ahead => Ok(Some(inside)),
        Standing::Behind => {
            tracing::warn!("profile.set_back");
            tx.set(Setting::Incarnation, &entropy::bytes::<8>())?;
            let (kind, evidence) = (FindingKind::Restored, [Vec::new(), Vec::new()]);
            cuts::found(tx, kind, None, None, 0, evidence, clock::now_ms())?;
            let next = kept.counter.max(inside.counter).saturating_add(1);
            put(tx, state(tx, identity, next)?).map(Some)
        }
    }
}

/// The next anchor; none where nothing has changed since the last.
fn note(tx: &Transaction<'_>, identity: &Identity) -> Result<Option<Anchor>> {
    let inside = stored(tx)?;
    let next = state(tx, identity, inside.counter.saturating_add(1))?;
    if next.digest == inside.digest {
        return Ok(None);
    }
    put(tx, next).map(Some)
}

fn put(tx: &Transaction<'_>, anchor: Anchor) -> Result<Anchor> {
    tx.set(Setting::Anchor, &anchor.to_bytes())?;
    Ok(anchor)
}

fn stored(tx: &Transaction<'_>) -> Result<Anchor> {
    let bytes = tx.setting(Setting::Anchor)?;
    let stored = bytes.and_then(|bytes| Anchor::parse(&bytes).ok());
    Ok(stored.unwrap_or(Anchor {
        counter: 0,
        digest: [0; 32],
    }))
}

fn state(tx: &Transaction<'_>, identity: &Identity, counter: u64) -> Result<Anchor> {
    let mut pins = vec![pin(tx, identity.account.into())?];
    let mut own = Vec::new();
    for row in tx.calendars()? {
        pins.push(pin(tx, row.id.into())?);
        for (device, incarnation) in tx.authors(row.id)? {
            if device == identity.device {
                own.push(OwnEnd {
                    calendar: row.id,
                    incarnation,
                    head: tx.chain_head(row.id, device, incarnation)?,
                });
            }
        }
    }
    pins.sort_by_key(|pin| pin.log);
    Ok(Anchor::of(counter, &pins, &own))
}

fn pin(tx: &Transaction<'_>, log: LogId) -> Result<SeenLog> {
    Ok(SeenLog {
        log,
        view: logs::view(tx, log)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::incarnation;
    use crate::profile::Unlock;

    fn client() -> (tempfile::TempDir, Client) {
        let folder = tempfile::tempdir().unwrap();
        let unlock = Unlock::passphrase("correct horse battery").with_memory_mib(64);
        let client = Client::create_profile(&folder.path().join("p"), "Ada", &unlock).unwrap();
        (folder, client)
    }

    #[test]
    fn an_old_copy_begins_a_new_life_and_a_crash_does_not() {
        let (_folder, client) = client();
        let identity = client.identity();
        let life = || client.read(incarnation).unwrap();
        let check = |kept| client.store(|tx| settle(tx, identity, kept)).unwrap();
        let first = client.store(|tx| note(tx, identity)).unwrap().unwrap();
        assert_eq!(client.store(|tx| note(tx, identity)).unwrap(), None);
        let before = life();
        assert_eq!(check(Some(first)), None, "as it was left");
        assert_eq!(check(None), Some(first), "a keychain that lost it");

        client.add_calendar("Work", None).unwrap();
        let second = client.store(|tx| note(tx, identity)).unwrap().unwrap();
        assert_eq!(check(Some(first)), Some(second), "the keychain missed one");
        assert_eq!(life(), before);
        assert!(client.findings().unwrap().is_empty());

        let third = Anchor {
            counter: 3,
            digest: [3; 32],
        };
        let repaired = check(Some(third)).unwrap();
        assert_eq!(repaired.counter, 4);
        assert_ne!(life(), before, "numbers of the old life are not used again");
        assert_eq!(client.findings().unwrap().len(), 1, "the person is told");
        assert_eq!(check(Some(repaired)), None, "once");
    }

    #[test]
    fn another_copy_of_the_same_age_is_noticed() {
        let (_folder, client) = client();
        let identity = client.identity();
        let ours = client.store(|tx| note(tx, identity)).unwrap().unwrap();
        let theirs = Anchor {
            digest: [9; 32],
            ..ours
        };
        let before = client.read(incarnation).unwrap();
        client
            .store(|tx| settle(tx, identity, Some(theirs)))
            .unwrap();
        assert_ne!(client.read(incarnation).unwrap(), before);
    }
}
