//! The order in which people look at tasks.

use std::cmp::Reverse;

use jiff::Timestamp;

use super::{Item, State};
use crate::zone::Zone;

/// Which part of the list a task stands in.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Overdue,
    Today,
    Later,
    Undated,
    Done,
    Cancelled,
}

/// Puts what is overdue first, then what is due today, then the rest by due time, then what has
/// no date; done and cancelled ones last, the latest done first. Where times are equal the more
/// urgent comes first, then the title decides. A planned time stands in for a due time.
pub fn sort(items: &mut [Item], now: Timestamp, viewer: &Zone) {
    items.sort_by_cached_key(|item| {
        let done = item.done.filter(|_| item.state == State::Done);
        (
            part(item, now, viewer),
            Reverse(done),
            item.late_from.or(item.start),
            // 0 says nothing, which is less than the least urgent.
            if item.priority == 0 {
                10
            } else {
                item.priority
            },
            item.title.to_lowercase(),
            item.original,
        )
    });
}

fn part(item: &Item, now: Timestamp, viewer: &Zone) -> Part {
    match item.state {
        State::Overdue => return Part::Overdue,
        State::Done => return Part::Done,
        State::Cancelled => return Part::Cancelled,
        State::Doing | State::Todo => {}
    }
    let today = viewer.wall_clock(now).date();
    match item.moment(viewer) {
        Some(at) if viewer.wall_clock(at).date() <= today => Part::Today,
        Some(_) => Part::Later,
        None => Part::Undated,
    }
}
