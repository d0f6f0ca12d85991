//! ERASE: everything of an account goes, by the word of one of its devices, and the relay says so.

use almanac_protocol::erasure::{EraseOrder, EraseReceipt, order_hash};
use almanac_protocol::ids::RelayEpoch;
use almanac_protocol::message::{Erase, Erased};
use almanac_protocol::session::relay::Packet;
use almanac_protocol::signed::Signed;
use minicbor::bytes::ByteVec;
use rusqlite::Connection;

use super::packets;
use crate::clock;
use crate::database::access::Caller;
use crate::database::{device, erasure, identity};
use crate::reject::{Refusal, Reject};

pub(super) fn erase(
    connection: &Connection,
    epoch: RelayEpoch,
    caller: &Caller,
    request: &Erase,
) -> Result<Vec<Packet>, Refusal> {
    let signed = Signed::<EraseOrder>::parse(&request.order).map_err(|_| Reject::Malformed)?;
    let key = device::key(connection, &caller.account, &caller.device)?.ok_or(Reject::Forbidden)?;
    let order = signed.verify(&key).map_err(|_| Reject::Forbidden)?;
    let order = order.into_body();
    let is_theirs = order.account == caller.account && order.device == caller.device;
    if !is_theirs || order.relay_epoch != epoch {
        return Err(Reject::Forbidden.into());
    }
    let gone = erasure::erase(connection, &caller.account)?;
    let receipt = EraseReceipt {
        relay_epoch: epoch,
        account: caller.account,
        order: order_hash(&request.order),
        time_ms: u64::try_from(clock::now_ms()).unwrap_or_default(),
        calendars: gone.calendars,
        kept: gone.kept,
        envelopes: gone.envelopes,
        bytes: gone.bytes,
    };
    let signed = identity::sign_erased(connection, receipt.to_bytes())?;
    tracing::info!(
        calendars = gone.calendars,
        kept = gone.kept,
        envelopes = gone.envelopes,
        "account.erased"
    );
    Ok(packets([Erased {
        request: request.request,
        receipt: ByteVec::from(signed),
    }
    .into()]))
}
