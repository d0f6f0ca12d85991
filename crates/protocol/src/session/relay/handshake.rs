//! From HELLO to WELCOME: who calls, and the proof that it is so.

use std::time::{Duration, Instant};

use minicbor::bytes::ByteVec;

use super::caller::{Caller, Proof};
use super::exchange::{Ask, Event, Look, Registration, Visitor};
use super::looking::is_looked_at;
use super::{Session, State, VERSION};
use crate::ids::{AccountId, Signature, VerifyKey};
use crate::limits::PAIRING_WAIT_MS_MAX;
use crate::message::{Challenge, Hello, Reason, Register, Visit, Welcome};

impl Session {
    pub(super) fn handle_hello(&mut self, now: Instant, hello: Hello) {
        if hello.version < VERSION {
            return self.end(Reason::Version, 0);
        }
        let Some(caller) = Caller::from_hello(hello) else {
            return self.end(Reason::Malformed, 0);
        };
        match caller.identity {
            Some((account, device)) => {
                self.state = State::Identifying(caller, account, device);
                self.emit(Event::Ask(Ask::Identify { account, device }));
            }
            None if self.terms.origins.accept(&caller.origin) => {
                self.guest = Some(caller);
                self.state = State::Guest;
                self.deadline = Some(now + Duration::from_millis(PAIRING_WAIT_MS_MAX));
                self.challenge(false);
            }
            None => self.refuse(Reason::AuthFailed),
        }
    }

    pub(super) fn handle_identified(&mut self, key: Option<VerifyKey>) {
        if let State::Identifying(caller, account, device) = &self.state {
            let proof = Proof {
                origin: caller.origin.clone(),
                client_nonce: caller.client_nonce,
                relay_nonce: self.relay_nonce,
                account: *account,
                device: *device,
            };
            self.state = State::Challenged(proof, key);
            self.challenge(key.is_some());
        }
    }

    pub(super) fn handle_auth(&mut self, signature: &Signature) {
        let State::Challenged(proof, key) = &self.state else {
            return;
        };
        let is_proven = key.is_some_and(|key| proof.is_signed_by(&key, signature));
        if is_proven && self.terms.origins.accept(&proof.origin) {
            let (account, device) = (proof.account, proof.device);
            self.proof = Some(proof.clone());
            self.enter(account, Ask::Enter { account, device });
        } else {
            self.refuse(Reason::AuthFailed);
        }
    }

    pub(super) fn handle_register(&mut self, register: Register) {
        let State::Challenged(proof, _) = &self.state else {
            return;
        };
        if !self.terms.origins.accept(&proof.origin) {
            return self.refuse(Reason::AuthFailed);
        }
        let Register {
            invite,
            links,
            signature,
        } = register;
        let (account, proof) = (proof.account, proof.clone());
        self.proof = Some(proof.clone());
        let registration = Registration {
            proof,
            invite,
            links,
            signature,
        };
        self.enter(account, Ask::Register(Box::new(registration)));
    }

    /// A guest: whether it may enter is all in the database. An invite counts only where its key has
    /// signed for this very connection.
    pub(super) fn handle_visit(&mut self, visit: Visit) {
        let State::Challenged(proof, _) = &self.state else {
            return;
        };
        let (account, proof) = (proof.account, proof.clone());
        if !self.terms.origins.accept(&proof.origin) {
            return self.refuse(Reason::AuthFailed);
        }
        let look = match (visit.calendar, visit.invite, visit.invite_signature) {
            (Some(calendar), Some(invite), Some(signature)) => {
                if !is_looked_at(&proof, (&calendar, &invite), &signature) {
                    return self.refuse(Reason::InviteInvalid);
                }
                Some(Look { calendar, invite })
            }
            _ => None,
        };
        self.proof = Some(proof.clone());
        let visitor = Visitor {
            proof,
            links: visit.links,
            voucher: visit.voucher,
            signature: visit.signature,
            look,
        };
        self.enter(account, Ask::Visit(Box::new(visitor)));
    }

    fn enter(&mut self, account: AccountId, ask: Ask) {
        self.state = State::Entering(account);
        // Before the question, so that no change of a log falls between the answer and the news.
        self.emit(Event::Listen(account));
        self.emit(Event::Ask(ask));
    }

    pub(super) fn handle_entered(&mut self, now: Instant, welcome: Welcome) {
        if let State::Entering(account) = self.state {
            self.state = State::Proven(account);
            self.deadline = None;
            self.heard = now;
            self.welcomed.clone_from(&welcome.calendars);
            self.send(welcome);
        }
    }

    fn challenge(&mut self, known: bool) {
        self.send(Challenge {
            version: VERSION,
            relay_nonce: ByteVec::from(self.relay_nonce.to_vec()),
            relay_key: self.terms.relay_key,
            known,
        });
    }

    /// Ends the handshake.
    pub(super) fn refuse(&mut self, reason: Reason) {
        self.nack(0, reason, 0);
        self.end(reason, 0);
    }
}
