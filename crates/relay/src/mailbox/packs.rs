//! Packs: named, taken, confirmed, and what may go because of them.
//!
//! Nothing is dropped on the word of the device that made a pack: another one has to confirm it
//! first, and then a month has to pass. Quota does not count here: packing makes room.

use almanac_protocol::ids::RelayEpoch;
use almanac_protocol::message::{
    Ack, Confirm, Drop, Message, Pack, PackGet, PackPut, Packs, Stream,
};
use almanac_protocol::pack::{ControlOrder, Order, PackAddress, blob_name};
use almanac_protocol::session::relay::Packet;
use almanac_protocol::signed::Signed;
use minicbor::bytes::ByteVec;
use rusqlite::Connection;

use super::packets;
use crate::database::access::{self, Caller};
use crate::database::stream::{self, StreamRow};
use crate::database::{calendar, device, envelope, pack, pack_chunk};
use crate::reject::{Refusal, Reject};
use crate::tickets::Tickets;

/// PACK_GET: the packs of a stream, and a ticket for their chunks.
pub(super) fn get(
    connection: &Connection,
    tickets: &Tickets,
    caller: &Caller,
    request: &PackGet,
) -> Result<Vec<Packet>, Refusal> {
    access::read_stream(connection, caller, request.stream)?;
    let ticket = ByteVec::from(tickets.issue(*caller, request.stream).to_vec());
    let mut answer = Packs {
        request: request.request,
        stream: request.stream,
        ticket,
        packs: Vec::new(),
        dropped_to: 0,
        tail_envelopes: 0,
        tail_bytes: 0,
    };
    if let Some(row) = stream::find(connection, request.stream)? {
        answer.packs = pack::list(connection, &row)?;
        answer.dropped_to = row.dropped_to;
        let covered = answer.packs.first().map_or(0, |pack| pack.rseq);
        (answer.tail_envelopes, answer.tail_bytes) = pack::weigh_tail(connection, &row, covered)?;
    }
    Ok(packets([answer.into()]))
}

/// PACK_PUT: a pack whose chunks are all here, made under the epoch in force by the device that
/// brings it, of a stretch of the stream that was as it says.
pub(super) fn put(
    connection: &Connection,
    epoch: RelayEpoch,
    caller: &Caller,
    request: &PackPut,
) -> Result<Vec<Packet>, Refusal> {
    let signed = pack_chunk::read_manifest(&request.manifest)?;
    let address = signed.address();
    access::write_stream(connection, caller, &address.position.stream.calendar)?;
    let key = device::key(connection, &caller.account, &caller.device)?.ok_or(Reject::Forbidden)?;
    if address.device != caller.device {
        return Err(Reject::Forbidden.into());
    }
    let manifest = signed.verify(&key).map_err(|_| Reject::Malformed)?;
    let row = stream::find(connection, address.position.stream)?.ok_or(Reject::Unknown)?;
    let name = blob_name(&request.manifest);
    if !pack::is_known(connection, &row, &name)? {
        check(connection, epoch, &row, &address)?;
        let calendar = address.position.stream.calendar;
        for chunk in &manifest.body().chunks {
            if !pack_chunk::is_whole(connection, &calendar, chunk)? {
                return Err(Reject::Unknown.into());
            }
        }
        let pack = Pack {
            name,
            rseq: address.position.rseq,
            device: address.device,
            confirmed_ms: 0,
            tail: Vec::new(),
        };
        pack::insert(connection, &row, &pack, &request.manifest)?;
    }
    done(request.request)
}

/// CONFIRM: by another device than the maker, or by the maker where it is the only one.
pub(super) fn confirm(
    connection: &Connection,
    epoch: RelayEpoch,
    caller: &Caller,
    request: &Confirm,
) -> Result<Vec<Packet>, Refusal> {
    let order = read_order(connection, epoch, caller, &request.order, Order::Confirm)?;
    let row = stream::find(connection, order.stream)?.ok_or(Reject::Unknown)?;
    let (maker, rseq) = pack::find(connection, &row, &order.pack)?.ok_or(Reject::Unknown)?;
    if maker == caller.device && !pack::is_alone(connection, &order.stream.calendar)? {
        return Err(Reject::Forbidden.into());
    }
    pack::confirm(connection, &row, &order.pack, rseq)?;
    // What only older packs needed may go once nobody can still be reading it.
    pack_chunk::forget_orphans(connection, &order.stream.calendar, CHUNK_REST_MS)?;
    done(request.request)
}

/// DROP: what a pack covers that was confirmed a month ago.
pub(super) fn drop(
    connection: &Connection,
    epoch: RelayEpoch,
    caller: &Caller,
    request: &Drop,
) -> Result<Vec<Packet>, Refusal> {
    let order = read_order(connection, epoch, caller, &request.order, Order::Drop)?;
    let row = stream::find(connection, order.stream)?.ok_or(Reject::Unknown)?;
    let (_, rseq) = pack::find(connection, &row, &order.pack)?.ok_or(Reject::Unknown)?;
    if pack::confirmed_to(connection, &row)? < rseq {
        return Err(Reject::Forbidden.into());
    }
    let to = pack::droppable_to(connection, &row)?.min(rseq);
    if to == 0 {
        return Err(Reject::Busy.into());
    }
    if to > row.dropped_to {
        pack::drop_to(connection, &row, to)?;
    }
    done(request.request)
}

/// How long chunks that no pack names any more stay for those who are reading them.
const CHUNK_REST_MS: i64 = 60 * 60 * 1000;

fn check(
    connection: &Connection,
    epoch: RelayEpoch,
    row: &StreamRow,
    address: &PackAddress,
) -> Result<(), Refusal> {
    let calendar = address.position.stream.calendar;
    let current = calendar::epoch(connection, &calendar)?.ok_or(Reject::Forbidden)?;
    match address.epoch.cmp(&current) {
        std::cmp::Ordering::Less => return Err(Reject::EpochOld.into()),
        std::cmp::Ordering::Greater => return Err(Reject::Unknown.into()),
        std::cmp::Ordering::Equal => {}
    }
    let stands = envelope::hash_after(connection, row.id, address.position.rseq)?;
    let is_here = address.relay_epoch == epoch && stands == Some(address.position.hash);
    let is_newer = address.position.rseq > pack::confirmed_to(connection, row)?;
    if is_here && is_newer {
        Ok(())
    } else {
        Err(Reject::Conflict {
            head: Some(*row.head.hash.as_bytes()),
            seq: Some(row.head.rseq),
        }
        .into())
    }
}

/// The order, if the caller signed it for this relay and may write to the calendar.
fn read_order(
    connection: &Connection,
    epoch: RelayEpoch,
    caller: &Caller,
    bytes: &[u8],
    expected: Order,
) -> Result<ControlOrder, Refusal> {
    let signed = Signed::<ControlOrder>::parse(bytes).map_err(|_| Reject::Malformed)?;
    if signed.signer() != caller.device {
        return Err(Reject::Forbidden.into());
    }
    let key = device::key(connection, &caller.account, &caller.device)?.ok_or(Reject::Forbidden)?;
    let order = signed.verify(&key).map_err(|_| Reject::Malformed)?;
    let order = order.into_body();
    if order.order != expected || order.relay_epoch != epoch {
        return Err(Reject::Malformed.into());
    }
    let Stream { calendar, .. } = order.stream;
    access::write_stream(connection, caller, &calendar)?;
    Ok(order)
}

fn done(request: u64) -> Result<Vec<Packet>, Refusal> {
    let rseqs = Vec::new();
    Ok(packets([Message::from(Ack { request, rseqs })]))
}
