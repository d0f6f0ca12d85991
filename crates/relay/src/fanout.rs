//! Who hears of what: connections by the streams they follow and by their account.
//!
//! Told only after commit. Leaves alone how a connection keeps up: its inbox does.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use almanac_protocol::ids::{AccountId, CalendarId, DeviceId};
use almanac_protocol::message::Stream;
use almanac_protocol::session::relay::{Appended, LogGrown, Packet};

use crate::inbox::Inbox;

/// Number of a connection of this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ConnectionId(pub(crate) u64);

type Listeners = BTreeMap<ConnectionId, Arc<Inbox>>;

#[derive(Debug, Default)]
struct Listening {
    streams: HashMap<Stream, Listeners>,
    accounts: HashMap<AccountId, Listeners>,
}

/// Who hears of what.
#[derive(Debug, Default)]
pub(crate) struct Fanout {
    listening: Mutex<Listening>,
}

impl Fanout {
    /// From now on the connection hears when the stream grows.
    pub(crate) fn follow(&self, stream: Stream, id: ConnectionId, inbox: &Arc<Inbox>) {
        self.lock()
            .streams
            .entry(stream)
            .or_default()
            .insert(id, inbox.clone());
    }

    /// The connection hears of the stream no longer.
    pub(crate) fn unfollow(&self, stream: Stream, id: ConnectionId) {
        remove(&mut self.lock().streams, stream, id);
    }

    /// From now on the connection hears when a log grows that concerns the account.
    pub(crate) fn listen(&self, account: AccountId, id: ConnectionId, inbox: &Arc<Inbox>) {
        self.lock()
            .accounts
            .entry(account)
            .or_default()
            .insert(id, inbox.clone());
    }

    /// The connection hears of the account's logs no longer.
    pub(crate) fn unlisten(&self, account: AccountId, id: ConnectionId) {
        remove(&mut self.lock().accounts, account, id);
    }

    /// Tells all who follow the stream.
    pub(crate) fn appended(&self, appended: Appended) {
        let appended = Arc::new(appended);
        if let Some(listeners) = self.lock().streams.get(&appended.stream) {
            listeners.values().for_each(|inbox| inbox.append(&appended));
        }
    }

    /// Tells the connections of these accounts.
    pub(crate) fn grown(&self, grown: LogGrown, accounts: &[AccountId]) {
        let listening = self.lock();
        for listeners in accounts
            .iter()
            .filter_map(|account| listening.accounts.get(account))
        {
            listeners.values().for_each(|inbox| inbox.grow(grown));
        }
    }

    /// Tells the connections of the recipient of a box to look at the log again; `sender` itself
    /// needs no telling.
    pub(crate) fn supplied(&self, grown: LogGrown, account: AccountId, sender: &Arc<Inbox>) {
        if let Some(listeners) = self.lock().accounts.get(&account) {
            listeners
                .values()
                .filter(|inbox| !Arc::ptr_eq(inbox, sender))
                .for_each(|inbox| inbox.grow(grown));
        }
    }

    /// Tells the connections of a calendar's owners who asks to be admitted.
    pub(crate) fn asked(&self, calendar: CalendarId, joins: &Packet, owners: &[AccountId]) {
        let listening = self.lock();
        for listeners in owners
            .iter()
            .filter_map(|account| listening.accounts.get(account))
        {
            listeners
                .values()
                .for_each(|inbox| inbox.ask(calendar, joins.clone()));
        }
    }

    /// Tells the connections of an account that a recovery kit of it has proven its key.
    pub(crate) fn recovering(&self, account: AccountId, kit: DeviceId, begun: &Packet) {
        if let Some(listeners) = self.lock().accounts.get(&account) {
            listeners
                .values()
                .for_each(|inbox| inbox.recovering(kit, begun.clone()));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Listening> {
        self.listening
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn remove<K: Eq + Hash>(map: &mut HashMap<K, Listeners>, key: K, id: ConnectionId) {
    if let Some(listeners) = map.get_mut(&key) {
        listeners.remove(&id);
        if listeners.is_empty() {
            map.remove(&key);
        }
    }
}
