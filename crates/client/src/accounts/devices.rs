//! The devices of the account, by the names their people gave them.

use std::collections::BTreeMap;

use almanac_protocol::ids::DeviceId;
use almanac_protocol::membership::{DeviceClass, Link};
use almanac_protocol::signed::Signed;
use almanac_store::{Setting, Transaction};
use serde::Serialize;
use ts_rs::TS;

use crate::accounts::create::check_name;
use crate::client::{Client, Identity};
use crate::clock;
use crate::error::{Error, Result};
use crate::findings::instant;
use crate::replica::{documents, logs};
use crate::view::DeviceView;

/// What a recovery kit is called where a device's name would stand.
const KIT_NAME: &str = "recovery kit";

/// A device of the account, with all there is to know about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct DeviceDetails {
    /// Which one.
    #[serde(flatten)]
    #[ts(flatten)]
    pub device: DeviceView,
    /// Its place among the devices, from 1: it may revoke those with a higher number, and itself.
    pub rank: u64,
    /// Since when it is part of the account, RFC 3339 in UTC, by the clock of whoever added it.
    pub since: Option<String>,
    /// When it last said what it has seen, by its own clock; none before it has, and for this one.
    pub last_seen: Option<String>,
    /// Seconds since then, by this device's clock.
    pub last_seen_ago_s: Option<u64>,
    /// Whether this device may revoke it.
    pub may_revoke: bool,
}

impl Client {
    /// The devices of the account, the most senior first.
    pub fn devices(&self) -> Result<Vec<DeviceDetails>> {
        let identity = self.identity();
        self.read(|tx| {
            let log = logs::account(tx, identity)?;
            let links = tx.links(identity.account.into())?;
            let own = log.device(&identity.device).map(|device| device.since_seq);
            let mut all = Vec::new();
            for (rank, (id, device)) in (1..).zip(list(tx, identity)?) {
                let since_seq = log.device(&id).map(|device| device.since_seq);
                let since = since_seq.and_then(|seq| links.get(usize::try_from(seq).ok()?));
                let since = since.and_then(|link| Signed::<Link>::parse(link).ok());
                let seen_ms = last_seen_ms(tx, id)?;
                let ago_s = |ms: u64| clock::now_ms().saturating_sub(ms) / 1_000;
                all.push(DeviceDetails {
                    rank,
                    since: since.map(|link| instant(link.time_ms())),
                    last_seen: seen_ms.map(instant),
                    last_seen_ago_s: seen_ms.map(ago_s),
                    may_revoke: log.devices().len() > 1 && (device.this || own < since_seq),
                    device,
                });
            }
            Ok(all)
        })
    }

    /// Gives this device another name.
    pub fn rename_device(&self, name: &str) -> Result<()> {
        check_name(name)?;
        self.tell_device_name(name)
    }

    /// The name of this device.
    pub fn device_name(&self) -> Result<String> {
        let name = self.read(|tx| Ok(tx.setting(Setting::DeviceName)?))?;
        Ok(String::from_utf8(name.unwrap_or_default()).unwrap_or_default())
    }

    /// Tells the account's other devices what this one is called.
    pub(crate) fn tell_device_name(&self, name: &str) -> Result<()> {
        let id = self.identity().device.to_string();
        self.write(|work| {
            work.tx().set(Setting::DeviceName, name.as_bytes())?;
            documents::edit_private(work, |private| {
                private.devices.entry(id).or_default().name = name.to_owned();
            })
        })
    }
}

/// The devices of the account, the most senior first.
pub(crate) fn list(
    tx: &Transaction<'_>,
    identity: &Identity,
) -> Result<Vec<(DeviceId, DeviceView)>> {
    let named = documents::private(tx, identity.private)?.devices;
    let log = logs::account(tx, identity)?;
    let view = |id: DeviceId| DeviceView {
        id: id.to_string(),
        name: named
            .get(&id.to_string())
            .map(|device| device.name.clone())
            .unwrap_or_default(),
        this: id == identity.device,
    };
    let devices = log.devices().iter();
    Ok(devices.map(|device| (device.id, view(device.id))).collect())
}

/// Every device that the account ever had, and its recovery kits, by the names people gave them.
pub(crate) fn ever(
    tx: &Transaction<'_>,
    identity: &Identity,
) -> Result<BTreeMap<DeviceId, DeviceView>> {
    let named = documents::private(tx, identity.private)?.devices;
    let log = logs::account(tx, identity)?;
    let mut all: BTreeMap<_, _> = list(tx, identity)?.into_iter().collect();
    for device in log.ever() {
        let id = device.id.to_string();
        let name = match device.bundle.class {
            DeviceClass::Recovery => KIT_NAME.to_owned(),
            DeviceClass::Full => {
                let name = named.get(&id).map(|device| device.name.clone());
                name.unwrap_or_default()
            }
        };
        all.entry(device.id).or_insert(DeviceView {
            this: device.id == identity.device,
            id,
            name,
        });
    }
    Ok(all)
}

/// When a device last said what it has seen.
fn last_seen_ms(tx: &Transaction<'_>, device: DeviceId) -> Result<Option<u64>> {
    let mut newest_ms = None;
    for row in tx.calendars()? {
        let said = tx.heads(row.id)?;
        let said = said.iter().find(|said| said.device == device);
        newest_ms = newest_ms.max(said.map(|said| said.time_ms));
    }
    Ok(newest_ms)
}

/// The device in force with this name, id or beginning of an id.
pub(crate) fn find(
    tx: &Transaction<'_>,
    identity: &Identity,
    who: &str,
) -> Result<(DeviceId, DeviceView)> {
    let wanted = who.trim().to_lowercase();
    let is_meant = |(_, device): &(DeviceId, DeviceView)| {
        device.name.to_lowercase() == wanted
            || (wanted.len() >= 4 && device.id.starts_with(&wanted))
    };
    let mut found = list(tx, identity)?.into_iter().filter(is_meant);
    match (found.next(), found.next()) {
        (Some(device), None) => Ok(device),
        (Some(_), Some(_)) => Err(Error::invalid(format!(
            "More than one of your devices is called “{who}”. Nothing was changed. Name it by id, as \
             `almanac device list` shows it."
        ))),
        (None, _) => Err(Error::not_found(format!(
            "None of your devices is called “{who}”. Nothing was changed. `almanac device list` shows \
             them."
        ))),
    }
}
