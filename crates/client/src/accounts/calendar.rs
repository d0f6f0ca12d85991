//! A calendar's beginning: its keys, its log and the box that gives its key to the account.

use almanac_crypto::epoch::first_epoch;
use almanac_crypto::seal::seal_epoch_box;
use almanac_protocol::ids::CalendarId;
use almanac_protocol::membership::{CalendarGenesis, CalendarLog, CalendarPurpose, Member, Role};
use almanac_store::{Purpose, Transaction};

use crate::client::Identity;
use crate::clock;
use crate::entropy::{self, SystemEntropy};
use crate::error::{Error, Result};
use crate::replica::{keys, logs};

/// Creates a calendar of this account. It has no name yet: that stands in its own document.
pub(crate) fn create(
    tx: &Transaction<'_>,
    identity: &Identity,
    purpose: Purpose,
) -> Result<CalendarId> {
    let account = logs::account(tx, identity)?;
    let salt = entropy::bytes();
    let owner = Member {
        account: identity.account,
        puk_generation: account.puk_now().generation,
        role: Role::Owner,
    };
    let (secret, rotation) = first_epoch(&mut SystemEntropy, &salt, owner);
    let genesis = CalendarGenesis {
        salt,
        purpose: stated(purpose),
        rotation,
    };
    let link = genesis
        .build(&identity.keys, &account, clock::now_ms())
        .map_err(Error::internal)?;
    let log = CalendarLog::begin(&link, &*account).map_err(Error::internal)?;
    let record = seal_epoch_box(
        &mut SystemEntropy,
        &log,
        1,
        &identity.account,
        &account.puk_now().seal_key,
        &secret,
    )
    .map_err(Error::internal)?;
    tx.add_calendar(log.id(), purpose)?;
    tx.put_link(log.id().into(), 0, &link, false)?;
    tx.put_box(log.id().into(), &record, false)?;
    keys::put_epoch(tx, identity, log.id(), 1, &secret)?;
    Ok(log.id())
}

const fn stated(purpose: Purpose) -> CalendarPurpose {
    match purpose {
        Purpose::Calendar => CalendarPurpose::Calendar,
        Purpose::Private => CalendarPurpose::Private,
    }
}

pub(crate) const fn read_purpose(purpose: CalendarPurpose) -> Purpose {
    match purpose {
        CalendarPurpose::Calendar => Purpose::Calendar,
        CalendarPurpose::Private => Purpose::Private,
    }
}
