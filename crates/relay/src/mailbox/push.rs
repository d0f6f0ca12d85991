//! PUSH: envelopes into a stream.

use almanac_protocol::envelope::{EnvelopeError, EnvelopeHeader};
use almanac_protocol::limits::{ENVELOPES_PER_MESSAGE_MAX, MESSAGE_BYTES_MAX};
use almanac_protocol::message::{Ack, Envelopes, Message, Push, Stream};
use almanac_protocol::relay_chain::{envelope_hash, next};
use almanac_protocol::session::relay::{Appended, Packet};
use minicbor::bytes::ByteVec;
use rusqlite::Connection;

use super::packets;
use super::writer::News;
use crate::database::access::{self, Caller};
use crate::database::envelope::Place;
use crate::database::stream::StreamRow;
use crate::database::{account, author, calendar, column, envelope, guest, stream};
use crate::reject::{Refusal, Reject};

/// Stores a batch, all of it or nothing. An envelope that stands already keeps its number, even
/// when its epoch is over by now: the sender only missed the first answer.
pub(super) fn push(
    connection: &Connection,
    caller: &Caller,
    name: Stream,
    Push { request, envelopes }: Push,
) -> Result<(Vec<Packet>, Option<News>), Refusal> {
    access::write_stream(connection, caller, &name.calendar)?;
    let epoch = calendar::epoch(connection, &name.calendar)?.ok_or(Reject::Forbidden)?;
    let mut row = stream::find_or_create(connection, name)?;
    let before = row.head.rseq;
    let (mut rseqs, mut fresh, mut fresh_bytes) = (Vec::new(), Vec::new(), 0_u64);
    for bytes in envelopes {
        let header = read_header(&bytes, name, caller)?;
        let author = author::find_or_create(connection, &header.device, &header.incarnation)?;
        let first_seq = column::integer(header.first_seq)?;
        let place = Place {
            author,
            kind: header.kind.number(),
            first_seq,
        };
        if let Some((rseq, known)) = envelope::at(connection, &row, place)? {
            if !is_same(connection, &row, rseq, &known, &bytes)? {
                return Err(Reject::Taken {
                    hash: envelope_hash(&known),
                    rseq,
                }
                .into());
            }
            rseqs.push(rseq);
            continue;
        }
        match header.epoch.cmp(&epoch) {
            std::cmp::Ordering::Less => return Err(Reject::EpochOld.into()),
            std::cmp::Ordering::Greater => return Err(Reject::Unknown.into()),
            std::cmp::Ordering::Equal => {}
        }
        row.head.rseq = row.head.rseq.saturating_add(1);
        row.head.hash = next(&row.head.hash, &bytes);
        envelope::insert(connection, &row, place, &bytes)?;
        rseqs.push(row.head.rseq);
        fresh_bytes = fresh_bytes.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        fresh.push(bytes);
    }
    let ack = Message::from(Ack { request, rseqs });
    if fresh.is_empty() {
        return Ok((packets([ack]), None));
    }
    stream::advance(connection, &row)?;
    // A guest stores nothing of its own here: it is counted with whose calendar it is.
    let payer = if guest::is_one(connection, &caller.account)? {
        calendar::owner(connection, &name.calendar)?.unwrap_or(caller.account)
    } else {
        caller.account
    };
    account::add_bytes(connection, &payer, fresh_bytes)?;
    let news = news(name, before.saturating_add(1), row.head.rseq, fresh);
    Ok((packets([ack]), Some(News::Appended(news))))
}

/// Whether these are the bytes that stand there. Of an envelope that was dropped the running hash
/// still tells.
fn is_same(
    connection: &Connection,
    row: &StreamRow,
    rseq: u64,
    known: &[u8],
    bytes: &[u8],
) -> Result<bool, Refusal> {
    if rseq > row.dropped_to {
        return Ok(known == bytes);
    }
    let before = match rseq.saturating_sub(1) {
        0 => Some(stream::start(row.head.stream).hash),
        before => envelope::hash_after(connection, row.id, before)?,
    };
    let after = envelope::hash_after(connection, row.id, rseq)?;
    Ok(before.map(|before| next(&before, bytes)) == after)
}

/// The header, if the envelope belongs into the stream and comes from the caller.
fn read_header(
    bytes: &[u8],
    stream: Stream,
    caller: &Caller,
) -> Result<almanac_protocol::envelope::EnvelopeAddress, Reject> {
    let address = match EnvelopeHeader::parse(bytes) {
        Ok((header, _)) => header.address,
        Err(EnvelopeError::TooLarge(_)) => return Err(Reject::TooLarge),
        Err(_) => return Err(Reject::Malformed),
    };
    if address.stream() != stream || address.first_seq == 0 {
        return Err(Reject::Malformed);
    }
    if address.device != caller.device {
        return Err(Reject::Forbidden);
    }
    Ok(address)
}

/// What followers are told: the message itself, encoded once for all, when it fits one.
fn news(stream: Stream, first_rseq: u64, last_rseq: u64, envelopes: Vec<ByteVec>) -> Appended {
    let is_one_page = envelopes.len() <= ENVELOPES_PER_MESSAGE_MAX;
    let message = Message::from(Envelopes {
        stream,
        first_rseq,
        envelopes,
    })
    .encode();
    let message = (is_one_page && message.len() <= MESSAGE_BYTES_MAX).then(|| message.into());
    Appended {
        stream,
        first_rseq,
        last_rseq,
        message,
    }
}
