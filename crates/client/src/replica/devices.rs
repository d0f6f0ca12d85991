//! This account's own devices: what follows when one is added or revoked, and the key that is renewed
//! with it.
//!
//! ```text
//! REVOKE ─▶ new key of the account ─▶ a box for each device that remains ─▶ a new epoch wherever the
//!                                     former key could open the one in force
//! ```

use almanac_crypto::puk::{next_puk, next_puk_over_gap};
use almanac_crypto::seal::{open_puk_box, seal_puk_boxes};
use almanac_crypto::secret::PukSeed;
use almanac_protocol::ids::DeviceId;
use almanac_protocol::membership::{AccountLog, PukSection, Revoke, RevokeReason};
use almanac_store::Transaction;

use crate::accounts::recovery;
use crate::client::Identity;
use crate::clock;
use crate::entropy::SystemEntropy;
use crate::error::{Error, ErrorCode, Result};
use crate::replica::{keys, logs, membership, rights};

/// Whether this device is none of its account's any more.
pub(crate) fn is_revoked(tx: &Transaction<'_>, identity: &Identity) -> Result<bool> {
    let log = logs::account(tx, identity)?;
    Ok(log.revocation(&identity.device).is_some())
}

/// What a device hears that was revoked, from its own command line and screen.
pub(crate) fn revoked() -> Error {
    Error::new(
        ErrorCode::DeviceRevoked,
        "This device was revoked: it is no longer part of your account. What is here can still be read \
         and exported; it cannot be changed here any more, and nothing is sent or fetched. `almanac \
         activity` shows which device did it. If it was none of yours, look at your other devices \
         now. To use this computer again, link it as a new device with another profile.",
    )
}

/// What follows when the account's log has grown: a key that this device has made is taken into use
/// and sealed for those who remain, and what counts is asked again in every calendar.
pub(crate) fn follow(tx: &Transaction<'_>, identity: &Identity) -> Result<()> {
    let log = logs::account(tx, identity)?;
    if keys::adopt_puk(tx, identity, &log)? {
        let seed = keys::puk(tx, identity)?;
        let records = seal_puk_boxes(&mut SystemEntropy, &log, &seed).map_err(Error::internal)?;
        for record in records {
            tx.put_box(log.id().into(), &record, false)?;
        }
    }
    recovery::end_begun(tx, identity)?;
    if is_revoked(tx, identity)? {
        // What this device shows stays as it is, also what it has never sent: it is nowhere else.
        return Ok(());
    }
    for row in tx.calendars()? {
        membership::settle(tx, identity, row.id)?;
    }
    Ok(())
}

/// Takes the account's key from the boxes that the relay keeps; only one the log commits to is taken.
pub(crate) fn accept_boxes(
    tx: &Transaction<'_>,
    identity: &Identity,
    records: &[Vec<u8>],
) -> Result<bool> {
    let log = logs::account(tx, identity)?;
    let found = records
        .iter()
        .find_map(|record| Some((open_puk_box(&log, &identity.keys, record).ok()?, record)));
    let Some((seed, record)) = found else {
        return Ok(false);
    };
    keys::put_puk(tx, identity, &seed)?;
    // Kept for a relay that loses it.
    tx.put_box(log.id().into(), record, true)?;
    Ok(true)
}

/// A new key of the account for these devices. It is kept before a link says so: nobody else could
/// open it.
pub(crate) fn prepare_key(
    tx: &Transaction<'_>,
    identity: &Identity,
    log: &AccountLog,
    devices: Vec<DeviceId>,
) -> Result<PukSection> {
    let newest = keys::puk(tx, identity)?;
    let (seed, section) = if keys::lacks_puk(tx, identity)? {
        over_gap(log, &newest, devices)?
    } else {
        next_puk(&mut SystemEntropy, log, &newest, devices).map_err(Error::internal)?
    };
    keys::prepare_puk(tx, identity, &section, &seed)?;
    Ok(section)
}

/// Only where nobody has the key in force any more.
fn over_gap(
    log: &AccountLog,
    held: &PukSeed,
    devices: Vec<DeviceId>,
) -> Result<(PukSeed, PukSection)> {
    next_puk_over_gap(&mut SystemEntropy, log, held, devices).map_err(Error::internal)
}

/// The link that renews the account's key, where the one in force was made by a device that has left,
/// or where it has been waited for in vain.
pub(crate) fn renewal(
    tx: &Transaction<'_>,
    identity: &Identity,
    patience_ms: u64,
) -> Result<Option<Vec<u8>>> {
    let log = logs::account(tx, identity)?;
    if !log.is_puk_stale() && !keys::is_puk_given_up(tx, identity, patience_ms)? {
        return Ok(None);
    }
    let devices = log.in_force().map(|device| device.id).collect();
    let section = prepare_key(tx, identity, &log, devices)?;
    let link = log
        .rotate_puk(&identity.keys, &section, clock::now_ms())
        .map_err(Error::internal)?;
    Ok(Some(link))
}

/// What the link says that revokes a device: how far each of its lives counts as read here, and the
/// account's new key for all others.
pub(crate) fn revocation(
    tx: &Transaction<'_>,
    identity: &Identity,
    device: DeviceId,
    reason: RevokeReason,
) -> Result<Revoke> {
    let log = logs::account(tx, identity)?;
    let remain = log.in_force().map(|device| device.id);
    let remain = remain.filter(|id| *id != device).collect();
    Ok(Revoke {
        device,
        reason,
        cuts: rights::account_cuts_of(tx, identity, device)?,
        rotation: prepare_key(tx, identity, &log, remain)?,
    })
}
