//! The privacy ledger: every connection this program made, when, to whom, why and how large, with
//! the messages as they went over it, and what one's own keys make of them.

mod meaning;
mod opened;
pub(crate) mod recorder;

use almanac_store::{RequestRow, TrafficRow};
use jiff::Timestamp;
use serde::Serialize;
use ts_rs::TS;

use crate::client::Client;
use crate::contacts::ContactReason;
use crate::error::{Error, Result};

pub use opened::{LedgerContent, OpenedChange, OpenedEnvelope, OpenedFrame};

/// One connection to another computer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct LedgerEntry {
    /// Its number.
    #[ts(type = "number")]
    pub id: i64,
    /// When it began, RFC 3339 in UTC.
    pub time: String,
    /// When it ended; none while it goes on, or when the program was ended meanwhile.
    pub ended: Option<String>,
    /// Scheme, name and port, as it was called.
    pub host: String,
    /// Why, in a word of the list of contacts.
    pub reason: String,
    /// Why, in a sentence.
    pub why: &'static str,
    /// Bytes of messages that were sent.
    #[ts(type = "number")]
    pub sent: u64,
    /// Bytes of messages that came.
    #[ts(type = "number")]
    pub received: u64,
}

/// One message of a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct LedgerMessage {
    /// Its number.
    #[ts(type = "number")]
    pub id: i64,
    /// When it went, RFC 3339 in UTC.
    pub time: String,
    /// Whether it went from here, or came.
    pub sent: bool,
    /// What it is, as the protocol names it.
    pub kind: &'static str,
    /// What that means, in a few words.
    pub meaning: &'static str,
    /// Bytes.
    #[ts(type = "number")]
    pub size: u64,
    /// Whether it can be looked into: old and very large ones are only counted.
    pub kept: bool,
}

impl Client {
    /// The newest connections, the newest first.
    pub fn ledger(&self, count: usize) -> Result<Vec<LedgerEntry>> {
        let rows = self.read(|tx| Ok(tx.requests(count)?))?;
        Ok(rows.into_iter().map(entry).collect())
    }

    /// The messages of a connection in the order they went.
    pub fn ledger_messages(&self, request: i64) -> Result<Vec<LedgerMessage>> {
        self.read(|tx| {
            tx.request(request)?.ok_or_else(|| {
                Error::not_found(format!(
                    "The ledger has no connection {request}: it keeps ninety days. `almanac \
                     ledger` lists what there is."
                ))
            })?;
            Ok(tx.traffic(request)?.iter().map(message).collect())
        })
    }

    /// A message as it went over the connection, and what this device's keys make of it.
    pub fn ledger_message(&self, message: i64) -> Result<LedgerContent> {
        let identity = self.identity();
        self.read(|tx| {
            let row = tx.traffic_message(message)?.ok_or_else(|| {
                Error::not_found(format!(
                    "The ledger has no message {message}. `almanac ledger show CONNECTION` lists \
                     those of a connection."
                ))
            })?;
            opened::open(tx, identity, &row)
        })
    }
}

fn entry(row: RequestRow) -> LedgerEntry {
    let why = ContactReason::from_word(&row.reason).map_or("", |reason| reason.contact().why);
    LedgerEntry {
        id: row.id,
        time: instant(row.time_ms),
        ended: row.ended_ms.map(instant),
        host: row.host,
        reason: row.reason,
        why,
        sent: row.sent,
        received: row.received,
    }
}

fn message(row: &TrafficRow) -> LedgerMessage {
    LedgerMessage {
        id: row.id,
        time: instant(row.time_ms),
        sent: row.is_sent,
        kind: meaning::name(row.kind),
        meaning: meaning::meaning(row.kind),
        size: row.size,
        kept: !row.bytes.is_empty(),
    }
}

fn instant(ms: u64) -> String {
    let ms = i64::try_from(ms).unwrap_or(i64::MAX);
    let at = Timestamp::from_millisecond(ms).unwrap_or_default();
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}
