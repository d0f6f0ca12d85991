//! Security activity: who came near the account, its calendars, the devices and this profile, the newest
//! first.
//!
//! Nothing of it is written down twice: the signed links of the logs, the findings about relays and
//! devices, what was set aside and failed unlocks are where it comes from.

mod members;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use almanac_protocol::ids::DeviceId;
use almanac_protocol::membership::{AccountLog, Link, LinkType, RevokeReason};
use almanac_protocol::signed::{Signed, Verified};
use almanac_store::Transaction;
use serde::Serialize;
use ts_rs::TS;

use crate::client::{Client, Identity};
use crate::error::Result;
use crate::findings::{self, FindingKindView};
use crate::replica::logs;
use crate::view::DeviceView;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum ActivityKind {
    /// The account was made.
    AccountMade,
    /// A device was added to the account.
    DeviceAdded,
    /// A device was revoked.
    DeviceRevoked,
    /// The account has a new key.
    KeyChanged,
    /// The account has another recovery kit.
    RecoveryReplaced,
    /// Someone was let into a calendar.
    MemberAdded,
    /// A member of a calendar may do something else.
    RoleChanged,
    /// Someone was taken out of a calendar.
    MemberRemoved,
    /// An invite to a calendar was made.
    InviteMade,
    /// An invite to a calendar was taken back.
    InviteTakenBack,
    /// Something about a relay or a device that should not be.
    Found(FindingKindView),
    /// Something arrived and was not accepted.
    SetAside,
    /// Somebody tried to open this profile with a wrong passphrase.
    FailedUnlock,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ActivityView {
    /// What happened.
    pub kind: ActivityKind,
    /// When, RFC 3339 in UTC; none where that was not noted. Links carry the time of whoever signed.
    pub time: Option<String>,
    /// Until when, where it is over.
    pub over: Option<String>,
    /// The calendar it is about; none where it is about all of them.
    pub calendar: Option<String>,
    /// Who did it, or whom it is about.
    pub device: Option<DeviceView>,
    /// What happened, what it means and what to do: a few finished sentences.
    pub message: String,
}

/// One thing that happened, with the moment it is ordered by.
struct Entry {
    time_ms: u64,
    view: ActivityView,
}

impl Client {
    /// What happened around the account, its calendars and this device, the newest first.
    pub fn activity(&self, count: usize) -> Result<Vec<ActivityView>> {
        let identity = self.identity();
        let mut entries = self.read(|tx| {
            let devices = crate::accounts::devices::ever(tx, identity)?;
            let mut entries = of_account(tx, identity, &devices)?;
            entries.extend(members::of_calendars(tx, identity)?);
            entries.extend(of_findings(tx, &devices)?);
            entries.extend(set_aside(tx)?);
            let failed = tx.failed_unlocks(count)?.into_iter();
            entries.extend(failed.map(failed_unlock));
            Ok(entries)
        })?;
        entries.sort_by_key(|entry| Reverse(entry.time_ms));
        entries.truncate(count);
        Ok(entries.into_iter().map(|entry| entry.view).collect())
    }
}

fn of_account(
    tx: &Transaction<'_>,
    identity: &Identity,
    devices: &BTreeMap<DeviceId, DeviceView>,
) -> Result<Vec<Entry>> {
    let log = logs::account(tx, identity)?;
    let links = tx.links(identity.account.into())?;
    let links = links.iter().filter_map(|bytes| verified(&log, bytes));
    Ok(links
        .filter_map(|link| of_link(&log, link.body(), devices))
        .collect())
}

/// A link of the account's log: it was judged when it came, and is again before it is shown.
fn verified(log: &AccountLog, bytes: &[u8]) -> Option<Verified<Link>> {
    let link = Signed::<Link>::parse(bytes).ok()?;
    let signer = log.device(&link.signer())?;
    link.verify(&signer.bundle.sign_key).ok()
}

fn of_link(
    log: &AccountLog,
    link: &Link,
    devices: &BTreeMap<DeviceId, DeviceView>,
) -> Option<Entry> {
    let signer = named(devices, link.device);
    let (kind, about, message) = match link.link_type {
        LinkType::AccountGenesis => (
            ActivityKind::AccountMade,
            link.device,
            format!("{signer} made this account."),
        ),
        LinkType::AddDevice => {
            let added = log.added_by(link.seq)?.id;
            let message = format!(
                "{signer} added {} to your account. It reads and writes all your calendars. If you \
                 did not do this, somebody else sees them there: revoke it now with `almanac device \
                 revoke`, and the device that added it too.",
                named(devices, added)
            );
            (ActivityKind::DeviceAdded, added, message)
        }
        LinkType::Revoke => {
            let mut revoked = log.revocations().iter();
            let revoked = revoked.find(|one| one.seq == link.seq)?;
            let why = match revoked.reason {
                RevokeReason::Retired => " because it is no longer used",
                RevokeReason::Lost => " because it was lost",
                RevokeReason::Stolen => " because it was stolen",
                RevokeReason::Other(_) => "",
            };
            let message = format!(
                "{signer} revoked {}{why}. What is written from now on is sealed with a new key that \
                 it does not have, and what it writes counts nowhere; what it had read it may keep. If \
                 nobody of you did this, revoke the device that did it, with your recovery kit if need \
                 be.",
                named(devices, revoked.device)
            );
            (ActivityKind::DeviceRevoked, revoked.device, message)
        }
        LinkType::RotatePuk => (
            ActivityKind::KeyChanged,
            link.device,
            format!("{signer} gave your account a new key. There is nothing to do."),
        ),
        LinkType::ReplaceRecovery => (
            ActivityKind::RecoveryReplaced,
            link.device,
            format!(
                "{signer} put a new recovery kit in force: 24 words open your account, and any that \
                 were printed before no longer do. If you did not do this, make another kit on a device \
                 you trust."
            ),
        ),
        LinkType::CalendarGenesis
        | LinkType::Member
        | LinkType::Rotate
        | LinkType::Invite
        | LinkType::InviteEnd
        | LinkType::Policy => return None,
    };
    Some(Entry {
        time_ms: link.time_ms,
        view: ActivityView {
            kind,
            time: instant(link.time_ms),
            over: None,
            calendar: None,
            device: Some(findings::device(devices, about)),
            message,
        },
    })
}

fn of_findings(
    tx: &Transaction<'_>,
    devices: &BTreeMap<DeviceId, DeviceView>,
) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for (row, resolved_ms) in tx.findings_ever()? {
        let calendar = row.calendar.map(|id| findings::name(tx, id)).transpose()?;
        entries.push(Entry {
            time_ms: row.first_ms,
            view: ActivityView {
                kind: ActivityKind::Found(findings::kind(row.kind)),
                time: instant(row.first_ms),
                over: resolved_ms.and_then(instant),
                calendar,
                device: row.device.map(|id| findings::device(devices, id)),
                message: findings::message(&row, devices),
            },
        });
    }
    Ok(entries)
}

fn set_aside(tx: &Transaction<'_>) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for row in tx.set_aside()? {
        entries.push(Entry {
            time_ms: row.newest_ms,
            view: ActivityView {
                kind: ActivityKind::SetAside,
                time: instant(row.newest_ms),
                over: None,
                calendar: Some(findings::name(tx, row.calendar)?),
                device: None,
                message: findings::why_set_aside(&row),
            },
        });
    }
    Ok(entries)
}

fn failed_unlock(time_ms: u64) -> Entry {
    Entry {
        time_ms,
        view: ActivityView {
            kind: ActivityKind::FailedUnlock,
            time: instant(time_ms),
            over: None,
            calendar: None,
            device: None,
            message: "Somebody tried to open this profile with a wrong passphrase. Nothing was \
                      opened. If it was not you, somebody else had this computer: choose a longer \
                      passphrase."
                .to_owned(),
        },
    }
}

fn named(devices: &BTreeMap<DeviceId, DeviceView>, id: DeviceId) -> String {
    let view = findings::device(devices, id);
    match view.name.as_str() {
        "" => "A device whose name is not known".to_owned(),
        name if view.this => format!("“{name}” (this device)"),
        name => format!("“{name}”"),
    }
}

/// None where it was not noted.
fn instant(ms: u64) -> Option<String> {
    (ms > 0).then(|| findings::instant(ms))
}
