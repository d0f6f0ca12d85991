//! The client's side of one connection, from HELLO to BYE.
//!
//! ```text
//! Greeting ──CHALLENGE──▶ Challenged ──prove/register──▶ Proving ──WELCOME──▶ Ready
//!     └── a device that is being linked stays in Challenged and may only pair
//! ```
//!
//! Invariant: envelopes leave in the order of their stream's numbers, without a gap and without a
//! repetition, whatever the relay sends; the position beside them is computed here, never believed.
//! Leaves alone: what envelopes mean, when to connect again, and every secret (the proof is asked
//! for as an event).

mod event;
mod recovery;
mod resuming;
mod sharing;
mod visiting;

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use minicbor::bytes::ByteVec;

pub use self::event::{Event, Output};
pub use self::resuming::Known;
pub use self::visiting::Invited;
use crate::ids::{AccountId, DeviceId, LinkHash, LogId, Signature};
use crate::limits::{
    BATCHES_IN_FLIGHT_MAX, PING_INTERVAL_MS, SILENCE_MS_MAX, STREAMS_PER_MESSAGE_MAX,
};
use crate::message::{
    Auth, BoxGet, BoxPut, Bye, Confirm, Drop, Envelopes, Erase, Hello, LinkGet, LinkPut, Message,
    MissingGet, PackGet, PackPut, PairJoin, PairOpen, PairSend, Ping, Pong, Position, Pull, Push,
    RESET_DROPPED, Reason, Register, Stream, Sub, Unsub,
};
use crate::relay_chain;

/// Version of the protocol that this program speaks.
pub const VERSION: u32 = 1;

/// Who calls, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Origin of the relay as the person gave it, `https://host[:port]`.
    pub origin: String,
    /// 32 random bytes.
    pub client_nonce: [u8; 32],
    /// Account and device; `None` while a device is being linked.
    pub identity: Option<(AccountId, DeviceId)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Greeting,
    Challenged,
    Proving,
    Ready,
    Over,
}

/// The state of one connection.
#[derive(Debug)]
pub struct ClientSession {
    state: State,
    outputs: VecDeque<Output>,
    positions: BTreeMap<Stream, Position>,
    in_flight: BTreeMap<u64, Stream>,
    /// Ranges that were asked for again: stream and first number.
    pulls: BTreeMap<u64, (Stream, u64)>,
    next_request: u64,
    heard: Instant,
    pinged: Instant,
}

impl ClientSession {
    /// A new connection: the first output is HELLO.
    #[must_use]
    pub fn new(now: Instant, caller: &Caller) -> Self {
        let mut session = Self {
            state: State::Greeting,
            outputs: VecDeque::new(),
            positions: BTreeMap::new(),
            in_flight: BTreeMap::new(),
            pulls: BTreeMap::new(),
            next_request: 1,
            heard: now,
            pinged: now,
        };
        session.send(Hello {
            version: VERSION,
            origin: caller.origin.clone(),
            client_nonce: ByteVec::from(caller.client_nonce.to_vec()),
            account: caller.identity.map(|(account, _)| account),
            device: caller.identity.map(|(_, device)| device),
        });
        session
    }

    /// What to do next; drained to [`Output::Wait`] before the next input.
    pub fn poll_output(&mut self) -> Output {
        self.outputs
            .pop_front()
            .unwrap_or_else(|| Output::Wait(self.deadline()))
    }

    /// Takes one message of the relay.
    pub fn handle_message(&mut self, now: Instant, bytes: &[u8]) {
        if self.state == State::Over {
            return;
        }
        self.heard = now;
        match Message::decode(bytes) {
            Ok(message) => self.handle_decoded(message),
            Err(_) => self.give_up(),
        }
    }

    /// Time has passed: asks for a sign of life, or gives a silent connection up.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.state == State::Over {
            return;
        }
        if now.duration_since(self.heard) >= Duration::from_millis(SILENCE_MS_MAX) {
            self.state = State::Over;
            self.emit(Event::Silent);
        } else if now.duration_since(self.last_sign()) >= Duration::from_millis(PING_INTERVAL_MS) {
            self.pinged = now;
            self.send(Ping { token: 0 });
        }
    }

    /// Answers the challenge with the device's signature.
    pub fn handle_proof(&mut self, signature: Signature) {
        if self.state == State::Challenged {
            self.state = State::Proving;
            self.send(Auth { signature });
        }
    }

    /// Answers the challenge by creating the account with an invite.
    pub fn handle_registration(&mut self, invite: &str, links: Vec<Vec<u8>>, signature: Signature) {
        if self.state == State::Challenged {
            self.state = State::Proving;
            let links = links.into_iter().map(ByteVec::from).collect();
            self.send(Register {
                invite: invite.to_owned(),
                links,
                signature,
            });
        }
    }

    /// Follows streams from the given positions; envelopes beyond them arrive as events.
    pub fn subscribe(&mut self, positions: &[Position]) {
        for position in positions {
            self.positions.insert(position.stream, *position);
        }
        for page in positions.chunks(STREAMS_PER_MESSAGE_MAX) {
            self.send(Sub {
                streams: page.to_vec(),
            });
        }
    }

    /// Follows streams no longer; what is on its way of them is dropped.
    pub fn unsubscribe(&mut self, streams: &[Stream]) {
        for stream in streams {
            self.positions.remove(stream);
        }
        for page in streams.chunks(STREAMS_PER_MESSAGE_MAX) {
            self.send(Unsub {
                streams: page.to_vec(),
            });
        }
    }

    /// Whether another batch of this stream may be sent now.
    #[must_use]
    pub fn may_push(&self, stream: Stream) -> bool {
        self.may_push_beside(stream, 0)
    }

    /// The same when `more` batches are about to be sent.
    #[must_use]
    pub fn may_push_beside(&self, stream: Stream, more: usize) -> bool {
        let waiting = self
            .in_flight
            .values()
            .filter(|sent| **sent == stream)
            .count();
        self.state == State::Ready && waiting + more < BATCHES_IN_FLIGHT_MAX
    }

    /// Sends a batch; its number comes back in [`Event::Acked`] or [`Event::Nacked`].
    pub fn push(&mut self, stream: Stream, envelopes: Vec<Vec<u8>>) -> u64 {
        let request = self.request();
        self.in_flight.insert(request, stream);
        let envelopes = envelopes.into_iter().map(ByteVec::from).collect();
        self.send(Push { request, envelopes });
        request
    }

    /// Asks for a range of a stream again, of which at most one page comes as [`Event::Pulled`] before
    /// the answer. What it says of our position in the stream: nothing.
    pub fn pull(&mut self, stream: Stream, first_rseq: u64, count: u64) -> u64 {
        let request = self.request();
        self.pulls.insert(request, (stream, first_rseq));
        self.send(Pull {
            request,
            stream,
            first_rseq,
            count,
        });
        request
    }

    /// Asks for the links of a log from a number on.
    pub fn get_links(&mut self, log: LogId, first_seq: u64) -> u64 {
        let request = self.request();
        self.send(LinkGet {
            request,
            log,
            first_seq,
        });
        request
    }

    /// Appends a link to a log whose head is `head`.
    pub fn put_link(&mut self, log: LogId, head: Option<LinkHash>, link: Vec<u8>) -> u64 {
        let request = self.request();
        self.send(LinkPut {
            request,
            log,
            head,
            link: ByteVec::from(link),
        });
        request
    }

    /// Asks for the sealed keys of a log that are for this device or its account.
    pub fn get_boxes(&mut self, log: LogId) -> u64 {
        let request = self.request();
        self.send(BoxGet { request, log });
        request
    }

    /// Asks for whom a box of the newest secret of a log is missing.
    pub fn get_missing(&mut self, log: LogId) -> u64 {
        let request = self.request();
        self.send(MissingGet { request, log });
        request
    }

    /// Leaves a sealed key beside a log.
    pub fn put_box(&mut self, log: LogId, record: Vec<u8>) -> u64 {
        let request = self.request();
        self.send(BoxPut {
            request,
            log,
            record: ByteVec::from(record),
        });
        request
    }

    /// Asks for the packs of a stream, and for a ticket for their chunks.
    pub fn get_packs(&mut self, stream: Stream) -> u64 {
        let request = self.request();
        self.send(PackGet { request, stream });
        request
    }

    /// Leaves a pack whose chunks are all at the relay.
    pub fn put_pack(&mut self, manifest: Vec<u8>) -> u64 {
        let request = self.request();
        self.send(PackPut {
            request,
            manifest: ByteVec::from(manifest),
        });
        request
    }

    /// Tells the relay that a pack is complete.
    pub fn confirm_pack(&mut self, order: Vec<u8>) -> u64 {
        let request = self.request();
        self.send(Confirm {
            request,
            order: ByteVec::from(order),
        });
        request
    }

    /// Tells the relay that it need not keep what a confirmed pack covers.
    pub fn drop_packed(&mut self, order: Vec<u8>) -> u64 {
        let request = self.request();
        self.send(Drop {
            request,
            order: ByteVec::from(order),
        });
        request
    }

    /// Has everything of this account erased.
    pub fn erase_account(&mut self, order: Vec<u8>) -> u64 {
        let request = self.request();
        self.send(Erase {
            request,
            order: ByteVec::from(order),
        });
        request
    }

    /// Asks for a routing code under which a new device can reach this one.
    pub fn open_pairing(&mut self) -> u64 {
        let request = self.request();
        self.send(PairOpen {
            request,
            routing: String::new(),
        });
        request
    }

    /// Reaches the device that waits under a routing code.
    pub fn join_pairing(&mut self, routing: &str) -> u64 {
        let request = self.request();
        self.send(PairJoin {
            request,
            routing: routing.to_owned(),
        });
        request
    }

    /// Hands a step of linking to the other device.
    pub fn send_pairing(&mut self, routing: &str, payload: Vec<u8>) {
        self.send(PairSend {
            routing: routing.to_owned(),
            payload: ByteVec::from(payload),
        });
    }

    /// Says goodbye; nothing is sent or taken afterwards.
    pub fn leave(&mut self) {
        if self.state != State::Over {
            self.send(Bye {
                reason: Reason::Leaving,
                retry_after_ms: 0,
            });
            self.state = State::Over;
        }
    }

    fn handle_decoded(&mut self, message: Message) {
        match (self.state, message) {
            (State::Greeting, Message::Challenge(challenge)) => {
                match <[u8; 32]>::try_from(challenge.relay_nonce.as_slice()) {
                    Ok(relay_nonce) => {
                        self.state = State::Challenged;
                        self.emit(Event::Challenged {
                            relay_nonce,
                            relay_key: challenge.relay_key,
                            known: challenge.known,
                        });
                    }
                    Err(_) => self.give_up(),
                }
            }
            (State::Proving, Message::Welcome(welcome)) => {
                self.state = State::Ready;
                self.emit(Event::Welcomed(welcome));
            }
            (_, Message::Nack(nack)) => {
                self.in_flight.remove(&nack.request);
                self.pulls.remove(&nack.request);
                self.emit(Event::Nacked(nack));
            }
            (_, Message::Bye(bye)) => {
                self.state = State::Over;
                self.emit(Event::Closing {
                    reason: bye.reason,
                    retry_after_ms: bye.retry_after_ms,
                });
            }
            (_, Message::Ping(ping)) => self.send(Pong { token: ping.token }),
            (_, Message::Pong(_) | Message::Unknown { .. }) => {}
            (_, Message::Notice(notice)) => self.emit(Event::Notice(notice)),
            (State::Proving, Message::Recovery(recovery)) => self.handle_recovery(&recovery),
            (State::Challenged | State::Ready, message) => self.handle_pairing_or_data(message),
            (State::Greeting | State::Proving | State::Over, _) => self.give_up(),
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the rest is data, or out of turn"
    )]
    fn handle_pairing_or_data(&mut self, message: Message) {
        match message {
            Message::PairOpen(open) => self.emit(Event::PairingOpened {
                routing: open.routing,
            }),
            Message::PairJoin(_) => self.emit(Event::PairingJoined),
            Message::PairSend(sent) => {
                self.emit(Event::PairingStep {
                    payload: sent.payload.to_vec(),
                });
            }
            message if self.state == State::Ready => self.handle_data(message),
            _ => self.give_up(),
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "what only a client sends is one case"
    )]
    fn handle_data(&mut self, message: Message) {
        match message {
            Message::Head(head) => self.emit(Event::Heads(head.streams)),
            Message::Envelopes(page) => self.handle_envelopes(page),
            Message::Ack(ack) => {
                self.in_flight.remove(&ack.request);
                self.pulls.remove(&ack.request);
                self.emit(Event::Acked {
                    request: ack.request,
                    rseqs: ack.rseqs,
                });
            }
            Message::Reset(reset) => {
                self.positions.remove(&reset.position.stream);
                self.emit(match reset.reason {
                    RESET_DROPPED => Event::Dropped(reset.position),
                    _ => Event::Reset(reset.position),
                });
            }
            Message::Links(links) => self.emit(Event::Links {
                request: links.request,
                log: links.log,
                first_seq: links.first_seq,
                links: links.links.into_iter().map(Vec::from).collect(),
                count: links.count,
            }),
            Message::Boxes(boxes) => self.emit(Event::Boxes {
                request: boxes.request,
                log: boxes.log,
                records: boxes.boxes.into_iter().map(Vec::from).collect(),
            }),
            Message::Packs(packs) => self.emit(Event::Packs(packs)),
            Message::Resumed(resumed) => self.handle_resumed(resumed),
            Message::Joins(joins) => self.handle_joins(joins),
            Message::Erased(erased) => self.emit(Event::Erased {
                request: erased.request,
                receipt: erased.receipt.to_vec(),
            }),
            Message::Missing(missing) => self.emit(Event::Missing(missing)),
            Message::Vouched(vouched) => self.emit(Event::Vouched {
                request: vouched.request,
                voucher: vouched.voucher.to_vec(),
            }),
            Message::RecoveryBegun(begun) => self.emit(Event::RecoveryBegun(begun)),
            Message::LogGrew(grew) => self.emit(Event::LogGrew {
                log: grew.log,
                count: grew.count,
            }),
            _ => self.give_up(),
        }
    }

    /// Hands on what follows the known position; asks again where something is missing.
    fn handle_envelopes(&mut self, page: Envelopes) {
        let asked = (page.stream, page.first_rseq);
        let pulled = self.pulls.iter().find(|(_, pull)| **pull == asked);
        if let Some(request) = pulled.map(|(request, _)| *request) {
            self.pulls.remove(&request);
            let envelopes = page.envelopes.into_iter().map(Vec::from).collect();
            return self.emit(Event::Pulled {
                stream: page.stream,
                envelopes,
            });
        }
        let Some(position) = self.positions.get_mut(&page.stream) else {
            return;
        };
        if page.first_rseq > position.rseq + 1 {
            let position = *position;
            self.send(Sub {
                streams: vec![position],
            });
            return;
        }
        let known = usize::try_from(position.rseq + 1 - page.first_rseq).unwrap_or(usize::MAX);
        let fresh: Vec<Vec<u8>> = page
            .envelopes
            .into_iter()
            .skip(known)
            .map(Vec::from)
            .collect();
        if fresh.is_empty() {
            return;
        }
        for envelope in &fresh {
            position.rseq += 1;
            position.hash = relay_chain::next(&position.hash, envelope);
        }
        let end = *position;
        self.emit(Event::Envelopes {
            envelopes: fresh,
            end,
        });
    }

    fn give_up(&mut self) {
        self.state = State::Over;
        self.emit(Event::Malformed);
    }

    fn request(&mut self) -> u64 {
        let request = self.next_request;
        self.next_request += 1;
        request
    }

    fn send(&mut self, message: impl Into<Message>) {
        if self.state != State::Over {
            self.outputs
                .push_back(Output::Send(message.into().encode()));
        }
    }

    fn emit(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }

    fn last_sign(&self) -> Instant {
        self.heard.max(self.pinged)
    }

    fn deadline(&self) -> Option<Instant> {
        if self.state == State::Over {
            return None;
        }
        let ping = self.last_sign() + Duration::from_millis(PING_INTERVAL_MS);
        Some(ping.min(self.heard + Duration::from_millis(SILENCE_MS_MAX)))
    }
}

#[cfg(test)]
mod tests;
