//! What the session and the program around it say to each other.
//!
//! The session never touches a database: it asks, and is answered later. Nothing here crosses the
//! connection except a [`Packet`].

use std::sync::Arc;
use std::time::Instant;

use minicbor::bytes::ByteVec;

use super::caller::Proof;
use crate::ids::{AccountId, CalendarId, DeviceId, LogId, Signature, VerifyKey};
use crate::message::{
    BoxGet, BoxPut, CalendarStart, Confirm, Drop, Erase, FactorPass, FactorSet, InviteLook, Join,
    JoinGet, LinkGet, LinkPut, LogEnd, LogStart, Message, MissingGet, PackGet, PackPut, Position,
    Pull, Push, Reason, RecoveryApprove, Stream, VoucherGet, Welcome,
};

/// What the session wants next; drained until [`Output::Wait`] before it is told anything more.
#[derive(Debug)]
pub enum Output {
    /// Bytes for the client, to be written in this order.
    Send(Packet),
    /// Something for the program around the session to do.
    Event(Event),
    /// Nothing now; `handle_time` is due at this instant at the latest.
    Wait(Option<Instant>),
}

/// Something for the program around the session to do.
#[derive(Debug)]
pub enum Event {
    /// Ask the database; the answer comes back through `handle_answer`.
    Ask(Ask),
    /// Report what is appended to this stream, from now on.
    Follow(Stream),
    /// Report it no longer.
    Unfollow(Stream),
    /// Report growth of the logs that concern this account, from now on.
    Listen(AccountId),
    /// Open a routing code for this connection.
    PairOpen {
        /// Number of the client's request.
        request: u64,
    },
    /// Join the connection that opened this routing code.
    PairJoin {
        /// Number of the client's request.
        request: u64,
        /// The routing code.
        routing: String,
    },
    /// Hand a step of linking to the other end of this routing code.
    PairSend {
        /// The routing code.
        routing: String,
        /// The step, unread.
        payload: Vec<u8>,
    },
    /// The connection is that of this device of this account from now on.
    Admit {
        /// The account.
        account: AccountId,
        /// The device.
        device: DeviceId,
    },
    /// Write what was sent, then close.
    Close,
}

/// A question for the database.
#[derive(Debug)]
pub enum Ask {
    /// Whether it knows this device, and under which key.
    Identify {
        /// The account of HELLO.
        account: AccountId,
        /// The device of HELLO.
        device: DeviceId,
    },
    /// Whether a device that has proven its key may enter.
    Enter {
        /// The account.
        account: AccountId,
        /// The device.
        device: DeviceId,
    },
    /// Create the account, if the invite, the links and the signature are right.
    Register(Box<Registration>),
    /// Let a guest in, if what it brings is right.
    Visit(Box<Visitor>),
    /// Whose recovery kit it is, if its proof is right; it begins to wait, or has waited.
    Recover(KitProof),
    /// Where the caller stands in these streams.
    Subscribe(Vec<Position>),
    /// What stands elsewhere than where the caller says.
    Resume(Resumption),
    /// The page of a followed stream that begins after a number.
    Read {
        /// The stream.
        stream: Stream,
        /// Number of the last envelope that was sent.
        after: u64,
    },
    /// Whether the device is still one of its account.
    Recheck,
    /// A request of the client.
    Serve {
        /// Number by which the session knows it; the client's own may repeat.
        ticket: u64,
        /// The request.
        request: Request,
    },
}

/// Where a client that comes back says it stands.
#[derive(Debug)]
pub struct Resumption {
    /// The client's request.
    pub request: u64,
    /// The account's log.
    pub account: LogStart,
    /// The calendars, each with the stream that is meant.
    pub calendars: Vec<(Stream, CalendarStart)>,
}

/// How a calendar of a client that comes back stands.
#[derive(Debug)]
pub struct Returned {
    /// The stream.
    pub stream: Stream,
    /// Number of the last envelope the client has.
    pub rseq: u64,
    /// The calendar's log, where it ends elsewhere.
    pub log: Option<LogEnd>,
    /// How its position relates to the stream.
    pub standing: Standing,
}

/// What REGISTER brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// What the signature must cover.
    pub proof: Proof,
    /// The invite as typed.
    pub invite: String,
    /// The whole account log, genesis first.
    pub links: Vec<ByteVec>,
    /// By the device that calls.
    pub signature: Signature,
}

/// What VISIT brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    /// What the signature must cover.
    pub proof: Proof,
    /// The whole account log, genesis first; empty where nothing of it is new.
    pub links: Vec<ByteVec>,
    /// The own relay's word for the last of them; empty likewise.
    pub voucher: ByteVec,
    /// By the device that calls.
    pub signature: Signature,
    /// The invite whose key has signed for this connection.
    pub look: Option<Look>,
}

/// What RECOVER brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KitProof {
    /// What the signature must cover; the account in it is all zeros.
    pub proof: Proof,
    /// By the kit.
    pub signature: Signature,
}

/// What a kit is told that has proven its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KitEntry {
    /// Whose kit it is.
    pub account: AccountId,
    /// Whether a second factor is asked for.
    pub is_factor_due: bool,
    /// Milliseconds until it may sign.
    pub wait_ms: u64,
}

/// A request of the client that the database serves.
#[derive(Debug)]
pub enum Request {
    /// Store envelopes in this stream, which the first of them names.
    Push(Stream, Push),
    /// Read a range of a stream.
    Pull(Pull),
    /// Read links, also by what this connection has shown it was invited to.
    LinkGet(LinkGet, Vec<Look>),
    /// Append a link; and which second factor of the account the connection has passed.
    LinkPut(LinkPut, Option<u64>),
    /// Read boxes.
    BoxGet(BoxGet),
    /// Store a box.
    BoxPut(BoxPut),
    /// Name the packs of a stream.
    PackGet(PackGet),
    /// Take a pack whose chunks are there.
    PackPut(PackPut),
    /// Note that a pack is complete.
    Confirm(Confirm),
    /// Let go of what a pack covers.
    Drop(Drop),
    /// Let go of everything of the account.
    Erase(Erase),
    /// Look at a calendar; the invite's key has signed for this connection.
    InviteLook(InviteLook),
    /// Keep an acceptance.
    Join(Join),
    /// Name those who ask to be admitted.
    JoinGet(JoinGet),
    /// Name those for whom a box is missing.
    MissingGet(MissingGet),
    /// Look at a code of the second factor.
    FactorPass(FactorPass),
    /// Set, change or take away the second factor; and which one the connection has passed.
    FactorSet(FactorSet, Option<u64>),
    /// A recovery kit need not wait.
    RecoveryApprove(RecoveryApprove),
    /// Say where the log of the account ends.
    VoucherGet(VoucherGet),
}

/// A calendar that this connection may look at while an invite is open: its holder has signed for
/// this connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// The calendar.
    pub calendar: CalendarId,
    /// Public key of the invite.
    pub invite: VerifyKey,
}

/// An answer of the database.
#[derive(Debug)]
pub enum Answer {
    /// To [`Ask::Identify`]: the key of the device, if it is known and active.
    Identified(Option<VerifyKey>),
    /// To [`Ask::Enter`], [`Ask::Register`] and [`Ask::Visit`].
    Entered(Result<Welcome, Reason>),
    /// To [`Ask::Recover`].
    Recovering(Result<KitEntry, Reason>),
    /// To [`Request::FactorPass`] and [`Request::FactorSet`].
    Factor {
        /// The number given with the request.
        ticket: u64,
        /// Which second factor the connection has passed by this.
        passed: Option<u64>,
        /// What the client is told, in order.
        packets: Vec<Packet>,
    },
    /// To [`Ask::Subscribe`]: one standing for each position asked for.
    Subscribed(Vec<(Position, Standing)>),
    /// To [`Ask::Resume`]: one return for each calendar asked for.
    Resumed {
        /// The client's request.
        request: u64,
        /// The account's log, where it ends elsewhere.
        account: Option<LogEnd>,
        /// The calendars.
        calendars: Vec<Returned>,
    },
    /// To [`Ask::Read`]; `Ok(None)` when nothing follows.
    Page {
        /// The stream that was read.
        stream: Stream,
        /// The page, or why there is none.
        page: Result<Option<Page>, Reason>,
    },
    /// To [`Ask::Read`], when what was to come next has been dropped meanwhile.
    Dropped {
        /// Where the relay stands in the stream that was read.
        head: Position,
    },
    /// To [`Ask::Recheck`]: no for a device that was revoked.
    Rechecked {
        /// Whether the device is still one of its account.
        is_active: bool,
    },
    /// To [`Ask::Serve`].
    Served {
        /// The number given with the request.
        ticket: u64,
        /// What the client is told, in order.
        packets: Vec<Packet>,
    },
    /// The database could not answer; the connection ends.
    Failed(Reason),
}

/// How a position of a client relates to the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is one of this stream's; the head is given.
    Follows(Position),
    /// It is not: the head, and the reason as RESET numbers it.
    Differs {
        /// Where the relay stands.
        head: Position,
        /// 1 the running hash differs, 2 the number lies beyond the head, 3 what follows was dropped.
        reason: u32,
    },
    /// The caller may not read the stream, or there is none.
    Refused,
}

/// Envelopes of one stream, as an ENVELOPES message.
#[derive(Debug)]
pub struct Page {
    /// Number of the last envelope in it.
    pub last_rseq: u64,
    /// The message.
    pub packet: Packet,
}

/// Envelopes that have just become durable, shared by all who follow the stream.
#[derive(Debug, Clone)]
pub struct Appended {
    /// The stream.
    pub stream: Stream,
    /// Number of the first new envelope.
    pub first_rseq: u64,
    /// Number of the last one: the head.
    pub last_rseq: u64,
    /// The ENVELOPES message with exactly these; absent when they are to be read from disk.
    pub message: Option<Arc<[u8]>>,
}

/// A log that has just grown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogGrown {
    /// The log.
    pub log: LogId,
    /// Number of links it has.
    pub count: u64,
}

/// What befell a routing code of this connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PairingNotice {
    /// A code waits for the new device.
    Opened {
        /// Number of the client's request.
        request: u64,
        /// The code.
        routing: String,
    },
    /// Both devices are connected.
    Joined {
        /// Number of the client's request, 0 for the device that waited.
        request: u64,
        /// The code.
        routing: String,
    },
    /// The request failed.
    Refused {
        /// Number of the client's request.
        request: u64,
        /// Why.
        reason: Reason,
    },
    /// A step of the other device; empty when it left.
    Step {
        /// The code.
        routing: String,
        /// The step.
        payload: Vec<u8>,
    },
}

/// An encoded message, its own or shared with other connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Packet {
    /// For this connection alone.
    Own(Vec<u8>),
    /// The same bytes for many.
    Shared(Arc<[u8]>),
}

impl Packet {
    /// Number of bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.as_ref().len()
    }

    /// Whether there is nothing in it, which no message is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.as_ref().is_empty()
    }
}

impl AsRef<[u8]> for Packet {
    fn as_ref(&self) -> &[u8] {
        match self {
            Self::Own(bytes) => bytes,
            Self::Shared(bytes) => bytes,
        }
    }
}

impl From<Message> for Packet {
    fn from(message: Message) -> Self {
        Self::Own(message.encode())
    }
}
