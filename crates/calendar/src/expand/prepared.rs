//! An event made ready once, for whoever asks about many windows.

use std::ops::Range;

use jiff::Timestamp;

use super::bounds::Bounds;
use super::chain::Chain;
use super::window::Window;
use crate::event::Event;
use crate::occurrence::Occurrence;
use crate::original::OriginalStart;
use crate::zone::Zone;

/// An event made ready for expansion: rules compiled, COUNT turned into the last start,
/// exceptions sorted. It owns what it needs and does not follow the event when that changes.
///
/// [`expand`](super::expand) makes one of these for a single answer. Keep one where the same
/// events are asked about again and again: a window then costs what it shows and nothing else.
#[derive(Debug)]
pub struct Prepared(Chain);

impl Prepared {
    /// Makes an event ready, counting a series with COUNT once to its end.
    #[must_use]
    pub fn new(event: &Event) -> Self {
        let mut chain = Chain::new(event);
        chain.settle();
        Self(chain)
    }

    /// The occurrences that overlap a window, in order of time.
    #[must_use]
    pub fn expand(&self, window: Range<Timestamp>, viewer: &Zone) -> Vec<Occurrence> {
        self.0.expand(&Window::new(&window), viewer)
    }

    /// The first `limit` occurrences that have not ended at `from`, in order of time.
    #[must_use]
    pub fn next(&self, from: Timestamp, limit: usize, viewer: &Zone) -> Vec<Occurrence> {
        next(&self.0, from, limit, viewer)
    }

    /// Whether the event's rules and extra dates name this start, before any exception.
    #[must_use]
    pub fn is_start(&self, original: &OriginalStart) -> bool {
        self.0.generates(original)
    }

    /// The stretch of time that all its occurrences lie in.
    #[must_use]
    pub fn bounds(&self) -> Bounds {
        self.0.bounds()
    }
}

/// Looks for occurrences in windows that grow until there are enough.
pub(super) fn next(chain: &Chain, from: Timestamp, limit: usize, viewer: &Zone) -> Vec<Occurrence> {
    let bounds = chain.bounds();
    let last = Timestamp::MAX.as_second();
    let from = from.max(bounds.start);
    let mut seconds = 86_400_i64;
    let (mut begin, mut found) = (from, Vec::new());
    loop {
        let end = from.as_second().saturating_add(seconds).min(last);
        let until = Timestamp::from_second(end).unwrap_or(Timestamp::MAX);
        let mut later = chain.expand(&Window::new(&(begin..until)), viewer);
        if begin > from {
            // What began before was found before.
            later.retain(|one| one.start >= begin);
        }
        found.append(&mut later);
        let is_over = end == last || bounds.end.is_some_and(|bound| bound < until);
        if found.len() >= limit || is_over {
            found.truncate(limit);
            return found;
        }
        begin = until;
        seconds = seconds.saturating_mul(8);
    }
}
