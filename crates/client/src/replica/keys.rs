//! The secrets of epochs and of the account, as they rest in the database: wrapped one by one.

use almanac_crypto::epoch::EpochKeys as Keys;
use almanac_crypto::puk::{PukSeeds, generation_of};
use almanac_crypto::seal::{EpochGrant, epoch_box_address, open_epoch_box, seal_epoch_box};
use almanac_crypto::secret::{EpochSecret, FreeBusySecret, PukSeed};
use almanac_protocol::ids::CalendarId;
use almanac_protocol::membership::{AccountLog, CalendarLog, PukSection, Role, RotationSection};
use almanac_store::{Setting, Transaction};
use zeroize::Zeroizing;

use crate::client::Identity;
use crate::clock;
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

/// Keeps what a box gave for an epoch: the newest secret, of one stream or of both.
fn put_grant(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
    epoch: u32,
    grant: &EpochGrant,
) -> Result<()> {
    let secret = match grant {
        EpochGrant::Full(secret) => return put_epoch(tx, identity, calendar, epoch, secret),
        EpochGrant::FreeBusy(secret) => secret,
    };
    let mut bytes = Zeroizing::new(epoch.to_be_bytes().to_vec());
    bytes.extend_from_slice(secret.expose());
    let name = busy_name(calendar);
    let sealed = identity.keep.wrap(&mut SystemEntropy, &name, &bytes);
    Ok(tx.put_secret(&name, &sealed)?)
}

/// The newest secret that was given for what this account sees of a calendar, and its epoch. Who sees busy
/// times alone may have been given more before.
fn grant(
    tx: &Transaction<'_>,
    identity: &Identity,
    log: &CalendarLog,
) -> Result<Option<(u32, EpochGrant)>> {
    let full = newest(tx, identity, log.id())?;
    let full = full.map(|(epoch, secret)| (epoch, EpochGrant::Full(secret)));
    let sees_no_more = log.role(&identity.account) == Some(Role::FreeBusy);
    if full.is_some() && !sees_no_more {
        return Ok(full);
    }
    let busy = stored(tx, identity, &busy_name(log.id()))?;
    let busy = busy.map(|(epoch, bytes)| {
        let secret = FreeBusySecret::from_bytes(bytes);
        (epoch, EpochGrant::FreeBusy(secret))
    });
    Ok(full.into_iter().chain(busy).max_by_key(|(epoch, _)| *epoch))
}

/// The newest epoch whose secret is here, as far as this account is to have it; 0 before the first.
fn held(tx: &Transaction<'_>, identity: &Identity, log: &CalendarLog) -> Result<u32> {
    let sees_no_more = log.role(&identity.account) == Some(Role::FreeBusy);
    let held = grant(tx, identity, log)?
        .filter(|(_, grant)| sees_no_more || matches!(grant, EpochGrant::Full(_)));
    Ok(held.map_or(0, |(epoch, _)| epoch))
}

/// The secrets of a calendar.
pub(crate) fn epoch_keys(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
) -> Result<Keys> {
    let log = logs::calendar(tx, identity, calendar)?;
    let (epoch, grant) =
        grant(tx, identity, &log)?.ok_or_else(|| Error::internal("a calendar's key is missing"))?;
    Keys::open(&log, epoch, grant).map_err(Error::internal)
}

/// The same, where the newest secret that was given is here.
pub(crate) fn epoch_keys_here(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
) -> Result<Option<Keys>> {
    let log = logs::calendar(tx, identity, calendar)?;
    if grant(tx, identity, &log)?.is_none() {
        return Ok(None);
    }
    epoch_keys(tx, identity, calendar).map(Some)
}

/// The newest secret of a calendar that is here, sealed for the account once more under the key of
/// that epoch: for whoever restores the account without a relay.
pub(crate) fn seal_newest(
    tx: &Transaction<'_>,
    identity: &Identity,
    log: &CalendarLog,
) -> Result<Option<Vec<u8>>> {
    let Some((epoch, secret)) = newest(tx, identity, log.id())? else {
        return Ok(None);
    };
    let Ok(address) = epoch_box_address(log, epoch, &identity.account) else {
        return Ok(None);
    };
    let account = logs::account(tx, identity)?;
    let Some(key) = account.puk_generation(address.puk_generation) else {
        return Ok(None);
    };
    let me = &identity.account;
    let sealed = seal_epoch_box(&mut SystemEntropy, log, epoch, me, &key.seal_key, &secret);
    sealed.map(Some).map_err(Error::internal)
}

/// Takes the newest secret that one of these records gives, of whichever epoch.
pub(crate) fn accept_restored(
    tx: &Transaction<'_>,
    identity: &Identity,
    log: &CalendarLog,
    records: &[Vec<u8>],
) -> Result<bool> {
    let seeds = puk_seeds(tx, identity)?;
    for epoch in (1..=log.epoch_now().section.epoch).rev() {
        let Ok(address) = epoch_box_address(log, epoch, &identity.account) else {
            continue;
        };
        let Some(puk) = seeds.generation(address.puk_generation) else {
            continue;
        };
        for record in records {
            if let Ok(grant) = open_epoch_box(log, epoch, &identity.account, puk, record) {
                put_grant(tx, identity, log.id(), epoch, &grant)?;
                tx.put_box(log.id().into(), record, false)?;
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Whether the log has an epoch whose secret is not here yet.
pub(crate) fn lacks_epoch(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
) -> Result<bool> {
    let log = logs::calendar(tx, identity, calendar)?;
    Ok(held(tx, identity, &log)? < log.epoch_now().section.epoch)
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
        if let Ok(grant) = open_epoch_box(log, epoch, &identity.account, puk, record) {
            put_grant(tx, identity, log.id(), epoch, &grant)?;
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

/// The newest secret of a calendar that is here, which may not be that of the epoch in force.
pub(crate) fn secret_held(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
) -> Result<Option<EpochSecret>> {
    Ok(newest(tx, identity, calendar)?.map(|(_, secret)| secret))
}

/// Notes whether the key of the newest epoch is here, and since when it is not.
pub(crate) fn note_epoch(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
) -> Result<()> {
    let since = tx.keyless_since(calendar)?;
    match (lacks_epoch(tx, identity, calendar)?, since) {
        (true, 0) => Ok(tx.set_keyless_since(calendar, clock::now_ms())?),
        (false, 1..) => Ok(tx.set_keyless_since(calendar, 0)?),
        (true, 1..) | (false, 0) => Ok(()),
    }
}

/// Whether the key of the newest epoch has been waited for in vain: whoever began it seems to have left
/// it to nobody.
pub(crate) fn is_epoch_given_up(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
    patience_ms: u64,
) -> Result<bool> {
    let since = tx.keyless_since(calendar)?;
    Ok(is_over(since, patience_ms) && lacks_epoch(tx, identity, calendar)?)
}

/// The seeds of the account's key that are here: the newest that has come and all before it.
pub(crate) fn puk_seeds(tx: &Transaction<'_>, identity: &Identity) -> Result<PukSeeds> {
    let account = logs::account(tx, identity)?;
    PukSeeds::held(&account, puk(tx, identity)?).map_err(Error::internal)
}

/// Whether the account's key in force has not come yet.
pub(crate) fn lacks_puk(tx: &Transaction<'_>, identity: &Identity) -> Result<bool> {
    let account = logs::account(tx, identity)?;
    let held = generation_of(&account, &puk(tx, identity)?).map_err(Error::internal)?;
    Ok(held < account.puk_now().generation)
}

/// Notes whether the account's key in force is here, and since when it is not.
pub(crate) fn note_puk(tx: &Transaction<'_>, identity: &Identity) -> Result<()> {
    let since = number(tx, Setting::KeylessSince)?;
    match (lacks_puk(tx, identity)?, since) {
        (true, 0) => put_number(tx, Setting::KeylessSince, clock::now_ms()),
        (false, 1..) => put_number(tx, Setting::KeylessSince, 0),
        (true, 1..) | (false, 0) => Ok(()),
    }
}

/// Whether the account's key in force has been waited for in vain.
pub(crate) fn is_puk_given_up(
    tx: &Transaction<'_>,
    identity: &Identity,
    patience_ms: u64,
) -> Result<bool> {
    let since = number(tx, Setting::KeylessSince)?;
    Ok(is_over(since, patience_ms) && lacks_puk(tx, identity)?)
}

/// Keeps the seed of a key that a link is about to bring, as [`prepare_epoch`] does.
pub(crate) fn prepare_puk(
    tx: &Transaction<'_>,
    identity: &Identity,
    section: &PukSection,
    seed: &PukSeed,
) -> Result<()> {
    let name = prepared_puk_name(&section.puk.commit);
    let sealed = identity.keep.wrap(&mut SystemEntropy, &name, seed.expose());
    Ok(tx.put_secret(&name, &sealed)?)
}

/// Takes the seed that was prepared into use, if it is that of the key in force. Gives whether it is.
pub(crate) fn adopt_puk(
    tx: &Transaction<'_>,
    identity: &Identity,
    log: &AccountLog,
) -> Result<bool> {
    let name = prepared_puk_name(&log.puk_now().commit);
    let Some(sealed) = tx.secret(&name)? else {
        return Ok(false);
    };
    let bytes = identity
        .keep
        .unwrap(&name, &sealed)
        .map_err(Error::internal)?;
    let seed: [u8; 32] = bytes.as_slice().try_into().map_err(Error::internal)?;
    let seed = PukSeed::from_bytes(seed);
    if PukSeeds::open(log, seed.clone()).is_err() {
        return Ok(false);
    }
    put_puk(tx, identity, &seed)?;
    tx.remove_secret(&name)?;
    Ok(true)
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

/// Name under which the seed of the account's key rests.
pub(crate) const PUK_NAME: &str = "account key";

/// Named by the commitment that is in the link.
fn prepared_name(section: &RotationSection) -> String {
    format!("epoch to come {}", digits(&section.commit_main))
}

/// The same of the account's key.
fn prepared_puk_name(commit: &[u8; 32]) -> String {
    format!("account key to come {}", digits(commit))
}

fn digits(bytes: &[u8; 32]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn is_over(since_ms: u64, patience_ms: u64) -> bool {
    since_ms > 0 && clock::now_ms().saturating_sub(since_ms) >= patience_ms
}

/// A number among the settings; 0 where there is none.
pub(crate) fn number(tx: &Transaction<'_>, setting: Setting) -> Result<u64> {
    let digits = tx.setting(setting)?.unwrap_or_default();
    Ok(String::from_utf8_lossy(&digits).parse().unwrap_or_default())
}

/// Notes a number among the settings.
pub(crate) fn put_number(tx: &Transaction<'_>, setting: Setting, number: u64) -> Result<()> {
    Ok(tx.set(setting, number.to_string().as_bytes())?)
}

fn epoch_name(calendar: CalendarId) -> String {
    format!("epoch of {calendar}")
}

/// The same of the free/busy stream, for who sees no more.
fn busy_name(calendar: CalendarId) -> String {
    format!("free/busy epoch of {calendar}")
}

fn newest(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
) -> Result<Option<(u32, EpochSecret)>> {
    let found = stored(tx, identity, &epoch_name(calendar))?;
    Ok(found.map(|(epoch, secret)| (epoch, EpochSecret::from_bytes(secret))))
}

/// The epoch and the secret that rest under a name.
fn stored(
    tx: &Transaction<'_>,
    identity: &Identity,
    name: &str,
) -> Result<Option<(u32, [u8; 32])>> {
    let Some(sealed) = tx.secret(name)? else {
        return Ok(None);
    };
    let bytes = identity
        .keep
        .unwrap(name, &sealed)
        .map_err(Error::internal)?;
    let (epoch, secret) = bytes
        .split_first_chunk::<4>()
        .ok_or_else(|| Error::internal("a stored key"))?;
    let secret = secret.try_into().map_err(Error::internal)?;
    Ok(Some((u32::from_be_bytes(*epoch), secret)))
}
