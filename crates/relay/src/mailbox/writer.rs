//! The writing thread: group commit.
//!
//! Whatever waits when the thread is free becomes one transaction and one fsync; an idle relay
//! commits at once. Each letter has a savepoint of its own, so one that is refused leaves nothing
//! behind and takes nobody with it.

use std::sync::Arc;

use almanac_protocol::ids::{AccountId, CalendarId, DeviceId, RelayEpoch};
use almanac_protocol::second_factor::FailureRate;
use almanac_protocol::session::relay::{Answer, Appended, Ask, LogGrown, Packet, Request};
use rusqlite::{Connection, Savepoint, TransactionBehavior};
use tokio::sync::mpsc;

use super::logs::Logs;
use super::{
    Letter, Recipient, boxes, erasure, guests, joins, logs, packs, push, recovery, report, told,
};
use crate::database::DatabaseError;
use crate::database::access::Caller;
use crate::fanout::Fanout;
use crate::inbox::Inbox;
use crate::reject::{Refusal, Reject};

/// Letters in one commit.
const COMMIT_LETTERS_MAX: usize = 256;

/// What a letter that was served leads to.
#[derive(Debug)]
pub(super) struct Done {
    /// For the caller.
    pub(super) answer: Answer,
    /// For others.
    pub(super) news: Option<News>,
}

/// What others hear once it is durable.
#[derive(Debug)]
pub(super) enum News {
    /// A stream grew.
    Appended(Appended),
    /// A log grew that concerns these accounts.
    Grown(LogGrown, Vec<AccountId>),
    /// A box for this account arrived beside a log.
    Supplied(LogGrown, AccountId),
    /// An account is gone: what its rows said must not stay in the log of the database either.
    Erased,
    /// Someone asks to be admitted to a calendar of these owners: a JOINS message.
    Asked(CalendarId, Packet, Vec<AccountId>),
    /// A recovery kit of this account has proven its key: a RECOVERY_BEGUN message.
    Recovering(AccountId, DeviceId, Packet),
}

struct Reply {
    inbox: Arc<Inbox>,
    answer: Answer,
    news: Option<News>,
}

/// The writing thread's own.
pub(super) struct Writer {
    connection: Connection,
    epoch: RelayEpoch,
    logs: Logs,
    /// Wrong codes of all accounts.
    wrong_codes: FailureRate,
    fanout: Arc<Fanout>,
    broken: mpsc::UnboundedSender<DatabaseError>,
}

impl Writer {
    pub(super) fn new(
        connection: Connection,
        epoch: RelayEpoch,
        fanout: Arc<Fanout>,
        broken: mpsc::UnboundedSender<DatabaseError>,
    ) -> Self {
        Self {
            connection,
            epoch,
            logs: Logs::default(),
            wrong_codes: FailureRate::default(),
            fanout,
            broken,
        }
    }

    pub(super) fn run(mut self, mut letters: mpsc::Receiver<Letter>) {
        while let Some(first) = letters.blocking_recv() {
            let mut waiting = vec![first];
            while waiting.len() < COMMIT_LETTERS_MAX
                && let Ok(letter) = letters.try_recv()
            {
                waiting.push(letter);
            }
            self.commit(waiting);
        }
        self.empty_log();
    }

    /// Moves everything from SQLite's log into the file.
    fn empty_log(&self) {
        if let Err(error) = self
            .connection
            .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        {
            report(error.into(), &self.broken);
        }
    }

    /// Serves these letters in one transaction and answers them once it is durable.
    pub(super) fn commit(&mut self, letters: Vec<Letter>) {
        let busy: Vec<_> = letters
            .iter()
            .map(|letter| (letter.inbox.clone(), Recipient::of(&letter.ask)))
            .collect();
        match self.attempt(letters) {
            Ok(replies) => {
                let is_erased = |reply: &Reply| matches!(reply.news, Some(News::Erased));
                if replies.iter().any(is_erased) {
                    self.empty_log();
                }
                replies.into_iter().for_each(|reply| self.post(reply));
            }
            Err(error) => {
                self.logs.forget();
                report(error, &self.broken);
                for (inbox, recipient) in busy {
                    inbox.answer(recipient.answer(Err(Reject::Busy)));
                }
            }
        }
    }

    /// The sender of a link hears that the log grew before it hears that the link was taken, and
    /// of an envelope's number before the envelope itself comes back.
    fn post(
        &self,
        Reply {
            inbox,
            answer,
            news,
        }: Reply,
    ) {
        match news {
            Some(News::Grown(grown, accounts)) => {
                self.fanout.grown(grown, &accounts);
                inbox.answer(answer);
            }
            Some(News::Supplied(grown, account)) => {
                self.fanout.supplied(grown, account, &inbox);
                inbox.answer(answer);
            }
            Some(News::Asked(calendar, joins, owners)) => {
                self.fanout.asked(calendar, &joins, &owners);
                inbox.answer(answer);
            }
            Some(News::Recovering(account, device, begun)) => {
                self.fanout.recovering(account, device, &begun);
                inbox.answer(answer);
            }
            Some(News::Appended(appended)) => {
                inbox.answer(answer);
                self.fanout.appended(appended);
            }
            Some(News::Erased) | None => inbox.answer(answer),
        }
    }

    fn attempt(&mut self, letters: Vec<Letter>) -> Result<Vec<Reply>, DatabaseError> {
        let mut transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut replies = Vec::with_capacity(letters.len());
        for Letter { caller, ask, inbox } in letters {
            self.logs.trim();
            let recipient = Recipient::of(&ask);
            let savepoint = transaction.savepoint()?;
            let kept = Kept {
                epoch: self.epoch,
                known: &mut self.logs,
                wrong_codes: &mut self.wrong_codes,
            };
            let outcome = match serve(&savepoint, kept, caller, ask) {
                Ok(done) => {
                    savepoint.commit()?;
                    Ok(done)
                }
                // What the file or the disk refuses concerns all of the commit.
                Err(Refusal::Database(
                    error @ (DatabaseError::Corrupt
                    | DatabaseError::Full
                    | DatabaseError::ReadOnly
                    | DatabaseError::Failing
                    | DatabaseError::Busy),
                )) => return Err(error),
                Err(refusal) => {
                    self.logs.forget();
                    savepoint.finish()?;
                    Err(told(refusal, &self.broken))
                }
            };
            let (answer, news) = match outcome {
                Ok(Done { answer, news }) => (answer, news),
                Err(reject) => (recipient.answer(Err(reject)), None),
            };
            replies.push(Reply {
                inbox,
                answer,
                news,
            });
        }
        transaction.commit()?;
        Ok(replies)
    }
}

/// What the thread keeps from letter to letter.
struct Kept<'a> {
    epoch: RelayEpoch,
    known: &'a mut Logs,
    wrong_codes: &'a mut FailureRate,
}

fn serve(
    savepoint: &Savepoint<'_>,
    kept: Kept<'_>,
    caller: Option<Caller>,
    ask: Ask,
) -> Result<Done, Refusal> {
    let Kept {
        epoch,
        known,
        wrong_codes,
    } = kept;
    if matches!(ask, Ask::Recover(_) | Ask::Register(_) | Ask::Visit(_)) {
        return come_in(savepoint, epoch, known, &ask);
    }
    let caller = caller.ok_or(Reject::Forbidden)?;
    let Ask::Serve { ticket, request } = ask else {
        return Err(Reject::Malformed.into());
    };
    let factor = |(passed, packets)| Done {
        answer: Answer::Factor {
            ticket,
            passed,
            packets,
        },
        news: None,
    };
    let (packets, news) = match request {
        Request::FactorPass(request) => {
            return recovery::pass(savepoint, &caller, wrong_codes, &request).map(factor);
        }
        Request::FactorSet(request, passed) => {
            return recovery::set(savepoint, &caller, passed, &request).map(factor);
        }
        Request::RecoveryApprove(request) => recovery::approve(savepoint, &caller, &request)?,
        Request::Push(stream, request) => push::push(savepoint, &caller, stream, request)?,
        Request::LinkPut(request, passed) => {
            logs::put(savepoint, known, (&caller, passed), &request)?
        }
        // It writes nothing; this thread is the one that knows the logs.
        Request::MissingGet(request) => {
            (boxes::missing(savepoint, known, &caller, &request)?, None)
        }
        Request::BoxPut(request) => boxes::put(savepoint, known, &caller, &request)?,
        Request::PackPut(request) => (packs::put(savepoint, epoch, &caller, &request)?, None),
        Request::Confirm(request) => (packs::confirm(savepoint, epoch, &caller, &request)?, None),
        Request::Erase(request) => {
            // What was known of logs is not so any more.
            known.forget();
            let packets = erasure::erase(savepoint, epoch, &caller, &request)?;
            (packets, Some(News::Erased))
        }
        Request::Drop(request) => (packs::drop(savepoint, epoch, &caller, &request)?, None),
        Request::Join(request) => joins::put(savepoint, known, &caller, &request)?,
        Request::Pull(_)
        | Request::LinkGet(..)
        | Request::BoxGet(_)
        | Request::PackGet(_)
        | Request::VoucherGet(_)
        | Request::InviteLook(_)
        | Request::JoinGet(_) => return Err(Reject::Malformed.into()),
    };
    Ok(Done {
        answer: Answer::Served { ticket, packets },
        news,
    })
}

/// Whoever comes in with something to be kept.
fn come_in(
    savepoint: &Savepoint<'_>,
    epoch: RelayEpoch,
    known: &mut Logs,
    ask: &Ask,
) -> Result<Done, Refusal> {
    let (answer, news) = match ask {
        Ask::Recover(kit) => {
            let (entry, news) = recovery::recover(savepoint, kit)?;
            (Answer::Recovering(Ok(entry)), news)
        }
        Ask::Register(registration) => {
            let welcome = logs::register(savepoint, epoch, known, registration)?;
            (Answer::Entered(Ok(welcome)), None)
        }
        Ask::Visit(visitor) => {
            let (welcome, news) = guests::visit(savepoint, epoch, known, visitor)?;
            (Answer::Entered(Ok(welcome)), news)
        }
        Ask::Identify { .. }
        | Ask::Enter { .. }
        | Ask::Subscribe(_)
        | Ask::Resume(_)
        | Ask::Read { .. }
        | Ask::Recheck
        | Ask::Serve { .. } => return Err(Reject::Malformed.into()),
    };
    Ok(Done { answer, news })
}
