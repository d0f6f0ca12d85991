//! Looking at a calendar one is invited to, asking to be admitted, and hearing who asks.

use minicbor::bytes::ByteVec;

use super::{ClientSession, Event};
use crate::ids::{CalendarId, Signature, VerifyKey};
use crate::message::{InviteLook, Join, JoinGet, Joins};

impl ClientSession {
    /// Shows that this device holds an invite; from the answer on, links of that calendar and of
    /// its members' accounts are given.
    pub fn look(&mut self, calendar: CalendarId, invite: VerifyKey, signature: Signature) -> u64 {
        let request = self.request();
        self.send(InviteLook {
            request,
            calendar,
            invite,
            signature,
        });
        request
    }

    /// Asks to be admitted.
    pub fn join(&mut self, acceptance: Vec<u8>) -> u64 {
        let request = self.request();
        self.send(Join {
            request,
            acceptance: ByteVec::from(acceptance),
        });
        request
    }

    /// Asks who asks to be admitted to a calendar.
    pub fn get_joins(&mut self, calendar: CalendarId) -> u64 {
        let request = self.request();
        self.send(JoinGet { request, calendar });
        request
    }

    pub(super) fn handle_joins(&mut self, joins: Joins) {
        self.emit(Event::Joins {
            request: joins.request,
            calendar: joins.calendar,
            acceptances: joins.acceptances.into_iter().map(Vec::from).collect(),
        });
    }
}
