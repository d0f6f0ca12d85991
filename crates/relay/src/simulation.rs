//! A relay inside a simulator: the sessions, the rules and the database that ship, on one thread,
//! with the simulator's clock and randomness and no network.
//!
//! Compiled with the feature `simulation` only, and without effect until a thread is surrounded.

use std::cell::RefCell;
use std::fmt::{self, Debug};
use std::future::Future;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use almanac_protocol::session::relay::{Origins, Terms};
use tokio::sync::{mpsc, watch};

use crate::database::{self, DatabaseError, identity, invite};
use crate::fanout::{ConnectionId, Fanout};
use crate::mailbox::Mailbox;
use crate::mailbox::clerk::Clerk;
use crate::pairing::Pairings;
use crate::socket::{self, Shared};

pub use crate::socket::wire::{Broken, Transport};

/// What a relay finds around it.
pub trait Surroundings: Debug {
    /// Milliseconds since 1970.
    fn now_ms(&self) -> i64;

    /// Random bytes.
    fn fill(&self, buffer: &mut [u8]);
}

thread_local! {
    static AROUND: RefCell<Option<Rc<dyn Surroundings>>> = const { RefCell::new(None) };
}

/// Surrounds the relays of this thread, or gives them back to the system.
pub fn surround(around: Option<Rc<dyn Surroundings>>) {
    AROUND.with(|cell| *cell.borrow_mut() = around);
}

pub(crate) fn around() -> Option<Rc<dyn Surroundings>> {
    AROUND.with(|cell| cell.borrow().clone())
}

/// A relay that connections are handed to.
pub struct Relay {
    shared: Arc<Shared>,
    next_connection: u64,
    leaving: watch::Sender<bool>,
    _closed: mpsc::Receiver<()>,
    broken: mpsc::UnboundedReceiver<DatabaseError>,
}

/// Whoever serves the letters that a relay's connections leave.
pub struct Desk(Clerk);

impl Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relay").finish_non_exhaustive()
    }
}

impl Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").finish_non_exhaustive()
    }
}

impl Relay {
    /// A relay on a database, which is made if there is none.
    pub fn open(path: &Path) -> Result<(Self, Desk), DatabaseError> {
        let (connection, _) = database::open(path)?;
        let identity = identity::read(&connection)?;
        let fanout = Arc::new(Fanout::default());
        let (told, broken) = mpsc::unbounded_channel();
        let epoch = identity.epoch;
        let (mailbox, clerk) = Mailbox::with_clerk(connection, path, epoch, fanout.clone(), told)?;
        let (leaving, is_leaving) = watch::channel(false);
        let (open, closed) = mpsc::channel(1);
        let terms = Terms {
            origins: Origins::Loopback,
            relay_key: identity.relay_key,
        };
        let shared = Shared {
            terms: Arc::new(terms),
            mailbox,
            fanout,
            pairings: Pairings::default(),
            leaving: is_leaving,
            open,
        };
        let relay = Self {
            shared: Arc::new(shared),
            next_connection: 0,
            leaving,
            _closed: closed,
            broken,
        };
        Ok((relay, Desk(clerk)))
    }

    /// An invite for one account.
    pub fn invite(path: &Path) -> Result<String, DatabaseError> {
        let connection = database::open_existing(path)?;
        Ok(invite::create(&connection)?.to_string())
    }

    /// Serves one connection until it ends.
    pub fn serve(&mut self, transport: Box<dyn Transport>) -> impl Future<Output = ()> + use<> {
        let id = ConnectionId(self.next_connection);
        self.next_connection += 1;
        socket::serve(transport, id, self.shared.clone())
    }

    /// Says goodbye to every connection.
    pub fn leave(&self) {
        // Connections that are gone already need no goodbye.
        let _ = self.leaving.send(true);
    }

    /// Why it cannot go on, where it cannot.
    pub fn breakage(&mut self) -> Option<DatabaseError> {
        self.broken.try_recv().ok()
    }
}

impl Desk {
    /// Waits for a letter. One that asks is answered, one that writes joins those that wait.
    pub async fn take_letter(&mut self) {
        self.0.take_letter().await;
    }

    /// Letters that wait to be written.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.0.waiting()
    }

    /// Loses the letters that wait, as a relay does that goes down.
    pub fn forget(&mut self) {
        self.0.forget();
    }

    /// Writes the first so many in one transaction, and answers them.
    pub fn commit(&mut self, letters: usize) {
        self.0.commit(letters);
    }
}
