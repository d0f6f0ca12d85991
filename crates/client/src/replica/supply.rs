//! Secrets that somebody should have been given and was not: sealed once more by who holds them.
//!
//! A calendar's owners look after its members, the devices of an account after each other and after the
//! recovery kit. Each new secret is asked for once, so calendars that rest stay silent.

use almanac_crypto::seal::{seal_epoch_box, seal_puk_box};
use almanac_protocol::ids::{AccountId, CalendarId, DeviceId, LogId};
use almanac_protocol::membership::{Accounts as _, Role};
use almanac_protocol::message::Missing;
use almanac_store::{Setting, Transaction};

use crate::client::Identity;
use crate::entropy::SystemEntropy;
use crate::error::Result;
use crate::replica::keys::{self, number, put_number};
use crate::replica::logs;

/// Whether it is to be asked who lacks the newest secret of a log.
pub(crate) fn is_due(tx: &Transaction<'_>, identity: &Identity, log: LogId) -> Result<bool> {
    if log == LogId::from(identity.account) {
        let account = logs::account(tx, identity)?;
        let known = number(tx, Setting::SuppliedGeneration)?;
        let is_alone = account.in_force().count() == 1;
        return Ok(!is_alone
            && known < u64::from(account.puk_now().generation)
            && !keys::lacks_puk(tx, identity)?);
    }
    let id = CalendarId::from_bytes(*log.as_bytes());
    let log = logs::calendar(tx, identity, id)?;
    let epoch = log.epoch_now();
    Ok(log.role(&identity.account) == Some(Role::Owner)
        && epoch.addressees().len() > 1
        && tx.supplied_epoch(id)? < epoch.section.epoch
        && !keys::lacks_epoch(tx, identity, id)?)
}

/// The boxes for those whom the relay names, as far as the log here names them, too.
pub(crate) fn seal_for(
    tx: &Transaction<'_>,
    identity: &Identity,
    log: LogId,
    missing: &Missing,
) -> Result<Vec<Vec<u8>>> {
    let mut records = Vec::new();
    if log == LogId::from(identity.account) {
        let account = logs::account(tx, identity)?;
        let seed = keys::puk(tx, identity)?;
        if missing.generation != account.puk_now().generation {
            return Ok(records);
        }
        let devices = missing.recipients.iter();
        for device in devices.filter_map(|id| DeviceId::from_slice(id)) {
            records.extend(seal_puk_box(&mut SystemEntropy, &account, &device, &seed).ok());
        }
        return Ok(records);
    }
    let id = CalendarId::from_bytes(*log.as_bytes());
    let (log, people) = logs::judged(tx, identity, id)?;
    let epoch = log.epoch_now();
    let Some(secret) = keys::secret_now(tx, identity, &log)? else {
        return Ok(records);
    };
    if missing.generation != epoch.section.epoch {
        return Ok(records);
    }
    let accounts = missing.recipients.iter();
    for account in accounts.filter_map(|id| AccountId::from_slice(id)) {
        let to = epoch
            .addressee(&account)
            .filter(|_| log.role(&account).is_some());
        let key = people.account(&account).zip(to);
        let key = key.and_then(|(log, to)| log.puk_generation(to.puk_generation));
        let Some(key) = key else { continue };
        let rng = &mut SystemEntropy;
        let number = epoch.section.epoch;
        let sealed = seal_epoch_box(rng, &log, number, &account, &key.seal_key, &secret);
        records.extend(sealed.ok());
    }
    Ok(records)
}

/// Notes that a secret has been looked after.
pub(crate) fn note(
    tx: &Transaction<'_>,
    identity: &Identity,
    log: LogId,
    generation: u32,
) -> Result<()> {
    if log == LogId::from(identity.account) {
        put_number(tx, Setting::SuppliedGeneration, generation.into())
    } else {
        let id = CalendarId::from_bytes(*log.as_bytes());
        Ok(tx.set_supplied_epoch(id, generation)?)
    }
}
