//! New events made ready to be stored, on as many threads as the machine has, ahead of the
//! transactions that store them.
//!
//! A draft promises nothing: whether its event is new is decided again where it is stored. At any
//! moment only a few parts of the file are drafts, however large the file is.
//!
//! Events are stored in order of time, and the ids of their documents ascend in that order: what is
//! written together then lies together in every table and index, and so does what is read together.

use std::collections::{BTreeMap, HashSet};
use std::iter::{Peekable, Take};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use almanac_calendar::{Event, document};
use almanac_protocol::ids::{CalendarId, ChangeHash, DocumentId};

use crate::entropy;
use crate::error::{Error, Result};
use crate::replica::author::{self, Authored};
use crate::replica::rows::Rows;

/// Events that a thread takes at once.
const PART_EVENTS: usize = 250;
/// Parts that wait to be stored: as many events as get ready while a transaction is ended.
const PARTS_WAITING: usize = 16;

/// An event of the file on its way into a calendar.
pub(crate) enum Draft {
    /// Its document is made.
    Ready(DocumentId, Box<Authored>),
    /// An event of this name is there already.
    Known,
    /// Other devices would not take it.
    Refused(Error),
}

/// What all drafts of one import share.
pub(crate) struct Drafter {
    pub(crate) calendar: CalendarId,
    pub(crate) actor: [u8; 16],
    /// Unix seconds of the import.
    pub(crate) time: i64,
    /// UIDs that are there already.
    pub(crate) known: HashSet<String>,
}

/// An event and its draft.
pub(super) type Drafted = (Event, Result<Draft>);
/// Events that are stored together, each as soon as its draft is there.
pub(super) type Batch<'a> = Take<&'a mut Peekable<InOrder>>;

impl Drafter {
    /// Drafts events and hands them to `store`, `batch` at a time, in order of time, as they get
    /// ready: what is stored meanwhile is not waited for. Ends early when `store` fails.
    pub(super) fn each_batch(
        &self,
        events: Vec<Event>,
        batch: usize,
        mut store: impl FnMut(Batch<'_>) -> Result<()>,
    ) -> Result<()> {
        let parts = Mutex::new(parts_of(events));
        let threads = thread::available_parallelism().map_or(1, usize::from);
        thread::scope(|scope| {
            let (sender, receiver) = sync_channel(PARTS_WAITING);
            for _ in 0..threads {
                let sender = sender.clone();
                scope.spawn(|| self.work(&parts, sender));
            }
            drop(sender);
            // The threads end when nobody listens any more.
            let mut drafted = InOrder::new(receiver).peekable();
            while drafted.peek().is_some() {
                store(drafted.by_ref().take(batch))?;
            }
            Ok(())
        })
    }

    fn work(&self, parts: &Mutex<Parts>, sender: SyncSender<(usize, Vec<Drafted>)>) {
        loop {
            let part = parts.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some((number, events)) = part else { return };
            let drafted = events.into_iter().map(|(event, document)| {
                let draft = self.draft(&event, document);
                (event, draft)
            });
            if sender.send((number, drafted.collect())).is_err() {
                return;
            }
        }
    }

    fn draft(&self, event: &Event, document: DocumentId) -> Result<Draft> {
        if self.known.contains(&event.uid) {
            return Ok(Draft::Known);
        }
        self.ready(event, document)
    }

    /// The document of a new event, its change and its rows.
    pub(crate) fn ready(&self, event: &Event, document: DocumentId) -> Result<Draft> {
        let (event, change) =
            document::draft(event, self.actor, self.time).map_err(Error::internal)?;
        if let Err(error) = author::check_own(&change) {
            return Ok(Draft::Refused(error));
        }
        let rows = Rows::of(self.calendar, document, &event)?;
        let hash = ChangeHash::from_bytes(change.hash);
        let ready = Box::new(Authored::first(change.bytes, hash, rows));
        Ok(Draft::Ready(document, ready))
    }
}

/// Events, each with the id of the document that it may become.
type Part = Vec<(Event, DocumentId)>;
type Parts = std::iter::Enumerate<std::vec::IntoIter<Part>>;

fn parts_of(mut events: Vec<Event>) -> Parts {
    events.sort_by_cached_key(|event| event.when.start());
    let ids = events.iter().map(|_| entropy::bytes());
    let mut ids: Vec<DocumentId> = ids.map(DocumentId::from_bytes).collect();
    ids.sort_unstable();
    let mut parts = Vec::with_capacity(events.len() / PART_EVENTS + 1);
    let mut events = events.into_iter().zip(ids);
    loop {
        let part: Part = events.by_ref().take(PART_EVENTS).collect();
        if part.is_empty() {
            return parts.into_iter().enumerate();
        }
        parts.push(part);
    }
}

/// Parts as they come from several threads, put in order again.
pub(super) struct InOrder {
    receiver: Receiver<(usize, Vec<Drafted>)>,
    early: BTreeMap<usize, Vec<Drafted>>,
    next: usize,
    current: std::vec::IntoIter<Drafted>,
}

impl InOrder {
    fn new(receiver: Receiver<(usize, Vec<Drafted>)>) -> Self {
        Self {
            receiver,
            early: BTreeMap::new(),
            next: 0,
            current: Vec::new().into_iter(),
        }
    }
}

impl Iterator for InOrder {
    type Item = Drafted;

    fn next(&mut self) -> Option<Drafted> {
        loop {
            if let Some(drafted) = self.current.next() {
                return Some(drafted);
            }
            while !self.early.contains_key(&self.next) {
                let (number, part) = self.receiver.recv().ok()?;
                self.early.insert(number, part);
            }
            self.current = self.early.remove(&self.next)?.into_iter();
            self.next += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use almanac_calendar::When;

    use super::*;

    fn events(count: usize) -> Vec<Event> {
        let when = When::from_people("2026-11-20", None, None).unwrap();
        let event = |number| Event::new(format!("{number}@x"), "", when.clone());
        (0..count).map(event).collect()
    }

    fn drafter() -> Drafter {
        Drafter {
            calendar: CalendarId::from_bytes([1; 32]),
            actor: [2; 16],
            time: 0,
            known: HashSet::from(["7@x".to_owned()]),
        }
    }

    #[test]
    fn drafts_of_one_time_come_in_the_order_of_the_file() {
        let mut seen = Vec::new();
        let mut sizes = Vec::new();
        let done = drafter().each_batch(events(1_234), 500, |batch| {
            let before = seen.len();
            for (event, draft) in batch {
                let is_known = matches!(draft.unwrap(), Draft::Known);
                assert_eq!(is_known, event.uid == "7@x");
                seen.push(event.uid);
            }
            sizes.push(seen.len() - before);
            Ok(())
        });
        assert!(done.is_ok());
        assert_eq!(sizes, [500, 500, 234]);
        let expected: Vec<String> = events(1_234).into_iter().map(|event| event.uid).collect();
        assert_eq!(seen, expected);
    }

    #[test]
    fn what_is_near_in_time_is_stored_together() {
        let days = ["2026-11-22", "2019-01-01", "2026-11-20", "2031-05-05"];
        let event = |day: &str| {
            let when = When::from_people(day, None, None).unwrap();
            Event::new(format!("{day}@x"), "", when)
        };
        let mut stored = Vec::new();
        let done = drafter().each_batch(days.map(event).into(), 10, |batch| {
            stored.extend(batch.map(|(event, draft)| match draft.unwrap() {
                Draft::Ready(document, _) => (event.uid, document),
                Draft::Known | Draft::Refused(_) => panic!("a new event"),
            }));
            Ok(())
        });
        assert!(done.is_ok() && stored.is_sorted_by_key(|(_, document)| *document));
        let uids = [
            "2019-01-01@x",
            "2026-11-20@x",
            "2026-11-22@x",
            "2031-05-05@x",
        ];
        assert!(stored.iter().map(|(uid, _)| uid.as_str()).eq(uids));
    }

    #[test]
    fn a_failure_ends_it_and_every_thread() {
        let mut batches = 0;
        let failed = drafter().each_batch(events(3_000), 100, |_| {
            batches += 1;
            Err(Error::invalid("full"))
        });
        assert!(failed.is_err());
        assert_eq!(batches, 1);
        assert!(drafter().each_batch(Vec::new(), 100, |_| Ok(())).is_ok());
    }
}
