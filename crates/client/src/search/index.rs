//! What search knows of an event: its words by the part they stand in, and marks for filters.

use std::collections::{BTreeMap, BTreeSet};

use almanac_calendar::event::Guest;
use almanac_calendar::{Event, Override};
use almanac_protocol::ids::CalendarId;
use almanac_store::{Column, SearchRow, Shelf, Shown, Transaction, Words};

use super::words;
use crate::error::{Error, Result};
use crate::occurrences::once;

/// The parts of an event that words stand in.
pub(super) const TEXTS: [Column; 5] = [
    Column::Title,
    Column::Place,
    Column::Notes,
    Column::People,
    Column::Labels,
];

/// Begins every mark, so that no word that a person types is one.
const MARK: char = '\u{e000}';
/// Digits of a calendar's id that its mark holds: enough to tell calendars apart, and few enough
/// that the index cuts the mark without asking for memory.
const ID_DIGITS: usize = 32;
/// Events that are made known at once.
const AT_ONCE: u32 = 2_000;
/// The longest event whose end says when it is: others are asked one by one.
const SHORT_S: i64 = 32 * 86_400;

/// What a filter can ask of an event without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Facet {
    /// Every event has it.
    Any,
    /// Lies in this calendar.
    Calendar(CalendarId),
    /// Is a task.
    Task,
    /// Is no task.
    Event,
    /// Is a task that is still to be done.
    Open,
    /// Is a task that is done.
    Done,
    /// Has guests.
    Guests,
    /// Happens more than once.
    Repeats,
}

impl Facet {
    /// The word by which the index knows it.
    pub(super) fn word(self) -> String {
        let name = match self {
            Self::Any => "any",
            Self::Calendar(id) => {
                let digits = id.to_string();
                return [MARK]
                    .into_iter()
                    .chain(digits.chars().take(ID_DIGITS))
                    .collect();
            }
            Self::Task => "task",
            Self::Event => "event",
            Self::Open => "open",
            Self::Done => "done",
            Self::Guests => "guests",
            Self::Repeats => "repeats",
        };
        format!("{MARK}{name}")
    }
}

/// The row of an event; its number is given by the store.
pub(crate) fn row(
    calendar: CalendarId,
    event: &Event,
    shown: &Shown,
    last_s: Option<i64>,
) -> SearchRow {
    let (shelf, end_s) = match shown {
        Shown::Once(once) if once.end_s - once.start_s <= SHORT_S => {
            (Shelf::Once, Some(once.end_s))
        }
        Shown::Once(_) | Shown::Computed => (Shelf::Lasting, last_s),
        // What has no time is never over.
        Shown::Nowhere => (Shelf::Lasting, None),
    };
    SearchRow {
        id: 0,
        shelf: if event.trashed { Shelf::Trash } else { shelf },
        end_s,
        words: words_of(calendar, event),
    }
}

/// Lets search know every event that it does not know as it is now.
pub(crate) fn catch_up(tx: &Transaction<'_>) -> Result<()> {
    loop {
        let waiting = tx.search_waiting(AT_ONCE)?;
        if waiting.is_empty() {
            return Ok(());
        }
        let mut rows = Vec::with_capacity(waiting.len());
        for id in waiting {
            rows.push(stored_row(tx, id)?);
        }
        tx.index(&rows)?;
    }
}

fn stored_row(tx: &Transaction<'_>, id: i64) -> Result<SearchRow> {
    let found = tx.event_version(id)?.zip(tx.event_json(id)?);
    let ((calendar, ..), json) = found.ok_or_else(|| Error::internal("the row of an event"))?;
    let event = serde_json::from_str::<Event>(&json);
    // A row that cannot be read is found by nobody, and must not hide the others.
    let read = event.map(|event| {
        let last_s = crate::occurrences::bounds(&event).1;
        row(calendar, &event, &once::shown(&event), last_s)
    });
    let row = read.unwrap_or_else(|_| SearchRow {
        id,
        shelf: Shelf::Trash,
        end_s: None,
        words: Words::default(),
    });
    Ok(SearchRow { id, ..row })
}

fn words_of(calendar: CalendarId, event: &Event) -> Words {
    let mut bags: [(Column, BTreeSet<String>); 5] = TEXTS.map(|column| (column, BTreeSet::new()));
    each_text(event, |column, text| {
        let bag = bags.iter_mut().find(|(of, _)| *of == column);
        let Some((_, bag)) = bag else { return };
        words::each(text, |word, _| {
            if !bag.contains(word) {
                bag.insert(word.to_owned());
            }
        });
    });
    let [title, place, notes, people, labels] = bags.map(|(_, bag)| {
        let words: Vec<String> = bag.into_iter().collect();
        words.join(" ")
    });
    Words {
        title,
        place,
        notes,
        people,
        labels,
        facets: facets_of(calendar, event),
    }
}

/// Every text of an event that can be found, of its exceptions too, by the part it stands in.
pub(super) fn each_text<'a>(event: &'a Event, mut found: impl FnMut(Column, &'a str)) {
    let splits = event.splits.values().map(|split| &split.change);
    let changes = || event.overrides.values().chain(splits.clone());
    found(Column::Title, &event.title);
    found(Column::Place, &event.place);
    found(Column::Notes, &event.notes);
    let mut people = |guests: &'a BTreeMap<String, Guest>| {
        for (address, guest) in guests {
            found(Column::People, &guest.name);
            found(Column::People, plain_address(address));
        }
    };
    people(&event.guests);
    changes()
        .filter_map(|one| one.guests.as_ref())
        .for_each(people);
    if let Some(organizer) = &event.organizer {
        found(Column::People, &organizer.name);
        found(Column::People, plain_address(&organizer.address));
    }
    for label in &event.categories {
        found(Column::Labels, label);
    }
    for change in changes() {
        let texts = [
            (Column::Title, &change.title),
            (Column::Place, &change.place),
            (Column::Notes, &change.notes),
        ];
        for (column, text) in texts {
            if let Some(text) = text {
                found(column, text);
            }
        }
        for label in change.categories.iter().flatten() {
            found(Column::Labels, label);
        }
    }
}

/// An address as people know it.
pub(super) fn plain_address(address: &str) -> &str {
    let scheme = "mailto:";
    match address.split_at_checked(scheme.len()) {
        Some((start, rest)) if start.eq_ignore_ascii_case(scheme) => rest,
        Some(_) | None => address,
    }
}

fn facets_of(calendar: CalendarId, event: &Event) -> String {
    let splits = event.splits.values().map(|split| &split.change);
    let changes: Vec<&Override> = event.overrides.values().chain(splits).collect();
    let changed = changes.iter().filter_map(|change| change.task.as_ref());
    let tasks = event.task.iter().chain(changed);
    let task = if event.task.is_some() {
        // Of a series one may be done and another one not.
        let (done, open): (Vec<_>, Vec<_>) = tasks.partition(|task| task.done.is_some());
        [
            Some(Facet::Task),
            (!done.is_empty()).then_some(Facet::Done),
            (!open.is_empty()).then_some(Facet::Open),
        ]
    } else {
        [Some(Facet::Event), None, None]
    };
    let mut guests = changes.iter().filter_map(|change| change.guests.as_ref());
    let has_guests = !event.guests.is_empty() || guests.any(|guests| !guests.is_empty());
    let guests = has_guests.then_some(Facet::Guests);
    let repeats = event.is_series().then_some(Facet::Repeats);
    let facets = [
        Some(Facet::Any),
        Some(Facet::Calendar(calendar)),
        guests,
        repeats,
    ];
    let words: Vec<String> = facets
        .into_iter()
        .chain(task)
        .flatten()
        .map(Facet::word)
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use almanac_calendar::event::Task;
    use almanac_calendar::{OriginalStart, When};

    use super::*;

    const HOME: CalendarId = CalendarId::from_bytes([1; 32]);

    fn lunch(start: &str, end: Option<&str>) -> Event {
        let when = When::from_people(start, end, Some(&almanac_calendar::Zone::utc()));
        Event::new("a@x", "Lunch", when.unwrap())
    }

    fn row_of(event: &Event) -> SearchRow {
        row(HOME, event, &once::shown(event), Some(7))
    }

    #[test]
    fn an_event_lies_where_its_end_says_when_it_is() {
        let mut event = lunch("2026-11-20T10:00", None);
        assert_eq!(
            (row_of(&event).shelf, row_of(&event).end_s),
            (Shelf::Once, Some(1_795_172_400))
        );
        event.task = Some(Task::default());
        assert_eq!(
            (row_of(&event).shelf, row_of(&event).end_s),
            (Shelf::Lasting, None)
        );
        event.trashed = true;
        assert_eq!(row_of(&event).shelf, Shelf::Trash);
        let trip = lunch("2026-11-20", Some("2027-02-20"));
        assert_eq!(
            (row_of(&trip).shelf, row_of(&trip).end_s),
            (Shelf::Lasting, Some(7))
        );
    }

    #[test]
    fn every_text_counts_and_every_word_once() {
        let mut event = lunch("2026-11-20T10:00", None);
        event.notes = "Cake, cake and CAKE".into();
        event
            .guests
            .insert("mailto:ada@example.org".into(), Guest::default());
        event.categories.insert("Team".into());
        let at: OriginalStart = "2026-11-20T10:00".parse().unwrap();
        event.overrides.entry(at).or_default().title = Some("Late lunch".into());
        let words = row_of(&event).words;
        assert_eq!(
            (words.title.as_str(), words.notes.as_str()),
            ("late lunch", "and cake")
        );
        assert_eq!(
            (words.people.as_str(), words.labels.as_str()),
            ("ada example org", "team")
        );
    }

    #[test]
    fn marks_say_what_filters_ask() {
        let check = |event: &Event, facet: Facet, expected: bool| {
            let words = row_of(event).words.facets;
            assert_eq!(
                words.split(' ').any(|one| one == facet.word()),
                expected,
                "{facet:?}"
            );
        };
        let mut event = lunch("2026-11-20T10:00", None);
        check(&event, Facet::Calendar(HOME), true);
        check(&event, Facet::Event, true);
        check(&event, Facet::Guests, false);
        event.task = Some(Task::default());
        check(&event, Facet::Event, false);
        check(&event, Facet::Open, true);
        event.task = Some(Task {
            done: Some(jiff::Timestamp::UNIX_EPOCH),
            ..Task::default()
        });
        check(&event, Facet::Done, true);
        check(&event, Facet::Open, false);
        let at: OriginalStart = "2026-11-20T10:00".parse().unwrap();
        let change = event.overrides.entry(at).or_default();
        change.task = Some(Task::default());
        check(&event, Facet::Done, true);
        check(&event, Facet::Open, true);
        let change = &mut event.splits.entry(at).or_default().change;
        let guests = BTreeMap::from([("mailto:ada@x".to_owned(), Guest::default())]);
        change.guests = Some(guests);
        check(&event, Facet::Guests, true);
    }
}
