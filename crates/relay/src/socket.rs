//! One connection: the session's shell.
//!
//! Moves messages between the socket, the session, the mailbox and the other connections, and
//! decides nothing. Everything of a connection happens in one task, so that one that misbehaves
//! harms no other.

mod web;
pub(crate) mod wire;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use almanac_protocol::ids::AccountId;
use almanac_protocol::message::Stream;
use almanac_protocol::session::relay::{Appended, Ask, Event, LogGrown, Output, Session, Terms};
use tokio::sync::{mpsc, watch};

use self::wire::{Transport, Turn, Wire};
use crate::clock::elapsed;
use crate::database::access::Caller;
use crate::entropy;
use crate::fanout::{ConnectionId, Fanout};
use crate::inbox::{Delivery, Inbox};
use crate::mailbox::{Letter, Mailbox};
use crate::pairing::Pairings;

/// Advice to clients when the relay goes down: it is usually back soon.
const RESTART_MS: u64 = 1_000;

/// What all connections share.
#[derive(Debug)]
pub(crate) struct Shared {
    /// The terms of every session.
    pub(crate) terms: Arc<Terms>,
    /// The database.
    pub(crate) mailbox: Mailbox,
    /// The other connections.
    pub(crate) fanout: Arc<Fanout>,
    /// Routing codes.
    pub(crate) pairings: Pairings,
    /// Turns true when the relay goes down.
    pub(crate) leaving: watch::Receiver<bool>,
    /// Held by every connection: closed once the last is gone.
    pub(crate) open: mpsc::Sender<()>,
}

struct Connection {
    id: ConnectionId,
    shared: Arc<Shared>,
    session: Session,
    inbox: Arc<Inbox>,
    wire: Wire,
    caller: Option<Caller>,
    account: Option<AccountId>,
    streams: BTreeSet<Stream>,
    has_paired: bool,
    is_closing: bool,
}

/// Serves a connection until it ends.
pub(crate) async fn serve(transport: Box<dyn Transport>, id: ConnectionId, shared: Arc<Shared>) {
    let _open = shared.open.clone();
    let session = Session::new(elapsed(), shared.terms.clone(), entropy::bytes());
    let mut connection = Connection {
        id,
        session,
        inbox: Arc::default(),
        wire: Wire::new(transport),
        caller: None,
        account: None,
        streams: BTreeSet::new(),
        has_paired: false,
        is_closing: false,
        shared,
    };
    connection.run().await;
    connection.depart();
}

impl Connection {
    async fn run(&mut self) {
        let mut leaving = self.shared.leaving.clone();
        loop {
            let wake = self.act();
            if self.is_closing {
                return self.wire.finish().await;
            }
            let may_read = self.session.is_ready_to_read();
            let wake_at = wake.map(tokio::time::Instant::from_std);
            tokio::select! {
                // In this order the rare ones are never kept waiting by a client that floods.
                biased;
                _ = leaving.wait_for(|leaving| *leaving) => {
                    self.session.handle_leaving(elapsed(), RESTART_MS);
                }
                () = tokio::time::sleep_until(wake_at.unwrap_or_else(far)), if wake_at.is_some() => {
                    self.session.handle_time(elapsed());
                }
                delivery = self.inbox.take() => self.deliver(delivery),
                turn = self.wire.turn(may_read) => match turn {
                    Turn::Heard(bytes) => self.session.handle_message(elapsed(), &bytes),
                    Turn::Written(bytes) => self.session.handle_written(elapsed(), bytes),
                    Turn::Ended => return,
                },
            }
        }
    }

    /// Does all that the session wants; says when it wants to be told the time.
    fn act(&mut self) -> Option<Instant> {
        loop {
            match self.session.poll_output() {
                Output::Send(packet) => self.wire.queue(packet),
                Output::Event(event) => self.handle_event(event),
                Output::Wait(wake) => return wake,
            }
        }
    }

    fn handle_event(&mut self, event: Event) {
        let Shared {
            fanout,
            pairings,
            mailbox,
            ..
        } = &*self.shared;
        match event {
            Event::Ask(ask) => {
                if let Ask::Enter { account, device } = &ask {
                    self.caller = Some(Caller {
                        account: *account,
                        device: *device,
                    });
                }
                if let Ask::Visit(visitor) = &ask {
                    self.caller = Some(Caller {
                        account: visitor.proof.account,
                        device: visitor.proof.device,
                    });
                }
                if let Ask::Register(registration) = &ask {
                    let proof = &registration.proof;
                    self.caller = Some(Caller {
                        account: proof.account,
                        device: proof.device,
                    });
                }
                mailbox.leave(Letter {
                    caller: self.caller,
                    ask,
                    inbox: self.inbox.clone(),
                });
            }
            Event::Follow(stream) => {
                self.streams.insert(stream);
                fanout.follow(stream, self.id, &self.inbox);
            }
            Event::Unfollow(stream) => {
                self.streams.remove(&stream);
                fanout.unfollow(stream, self.id);
            }
            Event::Listen(account) => {
                self.account = Some(account);
                fanout.listen(account, self.id, &self.inbox);
            }
            Event::PairOpen { request } => {
                self.has_paired = true;
                pairings.open(elapsed(), self.id, &self.inbox, request);
            }
            Event::PairJoin { request, routing } => {
                self.has_paired = true;
                pairings.join(elapsed(), self.id, &self.inbox, request, &routing);
            }
            Event::PairSend { routing, payload } => {
                pairings.send(elapsed(), self.id, &self.inbox, &routing, payload);
            }
            Event::Admit { account, device } => self.caller = Some(Caller { account, device }),
            Event::Close => self.is_closing = true,
        }
    }

    fn deliver(&mut self, delivery: Delivery) {
        let Delivery {
            grown,
            answers,
            outrun,
            appended,
            asked,
            recovering,
            pairing,
        } = delivery;
        let now = elapsed();
        for (log, count) in grown {
            self.session.handle_log_grown(now, LogGrown { log, count });
            self.act();
        }
        for answer in answers {
            self.session.handle_answer(now, answer);
            self.act();
        }
        for (stream, head) in outrun {
            let news = Appended {
                stream,
                first_rseq: head,
                last_rseq: head,
                message: None,
            };
            self.session.handle_appended(now, &news);
            self.act();
        }
        for news in appended {
            self.session.handle_appended(now, &news);
            self.act();
        }
        for joins in asked.into_values() {
            self.session.handle_joins(now, joins);
            self.act();
        }
        for begun in recovering.into_values() {
            self.session.handle_recovery_begun(now, begun);
            self.act();
        }
        for notice in pairing {
            self.session.handle_pairing(now, notice);
            self.act();
        }
    }

    /// Nobody is to tell or hand anything to this connection any more.
    fn depart(&mut self) {
        let Shared {
            fanout, pairings, ..
        } = &*self.shared;
        for stream in std::mem::take(&mut self.streams) {
            fanout.unfollow(stream, self.id);
        }
        if let Some(account) = self.account {
            fanout.unlisten(account, self.id);
        }
        if self.has_paired {
            pairings.leave(self.id);
        }
    }
}

/// A time that does not come: a `select!` needs one even where it does not wait for it.
fn far() -> tokio::time::Instant {
    tokio::time::Instant::now() + std::time::Duration::from_secs(3600)
}
