//! What waits for one connection: answers of the database and news of others.
//!
//! Invariant: bounded, and nothing is lost that cannot be read from disk. Envelopes that arrive
//! faster than the connection takes them shrink to "the stream has grown to here".

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use almanac_protocol::ids::{CalendarId, DeviceId, LogId};
use almanac_protocol::message::Stream;
use almanac_protocol::session::relay::{Answer, Appended, LogGrown, Packet, PairingNotice};
use tokio::sync::Notify;

/// News with envelopes inside that wait for one connection.
const APPENDED_MAX: usize = 64;

/// What waits for one connection.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    waiting: Mutex<Delivery>,
    bell: Notify,
}

/// All that waited, in the order in which the session must be told.
#[derive(Debug, Default)]
pub(crate) struct Delivery {
    /// Logs that grew. First: they may take access away that later news would use.
    pub(crate) grown: BTreeMap<LogId, u64>,
    /// Answers of the database.
    pub(crate) answers: VecDeque<Answer>,
    /// Streams that grew, with the envelopes.
    pub(crate) appended: VecDeque<Arc<Appended>>,
    /// Streams that grew too fast, and how far.
    pub(crate) outrun: BTreeMap<Stream, u64>,
    /// Who asks to be admitted to calendars of the account: of each the newest word.
    pub(crate) asked: BTreeMap<CalendarId, Packet>,
    /// Recovery kits of the account that have proven their keys: of each the newest word.
    pub(crate) recovering: BTreeMap<DeviceId, Packet>,
    /// Steps of linking.
    pub(crate) pairing: VecDeque<PairingNotice>,
}

impl Inbox {
    /// Leaves an answer. The session bounds how many it has asked for.
    pub(crate) fn answer(&self, answer: Answer) {
        self.lock().answers.push_back(answer);
        self.bell.notify_one();
    }

    /// Leaves the news that a stream grew.
    pub(crate) fn append(&self, appended: &Arc<Appended>) {
        let mut waiting = self.lock();
        if waiting.appended.len() >= APPENDED_MAX {
            let Delivery {
                appended: all,
                outrun,
                ..
            } = &mut *waiting;
            for old in all.drain(..) {
                outrun.insert(old.stream, old.last_rseq);
            }
        }
        waiting.appended.push_back(appended.clone());
        drop(waiting);
        self.bell.notify_one();
    }

    /// Leaves the news that a log grew.
    pub(crate) fn grow(&self, grown: LogGrown) {
        self.lock().grown.insert(grown.log, grown.count);
        self.bell.notify_one();
    }

    /// Leaves the news of who asks to be admitted to a calendar, in place of older news.
    pub(crate) fn ask(&self, calendar: CalendarId, joins: Packet) {
        self.lock().asked.insert(calendar, joins);
        self.bell.notify_one();
    }

    /// Leaves the news that a recovery kit has proven its key, in place of older news.
    pub(crate) fn recovering(&self, kit: DeviceId, begun: Packet) {
        self.lock().recovering.insert(kit, begun);
        self.bell.notify_one();
    }

    /// Leaves a step of linking. Both ends bound how many they send.
    pub(crate) fn pair(&self, notice: PairingNotice) {
        self.lock().pairing.push_back(notice);
        self.bell.notify_one();
    }

    /// Waits until there is something and takes all of it.
    pub(crate) async fn take(&self) -> Delivery {
        self.bell.notified().await;
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Delivery> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn envelopes_that_come_too_fast_shrink_to_a_number() {
        let inbox = Inbox::default();
        let stream = Stream {
            calendar: CalendarId::from_bytes([1; 32]),
            kind: 1,
        };
        for rseq in 1..=1_000 {
            let message = Some(Arc::from([0; 8]));
            let news = Appended {
                stream,
                first_rseq: rseq,
                last_rseq: rseq,
                message,
            };
            inbox.append(&Arc::new(news));
        }
        let delivery = inbox.take().await;
        assert!(delivery.appended.len() <= APPENDED_MAX);
        let first = delivery.appended.front().map(|news| news.first_rseq);
        assert_eq!(first, delivery.outrun.get(&stream).map(|outrun| outrun + 1));
        assert_eq!(
            delivery.appended.back().map(|news| news.last_rseq),
            Some(1_000)
        );
    }
}
