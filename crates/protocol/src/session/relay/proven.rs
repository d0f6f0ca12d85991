//! What a connection may ask once it is proven, and the little that a guest may.

use super::exchange::{Ask, Event, Request, Standing};
use super::{BUSY_RETRY_MS, Session};
use crate::envelope::{EnvelopeError, EnvelopeHeader};
use crate::limits::{
    ENVELOPES_PER_MESSAGE_MAX, MESSAGE_BYTES_MAX, PAIRING_PAYLOAD_BYTES_MAX,
    STREAMS_PER_MESSAGE_MAX,
};
use crate::message::{
    Head, Message, PairJoin, PairOpen, PairSend, Position, Push, RESET_DROPPED, Reason, Reset,
    Stream, Sub,
};

/// Streams that one connection may follow.
pub(super) const SUBSCRIPTIONS_MAX: usize = 4 * STREAMS_PER_MESSAGE_MAX;
/// Routing codes that one connection may open, and as many that it may try: nobody guesses.
const PAIRINGS_MAX: u32 = 8;
/// Steps of linking that one connection may send.
const PAIRING_STEPS_MAX: u32 = 64;
/// Advice to a client with too many batches in flight.
const BATCH_RETRY_MS: u64 = 50;

impl Session {
    pub(super) fn handle_proven(&mut self, message: Message, size: usize) {
        // Whoever does not come back at once does not need the list any more.
        self.welcomed = Vec::new();
        match message {
            Message::Sub(sub) => self.handle_sub(sub),
            Message::Unsub(unsub) => unsub.streams.into_iter().for_each(|s| self.unfollow(s)),
            Message::Push(push) => self.handle_push(push, size),
            Message::Pull(pull) => self.ask(Request::Pull(pull), MESSAGE_BYTES_MAX),
            Message::LinkGet(get) => {
                let looks = self.looks.clone();
                self.ask(Request::LinkGet(get, looks), MESSAGE_BYTES_MAX);
            }
            Message::InviteLook(look) => self.handle_look(look, size),
            Message::Join(join) => self.ask(Request::Join(join), size),
            Message::JoinGet(get) => self.ask(Request::JoinGet(get), MESSAGE_BYTES_MAX),
            Message::BoxGet(get) => self.ask(Request::BoxGet(get), MESSAGE_BYTES_MAX),
            Message::LinkPut(put) => self.ask(Request::LinkPut(put, self.passed), size),
            Message::MissingGet(get) => self.ask(Request::MissingGet(get), MESSAGE_BYTES_MAX),
            Message::FactorPass(pass) => self.ask(Request::FactorPass(pass), size),
            Message::FactorSet(set) => self.ask(Request::FactorSet(set, self.passed), size),
            Message::RecoveryApprove(approve) => {
                self.ask(Request::RecoveryApprove(approve), size);
            }
            Message::BoxPut(put) => self.ask(Request::BoxPut(put), size),
            Message::PackGet(get) => self.ask(Request::PackGet(get), MESSAGE_BYTES_MAX),
            Message::PackPut(put) => self.ask(Request::PackPut(put), size),
            Message::Confirm(confirm) => self.ask(Request::Confirm(confirm), size),
            Message::Drop(drop) => self.ask(Request::Drop(drop), size),
            Message::Erase(erase) => self.ask(Request::Erase(erase), size),
            Message::VoucherGet(get) => self.ask(Request::VoucherGet(get), MESSAGE_BYTES_MAX),
            Message::PairOpen(open) => self.handle_open(&open),
            Message::Hello(_)
            | Message::Challenge(_)
            | Message::Auth(_)
            | Message::Register(_)
            | Message::Welcome(_)
            | Message::Head(_)
            | Message::Envelopes(_)
            | Message::Ack(_)
            | Message::Nack(_)
            | Message::Reset(_)
            | Message::Links(_)
            | Message::Boxes(_)
            | Message::PairJoin(_)
            | Message::PairSend(_)
            | Message::Ping(_)
            | Message::Pong(_)
            | Message::Notice(_)
            | Message::Bye(_)
            | Message::LogGrew(_)
            | Message::Packs(_)
            | Message::Erased(_)
            | Message::Resume(_)
            | Message::Resumed(_)
            | Message::Joins(_)
            | Message::Recover(_)
            | Message::Recovery(_)
            | Message::RecoveryBegun(_)
            | Message::Missing(_)
            | Message::Visit(_)
            | Message::Vouched(_)
            | Message::Unknown { .. } => self.end(Reason::Malformed, 0),
        }
    }

    pub(super) fn handle_sub(&mut self, sub: Sub) {
        let is_too_much = self.following.len() + sub.streams.len() > SUBSCRIPTIONS_MAX;
        if sub.streams.len() > STREAMS_PER_MESSAGE_MAX || is_too_much {
            return self.end(Reason::TooLarge, 0);
        }
        for position in &sub.streams {
            self.following.expect(position.stream);
            self.emit(Event::Follow(position.stream));
        }
        self.emit(Event::Ask(Ask::Subscribe(sub.streams)));
    }

    pub(super) fn handle_subscribed(&mut self, standings: Vec<(Position, Standing)>) {
        let mut heads = Vec::with_capacity(standings.len());
        let mut resets = Vec::new();
        for (asked, standing) in standings {
            match standing {
                Standing::Follows(head) => {
                    heads.push(head);
                    self.following.begin(asked.stream, asked.rseq, head.rseq);
                }
                Standing::Differs { head, reason } => {
                    resets.push(Reset {
                        position: head,
                        reason,
                    });
                    self.unfollow(asked.stream);
                }
                Standing::Refused => self.unfollow(asked.stream),
            }
        }
        self.send(Head { streams: heads });
        resets.into_iter().for_each(|reset| self.send(reset));
    }

    /// What a follower was to read next is gone: it hears where it stands, as after SUB.
    pub(super) fn handle_dropped(&mut self, head: Position) {
        if self.following.is_overtaken(head.stream) {
            self.emit(Event::Unfollow(head.stream));
            self.send(Reset {
                position: head,
                reason: RESET_DROPPED,
            });
        }
    }

    pub(super) fn unfollow(&mut self, stream: Stream) {
        if self.following.end(stream) {
            self.emit(Event::Unfollow(stream));
        }
    }

    pub(super) fn handle_push(&mut self, push: Push, size: usize) {
        if push.envelopes.len() > ENVELOPES_PER_MESSAGE_MAX {
            return self.nack(push.request, Reason::TooLarge, 0);
        }
        let stream = match push
            .envelopes
            .first()
            .map(|first| EnvelopeHeader::parse(first))
        {
            Some(Ok((header, _))) => header.address.stream(),
            Some(Err(EnvelopeError::TooLarge(_))) => {
                return self.nack(push.request, Reason::TooLarge, 0);
            }
            Some(Err(_)) | None => return self.nack(push.request, Reason::Malformed, 0),
        };
        match self.requests.open_batch(stream, size) {
            Some(ticket) => {
                self.emit(Event::Ask(Ask::Serve {
                    ticket,
                    request: Request::Push(stream, push),
                }));
            }
            None => self.nack(push.request, Reason::Rate, BATCH_RETRY_MS),
        }
    }

    pub(super) fn handle_open(&mut self, open: &PairOpen) {
        self.opened += 1;
        if self.opened > PAIRINGS_MAX {
            return self.nack(open.request, Reason::Rate, 0);
        }
        self.emit(Event::PairOpen {
            request: open.request,
        });
    }

    pub(super) fn handle_join(&mut self, join: PairJoin) {
        self.joined += 1;
        if self.joined > PAIRINGS_MAX {
            return self.end(Reason::Rate, BUSY_RETRY_MS);
        }
        self.emit(Event::PairJoin {
            request: join.request,
            routing: join.routing,
        });
    }

    pub(super) fn handle_step(&mut self, step: PairSend) {
        self.steps += 1;
        if step.payload.len() > PAIRING_PAYLOAD_BYTES_MAX {
            return self.end(Reason::TooLarge, 0);
        }
        if self.steps > PAIRING_STEPS_MAX {
            return self.end(Reason::Rate, BUSY_RETRY_MS);
        }
        let payload = step.payload.into();
        self.emit(Event::PairSend {
            routing: step.routing,
            payload,
        });
    }

    pub(super) fn ask(&mut self, request: Request, cost_bytes: usize) {
        let ticket = self.requests.open(cost_bytes);
        self.emit(Event::Ask(Ask::Serve { ticket, request }));
    }
}
