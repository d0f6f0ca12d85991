//! What a reading thread answers.

use almanac_protocol::ids::{RelayEpoch, StreamHash};
use almanac_protocol::limits::{
    ENVELOPES_PER_MESSAGE_MAX, LINKS_PER_MESSAGE_MAX, MESSAGE_BYTES_MAX,
};
use almanac_protocol::message::{
    Ack, BoxGet, Boxes, Envelopes, LinkGet, Links, Message, Position, Pull, Stream, hash_start,
};
use almanac_protocol::session::relay::{
    Answer, Ask, Look, Packet, Page, Request, Resumption, Returned, Standing,
};
use minicbor::bytes::ByteVec;
use rusqlite::Connection;
use tokio::sync::mpsc;

use super::{
    Letter, Recipient, bare_welcome, guests, joins, packets, packs, recovery, told, welcome,
};
use crate::database::access::{self, Caller, Reach};
use crate::database::{DatabaseError, device, envelope, guest, key_box, link, stream};
use crate::inbox::Inbox;
use crate::reject::{Refusal, Reject};
use crate::tickets::Tickets;

/// Bytes of a page: a message without what frames its content.
const PAGE_BYTES_MAX: usize = MESSAGE_BYTES_MAX - 1024;

/// Answers one letter.
pub(super) fn serve(
    connection: &Connection,
    epoch: RelayEpoch,
    tickets: &Tickets,
    letter: Letter,
    broken: &mpsc::UnboundedSender<DatabaseError>,
) {
    let recipient = Recipient::of(&letter.ask);
    let entering = match (&letter.ask, &letter.caller) {
        (Ask::Enter { .. }, Some(caller)) => Some(*caller),
        _ => None,
    };
    let outcome = answer(connection, epoch, tickets, letter.caller, letter.ask)
        .map_err(|refusal| told(refusal, broken));
    letter.inbox.answer(recipient.answer(outcome));
    if let Some(caller) = entering {
        tell_of_recovery(connection, &caller, &letter.inbox, broken);
    }
}

/// Who comes in hears of a recovery kit that has proven its key meanwhile.
fn tell_of_recovery(
    connection: &Connection,
    caller: &Caller,
    inbox: &Inbox,
    broken: &mpsc::UnboundedSender<DatabaseError>,
) {
    let waits = || {
        if !access::is_active(connection, caller)? {
            return Ok(None);
        }
        recovery::begun(connection, &caller.account)
    };
    match waits() {
        Ok(Some((device, begun))) => inbox.recovering(device, begun),
        Ok(None) => {}
        Err(refusal) => {
            told(refusal, broken);
        }
    }
}

fn answer(
    connection: &Connection,
    epoch: RelayEpoch,
    tickets: &Tickets,
    caller: Option<Caller>,
    ask: Ask,
) -> Result<Answer, Refusal> {
    if let Ask::Identify { account, device } = ask {
        if guest::is_one(connection, &account)? {
            // It enters by VISIT; nobody learns from outside whose guest it is.
            return Ok(Answer::Identified(None));
        }
        let key = device::key(connection, &account, &device)?;
        return Ok(Answer::Identified(match key {
            Some(key) => Some(key),
            None => device::former_key(connection, &account, &device)?,
        }));
    }
    let caller = caller.ok_or(Reject::Forbidden)?;
    match ask {
        Ask::Enter { .. } => {
            if device::may_write(connection, &caller.account, &caller.device)? {
                return Ok(Answer::Entered(Ok(welcome(connection, epoch, &caller)?)));
            }
            // Who was revoked comes in to read that, and is shown nothing else. A recovery kit does not
            // come in here: it waits first.
            if device::left(connection, &caller.account, &caller.device)?.is_some() {
                return Ok(Answer::Entered(Ok(bare_welcome(epoch))));
            }
            Err(Reject::AuthFailed.into())
        }
        Ask::Subscribe(positions) => {
            let standings = positions
                .into_iter()
                .map(|position| Ok((position, subscribed(connection, &caller, &position)?)));
            Ok(Answer::Subscribed(
                standings.collect::<Result<_, Refusal>>()?,
            ))
        }
        Ask::Resume(resumption) => resume(connection, &caller, resumption),
        Ask::Read { stream, after } => read(connection, &caller, stream, after),
        Ask::Recheck => Ok(Answer::Rechecked {
            is_active: access::is_active(connection, &caller)?,
        }),
        Ask::Serve { ticket, request } => {
            let packets = match request {
                Request::Pull(request) => pull(connection, &caller, &request)?,
                Request::LinkGet(request, looks) => links(connection, &caller, &looks, &request)?,
                Request::BoxGet(request) => boxes(connection, &caller, &request)?,
                Request::PackGet(request) => packs::get(connection, tickets, &caller, &request)?,
                Request::InviteLook(request) => joins::look(connection, &request)?,
                Request::JoinGet(request) => joins::get(connection, &caller, &request)?,
                Request::VoucherGet(request) => guests::vouch(connection, &caller, &request)?,
                Request::Push(..)
                | Request::LinkPut(..)
                | Request::MissingGet(_)
                | Request::FactorPass(_)
                | Request::FactorSet(..)
                | Request::RecoveryApprove(_)
                | Request::BoxPut(_)
                | Request::PackPut(_)
                | Request::Confirm(_)
                | Request::Drop(_)
                | Request::Erase(_)
                | Request::Join(_) => {
                    return Err(Reject::Malformed.into());
                }
            };
            Ok(Answer::Served { ticket, packets })
        }
        Ask::Identify { .. } | Ask::Register(_) | Ask::Visit(_) | Ask::Recover(_) => {
            Err(Reject::Malformed.into())
        }
    }
}

fn subscribed(
    connection: &Connection,
    caller: &Caller,
    asked: &Position,
) -> Result<Standing, Refusal> {
    let is_same = |hash: &StreamHash| *hash == asked.hash;
    standing(connection, caller, asked.stream, asked.rseq, is_same)
}

/// What stands elsewhere than where a client that comes back says it stands.
fn resume(
    connection: &Connection,
    caller: &Caller,
    resumption: Resumption,
) -> Result<Answer, Refusal> {
    let Resumption {
        request,
        account,
        calendars,
    } = resumption;
    let returned = calendars.into_iter().map(|(stream, start)| {
        let is_same = |hash: &StreamHash| hash_start(hash.as_bytes()) == start.hash;
        let standing = standing(connection, caller, stream, start.rseq, is_same)?;
        let log = match standing {
            // Whoever may not read a calendar learns nothing of its log either.
            Standing::Refused => None,
            Standing::Follows(_) | Standing::Differs { .. } => start
                .log
                .unlike(link::head(connection, &stream.calendar.into())?),
        };
        Ok(Returned {
            stream,
            rseq: start.rseq,
            log,
            standing,
        })
    });
    Ok(Answer::Resumed {
        request,
        account: account.unlike(access::end_of_account(connection, caller)?),
        calendars: returned.collect::<Result<_, Refusal>>()?,
    })
}

fn standing(
    connection: &Connection,
    caller: &Caller,
    asked: Stream,
    rseq: u64,
    is_same: impl FnOnce(&StreamHash) -> bool,
) -> Result<Standing, Refusal> {
    match access::read_stream(connection, caller, asked) {
        Ok(()) => {}
        Err(Refusal::Reject(_)) => return Ok(Standing::Refused),
        Err(refusal) => return Err(refusal),
    }
    let row = stream::find(connection, asked)?;
    let head = row.map_or_else(|| stream::start(asked), |row| row.head);
    if rseq > head.rseq {
        return Ok(Standing::Differs { head, reason: 2 });
    }
    let stands = match row {
        Some(row) if rseq > 0 => envelope::hash_after(connection, row.id, rseq)?,
        _ => Some(StreamHash::from_bytes([0; 32])),
    };
    let dropped_to = row.map_or(0, |row| row.dropped_to);
    if !stands.as_ref().is_some_and(is_same) {
        Ok(Standing::Differs { head, reason: 1 })
    } else if rseq < dropped_to {
        Ok(Standing::Differs { head, reason: 3 })
    } else {
        Ok(Standing::Follows(head))
    }
}

fn read(
    connection: &Connection,
    caller: &Caller,
    stream: Stream,
    after: u64,
) -> Result<Answer, Refusal> {
    access::read_stream(connection, caller, stream)?;
    if let Some(row) = stream::find(connection, stream)?
        && after < row.dropped_to
    {
        return Ok(Answer::Dropped { head: row.head });
    }
    let page = page(
        connection,
        caller,
        stream,
        after.saturating_add(1),
        u64::MAX,
    )?;
    let page = page.map(|(last_rseq, message)| Page {
        last_rseq,
        packet: Packet::from(message),
    });
    Ok(Answer::Page {
        stream,
        page: Ok(page),
    })
}

fn pull(connection: &Connection, caller: &Caller, request: &Pull) -> Result<Vec<Packet>, Refusal> {
    let first = request.first_rseq.max(1);
    let page = page(connection, caller, request.stream, first, request.count)?;
    let ack = Message::from(Ack {
        request: request.request,
        rseqs: Vec::new(),
    });
    Ok(packets(
        page.map(|(_, message)| message).into_iter().chain([ack]),
    ))
}

/// One page of a stream from a number on, and the number of its last envelope.
fn page(
    connection: &Connection,
    caller: &Caller,
    stream: Stream,
    first_rseq: u64,
    count: u64,
) -> Result<Option<(u64, Message)>, Refusal> {
    access::read_stream(connection, caller, stream)?;
    let Some(row) = stream::find(connection, stream)? else {
        return Ok(None);
    };
    if first_rseq <= row.dropped_to {
        return Err(Reject::Unknown.into());
    }
    let count = usize::try_from(count)
        .unwrap_or(usize::MAX)
        .min(ENVELOPES_PER_MESSAGE_MAX);
    let found = envelope::page(connection, row.id, first_rseq, count, PAGE_BYTES_MAX)?;
    let Some(beyond_first) = found.len().checked_sub(1) else {
        return Ok(None);
    };
    let last_rseq = first_rseq.saturating_add(u64::try_from(beyond_first).unwrap_or(u64::MAX));
    let envelopes = found.into_iter().map(ByteVec::from).collect();
    Ok(Some((
        last_rseq,
        Envelopes {
            stream,
            first_rseq,
            envelopes,
        }
        .into(),
    )))
}

fn links(
    connection: &Connection,
    caller: &Caller,
    looks: &[Look],
    request: &LinkGet,
) -> Result<Vec<Packet>, Refusal> {
    let LinkGet {
        request,
        log,
        first_seq,
    } = *request;
    let reach = access::read_log(connection, caller, looks, &log)?;
    let head = link::head(connection, &log)?;
    let count = head.map_or(0, |head| head.seq.saturating_add(1));
    let count = match reach {
        Reach::Whole => count,
        Reach::UpTo(last_seq) => count.min(last_seq.saturating_add(1)),
    };
    let left = usize::try_from(count.saturating_sub(first_seq)).unwrap_or(usize::MAX);
    let count_max = left.min(LINKS_PER_MESSAGE_MAX);
    let found = link::page(connection, &log, first_seq, count_max, PAGE_BYTES_MAX)?;
    Ok(packets([Links {
        request,
        log,
        first_seq,
        links: found.into_iter().map(ByteVec::from).collect(),
        count,
    }
    .into()]))
}

fn boxes(
    connection: &Connection,
    caller: &Caller,
    request: &BoxGet,
) -> Result<Vec<Packet>, Refusal> {
    let BoxGet { request, log } = *request;
    let recipient = access::box_recipient(connection, caller, &log)?;
    let found = key_box::get(connection, &log, &recipient)?;
    let boxes = found.into_iter().map(ByteVec::from).collect();
    Ok(packets([Boxes {
        request,
        log,
        boxes,
    }
    .into()]))
}
