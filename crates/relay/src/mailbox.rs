//! Where questions for the database are left: one thread that writes, two that read.
//!
//! ```text
//! connections ──Letter──▶ writer   all that waits, one transaction, one fsync ──▶ answers, news
//!            └──Letter──▶ readers  each on its own snapshot                   ──▶ answers
//! ```
//!
//! Invariants: an answer to a write leaves after its commit is on the disk; news leave after the
//! answers' commit too; a full mailbox says so at once instead of making anybody wait.

mod boxes;
#[cfg(feature = "simulation")]
pub(crate) mod clerk;
mod erasure;
mod guests;
mod joins;
mod logs;
mod packs;
mod push;
mod reader;
mod recovery;
mod writer;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use almanac_protocol::ids::RelayEpoch;
use almanac_protocol::message::{Ack, Message, Reason, Welcome};
use almanac_protocol::session::relay::{Answer, Ask, Packet, Request};
use rusqlite::Connection;
use tokio::sync::mpsc;

use crate::database::access::Caller;
use crate::database::{self, DatabaseError, account, member};
use crate::fanout::Fanout;
use crate::inbox::Inbox;
use crate::reject::{Refusal, Reject};
use crate::tickets::Tickets;

/// Letters that may wait for the writer, and as many for the readers.
const LETTERS_MAX: usize = 1_024;
/// Threads that read.
const READERS: usize = 2;

/// A question and whom to answer.
#[derive(Debug)]
pub(crate) struct Letter {
    /// Who asks; `None` before the proof.
    pub(crate) caller: Option<Caller>,
    /// What.
    pub(crate) ask: Ask,
    /// Where the answer goes.
    pub(crate) inbox: Arc<Inbox>,
}

/// Where questions for the database are left.
#[derive(Debug)]
pub(crate) struct Mailbox {
    writes: mpsc::Sender<Letter>,
    reads: mpsc::Sender<Letter>,
    /// What was handed out for the chunks of packs.
    pub(crate) tickets: Arc<Tickets>,
}

/// The threads behind a mailbox. They end once the mailbox is dropped.
#[derive(Debug)]
pub(crate) struct Threads(Vec<JoinHandle<()>>);

impl Mailbox {
    /// Starts the threads. `broken` is told when the database turns out to be damaged.
    pub(crate) fn start(
        writer: Connection,
        path: &Path,
        epoch: RelayEpoch,
        fanout: Arc<Fanout>,
        broken: mpsc::UnboundedSender<DatabaseError>,
    ) -> Result<(Self, Threads), DatabaseError> {
        let tickets = Arc::new(Tickets::default());
        let (writes, letters) = mpsc::channel(LETTERS_MAX);
        let mut threads = Vec::new();
        let told = broken.clone();
        threads.push(std::thread::spawn(move || {
            writer::Writer::new(writer, epoch, fanout, told).run(letters);
        }));
        let (reads, letters) = mpsc::channel(LETTERS_MAX);
        let letters = Arc::new(Mutex::new(letters));
        for _ in 0..READERS {
            let connection = database::open_reader(path)?;
            let (letters, broken) = (letters.clone(), broken.clone());
            let tickets = Arc::clone(&tickets);
            threads.push(std::thread::spawn(move || {
                while let Some(letter) = next(&letters) {
                    reader::serve(&connection, epoch, &tickets, letter, &broken);
                }
            }));
        }
        let mailbox = Self {
            writes,
            reads,
            tickets,
        };
        Ok((mailbox, Threads(threads)))
    }

    /// Leaves a letter; when the mailbox is full, the answer is that the relay is busy.
    pub(crate) fn leave(&self, letter: Letter) {
        let is_write = match &letter.ask {
            Ask::Register(_) | Ask::Visit(_) | Ask::Recover(_) => true,
            Ask::Identify { .. }
            | Ask::Enter { .. }
            | Ask::Subscribe(_)
            | Ask::Resume(_)
            | Ask::Read { .. }
            | Ask::Recheck => false,
            Ask::Serve { request, .. } => match request {
                Request::Push(..)
                | Request::LinkPut(..)
                | Request::MissingGet(_)
                | Request::FactorPass(_)
                | Request::FactorSet(..)
                | Request::RecoveryApprove(_)
                | Request::BoxPut(_)
                | Request::PackPut(_)
                | Request::Confirm(_)
                | Request::Drop(_)
                | Request::Erase(_)
                | Request::Join(_) => true,
                Request::Pull(_)
                | Request::LinkGet(..)
                | Request::BoxGet(_)
                | Request::PackGet(_)
                | Request::VoucherGet(_)
                | Request::InviteLook(_)
                | Request::JoinGet(_) => false,
            },
        };
        let queue = if is_write { &self.writes } else { &self.reads };
        if let Err(refused) = queue.try_send(letter) {
            let letter = refused.into_inner();
            let answer = Recipient::of(&letter.ask).answer(Err(Reject::Busy));
            letter.inbox.answer(answer);
        }
    }
}

impl Threads {
    /// Waits until everything that was left is done and the database is closed.
    pub(crate) fn join(self) {
        for thread in self.0 {
            if thread.join().is_err() {
                tracing::error!("mailbox.panicked");
            }
        }
    }
}

fn next(letters: &Mutex<mpsc::Receiver<Letter>>) -> Option<Letter> {
    letters
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .blocking_recv()
}

/// To which question of the session an answer belongs.
#[derive(Debug, Clone, Copy)]
enum Recipient {
    Handshake,
    Entrance,
    KitEntrance,
    Page(almanac_protocol::message::Stream),
    Request { ticket: u64, request: u64 },
}

impl Recipient {
    fn of(ask: &Ask) -> Self {
        match ask {
            Ask::Identify { .. } | Ask::Subscribe(_) | Ask::Resume(_) | Ask::Recheck => {
                Self::Handshake
            }
            Ask::Enter { .. } | Ask::Register(_) | Ask::Visit(_) => Self::Entrance,
            Ask::Recover(_) => Self::KitEntrance,
            Ask::Read { stream, .. } => Self::Page(*stream),
            Ask::Serve { ticket, request } => {
                let request = match request {
                    Request::Push(_, push) => push.request,
                    Request::Pull(pull) => pull.request,
                    Request::LinkGet(get, _) => get.request,
                    Request::LinkPut(put, _) => put.request,
                    Request::MissingGet(get) => get.request,
                    Request::FactorPass(pass) => pass.request,
                    Request::FactorSet(set, _) => set.request,
                    Request::RecoveryApprove(approve) => approve.request,
                    Request::BoxGet(get) => get.request,
                    Request::BoxPut(put) => put.request,
                    Request::PackGet(get) => get.request,
                    Request::PackPut(put) => put.request,
                    Request::Confirm(confirm) => confirm.request,
                    Request::Drop(drop) => drop.request,
                    Request::Erase(erase) => erase.request,
                    Request::InviteLook(look) => look.request,
                    Request::Join(join) => join.request,
                    Request::JoinGet(get) => get.request,
                    Request::VoucherGet(get) => get.request,
                };
                Self::Request {
                    ticket: *ticket,
                    request,
                }
            }
        }
    }

    /// The answer, or the refusal in the form in which this question takes it.
    fn answer(self, outcome: Result<Answer, Reject>) -> Answer {
        match (outcome, self) {
            (Ok(answer), _) => answer,
            (Err(reject), Self::Request { ticket, request }) => Answer::Served {
                ticket,
                packets: vec![reject.nack(request)],
            },
            (Err(Reject::Busy), Self::Handshake | Self::Entrance | Self::KitEntrance) => {
                Answer::Failed(Reason::Busy)
            }
            (Err(reject), Self::KitEntrance) => Answer::Recovering(Err(reject.reason())),
            (Err(reject), Self::Entrance) => Answer::Entered(Err(reject.reason())),
            (Err(reject), Self::Page(stream)) => Answer::Page {
                stream,
                page: Err(reject.reason()),
            },
            (Err(reject), Self::Handshake) => Answer::Failed(reject.reason()),
        }
    }
}

/// What the caller is told of a refusal; the operator's part of it goes to the log.
fn told(refusal: Refusal, broken: &mpsc::UnboundedSender<DatabaseError>) -> Reject {
    match refusal {
        Refusal::Reject(reject) => reject,
        Refusal::Database(error) => {
            report(error, broken);
            Reject::Busy
        }
    }
}

fn report(error: DatabaseError, broken: &mpsc::UnboundedSender<DatabaseError>) {
    match error {
        DatabaseError::Corrupt => {
            tracing::error!(error = %error, "database.corrupt");
            // Nobody listens any more when the relay is going down already.
            let _ = broken.send(error);
        }
        DatabaseError::Busy | DatabaseError::Full => {
            tracing::warn!(error = %error, "database.unavailable");
        }
        DatabaseError::ReadOnly | DatabaseError::Failing => {
            tracing::error!(error = %error, "database.unavailable");
        }
        DatabaseError::TooNew { .. } | DatabaseError::Missing(_) | DatabaseError::Sqlite(_) => {
            tracing::error!(error = ?error, "database.failed");
        }
    }
}

fn welcome(
    connection: &Connection,
    epoch: RelayEpoch,
    caller: &Caller,
) -> Result<Welcome, Refusal> {
    Ok(Welcome {
        relay_epoch: epoch,
        quota_bytes: 0,
        used_bytes: account::used_bytes(connection, &caller.account)?.unwrap_or(0),
        calendars: member::calendars(connection, &caller.account)?,
        version_min: almanac_protocol::session::relay::VERSION,
    })
}

/// The welcome of a device to which nothing is shown but why.
const fn bare_welcome(epoch: RelayEpoch) -> Welcome {
    Welcome {
        relay_epoch: epoch,
        quota_bytes: 0,
        used_bytes: 0,
        calendars: Vec::new(),
        version_min: almanac_protocol::session::relay::VERSION,
    }
}

/// The answer to a request of which nothing is to be said but that it is done.
fn done(request: u64) -> Vec<Packet> {
    packets([Ack {
        request,
        rseqs: Vec::new(),
    }
    .into()])
}

fn packets(messages: impl IntoIterator<Item = Message>) -> Vec<Packet> {
    messages.into_iter().map(Packet::from).collect()
}
