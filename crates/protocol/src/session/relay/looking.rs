//! INVITE_LOOK: someone who is no member yet shows, for this very connection, that it holds an
//! invite. Whether that is open is asked of the database, now and with every link that is read.

use super::Session;
use super::caller::Proof;
use super::exchange::{Look, Request};
use crate::ids::{CalendarId, Signature, VerifyKey};
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
        self.proof.as_ref().is_some_and(|proof| {
            is_looked_at(proof, (&look.calendar, &look.invite), &look.signature)
        })
    }
}

/// Whether the key of an invite has signed for this very connection.
pub(super) fn is_looked_at(
    proof: &Proof,
    (calendar, invite): (&CalendarId, &VerifyKey),
    signature: &Signature,
) -> bool {
    look_body(
        &proof.origin,
        (&proof.client_nonce, &proof.relay_nonce),
        calendar,
        &proof.account,
        &proof.device,
    )
    .is_some_and(|body| verify(Purpose::InviteLook, invite, &body, signature).is_ok())
}
