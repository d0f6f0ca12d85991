//! The open client of one profile: who it is, and the only way to its database.
//!
//! Invariant: every action of a person is one transaction in which the signed frame, the changes
//! and the rows that show them are stored together; listeners hear of it afterwards.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use almanac_crypto::keep::Keep;
use almanac_crypto::keys::DeviceKeys;
use almanac_protocol::actor::actor;
use almanac_protocol::ids::{AccountId, CalendarId, DeviceId, DocumentId, Incarnation};
use almanac_store::{Room, Setting, Store, Transaction};
use tokio::sync::watch;

use crate::anchor::Mooring;
use crate::clock;
use crate::entropy;
use crate::error::{Error, Result};
use crate::keeper::{self, Keeper};
use crate::lock::locked;
use crate::occurrences::ready::ReadyEvents;
use crate::replica::author::{self, Authored, Authoring};
use crate::replica::hydrated;
use crate::replica::logs::Verified;
use crate::sync::live::{Live, Uploading};
use crate::undo::step::Step;
use crate::view::Notice;

/// A whole calendar without a window. Cheap to clone; all clones are one client.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    voice: Voice,
    /// With which relay the connections of this handle speak.
    keeper: Keeper,
}

/// Whether the connections of a handle say where sync stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Voice {
    Loud,
    Quiet,
}

/// Who this device is, and the key under which its secrets rest.
pub(crate) struct Identity {
    pub(crate) account: AccountId,
    pub(crate) device: DeviceId,
    pub(crate) private: CalendarId,
    pub(crate) keys: DeviceKeys,
    pub(crate) keep: Keep,
    pub(crate) verified: Verified,
}

struct Shared {
    identity: Identity,
    /// Nothing while the program is locked.
    store: Mutex<Option<Store>>,
    /// Where the database lies.
    path: PathBuf,
    revision: AtomicU64,
    /// The database's data version when other processes were last looked for.
    other_writes: AtomicI64,
    /// Grows whenever a running sync is to look for what there is to do.
    wake: watch::Sender<u64>,
    live: Mutex<Live>,
    listeners: Mutex<Vec<Listener>>,
    ready_events: ReadyEvents,
    mooring: Option<Mooring>,
}

impl Drop for Shared {
    fn drop(&mut self) {
        // What was read of a profile does not outlive it in memory.
        hydrated::forget();
    }
}

type Listener = Box<dyn Fn(&Notice) + Send>;

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("device", &self.shared.identity.device)
            .finish_non_exhaustive()
    }
}

impl Client {
    pub(crate) fn new(identity: Identity, store: Store, mooring: Option<Mooring>) -> Self {
        // Without a first look the next one finds a difference, which costs one more drawing.
        let other_writes = store.data_version().unwrap_or_default();
        let shared = Shared {
            identity,
            path: store.path().to_owned(),
            store: Mutex::new(Some(store)),
            revision: AtomicU64::new(1),
            other_writes: AtomicI64::new(other_writes),
            wake: watch::Sender::new(0),
            live: Mutex::new(Live::default()),
            listeners: Mutex::new(Vec::new()),
            ready_events: ReadyEvents::default(),
            mooring,
        };
        Self {
            shared: Arc::new(shared),
            voice: Voice::Loud,
            keeper: Keeper::Own,
        }
    }

    /// Grows with every change that this program makes or sees.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.shared.revision.load(Ordering::Acquire)
    }

    /// Calls `listener` after every change, on the thread that made it: it must be brief.
    pub fn listen(&self, listener: impl Fn(&Notice) + Send + 'static) {
        lock(&self.shared.listeners).push(Box::new(listener));
    }

    /// The same client for a question to the relay beside a running sync: that one alone says where sync
    /// stands.
    #[must_use]
    pub fn quietly(&self) -> Self {
        Self {
            voice: Voice::Quiet,
            ..self.clone()
        }
    }

    /// The same client for connections with this relay.
    pub(crate) fn at(&self, keeper: &Keeper) -> Self {
        Self {
            keeper: keeper.clone(),
            ..self.clone()
        }
    }

    /// The relay with which this handle's connections speak.
    pub(crate) const fn keeper(&self) -> &Keeper {
        &self.keeper
    }

    /// Whether this handle's connections say where sync stands.
    pub(crate) fn is_quiet(&self) -> bool {
        self.voice == Voice::Quiet
    }

    /// The account's private calendar.
    pub(crate) fn private_calendar(&self) -> CalendarId {
        self.shared.identity.private
    }

    pub(crate) fn identity(&self) -> &Identity {
        &self.shared.identity
    }

    pub(crate) fn mooring(&self) -> Option<&Mooring> {
        self.shared.mooring.as_ref()
    }

    pub(crate) fn ready_events(&self) -> &ReadyEvents {
        &self.shared.ready_events
    }

    pub(crate) fn live(&self) -> MutexGuard<'_, Live> {
        lock(&self.shared.live)
    }

    /// Changes whenever something was written that may have to be sent.
    pub(crate) fn wakes(&self) -> watch::Receiver<u64> {
        self.shared.wake.subscribe()
    }

    /// Has a running sync look for what there is to do.
    pub(crate) fn wake(&self) {
        self.shared
            .wake
            .send_modify(|times| *times = times.wrapping_add(1));
    }

    /// Reads one state of the database.
    pub(crate) fn read<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        self.with_store(|store| store.read(work))
    }

    /// One action: all of it is stored, or nothing. One of a person goes by [`Client::act`].
    pub(crate) fn write<T>(&self, work: impl FnOnce(&mut Work<'_>) -> Result<T>) -> Result<T> {
        let (value, changed) = self.with_store(|store| {
            store.write(|tx| {
                let identity = &self.shared.identity;
                let mut action = Work {
                    tx,
                    identity,
                    changed: BTreeSet::new(),
                    seal: self.seals_now(),
                    subject: String::new(),
                    steps: Vec::new(),
                };
                let value = work(&mut action)?;
                Ok::<_, Error>((value, action.changed))
            })
        })?;
        self.wake();
        self.announce(&changed);
        Ok(value)
    }

    /// Stores what came from the relay, or what sync notes about itself.
    pub(crate) fn store<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        self.with_store(|store| store.write(work))
    }

    /// Gives the database memory for much writing, or takes it back.
    pub(crate) fn set_room(&self, room: Room) -> Result<()> {
        self.with_store(|store| Ok(store.set_room(room)?))
    }

    /// The database once more, for reading that takes long beside whoever works meanwhile.
    pub(crate) fn beside(&self) -> Result<Store> {
        self.with_store(|store| Ok(store.beside()?))
    }

    /// Where the database lies.
    pub(crate) fn database_path(&self) -> &Path {
        &self.shared.path
    }

    /// Lets go of the database for good: whatever is asked from now on is refused.
    pub(crate) fn close(&self) {
        drop(lock(&self.shared.store).take());
        hydrated::forget();
        // A running sync finds out, and ends.
        self.wake();
    }

    /// Whether no other clone is left, so that dropping this one wipes the keys.
    pub(crate) fn is_alone(&self) -> bool {
        Arc::strong_count(&self.shared) == 1
    }

    fn with_store<T>(&self, work: impl FnOnce(&mut Store) -> Result<T>) -> Result<T> {
        let mut store = lock(&self.shared.store);
        work(store.as_mut().ok_or_else(locked)?)
    }

    /// Looks whether another process on this profile has written, and tells listeners if it has.
    pub fn look_for_other_writes(&self) -> Result<bool> {
        let version = self.with_store(|store| Ok(store.data_version()?))?;
        if self.shared.other_writes.swap(version, Ordering::AcqRel) == version {
            return Ok(false);
        }
        let calendars = self.read(|tx| Ok(tx.calendars()?))?;
        self.announce(&calendars.iter().map(|row| row.id).collect());
        Ok(true)
    }

    /// Tells listeners that these calendars have changed.
    pub(crate) fn announce(&self, calendars: &BTreeSet<CalendarId>) {
        if calendars.is_empty() {
            return;
        }
        let revision = self.shared.revision.fetch_add(1, Ordering::AcqRel) + 1;
        let calendars = calendars.iter().map(ToString::to_string).collect();
        self.tell(&Notice::Changed {
            revision,
            calendars,
        });
    }

    /// Tells listeners something.
    pub(crate) fn tell(&self, notice: &Notice) {
        for listener in lock(&self.shared.listeners).iter() {
            listener(notice);
        }
    }

    /// While connected, an edit is sealed in its own transaction and leaves at once.
    fn seals_now(&self) -> Uploading {
        self.live().uploading()
    }
}

/// One action of a person while it is being written.
pub(crate) struct Work<'a> {
    tx: &'a Transaction<'a>,
    identity: &'a Identity,
    changed: BTreeSet<CalendarId>,
    seal: Uploading,
    subject: String,
    steps: Vec<Step>,
}

impl Work<'_> {
    pub(crate) fn tx(&self) -> &Transaction<'_> {
        self.tx
    }

    pub(crate) fn identity(&self) -> &Identity {
        self.identity
    }

    /// The Automerge actor in whose name this device changes documents of a calendar.
    pub(crate) fn actor(&self, calendar: CalendarId) -> Result<[u8; 16]> {
        Ok(actor(
            &calendar,
            &self.identity.device,
            &incarnation(self.tx)?,
        ))
    }

    /// The id of a new document.
    #[expect(
        clippy::unused_self,
        reason = "ids belong to the action that uses them"
    )]
    pub(crate) fn new_document(&self) -> DocumentId {
        DocumentId::from_bytes(entropy::bytes())
    }

    /// Milliseconds since 1970, for dates that people read.
    #[expect(clippy::unused_self, reason = "one moment belongs to the action")]
    pub(crate) fn now_ms(&self) -> u64 {
        clock::now_ms()
    }

    /// Says what the action is done to, as people call it.
    pub(crate) fn about(&mut self, subject: &str) {
        self.subject = subject.to_owned();
    }

    /// Notes what was changed, so that it can be taken back.
    pub(crate) fn remember(&mut self, step: Step) {
        match self.steps.last_mut() {
            _ if step.changes.is_empty() => {}
            Some(last) if last.calendar == step.calendar && last.changes == step.changes => {
                last.documents.extend(step.documents);
            }
            Some(_) | None => self.steps.push(step),
        }
    }

    /// What the action was done to, and what it changed.
    pub(crate) fn take_steps(&mut self) -> (String, Vec<Step>) {
        (
            std::mem::take(&mut self.subject),
            std::mem::take(&mut self.steps),
        )
    }

    /// Signs the changes of one action, stores them, and brings the rows up to date.
    pub(crate) fn author(
        &mut self,
        calendar: CalendarId,
        changes: Vec<impl Into<Authored>>,
    ) -> Result<()> {
        author::author(self.tx, self.identity, calendar, changes)?;
        self.authored(calendar)
    }

    /// Adds a change to others of its calendar, which count once they are finished.
    pub(crate) fn add(&self, authoring: &mut Authoring, change: Authored) -> Result<()> {
        authoring.add(self.tx, self.identity, change)
    }

    /// The same as [`Work::author`] of changes that were added one by one.
    pub(crate) fn finish(&mut self, calendar: CalendarId, authoring: Authoring) -> Result<()> {
        authoring.finish(self.tx, self.identity)?;
        self.authored(calendar)
    }

    fn authored(&mut self, calendar: CalendarId) -> Result<()> {
        if self.seal.contains(&keeper::of(self.tx, calendar)?) {
            crate::replica::seal::seal_waiting(self.tx, self.identity, calendar)?;
        }
        self.changed.insert(calendar);
        Ok(())
    }

    /// Creates a calendar: its keys, its log and the box for this account.
    pub(crate) fn create_calendar(&mut self) -> Result<CalendarId> {
        crate::accounts::calendar::create(self.tx, self.identity, almanac_store::Purpose::Calendar)
    }
}

/// This life of the device's numbering.
pub(crate) fn incarnation(tx: &Transaction<'_>) -> Result<Incarnation> {
    tx.setting(Setting::Incarnation)?
        .and_then(|bytes| Incarnation::from_slice(&bytes))
        .ok_or_else(|| Error::internal("incarnation"))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic elsewhere does not make what stands behind the lock wrong: transactions roll back.
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
