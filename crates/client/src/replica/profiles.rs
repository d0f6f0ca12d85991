//! How people are called in a calendar: the profiles that stand in its stream.

use std::collections::BTreeMap;

use almanac_protocol::frame::{Frame, FrameType};
use almanac_protocol::ids::{AccountId, CalendarId};
use almanac_protocol::profile::{Profile, verify_profile};
use almanac_store::{PersonRow, Transaction};

use crate::client::Identity;
use crate::error::{Error, Result};
use crate::replica::author;
use crate::replica::logs::{self, People};

/// Keeps the profile in a frame whose author may write. What is none is left alone: it is signed
/// and stored, and says nothing.
pub(crate) fn take(tx: &Transaction<'_>, people: &People, frame: &Frame) -> Result<()> {
    let calendar = frame.stream.calendar;
    let profile = frame
        .profile()
        .and_then(|profile| verify_profile(profile, &calendar, people));
    let Ok(profile) = profile else {
        return Ok(());
    };
    let body = profile.body();
    // No honest counter gets there, and the database could not hold it.
    if i64::try_from(body.counter).is_err() {
        return Ok(());
    }
    Ok(tx.put_person(&PersonRow {
        calendar,
        account: body.account,
        counter: body.counter,
        device: body.device,
        name: body.name.clone(),
        bytes: profile.bytes().to_vec(),
    })?)
}

/// Writes how this person wants to be called, unless the calendar says so already.
pub(crate) fn tell(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
    name: &str,
) -> Result<()> {
    let known = tx.people(calendar)?.into_iter();
    let own = known.clone().find(|row| row.account == identity.account);
    if own.as_ref().is_some_and(|row| row.name == name) {
        return Ok(());
    }
    let account = logs::account(tx, identity)?;
    let profile = Profile {
        calendar,
        account: identity.account,
        device: identity.device,
        view: account.view(),
        counter: own.map_or(1, |row| row.counter.saturating_add(1)),
        colour: [0; 3],
        name: name.to_owned(),
    };
    let signed = profile
        .sign(&identity.keys)
        .map_err(|_| Error::invalid("This name cannot be shown to others. Nothing was changed."))?;
    put(tx, identity, calendar, signed)
}

/// Puts a signed profile into a calendar, one's own or that of someone who may only read.
pub(crate) fn put(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
    signed: Vec<u8>,
) -> Result<()> {
    let frame = author::put_frame(tx, identity, calendar, FrameType::Profile, signed)?;
    let (_, people) = logs::judged(tx, identity, calendar)?;
    take(tx, &people, &frame)
}

/// What the people of a calendar are called.
pub(crate) fn names(
    tx: &Transaction<'_>,
    calendar: CalendarId,
) -> Result<BTreeMap<AccountId, String>> {
    let people = tx.people(calendar)?.into_iter();
    Ok(people.map(|row| (row.account, row.name)).collect())
}
