//! Single questions to a relay, asked before there is a profile to keep the answers.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "events that are not awaited all go the same way"
)]

use almanac_protocol::ids::LogId;
use almanac_protocol::message::Reason;
use almanac_protocol::session::client::Event;

use crate::error::{Error, ErrorCode, Result};
use crate::sync::{Connection, end_of};

/// Waits until a request is durable.
pub(crate) async fn done(connection: &mut Connection, request: u64) -> Result<()> {
    loop {
        match connection.next_event().await? {
            Event::Acked { request: of, .. } if of == request => return Ok(()),
            Event::Nacked(nack) if nack.request == request => return Err(refused(nack.reason)),
            event => end_of(&event)?,
        }
    }
}

/// All links of a log.
pub(crate) async fn links(connection: &mut Connection, log: LogId) -> Result<Vec<Vec<u8>>> {
    let mut all: Vec<Vec<u8>> = Vec::new();
    let mut asked = connection.session.get_links(log, 0);
    loop {
        match connection.next_event().await? {
            Event::Links {
                request,
                links,
                count,
                ..
            } if request == asked => {
                let is_last = links.is_empty();
                all.extend(links);
                if is_last || all.len() as u64 >= count {
                    return Ok(all);
                }
                asked = connection.session.get_links(log, all.len() as u64);
            }
            Event::Nacked(nack) if nack.request == asked => return Err(refused(nack.reason)),
            event => end_of(&event)?,
        }
    }
}

/// The sealed keys of a log that are for this device or its account.
pub(crate) async fn boxes(connection: &mut Connection, log: LogId) -> Result<Vec<Vec<u8>>> {
    let asked = connection.session.get_boxes(log);
    loop {
        match connection.next_event().await? {
            Event::Boxes {
                request, records, ..
            } if request == asked => return Ok(records),
            Event::Nacked(nack) if nack.request == asked => return Err(refused(nack.reason)),
            event => end_of(&event)?,
        }
    }
}

/// Why no device was added.
pub(crate) fn refused(reason: Reason) -> Error {
    match reason {
        Reason::Conflict => Error::new(
            ErrorCode::RelayRefused,
            "Another device changed the account at the same moment. No device was added. Start \
             again on both devices.",
        ),
        Reason::Busy => Error::new(
            ErrorCode::RelayRefused,
            "What your account was newly locked with has not come to this device yet. No device was added. \
             Try again when another of your devices was connected.",
        ),
        reason => Error::new(
            ErrorCode::RelayRefused,
            format!("The relay refused ({reason:?}). No device was added."),
        ),
    }
}
