//! A match as people see it: where what they looked for stands in it.

use std::collections::BTreeMap;
use std::ops::Range;

use almanac_calendar::event::Status;
use almanac_calendar::occurrence::Occurrence;
use almanac_calendar::{Event, OriginalStart, Zone};
use almanac_store::Column;

use super::index::{Facet, each_text};
use super::query::{Parsed, Sequence};
use super::shapes::{Excerpt, FoundField, MatchKind, SearchMatch, TextRange};
use super::{Hit, HitTime, words};
use crate::colors;
use crate::events::times::clock_text;
use crate::view::{CalendarView, StatusView};

/// Letters of an excerpt before what was found, and after.
const EXCERPT_BEFORE: usize = 30;
const EXCERPT_AFTER: usize = 90;

/// Whether every sequence of several words stands in one text of the event. The index has already
/// answered for single words.
pub(super) fn holds(event: &Event, parsed: &Parsed) -> bool {
    let mut rows = parsed.sequences.iter().filter(|one| one.words.len() > 1);
    rows.all(|sequence| stands_in(event, sequence))
}

/// What an occurrence has of what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Carried {
    /// Not what a filter asks for.
    Nothing,
    /// That, but not every word.
    Facets,
    /// All of it.
    All,
}

/// What one occurrence of an event has of what was asked for.
pub(super) fn carried(event: &Event, original: &OriginalStart, parsed: &Parsed) -> Carried {
    let one = Event {
        overrides: BTreeMap::new(),
        splits: BTreeMap::new(),
        ..event.at(original)
    };
    let is_done = one.task.as_ref().is_some_and(|task| task.done.is_some());
    let mut facets = parsed.facets.iter();
    let fits = facets.all(|facet| match facet {
        Facet::Done => is_done,
        Facet::Open => !is_done,
        Facet::Guests => !one.guests.is_empty(),
        Facet::Any | Facet::Calendar(_) | Facet::Task | Facet::Event | Facet::Repeats => true,
    });
    let mut sequences = parsed.sequences.iter();
    match fits {
        true if sequences.all(|sequence| stands_in(&one, sequence)) => Carried::All,
        true => Carried::Facets,
        false => Carried::Nothing,
    }
}

fn stands_in(event: &Event, sequence: &Sequence) -> bool {
    let mut is_there = false;
    each_text(event, |column, text| {
        is_there |= sequence.columns.contains(&column) && !places(text, sequence).is_empty();
    });
    is_there
}

/// A hit ready to show; `None` where its times cannot be told.
pub(super) fn shown(
    hit: &Hit,
    calendar: &CalendarView,
    parsed: &Parsed,
    zone: &Zone,
) -> Option<SearchMatch> {
    let event = &hit.ready.event;
    let (at, past) = match &hit.when {
        HitTime::Upcoming(at) => (Some(at), false),
        HitTime::Past(at) => (Some(at), true),
        HitTime::Undated => (None, false),
    };
    let layered = at.filter(|_| event.task.is_some() && event.is_series());
    let layered = layered.map(|at| event.at(&at.original).task);
    let title = at.map_or(event.title.as_str(), |at| &at.title);
    let place = at.map_or(event.place.as_str(), |at| &at.place);
    let title_ranges = ranges(title, Column::Title, parsed);
    let place_ranges = ranges(place, Column::Place, parsed);
    let color = at
        .and_then(|at| at.color.as_deref())
        .and_then(colors::hue_of);
    let times = at.map(|at| times_of(at, zone));
    Some(SearchMatch {
        event: hit.document.to_string(),
        occurrence: at
            .map_or_else(|| event.when.original(), |at| at.original)
            .to_string(),
        calendar: calendar.id.clone(),
        calendar_name: calendar.name.clone(),
        color: color.map_or_else(|| calendar.color.clone(), str::to_owned),
        excerpt: excerpt(event, (title, place), parsed),
        title: title.to_owned(),
        title_ranges: utf16(title, &title_ranges)?,
        place: place.to_owned(),
        place_ranges: utf16(place, &place_ranges)?,
        start: times.as_ref().map(|times| times.0.clone()),
        end: times.map(|times| times.1),
        all_day: at.is_some_and(|at| at.all_day),
        repeats: event.is_series(),
        past,
        trashed: event.trashed,
        status: match at.map_or(event.status, |at| at.status) {
            Status::Confirmed => StatusView::Confirmed,
            Status::Tentative => StatusView::Tentative,
            Status::Cancelled => StatusView::Cancelled,
        },
        kind: match layered.as_ref().unwrap_or(&event.task) {
            None => MatchKind::Event,
            Some(task) if task.done.is_some() => MatchKind::DoneTask,
            Some(_) => MatchKind::OpenTask,
        },
    })
}

fn times_of(at: &Occurrence, zone: &Zone) -> (String, String) {
    if at.all_day {
        let (start, end) = (at.local_start.date(), at.local_end.date());
        return (start.to_string(), end.to_string());
    }
    let (start, end) = match at.zone {
        Some(_) => (zone.wall_clock(at.start), zone.wall_clock(at.end)),
        None => (at.local_start, at.local_end),
    };
    (clock_text(start), clock_text(end))
}

/// Bytes of a text on which something stands that was looked for, in order.
fn ranges(text: &str, column: Column, parsed: &Parsed) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = parsed
        .sequences
        .iter()
        .filter(|sequence| sequence.columns.contains(&column))
        .flat_map(|sequence| places(text, sequence))
        .collect();
    found.sort_by_key(|range| (range.start, range.end));
    let mut apart: Vec<Range<usize>> = Vec::new();
    for range in found {
        match apart.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            Some(_) | None => apart.push(range),
        }
    }
    apart
}

/// Where the words of a sequence stand one after the other.
fn places(text: &str, sequence: &Sequence) -> Vec<Range<usize>> {
    if text.is_empty() {
        return Vec::new();
    }
    if let [sought] = sequence.words.as_slice() {
        let mut found = Vec::new();
        words::each(text, |word, range| {
            if sought.fits(word) {
                found.push(range);
            }
        });
        return found;
    }
    let mut stands = Vec::new();
    words::each(text, |word, range| stands.push((word.to_owned(), range)));
    let rows = stands.windows(sequence.words.len().max(1));
    let fitting = rows.filter(|row| {
        let mut pairs = row.iter().zip(&sequence.words);
        pairs.all(|((word, _), sought)| sought.fits(word))
    });
    fitting
        .filter_map(|row| Some(row.first()?.1.start..row.last()?.1.end))
        .collect()
}

/// A piece of the first other text in which something stands.
fn excerpt(event: &Event, (title, place): (&str, &str), parsed: &Parsed) -> Option<Excerpt> {
    let mut found = None;
    each_text(event, |column, text| {
        let is_shown = (column == Column::Title && text == title)
            || (column == Column::Place && text == place);
        if found.is_some() || is_shown {
            return;
        }
        let field = match column {
            Column::Title => FoundField::Title,
            Column::Place => FoundField::Place,
            Column::Notes => FoundField::Notes,
            Column::People => FoundField::Guest,
            Column::Labels | Column::Facets => FoundField::Category,
        };
        let ranges = ranges(text, column, parsed);
        if !ranges.is_empty() {
            found = cut(field, text, &ranges);
        }
    });
    found
}

/// The piece of a text around the first of `ranges`, on one line.
fn cut(field: FoundField, text: &str, ranges: &[Range<usize>]) -> Option<Excerpt> {
    let first = ranges.first()?;
    let (before, after) = text.split_at_checked(first.start)?;
    let back = before.char_indices().rev().take(EXCERPT_BEFORE).last();
    let start = back.map_or(first.start, |(at, _)| at);
    let ahead = after.char_indices().nth(EXCERPT_AFTER);
    let end = ahead.map_or(text.len(), |(at, _)| first.start + at);
    let lead = if start > 0 { "…" } else { "" };
    let trail = if end < text.len() { "…" } else { "" };
    // Every break of a line is one character, so that ranges stay.
    let body = text.get(start..end)?.replace(['\n', '\r', '\t'], " ");
    let inside = ranges.iter().filter(|range| range.end <= end);
    let moved: Vec<Range<usize>> = inside
        .map(|range| range.start + lead.len() - start..range.end + lead.len() - start)
        .collect();
    let text = format!("{lead}{body}{trail}");
    Some(Excerpt {
        field,
        ranges: utf16(&text, &moved)?,
        text,
    })
}

/// Ranges of bytes as ranges of UTF-16 units.
fn utf16(text: &str, ranges: &[Range<usize>]) -> Option<Vec<TextRange>> {
    let units = |end: usize| u32::try_from(text.get(..end)?.encode_utf16().count()).ok();
    ranges
        .iter()
        .map(|range| {
            Some(TextRange {
                start: units(range.start)?,
                end: units(range.end)?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found in a title, in brackets.
    fn check(text: &str, sought: &str, expected: &str) {
        let found = ranges(text, Column::Title, &Parsed::of(sought));
        let mut marked = text.to_owned();
        for range in found.iter().rev() {
            marked.insert(range.end, ']');
            marked.insert(range.start, '[');
        }
        assert_eq!(marked, expected, "{sought}");
    }

    #[test]
    fn what_was_looked_for_is_marked() {
        check("Lunch with Müller", "mul", "Lunch with [Müller]");
        check("Lunch with Müller", "mueller ", "Lunch with [Müller]");
        check(
            "Team lunch, lunch team",
            "\"lunch team\"",
            "Team lunch, [lunch team]",
        );
        check("Lunch", "place:lunch", "Lunch");
        check("Lunch lunch", "lunch l", "[Lunch] [lunch]");
        check("Lunch", "", "Lunch");
    }

    #[test]
    fn an_excerpt_is_short_and_knows_its_ranges() {
        let notes = format!(
            "{} Bring\nthe ☕ cake. {}",
            "x ".repeat(90),
            "y ".repeat(90)
        );
        let parsed = Parsed::of("cake ");
        let found = ranges(&notes, Column::Notes, &parsed);
        let excerpt = cut(FoundField::Notes, &notes, &found).unwrap();
        assert!(excerpt.text.starts_with('…') && excerpt.text.ends_with('…'));
        assert!(excerpt.text.chars().count() < EXCERPT_BEFORE + EXCERPT_AFTER + 3);
        assert!(excerpt.text.contains("Bring the ☕ cake."));
        let units: Vec<u16> = excerpt.text.encode_utf16().collect();
        let [TextRange { start, end }] = excerpt.ranges[..] else {
            panic!("one range")
        };
        let word = String::from_utf16(&units[start as usize..end as usize]).unwrap();
        assert_eq!(word, "cake");
    }
}
