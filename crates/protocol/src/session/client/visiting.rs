//! Entering as a guest at a relay that keeps a calendar of others, and the own relay's word for it.

use minicbor::bytes::ByteVec;

use super::{ClientSession, State};
use crate::ids::{CalendarId, Signature, VerifyKey};
use crate::message::{Visit, VoucherGet};

/// An invite that lets an account in which the relay does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Invited {
    /// The calendar.
    pub calendar: CalendarId,
    /// Public key of the invite.
    pub invite: VerifyKey,
    /// By that key over [`look_body`](crate::join::look_body) of this connection.
    pub signature: Signature,
}

impl ClientSession {
    /// Answers the challenge as a guest. The log and the voucher for its end are left out where the relay
    /// knows them.
    pub fn handle_visit(
        &mut self,
        log: Option<(Vec<Vec<u8>>, Vec<u8>)>,
        signature: Signature,
        invited: Option<Invited>,
    ) {
        if self.state != State::Challenged {
            return;
        }
        self.state = State::Proving;
        let (links, voucher) = log.unwrap_or_default();
        self.send(Visit {
            links: links.into_iter().map(ByteVec::from).collect(),
            voucher: ByteVec::from(voucher),
            signature,
            calendar: invited.map(|invited| invited.calendar),
            invite: invited.map(|invited| invited.invite),
            invite_signature: invited.map(|invited| invited.signature),
        });
    }

    /// Asks this account's own relay where the account's log ends.
    pub fn get_voucher(&mut self) -> u64 {
        let request = self.request();
        self.send(VoucherGet { request });
        request
    }
}
