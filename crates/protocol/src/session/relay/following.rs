//! The streams that a connection follows, and how far it has been served.
//!
//! Invariant: what is sent of a stream is consecutive, begins after the position the client named,
//! and only follows a check of access that is newer than the last change of a log that could have
//! taken access away. A connection that cannot keep up loses nothing: it is served from disk.

use std::collections::{BTreeMap, VecDeque};

use super::exchange::{Appended, Packet, Page};
use crate::ids::LogId;
use crate::message::Stream;

/// Stands for a position that is still being looked up.
const LOOKED_UP: u64 = u64::MAX;

#[derive(Debug, Clone, Copy)]
struct Subscription {
    /// Number of the last envelope handed to the connection, or [`LOOKED_UP`].
    sent: u64,
    /// Number of the newest envelope known to exist.
    head: u64,
    /// Whether the database has allowed it since the logs last changed.
    is_allowed: bool,
    /// Whether a log changed while its position was being looked up.
    is_doubted: bool,
    /// Whether it waits in `behind`.
    is_queued: bool,
}

/// A read that is under way.
#[derive(Debug, Clone, Copy)]
struct Reading {
    stream: Stream,
    after: u64,
    /// The head when it was asked.
    head: u64,
    /// A log changed since it was asked: its answer does not prove access.
    is_overtaken: bool,
}

#[derive(Debug, Default)]
pub(super) struct Following {
    streams: BTreeMap<Stream, Subscription>,
    behind: VecDeque<Stream>,
    reading: Option<Reading>,
}

impl Following {
    pub(super) fn len(&self) -> usize {
        self.streams.len()
    }

    /// Remembers a stream whose position is being looked up; nothing of it is sent yet.
    pub(super) fn expect(&mut self, stream: Stream) {
        let head = self.streams.get(&stream).map_or(0, |known| known.head);
        let pending = Subscription {
            sent: LOOKED_UP,
            head,
            is_allowed: false,
            is_doubted: false,
            is_queued: false,
        };
        self.streams.insert(stream, pending);
    }

    /// Serves a stream after `sent` up to `head`, if it is still wanted.
    pub(super) fn begin(&mut self, stream: Stream, sent: u64, head: u64) {
        if let Some(known) = self.streams.get_mut(&stream) {
            known.sent = sent;
            known.head = known.head.max(head);
            known.is_allowed = !known.is_doubted;
            if known.sent < known.head || !known.is_allowed {
                self.queue(stream);
            }
        }
    }

    pub(super) fn end(&mut self, stream: Stream) -> bool {
        self.streams.remove(&stream).is_some()
    }

    /// The packet to send at once, when the connection is up to date and `has_room`.
    pub(super) fn pass_on(&mut self, appended: &Appended, has_room: bool) -> Option<Packet> {
        let is_reading = self
            .reading
            .is_some_and(|reading| reading.stream == appended.stream);
        let known = self.streams.get_mut(&appended.stream)?;
        known.head = known.head.max(appended.last_rseq);
        if known.sent >= appended.last_rseq {
            return None;
        }
        let is_next = known.sent.checked_add(1) == Some(appended.first_rseq);
        if let Some(message) = &appended.message
            && is_next
            && has_room
            && known.is_allowed
            && !is_reading
            && !known.is_queued
        {
            known.sent = appended.last_rseq;
            return Some(Packet::Shared(message.clone()));
        }
        self.queue(appended.stream);
        None
    }

    /// A log changed: access to its streams is proven anew by the next read. `None`: to all.
    pub(super) fn doubt(&mut self, log: Option<LogId>) {
        let doubted = |stream: Stream| log.is_none_or(|log| log == LogId::from(stream.calendar));
        if let Some(reading) = self
            .reading
            .as_mut()
            .filter(|reading| doubted(reading.stream))
        {
            reading.is_overtaken = true;
        }
        let streams: Vec<Stream> = self
            .streams
            .keys()
            .copied()
            .filter(|s| doubted(*s))
            .collect();
        for stream in streams {
            if let Some(known) = self.streams.get_mut(&stream) {
                known.is_allowed = false;
                known.is_doubted = true;
                if known.sent != LOOKED_UP {
                    self.queue(stream);
                }
            }
        }
    }

    /// The next read to ask for, one at a time for the whole connection.
    pub(super) fn next_read(&mut self) -> Option<(Stream, u64)> {
        if self.reading.is_some() {
            return None;
        }
        while let Some(stream) = self.behind.pop_front() {
            let Some(known) = self
                .streams
                .get_mut(&stream)
                .filter(|known| known.is_queued)
            else {
                continue;
            };
            known.is_queued = false;
            if known.sent == LOOKED_UP {
                continue;
            }
            let after = known.sent;
            let head = known.head;
            self.reading = Some(Reading {
                stream,
                after,
                head,
                is_overtaken: false,
            });
            return Some((stream, after));
        }
        None
    }

    /// Takes the answer to the read under way and returns the packet to send.
    pub(super) fn take_page(&mut self, stream: Stream, page: Option<Page>) -> Option<Packet> {
        let reading = self.reading.take_if(|reading| reading.stream == stream)?;
        let known = self.streams.get_mut(&stream)?;
        if known.sent != reading.after {
            // Subscribed anew meanwhile, from another position.
            if known.sent != LOOKED_UP {
                self.queue(stream);
            }
            return None;
        }
        known.is_allowed = !reading.is_overtaken;
        let is_page = page.is_some();
        let packet = page.map(|page| {
            known.sent = page.last_rseq;
            page.packet
        });
        // Nothing where there should be something, and no news since: asking again would not help.
        if !is_page && known.head == reading.head {
            known.head = known.sent;
        }
        if known.sent < known.head || !known.is_allowed {
            self.queue(stream);
        }
        packet
    }

    /// Forgets a read that was refused, with its stream.
    pub(super) fn refuse_page(&mut self, stream: Stream) -> bool {
        self.reading.take_if(|reading| reading.stream == stream);
        self.end(stream)
    }

    /// Ends a stream whose next envelopes are gone, unless it was subscribed anew meanwhile.
    pub(super) fn is_overtaken(&mut self, stream: Stream) -> bool {
        let Some(reading) = self.reading.take_if(|reading| reading.stream == stream) else {
            return false;
        };
        match self.streams.get(&stream) {
            Some(known) if known.sent == reading.after => self.end(stream),
            Some(known) if known.sent != LOOKED_UP => {
                self.queue(stream);
                false
            }
            Some(_) | None => false,
        }
    }

    fn queue(&mut self, stream: Stream) {
        if let Some(known) = self.streams.get_mut(&stream)
            && !known.is_queued
        {
            known.is_queued = true;
            self.behind.push_back(stream);
        }
    }
}
