//! Bringing a backup back onto a machine without a profile. It becomes a new device, in one of two ways:
//!
//! - With the words of the recovery kit it is a device *of the account*: the kit signs for it, opens the
//!   sealed keys in the file, and every calendar is there with its members and its signed history.
//! - With the passphrase alone nobody can sign in the account's name. What was read becomes *copies* in
//!   calendars of a new account.
//!
//! The folder becomes a profile at the very end, so a half-restored one is none.

use std::path::Path;

use almanac_calendar::document::private::Listing;
use almanac_crypto::keys::DeviceKeys;
use almanac_crypto::puk::new_account;
use almanac_crypto::recovery::RecoveryKit;
use almanac_crypto::seal::{open_puk_box, seal_puk_box};
use almanac_protocol::ids::{CalendarId, DocumentId};
use almanac_protocol::label::Purpose as SignaturePurpose;
use almanac_protocol::membership::{AccountLog, possession_of_added_device};
use almanac_protocol::signed::Signer;
use almanac_store::{Purpose, Room};
use serde::Serialize;
use ts_rs::TS;

use super::file::{Content, Found, not_whole};
use super::filling::{self, Database, Filled, Head, Work};
use super::scratch::Scratch;
use super::{BackupKey, kit, opener};
use crate::accounts::calendar;
use crate::accounts::create::{check_name, enter};
use crate::client::Client;
use crate::clock;
use crate::entropy::SystemEntropy;
use crate::error::{Error, Result};
use crate::findings::instant;
use crate::import::draft::{Draft, Drafter};
use crate::profile::{self, Unlock};
use crate::replica::author::Authoring;
use crate::replica::{documents, free_busy, keys};
use crate::sync;

/// Events that are copied in one transaction.
const EVENTS_AT_ONCE: usize = 1_000;

/// As what a machine came out of a restore.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum RestoreKind {
    /// A new device of the account.
    Account,
    /// A new account with copies.
    Copies,
}

/// What a restore brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Restored {
    /// As what this machine came out of it.
    pub kind: RestoreKind,
    /// Of when the backup is, RFC 3339 in UTC.
    pub made: String,
    /// The device it was made on, as its person called it.
    pub from: String,
    /// Calendars that came back.
    pub calendars: u64,
    /// Events and tasks that came back.
    pub events: u64,
    /// The relay the account used then, where it used one.
    pub relay: Option<String>,
    /// What this device can and cannot do now, and what to do next: a few finished sentences.
    pub message: String,
}

/// Makes a profile in `folder` out of a backup: a new device.
pub fn restore_backup(
    folder: &Path,
    file: &Path,
    key: &BackupKey,
    name: &str,
    unlock: &Unlock,
) -> Result<Restored> {
    check_name(name)?;
    if profile::exists(folder) {
        return Err(profile::already_exists(folder));
    }
    let found = Found::at(file)?;
    let opener = opener(&found, key)?;
    let label = found.label;
    let mut content = found.content(opener);
    let head = Head::read(&mut content, label.account)?;
    let restored = match key {
        BackupKey::Words(words) => {
            let kit = kit(words)?;
            restore_account(folder, &mut content, &head, &kit, name, unlock)?
        }
        BackupKey::Passphrase(_) => {
            let mut scratch = Scratch::fill(folder, &mut content, &head)?;
            restore_copies(folder, &mut scratch, name, unlock)?
        }
    };
    let relay = Some(head.start.relay.clone()).filter(|relay| !relay.is_empty());
    Ok(Restored {
        made: instant(label.created_ms),
        from: head.start.device_name.clone(),
        message: message(&restored, relay.as_deref()),
        kind: restored.kind,
        calendars: restored.calendars,
        events: restored.events,
        relay,
    })
}

struct Outcome {
    kind: RestoreKind,
    calendars: u64,
    events: u64,
    is_whole: bool,
}

fn restore_account(
    folder: &Path,
    content: &mut Content,
    head: &Head,
    kit: &RecoveryKit,
    name: &str,
    unlock: &Unlock,
) -> Result<Outcome> {
    let account = head.start.account;
    let mut log = head.account()?;
    let records = head.boxes(account.into());
    let puk = records
        .iter()
        .find_map(|record| open_puk_box(&log, kit.keys(), record).ok())
        .ok_or_else(not_whole)?;
    let device = DeviceKeys::generate(&mut SystemEntropy);
    let link = added(&log, kit, &device)?;
    log.append(&link).map_err(|_| not_whole())?;
    let own_box = seal_puk_box(&mut SystemEntropy, &log, &device.device_id(), &puk);
    let own_box = own_box.map_err(Error::internal)?;
    let fresh = profile::create(folder, unlock)?;
    let (client, slot) = enter(fresh, device, account, |tx, identity| {
        head.put_logs(tx, identity)?;
        tx.put_link(account.into(), log.view().seq, &link, false)?;
        keys::put_puk(tx, identity, &puk)?;
        for record in records.iter().chain([&own_box]) {
            tx.put_box(account.into(), record, false)?;
        }
        Ok(head.start.private)
    })?;
    client.set_room(Room::Large)?;
    let filled = filling::fill(content, head, &mut Filling(&client))?;
    client.store(|tx| {
        if tx.calendar(head.start.private)?.is_none() {
            return Err(not_whole());
        }
        for row in tx.calendars()? {
            free_busy::follow_log(tx, client.identity(), row.id)?;
        }
        sync::start_everything_over(tx, client.identity())
    })?;
    client.set_room(Room::Usual)?;
    client.tell_device_name(name)?;
    let events = events(&client)?;
    slot.commit()?;
    Ok(Outcome {
        kind: RestoreKind::Account,
        calendars: filled.calendars.saturating_sub(1),
        events,
        is_whole: is_whole(filled),
    })
}

/// The link by which the kit adds the new device.
fn added(log: &AccountLog, kit: &RecoveryKit, device: &DeviceKeys) -> Result<Vec<u8>> {
    let bundle = device.bundle();
    let possession = possession_of_added_device(&log.id(), log.count(), bundle);
    let possession = device.sign(SignaturePurpose::DevicePossession, &possession);
    log.add_device(kit.keys(), bundle, &possession, clock::now_ms())
        .map_err(|_| not_whole())
}

struct Filling<'a>(&'a Client);

impl Database for Filling<'_> {
    fn with(&mut self, work: &mut Work<'_>) -> Result<()> {
        let identity = self.0.identity();
        self.0.store(|tx| work(tx, identity))
    }
}

fn events(client: &Client) -> Result<u64> {
    client.read(|tx| {
        let mut events = 0;
        for row in tx.calendars()? {
            events += tx.event_count(row.id)?;
        }
        Ok(events)
    })
}

fn restore_copies(
    folder: &Path,
    scratch: &mut Scratch,
    name: &str,
    unlock: &Unlock,
) -> Result<Outcome> {
    let fresh = profile::create(folder, unlock)?;
    let device = DeviceKeys::generate(&mut SystemEntropy);
    let (seed, genesis) = new_account(&mut SystemEntropy, &device, clock::now_ms());
    let account = AccountLog::begin(&genesis).map_err(Error::internal)?.id();
    let (client, slot) = enter(fresh, device, account, |tx, identity| {
        tx.put_link(account.into(), 0, &genesis, false)?;
        keys::put_puk(tx, identity, &seed)?;
        calendar::create(tx, identity, Purpose::Private)
    })?;
    client.tell_device_name(name)?;
    client.set_room(Room::Large)?;
    let private = scratch.identity().private;
    let (private, rows) =
        scratch.read(|tx| Ok((documents::private(tx, private)?, tx.calendars()?)))?;
    let mut calendars = 0;
    for row in rows.iter().filter(|row| row.purpose == Purpose::Calendar) {
        let listing = private.calendars.get(&row.id.to_string()).cloned();
        let listing = listing.unwrap_or_default();
        if !listing.is_removed {
            calendars += u64::from(copy_calendar(&client, scratch, row.id, &listing)?);
        }
    }
    client.set_room(Room::Usual)?;
    let events = events(&client)?;
    let is_whole = is_whole(scratch.filled);
    slot.commit()?;
    Ok(Outcome {
        kind: RestoreKind::Copies,
        calendars,
        events,
        is_whole,
    })
}

const fn is_whole(filled: Filled) -> bool {
    filled.refused == 0 && filled.differing == 0
}

/// Gives whether there was anything to copy: of a calendar of which this person saw busy times alone, a backup
/// holds nothing.
fn copy_calendar(
    client: &Client,
    scratch: &mut Scratch,
    from: CalendarId,
    listing: &Listing,
) -> Result<bool> {
    let (facts, documents) = scratch.read(|tx| {
        let mut documents: Vec<DocumentId> = Vec::new();
        tx.each_change(from, |document, _, _| {
            if documents.last() != Some(&document) {
                documents.push(document);
            }
        })?;
        Ok((documents::facts(tx, from)?, documents))
    })?;
    if documents.is_empty() {
        return Ok(false);
    }
    let to = client.write(|work| {
        let to = work.create_calendar()?;
        documents::set_facts(work, to, &facts)?;
        documents::edit_private(work, |private| {
            private.calendars.insert(to.to_string(), listing.clone());
        })?;
        Ok(to)
    })?;
    for part in documents.chunks(EVENTS_AT_ONCE) {
        let rows = scratch.read(|tx| {
            let rows = part
                .iter()
                .filter_map(|document| tx.event(from, *document).transpose());
            Ok(rows.collect::<std::result::Result<Vec<_>, _>>()?)
        })?;
        client.write(|work| {
            let drafter = Drafter {
                calendar: to,
                actor: work.actor(to)?,
                time: documents::seconds(work),
                known: std::collections::HashSet::new(),
            };
            let mut authoring = Authoring::new(to);
            for row in rows {
                let event = documents::event_of(&row)?;
                match drafter.ready(&event, work.new_document())? {
                    Draft::Ready(_, change) => work.add(&mut authoring, *change)?,
                    Draft::Refused(error) => return Err(error),
                    Draft::Known => {}
                }
            }
            work.finish(to, authoring)
        })?;
    }
    Ok(true)
}

fn message(restored: &Outcome, relay: Option<&str>) -> String {
    let mut text = match restored.kind {
        RestoreKind::Account => {
            "This computer is a new device of your account. Every calendar is here with its \
             history, you can change what you could change before, and you can add more devices. \
             The devices you had are still part of the account: revoke those you have lost."
        }
        RestoreKind::Copies => {
            "Your events are here as copies, in calendars of a new account that this computer \
             alone has. You can read and change all of them. Without the words of your recovery \
             kit nobody can act for the old account: your other devices and the people you share \
             with do not see these copies, calendars that were shared with you have to be shared \
             with you anew, and the history of who changed what stays in the backup. If you find \
             the words, or a device of the account that still works, use that instead and remove \
             this profile. Keep the backup."
        }
    }
    .to_owned();
    if let (RestoreKind::Account, Some(relay)) = (restored.kind, relay) {
        text.push_str(&format!(
            " No relay is set up yet. While {relay} still answers, do not go on with this profile: \
             bring the account back from there with `almanac recovery use`, which also brings what \
             is newer than this backup. If it is gone, use another one with `almanac relay use ADDRESS`."
        ));
    }
    if !restored.is_whole {
        text.push_str(
            " Something in the backup could not be verified and was left out. Keep the file, and \
             compare with another backup.",
        );
    }
    text
}
