//! What a person should know about the relay and the other devices: what was found, what was set
//! aside, and who has confirmed what.

use std::collections::BTreeMap;

use almanac_protocol::frame::FrameType;
use almanac_protocol::ids::{CalendarId, DeviceId, Incarnation};
use almanac_protocol::second_factor::HOLD_MS;
use almanac_store::{
    FindingKind, FindingRow, HeadsRow, Purpose, QuarantineReason, SetAside, Transaction,
};
use jiff::Timestamp;
use serde::Serialize;
use ts_rs::TS;

use crate::client::{Client, Identity};
use crate::clock;
use crate::error::Result;
use crate::keeper::Elsewhere;
use crate::replica::{documents, heads};
use crate::view::{DeviceView, SyncStatus};

/// Milliseconds for which a finding that cannot pass by itself is shown.
const SHOWN_MS: u64 = 7 * 24 * 60 * 60 * 1000;

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum FindingKindView {
    /// The relay keeps something back.
    Withheld,
    /// The relay keeps back a change of who the devices and members are.
    LinkWithheld,
    /// The relay shows an older state than before.
    RolledBack,
    /// The relay tells two histories.
    Forked,
    /// The relay's database is another one.
    Replaced,
    /// A device wrote twice under one number.
    Equivocation,
    /// A membership log has two histories.
    LogForked,
    /// An old copy of this profile was put back.
    Restored,
    /// Edits of this device came too late to count, and are kept.
    KeptBack,
    /// Somebody uses the words of the recovery kit.
    RecoveryBegun,
}

/// Something a person should know: what happened, what is safe, what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Finding {
    /// What was found.
    pub kind: FindingKindView,
    /// Name of the calendar; none where it is about all of them.
    pub calendar: Option<String>,
    /// The device it is about, or whose word shows it.
    pub device: Option<DeviceView>,
    /// When it was first seen, RFC 3339 in UTC.
    pub first: String,
    /// When it was last seen.
    pub last: String,
    /// A few finished sentences.
    pub message: String,
    /// Signed frames that prove it are kept.
    pub has_evidence: bool,
}

/// When another device last confirmed what this one has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Freshness {
    /// The device.
    pub device: DeviceView,
    /// When it last said what it has seen, RFC 3339 in UTC; none before it has.
    pub confirmed: Option<String>,
    /// Seconds since then, by this device's clock.
    pub confirmed_ago_s: Option<u64>,
    /// Changes of this device that it has not confirmed.
    pub unconfirmed: u64,
}

/// What arrived and was not accepted, by calendar and reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SetAsideView {
    /// Name of the calendar.
    pub calendar: String,
    /// The reason in one word.
    pub reason: &'static str,
    /// How many.
    pub count: u64,
    /// A few finished sentences.
    pub message: String,
}

/// Where sync stands, with all there is to say about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SyncDetails {
    /// Where it stands.
    #[serde(flatten)]
    pub status: SyncStatus,
    /// What arrived and was not accepted.
    pub set_aside: Vec<SetAsideView>,
    /// When each other device last confirmed what is here.
    pub freshness: Vec<Freshness>,
    /// What a person should know.
    pub findings: Vec<Finding>,
    /// Calendars that other relays keep.
    pub elsewhere: Vec<Elsewhere>,
}

impl Client {
    /// Where sync stands, with all there is to say about it.
    pub fn sync_details(&self) -> Result<SyncDetails> {
        Ok(SyncDetails {
            status: self.status()?,
            set_aside: self.set_aside()?,
            freshness: self.freshness()?,
            findings: self.findings()?,
            elsewhere: self.elsewhere()?,
        })
    }

    /// What stands, the newest first. What passes by itself is here no more; what cannot is
    /// shown for a week.
    pub fn findings(&self) -> Result<Vec<Finding>> {
        let (identity, now_ms) = (self.identity(), clock::now_ms());
        self.read(|tx| {
            let devices = devices(tx, identity)?;
            let rows = standing(tx, now_ms)?.into_iter();
            rows.map(|row| {
                Ok(Finding {
                    kind: kind(row.kind),
                    calendar: row.calendar.map(|id| name(tx, id)).transpose()?,
                    message: message(&row, &devices),
                    device: row.device.map(|id| device(&devices, id)),
                    first: instant(row.first_ms),
                    last: instant(row.last_ms),
                    has_evidence: row.evidence.iter().any(|frame| !frame.is_empty()),
                })
            })
            .collect()
        })
    }

    /// When each other device of the account last confirmed what is here.
    pub fn freshness(&self) -> Result<Vec<Freshness>> {
        let identity = self.identity();
        self.read(|tx| {
            let mut found = Vec::new();
            for device in devices(tx, identity)?.into_values() {
                if !device.this {
                    found.push(freshness(tx, identity, device)?);
                }
            }
            Ok(found)
        })
    }

    /// What arrived and was not accepted.
    pub fn set_aside(&self) -> Result<Vec<SetAsideView>> {
        self.read(|tx| {
            let rows = tx.set_aside()?.into_iter();
            rows.map(|row| {
                Ok(SetAsideView {
                    calendar: name(tx, row.calendar)?,
                    reason: row.reason.word(),
                    count: row.count,
                    message: why_set_aside(&row),
                })
            })
            .collect()
        })
    }
}

/// What stands now, the newest first.
pub(crate) fn standing(tx: &Transaction<'_>, now_ms: u64) -> Result<Vec<FindingRow>> {
    let mut rows = tx.findings()?;
    rows.retain(|row| passes(row) || now_ms.saturating_sub(row.last_ms) < SHOWN_MS);
    Ok(rows)
}

fn freshness(tx: &Transaction<'_>, identity: &Identity, view: DeviceView) -> Result<Freshness> {
    let (mut confirmed_ms, mut unconfirmed) = (None, 0);
    for row in tx.calendars()? {
        let said = tx.heads(row.id)?;
        let said = said.iter().find(|said| said.device.to_string() == view.id);
        confirmed_ms = confirmed_ms.max(said.map(|said| said.time_ms));
        unconfirmed += not_named(tx, identity, row.id, said)?;
    }
    Ok(Freshness {
        device: view,
        confirmed: confirmed_ms.map(instant),
        confirmed_ago_s: confirmed_ms.map(|ms| clock::now_ms().saturating_sub(ms) / 1_000),
        unconfirmed,
    })
}

/// Changes of this device in a calendar that another device's heads do not name.
fn not_named(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
    said: Option<&HeadsRow>,
) -> Result<u64> {
    let mut named: BTreeMap<Incarnation, u64> = BTreeMap::new();
    if let Some(said) = said
        && let Some((_, seen)) = heads::read(tx, said)?
    {
        let ours = seen.authors.iter().map(|seen| (seen.author, seen.head.seq));
        let ours = ours.filter(|(author, _)| author.device == identity.device);
        named.extend(ours.map(|(author, seq)| (author.incarnation, seq)));
    }
    let mut count = 0;
    for (device, life) in tx.authors(calendar)? {
        if device != identity.device {
            continue;
        }
        let first = named.get(&life).map_or(1, |seq| seq + 1);
        for row in tx.frames_from(calendar, device, life, first)? {
            if heads::parsed(&row)?.frame_type == FrameType::Changes {
                count += 1;
            }
        }
    }
    Ok(count)
}

/// Findings that are resolved by what comes later.
fn passes(row: &FindingRow) -> bool {
    let by_device = row.device.is_some();
    match row.kind {
        FindingKind::Withheld | FindingKind::LinkWithheld => true,
        FindingKind::RolledBack | FindingKind::Forked => by_device,
        FindingKind::Replaced
        | FindingKind::Equivocation
        | FindingKind::LogForked
        | FindingKind::Restored
        | FindingKind::KeptBack
        | FindingKind::RecoveryBegun => false,
    }
}

pub(crate) const fn kind(kind: FindingKind) -> FindingKindView {
    match kind {
        FindingKind::Withheld => FindingKindView::Withheld,
        FindingKind::LinkWithheld => FindingKindView::LinkWithheld,
        FindingKind::RolledBack => FindingKindView::RolledBack,
        FindingKind::Forked => FindingKindView::Forked,
        FindingKind::Replaced => FindingKindView::Replaced,
        FindingKind::Equivocation => FindingKindView::Equivocation,
        FindingKind::LogForked => FindingKindView::LogForked,
        FindingKind::Restored => FindingKindView::Restored,
        FindingKind::KeptBack => FindingKindView::KeptBack,
        FindingKind::RecoveryBegun => FindingKindView::RecoveryBegun,
    }
}

pub(crate) fn message(row: &FindingRow, devices: &BTreeMap<DeviceId, DeviceView>) -> String {
    let named = row.device.map(|id| device(devices, id).name);
    let who = named
        .filter(|name| !name.is_empty())
        .map_or_else(|| "another device".to_owned(), |name| format!("“{name}”"));
    let is_own = row
        .device
        .is_some_and(|id| devices.get(&id).is_some_and(|device| device.this));
    match row.kind {
        FindingKind::Withheld => format!(
            "The relay does not show changes of {who} that another of your devices has already \
             seen. What is here is safe, but may not be all there is. Connect that device; if this \
             stays, ask whoever runs the relay."
        ),
        FindingKind::LinkWithheld => format!(
            "The relay does not show a change of who your devices and members are that {who} \
             already knows. What is here is safe; changes that rest on it are kept aside until it \
             comes. Connect the device on which you last linked or removed one; if this stays, ask \
             whoever runs the relay."
        ),
        FindingKind::RolledBack if row.device.is_some() => format!(
            "The relay shows this device less than it has shown {who}. What is here is safe, but \
             may not be all there is. Connect that device, so that it can put back what is \
             missing; if this stays, ask whoever runs the relay."
        ),
        FindingKind::RolledBack => "The relay has lost the newest part of a calendar: its database \
             was probably put back from an older copy. Everything that is here is safe and was \
             sent again. Connect your other devices once, so that they do the same."
            .to_owned(),
        FindingKind::Forked => format!(
            "The relay tells this device another history than {}. Everything that is here is safe. \
             Compare the calendars on both, and do not link devices until whoever runs the relay \
             has explained it.",
            if row.device.is_some() { who } else { "before".to_owned() }
        ),
        FindingKind::Replaced => "The relay began anew with an empty or another database. \
             Everything that is here is safe and was sent again. Connect your other devices once, \
             so that they do the same."
            .to_owned(),
        FindingKind::Equivocation if is_own => "Another copy of this profile has written too. \
             Everything was kept: what both wrote was written once more. Use only one of the copies, \
             and link the other computer as a device of its own."
            .to_owned(),
        FindingKind::Equivocation => format!(
            "Two different changes of {who} claim the same place: there may be two copies of it. \
             What it wrote before is safe; what came after is kept aside until that device is \
             connected and writes it once more. Connect it, and do not use a copy of its profile."
        ),
        FindingKind::LogForked => format!(
            "{who} has seen another history of who your devices and members are. Nothing of that \
             was accepted, and everything that is here is safe. Do not link devices or trust new \
             members until whoever runs the relay has explained it."
        ),
        FindingKind::Restored => "This profile was put back from an older copy, or another copy of \
             it is in use. Everything that is here is safe, and what the relay has will come back. \
             Use only one of the copies, and link another computer as a device of its own."
            .to_owned(),
        FindingKind::KeptBack => "You may not change this calendar any more, and some edits of yours \
             had not arrived before that: nobody else has them. They are kept on this device. Save \
             them as a file with `almanac export --kept`; an owner can let you change the calendar \
             again."
            .to_owned(),
        FindingKind::RecoveryBegun => format!(
            "Somebody has typed the words of your recovery kit. If it was you, `almanac recovery \
             approve` spares you the wait. If it was not, they can take over your account from {} on: \
             make a new kit before that, with `almanac recovery kit`, and the old words are worth \
             nothing.",
            moment(row.first_ms.saturating_add(HOLD_MS))
        ),
    }
}

pub(crate) fn why_set_aside(row: &SetAside) -> String {
    match row.reason {
        QuarantineReason::Sealed => {
            "These could not be opened: they were changed on the way, or what opens them is not \
             here. They are kept as they came. Try `almanac repair` after your other devices have \
             connected."
        }
        QuarantineReason::Unauthorised => {
            "These are not signed by a device that may write here, or a newer version of Almanac \
             made them. They are kept as they came. Update this program, then try `almanac repair`."
        }
        QuarantineReason::Log => {
            "These are by a device, or rest on a change of who may write, that the relay has not \
             shown yet. They are kept and shown as soon as it does. Connect the device on which you \
             last linked or removed one."
        }
        QuarantineReason::Gap => {
            "Something that came before these is missing. They are kept and shown as soon as it \
             comes. Connect your other devices; if this stays, try `almanac repair`."
        }
        QuarantineReason::Fork => {
            "These contradict what the same device wrote elsewhere. They are kept as evidence and \
             nothing of yours was changed by them. Connect the device that wrote them."
        }
        QuarantineReason::Change => {
            "These hold changes that this program cannot read. They are kept as they came. Update \
             this program, then try `almanac repair`."
        }
        QuarantineReason::Pack => {
            "A summary of the history that another device made was not in order and was not used. \
             Everything was read one by one instead, which only takes longer. If this stays, look \
             at who may write to this calendar."
        }
    }
    .to_owned()
}

pub(crate) fn devices(
    tx: &Transaction<'_>,
    identity: &Identity,
) -> Result<BTreeMap<DeviceId, DeviceView>> {
    let listed = crate::accounts::devices::list(tx, identity)?;
    Ok(listed.into_iter().collect())
}

pub(crate) fn device(devices: &BTreeMap<DeviceId, DeviceView>, id: DeviceId) -> DeviceView {
    devices.get(&id).cloned().unwrap_or(DeviceView {
        id: id.to_string(),
        name: String::new(),
        this: false,
    })
}

pub(crate) fn name(tx: &Transaction<'_>, id: CalendarId) -> Result<String> {
    let row = tx.calendar(id)?;
    if row.is_some_and(|row| row.purpose == Purpose::Private) {
        return Ok("Settings".to_owned());
    }
    Ok(documents::facts(tx, id)?.name)
}

/// A moment within a sentence: `23 Nov 2026, 11:00 UTC`.
pub(crate) fn moment(ms: u64) -> String {
    let ms = i64::try_from(ms).unwrap_or(i64::MAX);
    let at = Timestamp::from_millisecond(ms).unwrap_or_default();
    at.strftime("%-d %b %Y, %H:%M UTC").to_string()
}

pub(crate) fn instant(ms: u64) -> String {
    let ms = i64::try_from(ms).unwrap_or(i64::MAX);
    let at = Timestamp::from_millisecond(ms).unwrap_or_default();
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
