//! An event that comes again with its file: what the file changed since it was last read, beside
//! what was changed here.
//!
//! What the file said last is read from the history of the event: an edit made here leaves DTSTAMP
//! (RFC 5545 §3.8.7.2) as it was, a newer file brings its own.

use almanac_calendar::Event;
use almanac_calendar::document::{self, Edit};
use automerge::Automerge;
use jiff::{SignedDuration, Timestamp};

use crate::error::Result;
use crate::undo::step::{self, Direction, ValueChange};

/// What an event becomes.
pub(super) struct Merged {
    pub(super) event: Event,
    /// Something that was changed here stands although the file says otherwise.
    pub(super) is_kept: bool,
    /// The file replaced something that was changed here.
    pub(super) is_replaced: bool,
}

/// What the file said when it was last read; `file` itself where it said the same. `live` is the
/// event's document, `left` are those that it left behind when it moved.
pub(super) fn base(live: &Automerge, left: &[Automerge], file: &Event) -> Option<Event> {
    let edits = document::history(live);
    let read = last_read(&edits);
    // A move begins a history anew: what the file said stands in the one before.
    let before = left.iter().filter(|_| read == 0);
    let known = before.map(|doc| (doc, document::history(doc)));
    let known: Vec<(&Automerge, Vec<Edit>)> = known.chain([(live, edits)]).collect();
    let has_said = |(doc, edits): &(&Automerge, Vec<Edit>)| {
        let since = edits.iter().skip(last_read(edits));
        let mut states = since.filter_map(|edit| document::at(doc, edit.hash).ok());
        states.any(|state| is_same(file, &state))
    };
    if known.iter().any(has_said) {
        return Some(file.clone());
    }
    let (doc, edits) = known.first()?;
    document::at(doc, edits.get(last_read(edits))?.hash).ok()
}

/// The edit by which a file was last read; the first one made the event.
fn last_read(edits: &[Edit]) -> usize {
    let is_read = |edit: &Edit| edit.fields.iter().any(|change| change.field == "stamped");
    edits.iter().rposition(is_read).unwrap_or(0)
}

/// What a file says, as it is read at `time` (Unix seconds): its DTSTAMP tells it from what is here
/// even where it brings none of its own.
pub(super) fn read_now(file: &Event, here: &Event, time: i64) -> Event {
    let own = file.stamped.filter(|at| Some(*at) != here.stamped);
    let next = here
        .stamped
        .and_then(|at| at.checked_add(SignedDuration::from_secs(1)).ok());
    let now = Timestamp::from_second(time).ok();
    Event {
        stamped: own.or_else(|| now.max(next)),
        ..alive(file)
    }
}

/// What the file changed since `base`, and what was changed here. Of what both changed, the file's
/// counts where its SEQUENCE (RFC 5545 §3.8.7.4) has grown, otherwise what stands here.
pub(super) fn merged(base: &Event, here: &Event, file: &Event) -> Result<Merged> {
    let (base, here, file) = (alive(base), alive(here), alive(file));
    let mine = |event: &Event| applied(&step::differences(&base, &file), event);
    let theirs = |event: &Event| applied(&step::differences(&base, &here), event);
    let is_newer = file.sequence > base.sequence;
    // Exceptions made here follow a series that the file moved.
    let is_moved_by_file = file.when != base.when && here.when == base.when;
    let event = if is_newer && !is_moved_by_file {
        theirs(&file)?
    } else {
        mine(&here)?
    };
    Ok(Merged {
        is_kept: !is_same(&file, &event),
        is_replaced: is_newer && mine(&here)? != event,
        event,
    })
}

fn applied(changes: &[ValueChange], event: &Event) -> Result<Event> {
    step::applied_to_event(changes, Direction::Again, event)
}

fn alive(event: &Event) -> Event {
    Event {
        trashed: false,
        ..event.clone()
    }
}

/// Whether both say the same. When the file was written says nothing.
pub(super) fn is_same(event: &Event, here: &Event) -> bool {
    let stamped = Event {
        stamped: here.stamped,
        trashed: here.trashed,
        ..event.clone()
    };
    stamped == *here
}

#[cfg(test)]
mod tests {
    use almanac_calendar::{Override, Rule, Rules, When, Zone};

    use super::*;

    fn lunch() -> Event {
        let zone = Zone::named("Europe/Berlin");
        let when = When::from_people("2026-11-20T10:00", None, Some(&zone)).unwrap();
        let mut event = Event::new("a@x", "Lunch", when);
        event.rules = Rules::one(Rule::parse("FREQ=DAILY").unwrap());
        event
    }

    /// What becomes of a lunch, and whether something was kept and replaced.
    fn check(
        here: impl FnOnce(&mut Event),
        file: impl FnOnce(&mut Event),
        expected: (bool, bool),
    ) -> Event {
        let base = lunch();
        let (mut mine, mut theirs) = (base.clone(), base.clone());
        here(&mut mine);
        file(&mut theirs);
        let merged = merged(&base, &mine, &theirs).unwrap();
        assert_eq!((merged.is_kept, merged.is_replaced), expected);
        merged.event
    }

    #[test]
    fn both_changes_stand() {
        let event = check(
            |here| here.notes = "Cake".into(),
            |file| file.title = "Brunch".into(),
            (true, false),
        );
        assert_eq!((&*event.title, &*event.notes), ("Brunch", "Cake"));
    }

    #[test]
    fn of_what_both_changed_a_higher_sequence_decides() {
        let event = check(
            |here| here.title = "Dinner".into(),
            |file| file.title = "Brunch".into(),
            (true, false),
        );
        assert_eq!(event.title, "Dinner");
        let event = check(
            |here| (here.title, here.notes) = ("Dinner".into(), "Cake".into()),
            |file| (file.title, file.sequence) = ("Brunch".into(), 1),
            (true, true),
        );
        assert_eq!((&*event.title, &*event.notes), ("Brunch", "Cake"));
    }

    #[test]
    fn exceptions_made_here_follow_a_series_that_the_file_moved() {
        let later = |event: &mut Event| {
            let zone = Zone::named("Europe/Berlin");
            event.when = When::from_people("2026-11-20T12:00", None, Some(&zone)).unwrap();
            event.sequence = 1;
        };
        let titled = |event: &mut Event| {
            let change = Override {
                title: Some("Cake".into()),
                ..Override::default()
            };
            event.change_one("2026-11-22T10:00".parse().unwrap(), change);
        };
        let event = check(titled, later, (true, false));
        let moved = "2026-11-22T12:00".parse().unwrap();
        assert_eq!(event.at(&moved).title, "Cake");
    }
}
