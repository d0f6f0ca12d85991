//! What was acknowledged when, which states the database went through, and whether what a power cut
//! left is one of them.

use std::rc::Rc;

use almanac_disk::{Cuts, Disk, Recording};
use almanac_store::{DatabaseKey, Store};
use rusqlite::Connection;

use crate::database::{self, Digest, FILE, connect, store_key};
use crate::script::OTHER;

/// The acknowledgements of a script.
pub(crate) struct Timeline {
    disk: Rc<Disk>,
    acknowledged: Vec<(usize, &'static str)>,
}

impl Timeline {
    /// Begins with what stands on the disk now: that is acknowledged.
    pub(crate) fn begin(disk: &Rc<Disk>) -> Self {
        let disk = Rc::clone(disk);
        let acknowledged = vec![(disk.operations(), "the beginning")];
        Self { disk, acknowledged }
    }

    /// Something was told to be done.
    pub(crate) fn acknowledge(&mut self, what: &'static str) {
        self.acknowledged.push((self.disk.operations(), what));
    }

    /// The states that the database of a profile went through.
    pub(crate) fn course(self, key: &str) -> Course {
        self.course_of(Whose::Client {
            key: key.to_owned(),
            store_key: store_key(key),
        })
    }

    /// The states that a database went through.
    pub(crate) fn course_of(self, whose: Whose) -> Course {
        let recording = self.disk.recording();
        let mut places = recording.syncs();
        places.extend(self.acknowledged.iter().map(|(operation, _)| *operation));
        places.sort_unstable();
        places.dedup();
        let first = self.acknowledged[0].0;
        places.retain(|place| *place >= first);
        let mut cuts = Cuts::new(&recording);
        let states = places.into_iter().map(|operation| {
            cuts.advance_to(operation);
            let there = cuts.whole();
            let digest = database::digest(&whose.connect(&there).unwrap()).unwrap();
            State { operation, digest }
        });
        let states = states.collect();
        Course {
            states,
            whose,
            acknowledged: self.acknowledged,
            recording,
        }
    }
}

/// Whose database it is.
pub(crate) enum Whose {
    /// A client's, under its key.
    Client {
        /// As SQLCipher is told it.
        key: String,
        /// As the store takes it.
        store_key: DatabaseKey,
    },
    /// A relay's.
    Relay,
}

impl Whose {
    fn connect(&self, disk: &Disk) -> rusqlite::Result<Connection> {
        match self {
            Self::Client { key, .. } => connect(disk, key),
            Self::Relay => Connection::open(disk.path(database::RELAY_FILE)),
        }
    }
}

/// The database at one point of a recording, if nothing is lost.
struct State {
    operation: usize,
    digest: Digest,
}

/// A recording, and what its database may say at every point of it.
pub(crate) struct Course {
    pub(crate) recording: Recording,
    states: Vec<State>,
    acknowledged: Vec<(usize, &'static str)>,
    whose: Whose,
}

/// What is wrong with an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// It does not open, or not all of it can be read.
    Unreadable(String),
    /// It lacks what was acknowledged: the name of the oldest such step.
    Lost(&'static str),
    /// It is no state that the database was ever in.
    Invented,
    /// It is a state, and the cursor in it is not that of its frames.
    CursorApart,
    /// SQLite or SQLCipher finds damage.
    Damaged(Vec<String>),
}

/// How much of an image is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// Every row.
    Rows,
    /// Every row, and every page and index.
    Pages,
}

impl Course {
    /// The first place at which something was acknowledged.
    pub(crate) fn first(&self) -> usize {
        self.acknowledged[0].0
    }

    /// The place of an acknowledgement, counted from the last.
    pub(crate) fn last_but(&self, count: usize) -> usize {
        self.acknowledged[self.acknowledged.len() - 1 - count].0
    }

    /// Acknowledgements, the beginning aside.
    pub(crate) fn steps(&self) -> usize {
        self.acknowledged.len() - 1
    }

    /// Opens what a power cut after so many operations left, as the client would, and looks whether
    /// all that was acknowledged is there, and what was under way wholly or not at all.
    pub(crate) fn check(&self, image: &Disk, operation: usize, look: Look) -> Result<(), Wrong> {
        let unreadable = |error: &dyn std::fmt::Display| Wrong::Unreadable(error.to_string());
        // As the program opens it; held open, so that the look below finds the same WAL.
        let store = match &self.whose {
            Whose::Client { store_key, .. } => {
                Some(Store::open(&image.path(FILE), store_key).map_err(|e| unreadable(&e))?)
            }
            Whose::Relay => None,
        };
        let connection = self.whose.connect(image).map_err(|e| unreadable(&e))?;
        let digest = database::digest(&connection).map_err(|e| unreadable(&e))?;
        self.place(digest, operation)?;
        if store.is_some() && !cursor_fits(&connection).map_err(|e| unreadable(&e))? {
            return Err(Wrong::CursorApart);
        }
        if look == Look::Pages {
            let found = database::damage(&connection).map_err(|e| unreadable(&e))?;
            if !found.is_empty() {
                return Err(Wrong::Damaged(found));
            }
        }
        drop(store);
        Ok(())
    }

    /// Whether a state may stand after a power cut there.
    fn place(&self, digest: Digest, operation: usize) -> Result<(), Wrong> {
        let acknowledged = self.acknowledged.iter();
        let (last, _) = acknowledged
            .rev()
            .find(|(at, _)| *at <= operation)
            .expect("nothing is cut before the beginning");
        let begins = |at: usize| self.states.partition_point(|state| state.operation < at);
        let low = begins(*last);
        let high = begins(operation).min(self.states.len() - 1);
        if self.states[low..=high]
            .iter()
            .any(|state| state.digest == digest)
        {
            return Ok(());
        }
        match self.states.iter().rposition(|state| state.digest == digest) {
            Some(at) if at < low => {
                let had = self.states[at].operation;
                let lost = self.acknowledged.iter().find(|(at, _)| *at > had);
                Err(Wrong::Lost(lost.map_or("the beginning", |(_, what)| what)))
            }
            _ => Err(Wrong::Invented),
        }
    }
}

/// Whether the cursor of every calendar is that of the last frame from the relay in it.
fn cursor_fits(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row(
        "SELECT NOT EXISTS (SELECT 1 FROM calendar WHERE rseq <> (
             SELECT coalesce(max(seq), 0) FROM frame
             WHERE frame.calendar = calendar.id AND frame.device = ?1))",
        [OTHER.as_bytes().as_slice()],
        |row| row.get(0),
    )
}
