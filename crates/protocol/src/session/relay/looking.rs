//! INVITE_LOOK: someone who is no member yet shows, for this very connection, that it holds an
//! invite. Whether that is open is asked of the database, now and with every link that is read.

use super::Session;
use super::exchange::{Look, Request};
use crate::join::look_body;
use crate::label::Purpose;
use crate::message::{InviteLook, Reason};
use crate::signed::verify;

/// Calendars that one connection may look at.
const LOOKS_MAX: usize = 8;

impl Session {
    pub(super) fn handle_look(&mut self, look: InviteLook, size: usize) {
        if !self.is_signed_by_invite(&look) {
            return self.nack(look.request, Reason::InviteInvalid, 0);
        }
        let seen = Look {
            calendar: look.calendar,
            invite: look.invite,
        };
        if !self.looks.contains(&seen) {
            if self.looks.len() == LOOKS_MAX {
                return self.nack(look.request, Reason::Rate, 0);
            }
            self.looks.push(seen);
        }
        self.ask(Request::InviteLook(look), size);
    }

    fn is_signed_by_invite(&self, look: &InviteLook) -> bool {
        let Some(proof) = &self.proof else {
            return false;
        };
        look_body(
            &proof.origin,
            (&proof.client_nonce, &proof.relay_nonce),
            &look.calendar,
            &proof.account,
            &proof.device,
        )
        .is_some_and(|body| {
            verify(Purpose::InviteLook, &look.invite, &body, &look.signature).is_ok()
        })
    }
}
