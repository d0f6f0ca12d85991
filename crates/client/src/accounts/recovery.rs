//! Coming back into an account when its devices are gone, and what stands before that: a kit of 24
//! words, a wait of a day that every device hears of, a second factor.

pub(crate) mod connection;
pub(crate) mod factor;
pub(crate) mod kit;
mod page;
pub(crate) mod words;

use almanac_protocol::ids::DeviceId;
use almanac_protocol::membership::{Link, LinkType};
use almanac_protocol::message::RecoveryBegun;
use almanac_protocol::signed::Signed;
use almanac_store::{FindingKind, FindingRow, Transaction};
use serde::Serialize;

use self::factor::FACTOR;
use crate::accounts::devices;
use crate::client::{Client, Identity};
use crate::clock;
use crate::error::{Error, Result};
use crate::findings::instant;
use crate::replica::{documents, logs};

/// How ready an account is for the day on which all devices are gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RecoveryView {
    /// Whether words exist that open the account.
    pub has_kit: bool,
    /// Since when the kit is in force, RFC 3339 in UTC, by the clock of whoever put it there.
    pub kit_since: Option<String>,
    /// Name of the device that has made another kit and waits for the consent of a second one.
    pub awaits_consent: Option<String>,
    /// When somebody has begun to use the words, and nothing has put an end to it since.
    pub begun: Option<String>,
    /// Since when codes are asked for, as one of the devices has noted it.
    pub second_factor_since: Option<String>,
}

impl Client {
    /// How ready the account is for the day on which all devices are gone.
    pub fn recovery(&self) -> Result<RecoveryView> {
        let identity = self.identity();
        self.read(|tx| {
            let log = logs::account(tx, identity)?;
            let links = tx.links(identity.account.into())?;
            let kit = log.recovery();
            let since = kit.and_then(|kit| links.get(usize::try_from(kit.since_seq).ok()?));
            let since = since.and_then(|link| Signed::<Link>::parse(link).ok());
            let wish = kit::wish(tx, identity)?;
            let known = devices::list(tx, identity)?;
            let maker = wish.map(|wish| {
                let mut made = known.iter().map(|(_, device)| device);
                made.find(|device| device.id == wish.device)
                    .map_or_else(|| "another device".to_owned(), |device| device.name.clone())
            });
            let begun = tx.findings()?.into_iter().find(|row| {
                row.kind == FindingKind::RecoveryBegun && row.device == kit.map(|kit| kit.id)
            });
            let settings = documents::private(tx, identity.private)?.settings;
            let factor = settings.get(FACTOR).filter(|since| !since.is_empty());
            Ok(RecoveryView {
                has_kit: kit.is_some(),
                kit_since: since.map(|link| instant(link.time_ms())),
                awaits_consent: maker,
                begun: begun.map(|row| instant(row.first_ms)),
                second_factor_since: factor.cloned(),
            })
        })
    }

    /// Says that it is this person who recovers: the kit need not wait.
    pub async fn approve_recovery(&self) -> Result<()> {
        self.sync_own().await?;
        let identity = self.identity();
        let kit = self.read(|tx| Ok(logs::account(tx, identity)?.recovery().map(|kit| kit.id)))?;
        let kit = kit.ok_or_else(|| {
            Error::not_found("Your account has no recovery kit. Nothing was changed.")
        })?;
        self.approve(kit).await
    }
}

/// Notes that somebody has proven to hold the words of the kit. A relay that speaks of another kit is
/// not heard.
pub(crate) fn note_begun(
    tx: &Transaction<'_>,
    identity: &Identity,
    begun: &RecoveryBegun,
) -> Result<bool> {
    let log = logs::account(tx, identity)?;
    let is_in_force = log.recovery().map(|kit| kit.id) == Some(begun.device);
    if !is_in_force || has_come_in(tx, identity, begun.device, begun.begun_ms)? {
        return Ok(false);
    }
    tx.find(&FindingRow {
        kind: FindingKind::RecoveryBegun,
        calendar: None,
        device: Some(begun.device),
        number: begun.begun_ms,
        first_ms: begun.begun_ms,
        last_ms: clock::now_ms(),
        evidence: [Vec::new(), Vec::new()],
    })?;
    Ok(true)
}

/// What was begun with a kit is over when another kit is in force, and when a device has come in by it:
/// from then on that device is listed among those that were added.
pub(crate) fn end_begun(tx: &Transaction<'_>, identity: &Identity) -> Result<()> {
    let kit = logs::account(tx, identity)?.recovery().map(|kit| kit.id);
    for row in tx.findings()? {
        let (FindingKind::RecoveryBegun, Some(device)) = (row.kind, row.device) else {
            continue;
        };
        if row.device != kit || has_come_in(tx, identity, device, row.number)? {
            tx.resolve(row.kind, None, row.device, clock::now_ms())?;
        }
    }
    Ok(())
}

/// Whether this kit has added a device since it proved its key, by the clocks of both.
fn has_come_in(
    tx: &Transaction<'_>,
    identity: &Identity,
    kit: DeviceId,
    begun_ms: u64,
) -> Result<bool> {
    let links = tx.links(identity.account.into())?;
    let links = links
        .iter()
        .filter_map(|link| Signed::<Link>::parse(link).ok());
    let mut added = links.filter(|link| link.link_type() == LinkType::AddDevice);
    Ok(added.any(|link| link.signer() == kit && link.time_ms() >= begun_ms))
}
