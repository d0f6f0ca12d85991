//! The trial: a backup is restored into a scratch database, where everything in it is verified and
//! judged, and what came out is held against what is here.

use std::collections::BTreeSet;
use std::path::Path;

use almanac_crypto::stream::StreamOpener;
use almanac_protocol::ids::{CalendarId, ChangeHash, DocumentId};
use almanac_store::Transaction;

use super::file::{self, Found};
use super::filling::Head;
use super::scratch::Scratch;
use super::terms::{self, Proven};
use super::{BackupKey, BackupProof, digits, opener, writing};
use crate::client::Client;
use crate::clock;
use crate::error::{Error, ErrorCode, Result};
use crate::findings::instant;

/// How what came out compares with what is here.
#[derive(Debug, Clone, Copy, Default)]
struct Compared {
    events: u64,
    changes: u64,
    newer_here: u64,
    missing_here: u64,
    differing: u64,
}

impl Client {
    /// Restores a backup of this account into a scratch database, compares, and notes that it was
    /// proven if everything came back. Nothing of the profile is changed.
    pub fn prove_backup(&self, path: &Path, key: Option<&BackupKey>) -> Result<BackupProof> {
        let found = Found::at(path)?;
        if found.label.account != self.identity().account {
            return Err(Error::new(
                ErrorCode::BackupRefused,
                "This backup is of another account. Nothing was changed.",
            ));
        }
        let opener = match key {
            Some(key) => opener(&found, key)?,
            None => self.own_opener(&found)?,
        };
        prove(self, found, opener)
    }

    /// Opens a backup that the passphrase of this profile's backups opens.
    fn own_opener(&self, found: &Found) -> Result<StreamOpener> {
        let way = self.read(|tx| terms::way(tx, self.identity()))?;
        let way = way.filter(|_| found.ways.passphrase.is_some());
        let way = way.ok_or_else(|| {
            Error::new(
                ErrorCode::WrongPassphrase,
                "This device cannot open this backup by itself: give its passphrase with \
                 --backup-passphrase-file FILE, or the words of your recovery kit with \
                 --words-file FILE. Nothing was changed.",
            )
        })?;
        let unlock = almanac_crypto::backup::BackupUnlock::Stretched(&way);
        almanac_crypto::backup::open(&found.header, unlock).map_err(file::refused)
    }
}

/// Restores it and compares.
pub(super) fn prove(client: &Client, found: Found, opener: StreamOpener) -> Result<BackupProof> {
    let label = found.label;
    let mut content = found.content(opener);
    let head = Head::read(&mut content, label.account)?;
    let mut scratch = Scratch::fill(&client.profile_folder()?, &mut content, &head)?;
    let filled = scratch.filled;
    let compared = compare(client, &mut scratch)?;
    let complete = filled.refused == 0 && filled.differing == 0 && compared.differing == 0;
    if complete {
        let proven = Proven {
            id: digits(&label.id),
            made_ms: label.created_ms,
            proven_ms: clock::now_ms(),
            events: compared.events,
        };
        client.store(|tx| terms::change(tx, |stored| stored.proven = Some(proven)))?;
    }
    Ok(BackupProof {
        made: instant(label.created_ms),
        complete,
        calendars: filled.calendars,
        events: compared.events,
        changes: compared.changes,
        newer_here: compared.newer_here,
        missing_here: compared.missing_here,
        differing: compared.differing,
        message: message(complete, compared),
    })
}

fn message(complete: bool, compared: Compared) -> String {
    let mut text = if complete {
        format!(
            "Everything came back: {} events and tasks with all their history.",
            compared.events
        )
    } else {
        "Not everything came back as it was. Your calendars here are untouched. Make a new backup \
         with `almanac backup now`; if its trial fails too, please report it."
            .to_owned()
    };
    if compared.missing_here > 0 {
        text.push_str(&format!(
            " The backup holds {} steps of history that this device does not have: somebody may \
             have put an old copy of the profile back. Keep this file.",
            compared.missing_here
        ));
    } else if compared.newer_here > 0 {
        text.push_str(&format!(
            " Since then {} steps were added here.",
            compared.newer_here
        ));
    }
    text
}

fn compare(client: &Client, scratch: &mut Scratch) -> Result<Compared> {
    let mut here = client.beside()?;
    scratch.read(|there| here.read(|here| compare_all(here, there)))
}

fn compare_all(here: &Transaction<'_>, there: &Transaction<'_>) -> Result<Compared> {
    let mut compared = Compared::default();
    for row in there.calendars()? {
        compared.events += there.event_count(row.id)?;
        let (changes, digest) = writing::state(there, row.id)?;
        compared.changes += changes;
        let (changes_here, digest_here) = writing::state(here, row.id)?;
        let mut missing = 0;
        if digest != digest_here {
            missing = missing_from(here, there, row.id)?;
        }
        compared.missing_here += missing;
        compared.newer_here += (changes_here + missing).saturating_sub(changes);
        compared.differing += differing(here, there, row.id)?;
    }
    Ok(compared)
}

/// Changes of a calendar that are there and not here.
fn missing_from(
    here: &Transaction<'_>,
    there: &Transaction<'_>,
    calendar: CalendarId,
) -> Result<u64> {
    let mut names = Vec::new();
    there.each_change(calendar, |document, hash, _| names.push((document, hash)))?;
    let mut missing = 0;
    for (document, hash) in names {
        missing += u64::from(here.counting(calendar, document, hash)?.is_none());
    }
    Ok(missing)
}

/// Events that rest on the same changes here and there, and do not say the same.
fn differing(here: &Transaction<'_>, there: &Transaction<'_>, calendar: CalendarId) -> Result<u64> {
    if here.is_busy_shown(calendar)? {
        // Here busy times are shown in their place.
        return Ok(0);
    }
    let (mut before, mut differing) = (None, 0);
    let mut documents = Vec::new();
    there.each_change(calendar, |document, _, _| {
        if before != Some(document) {
            documents.push(document);
        }
        before = Some(document);
    })?;
    for document in documents {
        if said(here, calendar, document)? == said(there, calendar, document)? {
            let says = |tx: &Transaction<'_>| -> Result<Option<String>> {
                Ok(tx.event(calendar, document)?.map(|row| row.event))
            };
            differing += u64::from(says(here)? != says(there)?);
        }
    }
    Ok(differing)
}

/// The changes that count in a document, in an order of their own.
fn said(
    tx: &Transaction<'_>,
    calendar: CalendarId,
    document: DocumentId,
) -> Result<BTreeSet<ChangeHash>> {
    let hashes = tx.change_hashes(calendar, document)?.into_iter();
    Ok(hashes.collect())
}
