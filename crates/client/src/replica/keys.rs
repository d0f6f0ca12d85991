//! The secrets of epochs and of the account, as they rest in the database: wrapped one by one.

use almanac_crypto::epoch::EpochKeys as Keys;
use almanac_crypto::puk::PukSeeds;
use almanac_crypto::seal::{EpochGrant, epoch_box_address, open_epoch_box};
use almanac_crypto::secret::{EpochSecret, PukSeed};
use almanac_protocol::ids::CalendarId;
use almanac_protocol::membership::{CalendarLog, RotationSection};
use almanac_store::Transaction;
use zeroize::Zeroizing;

use crate::client::Identity;
use crate::entropy::SystemEntropy;
use crate::error::{Error, Result};
use crate::replica::logs;

pub(crate) use almanac_crypto::epoch::EpochKeys;

/// Keeps the newest secret of a calendar; the log leads from it to all older ones.
pub(crate) fn put_epoch(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
    epoch: u32,
    secret: &EpochSecret,
) -> Result<()> {
    let mut bytes = Zeroizing::new(epoch.to_be_bytes().to_vec());
    bytes.extend_from_slice(secret.expose());
    let name = epoch_name(calendar);
    let sealed = identity.keep.wrap(&mut SystemEntropy, &name, &bytes);
    Ok(tx.put_secret(&name, &sealed)?)
}

/// The secrets of a calendar.
pub(crate) fn epoch_keys(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
) -> Result<Keys> {
    let log = logs::calendar(tx, identity, calendar)?;
    let (epoch, secret) = newest(tx, identity, calendar)?
        .ok_or_else(|| Error::internal("a calendar's key is missing"))?;
    Keys::open(&log, epoch, EpochGrant::Full(secret)).map_err(Error::internal)
}

/// Whether the log has an epoch whose secret is not here yet.
pub(crate) fn lacks_epoch(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
) -> Result<bool> {
    let log = logs::calendar(tx, identity, calendar)?;
    let held = newest(tx, identity, calendar)?.map_or(0, |(epoch, _)| epoch);
    Ok(held < log.epoch_now().section.epoch)
}

/// Takes the newest secret from the boxes the relay keeps; only one the log commits to is taken.
pub(crate) fn accept_boxes(
    tx: &Transaction<'_>,
    identity: &Identity,
    log: &CalendarLog,
    records: &[Vec<u8>],
) -> Result<bool> {
    let epoch = log.epoch_now().section.epoch;
    let Ok(address) = epoch_box_address(log, epoch, &identity.account) else {
        return Ok(false);
    };
    let seeds = puk_seeds(tx, identity)?;
    let Some(puk) = seeds.generation(address.puk_generation) else {
        return Ok(false);
    };
    for record in records {
        if let Ok(EpochGrant::Full(secret)) =
            open_epoch_box(log, epoch, &identity.account, puk, record)
        {
            put_epoch(tx, identity, log.id(), epoch, &secret)?;
            // Kept for a relay that loses it.
            tx.put_box(log.id().into(), record, true)?;
            return Ok(true);
        }
    }
    Ok(false)
}

/// Keeps the secret of an epoch that a link is about to begin: should this program end before it
/// hears whether the link was taken, nobody else could open that epoch. Several may be prepared at
/// once, by programs that do not know of each other.
pub(crate) fn prepare_epoch(
    tx: &Transaction<'_>,
    identity: &Identity,
    section: &RotationSection,
    secret: &EpochSecret,
) -> Result<()> {
    let name = prepared_name(section);
    let sealed = identity
        .keep
        .wrap(&mut SystemEntropy, &name, secret.expose());
    Ok(tx.put_secret(&name, &sealed)?)
}

/// Takes the secret that was prepared into use, if it is that of the epoch in force. Gives whether
/// it is.
pub(crate) fn adopt_prepared(
    tx: &Transaction<'_>,
    identity: &Identity,
    log: &CalendarLog,
) -> Result<bool> {
    let section = &log.epoch_now().section;
    let name = prepared_name(section);
    let Some(sealed) = tx.secret(&name)? else {
        return Ok(false);
    };
    let bytes = identity
        .keep
        .unwrap(&name, &sealed)
        .map_err(Error::internal)?;
    let secret: [u8; 32] = bytes.as_slice().try_into().map_err(Error::internal)?;
    let secret = EpochSecret::from_bytes(secret);
    if Keys::open(log, section.epoch, EpochGrant::Full(secret.clone())).is_err() {
        return Ok(false);
    }
    put_epoch(tx, identity, log.id(), section.epoch, &secret)?;
    tx.remove_secret(&name)?;
    Ok(true)
}

/// The secret of the epoch in force, if it is here.
pub(crate) fn secret_now(
    tx: &Transaction<'_>,
    identity: &Identity,
    log: &CalendarLog,
) -> Result<Option<EpochSecret>> {
    let held = newest(tx, identity, log.id())?;
    let is_now = |(epoch, _): &(u32, EpochSecret)| *epoch == log.epoch_now().section.epoch;
    Ok(held.filter(is_now).map(|(_, secret)| secret))
}

/// The seeds of the account's key, the newest and all before it.
pub(crate) fn puk_seeds(tx: &Transaction<'_>, identity: &Identity) -> Result<PukSeeds> {
    let account = logs::account(tx, identity)?;
    PukSeeds::open(&account, puk(tx, identity)?).map_err(Error::internal)
}

/// Keeps the seed of the account's key.
pub(crate) fn put_puk(tx: &Transaction<'_>, identity: &Identity, seed: &PukSeed) -> Result<()> {
    let sealed = identity
        .keep
        .wrap(&mut SystemEntropy, PUK_NAME, seed.expose());
    Ok(tx.put_secret(PUK_NAME, &sealed)?)
}

/// The seed of the account's key.
pub(crate) fn puk(tx: &Transaction<'_>, identity: &Identity) -> Result<PukSeed> {
    let sealed = tx
        .secret(PUK_NAME)?
        .ok_or_else(|| Error::internal("the account's key is missing"))?;
    let bytes = identity
        .keep
        .unwrap(PUK_NAME, &sealed)
        .map_err(Error::internal)?;
    let seed: [u8; 32] = bytes.as_slice().try_into().map_err(Error::internal)?;
    Ok(PukSeed::from_bytes(seed))
}

const PUK_NAME: &str = "account key";

/// Named by the commitment that is in the link.
fn prepared_name(section: &RotationSection) -> String {
    let digits: String = section
        .commit_main
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("epoch to come {digits}")
}

fn epoch_name(calendar: CalendarId) -> String {
    format!("epoch of {calendar}")
}

fn newest(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
) -> Result<Option<(u32, EpochSecret)>> {
    let name = epoch_name(calendar);
    let Some(sealed) = tx.secret(&name)? else {
        return Ok(None);
    };
    let bytes = identity
        .keep
        .unwrap(&name, &sealed)
        .map_err(Error::internal)?;
    let (epoch, secret) = bytes
        .split_first_chunk::<4>()
        .ok_or_else(|| Error::internal("a stored key"))?;
    let secret: [u8; 32] = secret.try_into().map_err(Error::internal)?;
    Ok(Some((
        u32::from_be_bytes(*epoch),
        EpochSecret::from_bytes(secret),
    )))
}
