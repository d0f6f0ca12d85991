//! The relays of a world: the real sessions, the real writer and the real database, served by one
//! task that decides which letters are committed together, and when.

use std::cell::{Cell, RefCell};
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::{Rc, Weak};
use std::time::Duration;

use almanac_relay::simulation::{Desk, Relay, Transport};
use anyhow::{Context, Result};
use tokio::task::{JoinHandle, spawn_local};
use tokio::time::{Instant, timeout_at};

use crate::around::Around;
use crate::chance::Chance;

/// Milliseconds that letters may wait for a commit.
const COMMIT_WAIT_MS: u64 = 3;

/// When a relay goes down by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fall {
    /// With letters in hand that were not committed.
    BeforeCommit,
    /// After a commit, before anybody hears of it.
    AfterCommit,
}

/// A relay that serves.
pub(crate) struct Serving {
    relay: RefCell<Relay>,
    tasks: RefCell<Vec<JoinHandle<()>>>,
    fall: Cell<Option<Fall>>,
    commits: Cell<u64>,
    around: Weak<Around>,
}

/// One relay of a world, up or down.
pub(crate) struct RelayPlace {
    number: usize,
    path: PathBuf,
    around: Rc<Around>,
    starts: u64,
    serving: Option<Rc<Serving>>,
    commits: u64,
}

impl Serving {
    /// Serves one more connection.
    pub(crate) fn accept(&self, transport: Box<dyn Transport>) {
        let connection = self.relay.borrow_mut().serve(transport);
        self.tasks.borrow_mut().push(spawn_local(connection));
    }

    async fn work(self: Rc<Self>, mut desk: Desk, mut chance: Chance) {
        loop {
            if desk.waiting() == 0 {
                desk.take_letter().await;
            }
            if desk.waiting() == 0 {
                continue;
            }
            let wait = Duration::from_millis(chance.below(COMMIT_WAIT_MS + 1));
            let until = Instant::now() + wait;
            while timeout_at(until, desk.take_letter()).await.is_ok() {}
            let fall = self.fall.take();
            let letters = 1 + chance.index(desk.waiting());
            if fall != Some(Fall::BeforeCommit) {
                desk.commit(letters);
                self.commits.set(self.commits.get() + 1);
            }
            if fall.is_some() {
                desk.forget();
                if let Some(around) = self.around.upgrade() {
                    around.cut_all();
                }
            }
        }
    }
}

impl RelayPlace {
    /// A relay on the database at `path`, not started yet.
    pub(crate) fn new(number: usize, path: PathBuf, around: &Rc<Around>) -> Self {
        Self {
            number,
            path,
            around: around.clone(),
            starts: 0,
            serving: None,
            commits: 0,
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Commits so far.
    pub(crate) fn commits(&self) -> u64 {
        let now = self
            .serving
            .as_ref()
            .map_or(0, |serving| serving.commits.get());
        self.commits + now
    }

    /// Starts it, if it is down.
    pub(crate) fn start(&mut self) -> Result<()> {
        if self.serving.is_some() {
            return Ok(());
        }
        let (relay, desk) = Relay::open(&self.path).context("the relay does not start")?;
        self.starts += 1;
        let purpose = format!("desk {}", self.number);
        let chance = self.around.chance(&purpose, self.starts);
        let serving = Rc::new(Serving {
            relay: RefCell::new(relay),
            tasks: RefCell::default(),
            fall: Cell::new(None),
            commits: Cell::new(0),
            around: Rc::downgrade(&self.around),
        });
        let desk = spawn_local(serving.clone().work(desk, chance));
        serving.tasks.borrow_mut().push(desk);
        self.around.set_relay(self.number, Some(serving.clone()));
        self.serving = Some(serving);
        Ok(())
    }

    /// Ends it at once: what was not committed is gone, and nobody is told.
    pub(crate) async fn crash(&mut self) {
        self.around.set_relay(self.number, None);
        let Some(serving) = self.serving.take() else {
            return;
        };
        self.commits += serving.commits.get();
        let tasks = std::mem::take(&mut *serving.tasks.borrow_mut());
        for task in tasks {
            task.abort();
            // An aborted task has nothing to say.
            let _ = task.await;
        }
    }

    /// Takes back that it is to go down.
    pub(crate) fn stays(&self) {
        if let Some(serving) = &self.serving {
            serving.fall.set(None);
        }
    }

    /// Lets it go down once, at the worst moment there is for that.
    pub(crate) fn fall(&self, fall: Fall) {
        if let Some(serving) = &self.serving {
            serving.fall.set(Some(fall));
        }
    }

    /// The files of its database, which must not be open.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        ["", "-wal", "-shm"]
            .iter()
            .map(|suffix| {
                let mut name = self.path.clone().into_os_string();
                name.push(suffix);
                PathBuf::from(name)
            })
            .collect()
    }

    /// Removes its database.
    pub(crate) fn erase(&self) {
        for file in self.files() {
            // It may never have been written.
            let _ = fs::remove_file(file);
        }
    }

    /// An invite to it.
    pub(crate) fn invite(&self) -> Result<String> {
        Ok(Relay::invite(&self.path)?)
    }

    /// What is wrong with its database, where something is.
    pub(crate) fn breakage(&self) -> Option<String> {
        let serving = self.serving.as_ref()?;
        let breakage = serving.relay.borrow_mut().breakage();
        breakage.map(|error| error.to_string())
    }
}
