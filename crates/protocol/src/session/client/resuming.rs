//! Coming back: where this device stands, said once for everything it knows.

use super::{ClientSession, Event};
use crate::limits::STREAMS_PER_MESSAGE_MAX;
use crate::membership::LogView;
use crate::message::{
    CalendarStart, LogStart, Position, RESUMED_FOLLOWS, Resume, Resumed, hash_start,
};

/// A calendar that a device comes back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Its place in the list of WELCOME, from 0.
    pub place: u32,
    /// Where the device stands in its stream.
    pub position: Position,
    /// The last link of its log.
    pub log: LogView,
}

impl ClientSession {
    /// Follows streams from where this device stands and asks what stands elsewhere; straight after
    /// WELCOME. Gives the numbers of the requests, each answered by [`Event::Resumed`].
    pub fn resume(&mut self, account: LogView, calendars: &[Known]) -> Vec<u64> {
        for known in calendars {
            self.positions.insert(known.position.stream, known.position);
        }
        let pages = calendars.chunks(STREAMS_PER_MESSAGE_MAX);
        let nothing: &[Known] = &[];
        let alone = calendars.is_empty().then_some(nothing);
        let pages: Vec<&[Known]> = pages.chain(alone).collect();
        pages
            .into_iter()
            .map(|page| {
                let request = self.request();
                self.send(Resume {
                    request,
                    account: LogStart::from(account),
                    calendars: page.iter().map(start).collect(),
                });
                request
            })
            .collect()
    }

    pub(super) fn handle_resumed(&mut self, resumed: Resumed) {
        for end in &resumed.calendars {
            if end.reason != RESUMED_FOLLOWS {
                self.positions.remove(&end.position.stream);
            }
        }
        self.emit(Event::Resumed(resumed));
    }
}

fn start(known: &Known) -> CalendarStart {
    CalendarStart {
        place: known.place,
        kind: known.position.stream.kind,
        log: LogStart::from(known.log),
        rseq: known.position.rseq,
        hash: hash_start(known.position.hash.as_bytes()),
    }
}
