//! The relay's side of one connection, from HELLO to BYE.
//!
//! ```text
//! Fresh ─HELLO─▶ Identifying ─▶ Challenged ─AUTH─────▶ Entering ─WELCOME─▶ Proven
//!   │                                 └─REGISTER or VISIT─▶ ┘
//!   └─HELLO without account─▶ Guest: PAIR_JOIN and PAIR_SEND, nothing else
//!                               └─RECOVER─▶ Recovering ─RECOVERY─▶ Kit
//! ```
//!
//! Invariants: nothing of an account leaves before its device has proven its key for this very
//! connection; every failure of that proof looks the same; what waits for a client that reads
//! slowly is bounded, and the rest is read from disk as its socket drains.
//! Leaves alone: what a log allows (the database answers that), sockets, and routing codes.
//!
//! PULL is answered by at most one page of ENVELOPES and then by an ACK without numbers; a longer
//! range is asked for in pieces. A stream that SUB names and HEAD does not cannot be read here.

mod caller;
mod exchange;
mod following;
mod handshake;
mod looking;
mod proven;
mod recovering;
mod requests;
mod resuming;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use minicbor::bytes::ByteVec;

use self::caller::Caller;
pub use self::caller::{Origins, Proof};
pub use self::exchange::{
    Answer, Appended, Ask, Event, KitEntry, KitProof, LogGrown, Look, Output, Packet, Page,
    PairingNotice, Registration, Request, Resumption, Returned, Standing, Visitor,
};
use self::following::Following;
use self::requests::Requests;
use crate::ids::{AccountId, CalendarId, DeviceId, LogId, VerifyKey};
use crate::limits::{MESSAGE_BYTES_MAX, PING_INTERVAL_MS, SILENCE_MS_MAX};
use crate::message::{
    Bye, LogGrew, Message, Nack, PairJoin, PairOpen, PairSend, Ping, Pong, Reason,
};

/// Version of the protocol that is spoken here.
pub const VERSION: u32 = 1;

/// Time from the first byte to the proof: a stranger holds a connection no longer.
const HANDSHAKE_MS_MAX: u64 = 15_000;
/// Bytes handed over and not yet written beyond which nothing more is read from disk or passed on.
const WAITING_BYTES_MAX: usize = 256 * 1024;
/// Advice to a client that is refused for load.
const BUSY_RETRY_MS: u64 = 5_000;

/// What all connections of a relay have in common.
#[derive(Debug, Clone)]
pub struct Terms {
    /// Addresses that the relay answers to.
    pub origins: Origins,
    /// The relay's own key, under which it signs notices.
    pub relay_key: VerifyKey,
}

#[derive(Debug)]
enum State {
    Fresh,
    Identifying(Caller, AccountId, DeviceId),
    Challenged(Proof, Option<VerifyKey>),
    Entering(AccountId),
    Guest,
    Recovering(u64, DeviceId),
    Kit(AccountId),
    Proven(AccountId),
    Over,
}

/// The state of one connection.
#[derive(Debug)]
pub struct Session {
    terms: Arc<Terms>,
    relay_nonce: [u8; 32],
    state: State,
    outputs: VecDeque<Output>,
    following: Following,
    requests: Requests,
    /// What WELCOME named: RESUME means calendars by their place in it.
    welcomed: Vec<CalendarId>,
    /// What the device has proven itself by; what an invite signs for is this connection too.
    proof: Option<Proof>,
    looks: Vec<Look>,
    /// Who calls without an account, until it says that it is a kit.
    guest: Option<Caller>,
    /// Which second factor of the account this connection has passed.
    passed: Option<u64>,
    grown: BTreeMap<LogId, u64>,
    is_rechecking: bool,
    must_recheck: bool,
    must_leave: bool,
    waiting_bytes: usize,
    opened: u32,
    joined: u32,
    steps: u32,
    heard: Instant,
    pinged: Instant,
    drained: Instant,
    deadline: Option<Instant>,
}

impl Session {
    /// A connection that has just been accepted; the nonce is 32 random bytes.
    #[must_use]
    pub fn new(now: Instant, terms: Arc<Terms>, relay_nonce: [u8; 32]) -> Self {
        Self {
            terms,
            relay_nonce,
            state: State::Fresh,
            outputs: VecDeque::new(),
            following: Following::default(),
            requests: Requests::default(),
            welcomed: Vec::new(),
            proof: None,
            looks: Vec::new(),
            guest: None,
            passed: None,
            grown: BTreeMap::new(),
            is_rechecking: false,
            must_recheck: false,
            must_leave: false,
            waiting_bytes: 0,
            opened: 0,
            joined: 0,
            steps: 0,
            heard: now,
            pinged: now,
            drained: now,
            deadline: Some(now + Duration::from_millis(HANDSHAKE_MS_MAX)),
        }
    }

    /// What to do next; drained to [`Output::Wait`] before the next `handle_*`.
    pub fn poll_output(&mut self) -> Output {
        self.outputs
            .pop_front()
            .unwrap_or_else(|| Output::Wait(self.wake()))
    }

    /// Whether the next message may be read from the socket: no while an answer decides what may
    /// follow, or while the client has asked for more than it takes.
    #[must_use]
    pub fn is_ready_to_read(&self) -> bool {
        let is_decided = match self.state {
            State::Identifying(..) | State::Entering(_) | State::Recovering(..) => false,
            State::Fresh
            | State::Challenged(..)
            | State::Guest
            | State::Kit(_)
            | State::Proven(_)
            | State::Over => true,
        };
        is_decided
            && !self.must_leave
            && self.requests.have_room()
            && self.waiting_bytes < MESSAGE_BYTES_MAX
    }

    /// Takes one message of the client.
    pub fn handle_message(&mut self, now: Instant, bytes: &[u8]) {
        if self.is_over() {
            return;
        }
        self.note(now);
        self.heard = now;
        match Message::decode(bytes) {
            Ok(message) => self.handle_decoded(now, message, bytes.len()),
            Err(_) => self.end(Reason::Malformed, 0),
        }
        self.serve();
    }

    /// Takes an answer of the database.
    pub fn handle_answer(&mut self, now: Instant, answer: Answer) {
        if self.is_over() {
            return;
        }
        self.note(now);
        match answer {
            Answer::Identified(key) => self.handle_identified(key),
            Answer::Entered(Ok(welcome)) => self.handle_entered(now, welcome),
            Answer::Entered(Err(reason)) => self.refuse(reason),
            Answer::Recovering(entry) => self.handle_recovering(entry),
            Answer::Factor {
                ticket,
                passed,
                packets,
            } => {
                self.passed = passed.or(self.passed);
                self.handle_served(ticket, packets);
            }
            Answer::Subscribed(standings) => self.handle_subscribed(standings),
            Answer::Resumed {
                request,
                account,
                calendars,
            } => self.handle_resumed(request, account, calendars),
            Answer::Page {
                stream,
                page: Ok(page),
            } => {
                if let Some(packet) = self.following.take_page(stream, page) {
                    self.send_packet(packet);
                }
            }
            Answer::Page {
                stream,
                page: Err(Reason::Forbidden | Reason::Unknown),
            } => {
                if self.following.refuse_page(stream) {
                    self.emit(Event::Unfollow(stream));
                }
            }
            Answer::Dropped { head } => self.handle_dropped(head),
            Answer::Rechecked { is_active: true } => self.is_rechecking = false,
            Answer::Rechecked { is_active: false } => {
                self.must_leave = true;
                self.leave_if_answered();
            }
            Answer::Served { ticket, packets } => self.handle_served(ticket, packets),
            Answer::Page {
                page: Err(reason), ..
            }
            | Answer::Failed(reason) => {
                self.end(reason, BUSY_RETRY_MS);
            }
        }
        self.serve();
    }

    fn handle_served(&mut self, ticket: u64, packets: Vec<Packet>) {
        if self.requests.close(ticket) {
            packets
                .into_iter()
                .for_each(|packet| self.send_packet(packet));
        }
        self.leave_if_answered();
    }

    /// Whoever counts no more is sent away once it has heard what became of its requests: the last of
    /// them may be the link that says so.
    fn leave_if_answered(&mut self) {
        if self.must_leave && self.requests.is_empty() {
            self.end(Reason::Forbidden, 0);
        }
    }

    /// Takes the news that a followed stream has grown.
    pub fn handle_appended(&mut self, now: Instant, appended: &Appended) {
        self.note(now);
        if matches!(self.state, State::Proven(_)) {
            let has_room = self.waiting_bytes < WAITING_BYTES_MAX;
            if let Some(packet) = self.following.pass_on(appended, has_room) {
                self.send_packet(packet);
            }
            self.serve();
        }
    }

    /// Takes the news that a log has grown which concerns the account.
    pub fn handle_log_grown(&mut self, now: Instant, grown: LogGrown) {
        self.note(now);
        let account = match self.state {
            State::Proven(account) | State::Entering(account) => account,
            // Nothing but its account's log is a kit's business.
            State::Kit(account) if grown.log == LogId::from(account) => account,
            State::Kit(_)
            | State::Fresh
            | State::Identifying(..)
            | State::Challenged(..)
            | State::Guest
            | State::Recovering(..)
            | State::Over => return,
        };
        self.grown.insert(grown.log, grown.count);
        if grown.log == LogId::from(account) {
            self.must_recheck = true;
            self.following.doubt(None);
        } else {
            self.following.doubt(Some(grown.log));
        }
        self.serve();
    }

    /// Takes the news of a routing code that this connection opened or joined.
    pub fn handle_pairing(&mut self, now: Instant, notice: PairingNotice) {
        self.note(now);
        match notice {
            PairingNotice::Opened { request, routing } => self.send(PairOpen { request, routing }),
            PairingNotice::Joined { request, routing } => self.send(PairJoin { request, routing }),
            PairingNotice::Refused { request, reason } => self.nack(request, reason, 0),
            PairingNotice::Step { routing, payload } => {
                self.send(PairSend {
                    routing,
                    payload: ByteVec::from(payload),
                });
            }
        }
    }

    /// Takes the news of who asks to be admitted to a calendar of the account: a JOINS message.
    pub fn handle_joins(&mut self, now: Instant, joins: Packet) {
        self.note(now);
        if matches!(self.state, State::Proven(_)) {
            self.send_packet(joins);
        }
    }

    /// Takes the news that a recovery kit of the account has proven its key: a RECOVERY_BEGUN message.
    pub fn handle_recovery_begun(&mut self, now: Instant, begun: Packet) {
        self.note(now);
        if matches!(self.state, State::Proven(_)) {
            self.send_packet(begun);
        }
    }

    /// Takes the news that bytes given by [`Output::Send`] have left.
    pub fn handle_written(&mut self, now: Instant, bytes: usize) {
        self.waiting_bytes = self.waiting_bytes.saturating_sub(bytes);
        self.drained = now;
        self.serve();
    }

    /// Time has passed: asks for a sign of life, or gives the connection up.
    pub fn handle_time(&mut self, now: Instant) {
        if self.is_over() {
            return;
        }
        self.note(now);
        let silence = Duration::from_millis(SILENCE_MS_MAX);
        let is_late = self.deadline.is_some_and(|deadline| now >= deadline);
        let is_silent = now.saturating_duration_since(self.heard) >= silence;
        let is_stuck =
            self.waiting_bytes > 0 && now.saturating_duration_since(self.drained) >= silence;
        if is_late || is_silent || is_stuck {
            self.end(Reason::Leaving, 0);
        } else if now >= self.ping_at() {
            self.pinged = now;
            self.send(Ping { token: 0 });
        }
    }

    /// The relay is going down: says goodbye.
    pub fn handle_leaving(&mut self, now: Instant, retry_after_ms: u64) {
        self.note(now);
        self.end(Reason::Leaving, retry_after_ms);
    }

    fn handle_decoded(&mut self, now: Instant, message: Message, size: usize) {
        match (&self.state, message) {
            (_, Message::Ping(ping)) => self.send(Pong { token: ping.token }),
            (_, Message::Pong(_) | Message::Unknown { .. }) => {}
            (_, Message::Bye(_)) => self.close(),
            (State::Fresh, Message::Hello(hello)) => self.handle_hello(now, hello),
            (State::Challenged(..), Message::Auth(auth)) => self.handle_auth(&auth.signature),
            (State::Challenged(..), Message::Register(register)) => self.handle_register(register),
            (State::Challenged(..), Message::Visit(visit)) => self.handle_visit(visit),
            (State::Guest | State::Proven(_), Message::PairJoin(join)) => self.handle_join(join),
            (State::Guest | State::Proven(_), Message::PairSend(step)) => self.handle_step(step),
            (State::Guest, Message::Recover(recover)) => self.handle_recover(&recover),
            (State::Kit(account), message) => self.handle_kit(*account, message, size),
            (State::Proven(_), Message::Resume(resume)) => self.handle_resume(resume),
            (State::Proven(_), message) => self.handle_proven(message, size),
            _ => self.end(Reason::Malformed, 0),
        }
    }

    /// Does what waited for an answer or for room.
    fn serve(&mut self) {
        if self.must_leave || !matches!(self.state, State::Proven(_) | State::Kit(_)) {
            return;
        }
        if self.must_recheck && !self.is_rechecking {
            self.must_recheck = false;
            self.is_rechecking = true;
            self.emit(Event::Ask(Ask::Recheck));
        }
        while self.waiting_bytes < WAITING_BYTES_MAX
            && let Some((log, count)) = self.grown.pop_first()
        {
            self.send(LogGrew { log, count });
        }
        if self.waiting_bytes < WAITING_BYTES_MAX
            && let Some((stream, after)) = self.following.next_read()
        {
            self.emit(Event::Ask(Ask::Read { stream, after }));
        }
    }

    fn nack(&mut self, request: u64, reason: Reason, retry_after_ms: u64) {
        self.send(Nack {
            request,
            reason,
            retry_after_ms,
            hash: None,
            seq: None,
        });
    }

    fn end(&mut self, reason: Reason, retry_after_ms: u64) {
        if !self.is_over() {
            self.send(Bye {
                reason,
                retry_after_ms,
            });
            self.close();
        }
    }

    fn close(&mut self) {
        self.state = State::Over;
        self.emit(Event::Close);
    }

    fn send(&mut self, message: impl Into<Message>) {
        self.send_packet(Packet::from(message.into()));
    }

    fn send_packet(&mut self, packet: Packet) {
        if !self.is_over() {
            self.waiting_bytes += packet.len();
            self.outputs.push_back(Output::Send(packet));
        }
    }

    fn emit(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }

    fn is_over(&self) -> bool {
        matches!(self.state, State::Over)
    }

    /// Counts the time of a wedged socket from the moment when something began to wait.
    fn note(&mut self, now: Instant) {
        if self.waiting_bytes == 0 {
            self.drained = now;
        }
    }

    fn ping_at(&self) -> Instant {
        self.heard.max(self.pinged) + Duration::from_millis(PING_INTERVAL_MS)
    }

    fn wake(&self) -> Option<Instant> {
        if self.is_over() {
            return None;
        }
        let silence = Duration::from_millis(SILENCE_MS_MAX);
        let next = self.ping_at().min(self.heard + silence);
        let next = self.deadline.map_or(next, |deadline| next.min(deadline));
        Some(if self.waiting_bytes > 0 {
            next.min(self.drained + silence)
        } else {
            next
        })
    }
}

#[cfg(test)]
mod tests;
