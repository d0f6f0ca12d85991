//! What one's own keys make of a message: the other half of the proof that nobody else reads it.

use almanac_crypto::envelope;
use almanac_protocol::envelope::{EnvelopeHeader, FrameWithChanges};
use almanac_protocol::frame::{Frame, FrameType, ListedChange};
use almanac_protocol::ids::{CalendarId, DocumentId};
use almanac_protocol::message::Message;
use almanac_protocol::signed::{Signed, Verified};
use almanac_store::{Purpose, TrafficRow, Transaction};
use serde::Serialize;
use ts_rs::TS;

use crate::accounts::devices;
use crate::client::Identity;
use crate::error::Result;
use crate::ledger::{LedgerMessage, message};
use crate::replica::{documents, keys, logs};

/// A message as it went, and what is inside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct LedgerContent {
    /// The message.
    #[serde(flatten)]
    pub message: LedgerMessage,
    /// Its bytes in hexadecimal digits: all that the other side got. Empty when they were not
    /// kept.
    pub bytes: String,
    /// The envelopes inside, opened where this device has the key.
    pub envelopes: Vec<OpenedEnvelope>,
}

/// An envelope: what its carrier can read of it, and what this device can.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct OpenedEnvelope {
    /// The calendar as the relay knows it: a random number.
    pub calendar: String,
    /// The device that sealed it as the relay knows it: a random number.
    pub device: String,
    /// The generation of the key.
    pub epoch: u32,
    /// Bytes, padded.
    #[ts(type = "number")]
    pub size: u64,
    /// The name of the calendar; none where this device does not know it.
    pub calendar_name: Option<String>,
    /// What is inside; none where this device has no key for it.
    pub frames: Option<Vec<OpenedFrame>>,
}

/// Something that was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct OpenedFrame {
    /// What it is, in a few words.
    pub what: &'static str,
    /// Name of the device that signed it; empty where it is not known.
    pub device: String,
    /// What was changed.
    pub changes: Vec<OpenedChange>,
}

/// A change of one event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct OpenedChange {
    /// What the event is called now; none where it is not here.
    pub title: Option<String>,
    /// Bytes of the change.
    #[ts(type = "number")]
    pub size: u64,
}

/// Opens what a message holds.
pub(super) fn open(
    tx: &Transaction<'_>,
    identity: &Identity,
    row: &TrafficRow,
) -> Result<LedgerContent> {
    let sealed = match Message::decode(&row.bytes) {
        Ok(Message::Push(push)) => push.envelopes,
        Ok(Message::Envelopes(page)) => page.envelopes,
        _ => Vec::new(),
    };
    let mut envelopes = Vec::new();
    for bytes in &sealed {
        envelopes.extend(envelope(tx, identity, bytes)?);
    }
    Ok(LedgerContent {
        message: message(row),
        bytes: row.bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        envelopes,
    })
}

fn envelope(
    tx: &Transaction<'_>,
    identity: &Identity,
    bytes: &[u8],
) -> Result<Option<OpenedEnvelope>> {
    let Ok((EnvelopeHeader { address, .. }, _)) = EnvelopeHeader::parse(bytes) else {
        return Ok(None);
    };
    let calendar = address.calendar;
    let known = tx.calendar(calendar)?;
    let frames = match &known {
        Some(_) => {
            let keys = keys::epoch_keys(tx, identity, calendar)?;
            envelope::open(&keys, address.stream(), bytes).ok()
        }
        None => None,
    };
    let opened = frames.map(|(_, frames)| {
        let frames = frames.iter();
        let opened = frames.map(|item| frame(tx, identity, calendar, item));
        opened.collect::<Result<Vec<_>>>()
    });
    let name = known.map(|row| match row.purpose {
        Purpose::Private => Ok("Settings".to_owned()),
        Purpose::Calendar => documents::facts(tx, calendar).map(|facts| facts.name),
    });
    Ok(Some(OpenedEnvelope {
        calendar: calendar.to_string(),
        device: address.device.to_string(),
        epoch: address.epoch,
        size: bytes.len() as u64,
        calendar_name: name.transpose()?,
        frames: opened.transpose()?,
    }))
}

fn frame(
    tx: &Transaction<'_>,
    identity: &Identity,
    calendar: CalendarId,
    item: &FrameWithChanges,
) -> Result<OpenedFrame> {
    let verified = verified(tx, identity, &item.frame)?;
    let body = verified.as_ref().map(Verified::body);
    let devices = devices::list(tx, identity)?;
    let author = body.and_then(|frame| devices.iter().find(|(id, _)| *id == frame.author));
    let listed = body
        .and_then(|frame| frame.changes().ok())
        .unwrap_or_default();
    let mut changes = Vec::new();
    for (ListedChange { document, .. }, bytes) in listed.iter().zip(&item.changes) {
        changes.push(OpenedChange {
            title: title(tx, calendar, *document)?,
            size: bytes.len() as u64,
        });
    }
    Ok(OpenedFrame {
        what: match body.map(|frame| frame.frame_type) {
            Some(FrameType::Changes) => "changes",
            Some(FrameType::Heads) => "what the device has seen",
            Some(FrameType::FreeBusy) => "busy times",
            Some(FrameType::Profile) => "a name",
            Some(FrameType::Attachment) => "a file",
            Some(FrameType::Unknown(_)) => "something of a later version",
            None => "something that no device known here has signed",
        },
        device: author
            .map(|(_, view)| view.name.clone())
            .unwrap_or_default(),
        changes,
    })
}

fn verified(
    tx: &Transaction<'_>,
    identity: &Identity,
    bytes: &[u8],
) -> Result<Option<Verified<Frame>>> {
    let log = logs::account(tx, identity)?;
    let Ok(frame) = Signed::<Frame>::parse(bytes) else {
        return Ok(None);
    };
    Ok(match log.device(&frame.signer()) {
        Some(device) => frame.verify(&device.bundle.sign_key).ok(),
        None => None,
    })
}

fn title(
    tx: &Transaction<'_>,
    calendar: CalendarId,
    document: DocumentId,
) -> Result<Option<String>> {
    if document.as_bytes().iter().all(|byte| *byte == 0) {
        return Ok(Some("(the calendar itself)".to_owned()));
    }
    let row = tx.event(calendar, document)?;
    let event = row.as_ref().map(documents::event_of).transpose()?;
    Ok(event.map(|event| event.title))
}
