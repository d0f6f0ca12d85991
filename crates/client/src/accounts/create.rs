//! A new account on a new device, with nobody asked: keys, a private calendar, one calendar.

use std::path::Path;

use almanac_crypto::keep::Keep;
use almanac_crypto::keys::DeviceKeys;
use almanac_crypto::puk::new_account;
use almanac_protocol::ids::{AccountId, CalendarId};
use almanac_protocol::membership::AccountLog;
use almanac_store::{Purpose, Setting, Transaction};

use crate::accounts::calendar;
use crate::client::{Client, Identity};
use crate::clock;
use crate::entropy::{self, SystemEntropy};
use crate::error::{Error, Result};
use crate::failed_unlocks;
use crate::profile::{self, PendingSlot, Profile, Unlock};
use crate::replica::logs::Verified;
use crate::replica::{documents, keys};

/// Name of the first calendar.
const FIRST_CALENDAR: &str = "Personal";
/// Name under which the device's keys rest in the database.
const DEVICE_KEYS: &str = "device keys";

impl Client {
    /// Makes a profile in `folder`: a device of a new account, with one calendar.
    ///
    /// Needs no relay and no network. A folder that holds a profile already is left alone.
    pub fn create_profile(folder: &Path, name: &str, unlock: &Unlock) -> Result<Self> {
        check_name(name)?;
        let fresh = profile::create(folder, unlock)?;
        let keys = DeviceKeys::generate(&mut SystemEntropy);
        let (seed, genesis) = new_account(&mut SystemEntropy, &keys, clock::now_ms());
        let account = AccountLog::begin(&genesis).map_err(Error::internal)?.id();
        let (client, slot) = enter(fresh, keys, account, |tx, identity| {
            tx.put_link(account.into(), 0, &genesis, false)?;
            keys::put_puk(tx, identity, &seed)?;
            calendar::create(tx, identity, Purpose::Private)
        })?;
        client.tell_device_name(name)?;
        client.add_first_calendar(FIRST_CALENDAR)?;
        slot.commit()?;
        Ok(client)
    }

    /// Opens the profile in `folder`.
    pub fn open(folder: &Path, unlock: &Unlock) -> Result<Self> {
        let Profile {
            mut store,
            keep,
            mooring,
            ..
        } = profile::open(folder, unlock)?;
        let identity = store.read(|tx| read_identity(tx, keep))?;
        if failed_unlocks::wait(folder) {
            store.write(|tx| failed_unlocks::take_in(folder, tx))?;
            failed_unlocks::forget(folder);
        }
        if let Some(mooring) = &mooring {
            store.write(|tx| mooring.check(tx, &identity))?;
        }
        if !store.read(documents::is_cache_current)? {
            store.write(documents::rebuild)?;
        }
        Ok(Self::new(identity, store, mooring))
    }
}

fn read_identity(tx: &Transaction<'_>, keep: Keep) -> Result<Identity> {
    let missing = || Error::internal("the profile is not complete");
    let sealed = tx.secret(DEVICE_KEYS)?.ok_or_else(missing)?;
    let bytes = keep.unwrap(DEVICE_KEYS, &sealed).map_err(Error::internal)?;
    let bytes: &[u8; 64] = bytes.as_slice().try_into().map_err(Error::internal)?;
    let keys = DeviceKeys::from_secret_bytes(bytes);
    let account = tx.setting(Setting::Account)?.ok_or_else(missing)?;
    let private = tx.setting(Setting::PrivateCalendar)?.ok_or_else(missing)?;
    Ok(Identity {
        account: AccountId::from_slice(&account).ok_or_else(missing)?,
        device: keys.device_id(),
        private: CalendarId::from_slice(&private).ok_or_else(missing)?,
        keys,
        keep,
        verified: Verified::default(),
    })
}

/// Writes who this device is into a new profile. `begin` stores the account's first records and
/// gives its private calendar. The profile counts as made once the slot is committed.
pub(crate) fn enter(
    mut fresh: Profile,
    keys: DeviceKeys,
    account: AccountId,
    begin: impl FnOnce(&Transaction<'_>, &Identity) -> Result<CalendarId>,
) -> Result<(Client, PendingSlot)> {
    let unknown = CalendarId::from_bytes([0; 32]);
    let device = keys.device_id();
    let mut identity = Identity {
        account,
        device,
        private: unknown,
        keys,
        keep: fresh.keep,
        verified: Verified::default(),
    };
    let private = fresh.store.write(|tx| {
        documents::rebuild(tx)?;
        tx.set(Setting::Account, account.as_bytes())?;
        tx.set(Setting::Incarnation, &entropy::bytes::<8>())?;
        let secret = identity.keys.secret_bytes();
        let sealed = identity
            .keep
            .wrap(&mut SystemEntropy, DEVICE_KEYS, &secret[..]);
        tx.put_secret(DEVICE_KEYS, &sealed)?;
        let private = begin(tx, &identity)?;
        tx.set(Setting::PrivateCalendar, private.as_bytes())?;
        Ok::<_, Error>(private)
    })?;
    identity.private = private;
    let client = Client::new(identity, fresh.store, fresh.mooring);
    Ok((client, fresh.slot))
}

/// A name that can be shown.
pub(crate) fn check_name(name: &str) -> Result<()> {
    if name.trim().is_empty() || name.chars().any(char::is_control) || name.len() > 100 {
        return Err(Error::invalid(
            "A device needs a name of at most 100 characters, such as \"Ada's laptop\". Nothing \
             was changed.",
        ));
    }
    Ok(())
}
