//! Writing one event: its series, and the occurrences of it that differ.
//!
//! What an event is in words (STATUS, TRANSP, CLASS, SEQUENCE) is always said, for not all
//! programs know what is meant where it is not.

use std::collections::HashSet;

use jiff::Timestamp;
use jiff::civil::DateTime;

use super::draft::{BUSY, PRIVACIES, STATUSES, in_utc};
use super::group::{in_zone, makes_sense_in_series};
use super::lines::Line;
use super::name::Name;
use super::out::Out;
use super::people::{write_guest, write_organizer};
use super::property::{ON_A_DAY, Said, is_line, is_parameters, parameters_for, said};
use super::reminder;
use super::split::{self, Marks};
use super::task;
use super::times::{says_time, until_as_asked};
use super::write::Splits;
use crate::civil::{datetime_of, seconds_of};
use crate::event::Event;
use crate::event::layers::Running;
use crate::original::OriginalStart;
use crate::when::{End, When};
use crate::zone::Zone;

/// Writes an event, in as many series as its splits ask for.
pub(super) fn event_lines(out: &mut Out, event: &Event, manner: Manner<'_>) {
    if event.splits.is_empty() {
        return series(out, event, &Marks::default(), manner);
    }
    for (segment, marks) in split::segments(event, manner.splits) {
        series(out, &segment, &marks, manner);
    }
}

/// How events are written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner<'a> {
    /// What becomes of splits.
    pub(super) splits: Splits,
    /// Series that another version replaces and that stand in the file all the same: whether they
    /// are tasks, and their UIDs.
    pub(super) replaced: &'a HashSet<(bool, String)>,
}

/// Which component of a series one is.
enum Part<'a> {
    /// The series, or an event that is none.
    Whole(&'a Marks),
    /// One occurrence of a series at this time, which names it on its own clock.
    One(&'a OriginalStart, &'a When),
    /// All from such an occurrence on.
    FromThereOn(&'a OriginalStart, &'a When),
}

/// Writes a series and what differs in it.
fn series(out: &mut Out, event: &Event, marks: &Marks, manner: Manner<'_>) {
    // Beside an older version of its series it would be taken for an occurrence of that.
    let name = || (event.task.is_some(), event.uid.clone());
    let is_replaced = !manner.replaced.is_empty() && manner.replaced.contains(&name());
    if is_replaced || !stands_alone(event) {
        component(out, event, &Part::Whole(marks));
    }
    if event.splits.is_empty() && event.overrides.is_empty() {
        return;
    }
    let mut running = Running::new(event);
    // Programs that know nothing of EXDATE beside it would show one that no longer happens; what
    // was read is written back.
    let is_told = |(one, _): &(&OriginalStart, _)| {
        manner.splits == Splits::InPlace || !event.skipped.contains(one)
    };
    let mut overrides = event.overrides.iter().filter(is_told).peekable();
    for (original, split) in &event.splits {
        let at = original.wall_clock();
        while let Some((one, change)) = overrides.next_if(|(one, _)| one.wall_clock() < at) {
            occurrence(out, &running, &event.when, one, change);
        }
        running.pass(original, &split.change);
        let part = Part::FromThereOn(original, &event.when);
        component(out, running.shown(), &part);
    }
    for (one, change) in overrides {
        occurrence(out, &running, &event.when, one, change);
    }
}

/// Writes one occurrence that differs.
fn occurrence(
    out: &mut Out,
    running: &Running<'_>,
    series: &When,
    original: &OriginalStart,
    change: &crate::event::Override,
) {
    let mut one = change.applied_to(running.shown());
    if change.when.is_none() {
        one.when = running.when_at(original);
    }
    component(out, &one, &Part::One(original, series));
}

pub(super) fn shifted(at: DateTime, seconds: i64) -> DateTime {
    datetime_of(seconds_of(at) + seconds).unwrap_or(at)
}

/// Whether an event is an override whose series nobody has: it is written as that again.
fn stands_alone(event: &Event) -> bool {
    let Some((first, change)) = event.overrides.first_key_value() else {
        return false;
    };
    let when = change.when.as_ref().unwrap_or(&event.when);
    let task = event.task.clone().map(|mut task| {
        task::move_length(&mut task, &event.when, when);
        task
    });
    let only_moves = crate::event::Override {
        when: change.when.clone(),
        task: change.task.clone().and(task),
        sequence: change.sequence,
        unknown: change.unknown.clone(),
        ..crate::event::Override::default()
    };
    let unknown = change.unknown.as_deref().unwrap_or(&event.unknown);
    let of_series = unknown.iter().filter(|entry| makes_sense_in_series(entry));
    *first == event.when.original()
        && *change == only_moves
        && of_series.eq(&event.unknown)
        && in_zone(when, event.when.zone().cloned()).moved_to(event.when.start()) == event.when
        && event.splits.is_empty()
        && event.rules.is_empty()
        && event.dates.is_empty()
        && event.skipped.is_empty()
}

/// Writes one component.
fn component(out: &mut Out, event: &Event, part: &Part<'_>) {
    let name = if event.task.is_some() {
        "VTODO"
    } else {
        "VEVENT"
    };
    out.word("BEGIN:");
    out.line(name);
    named(out, event, Name::Uid);
    out.word(":");
    out.escaped(&event.uid);
    out.end();
    if event.stamped.is_some() || said(&event.unknown, Name::Stamped, says_time) != Said::Unreadable
    {
        let stamp = event.stamped.or(event.modified).or(event.created);
        instant(out, event, Name::Stamped, Some(stamp.unwrap_or_default()));
    }
    instant(out, event, Name::Created, event.created);
    instant(out, event, Name::Modified, event.modified);
    let is_read = |line: &Line<'_>| line.value().trim().parse::<u32>().is_ok();
    if event.sequence > 0 || said(&event.unknown, Name::Sequence, is_read) != Said::Unreadable {
        named(out, event, Name::Sequence);
        out.word(":");
        out.number(event.sequence);
        out.end();
    }
    match part {
        Part::Whole(marks) => {
            times(out, event);
            rules_and_dates(out, event);
            split::write_marks(out, marks);
        }
        Part::One(original, series) | Part::FromThereOn(original, series) => {
            named(out, event, Name::Original);
            if matches!(part, Part::FromThereOn(..)) {
                out.word(";RANGE=THISANDFUTURE");
            }
            if event.unknown.iter().any(|entry| entry == ON_A_DAY) {
                date_or_time(out, &OriginalStart::Date(original.date()), None);
            } else {
                date_or_time(out, original, series.zone());
            }
            times(out, event);
        }
    }
    let is_status_said = fields(out, event);
    for entry in &event.unknown {
        if !(is_parameters(entry) || is_status_said && is_line(entry, Name::Status)) {
            out.raw(entry);
        }
    }
    reminder::write_all(&event.reminders, out);
    out.word("END:");
    out.line(name);
}

fn rules_and_dates(out: &mut Out, event: &Event) {
    for (name, rules) in [
        (Name::Rule, &event.rules.rules),
        (Name::ExclusionRule, &event.rules.exclusions),
    ] {
        for rule in rules {
            out.word(name.word());
            out.word(":");
            out.shown(until_as_asked(rule, &event.when).as_ref());
            out.end();
        }
    }
    let zone = event.when.zone();
    for (date, length) in &event.dates {
        named(out, event, Name::Dates);
        let Some(length) = length else {
            date_or_time(out, date, zone);
            continue;
        };
        out.word(";VALUE=PERIOD");
        if let (OriginalStart::Local(_), Some(zone)) = (date, zone) {
            zone_parameter(out, zone);
        }
        out.word(":");
        out.start(date);
        out.word("/");
        out.shown(length);
        out.end();
    }
    for skipped in &event.skipped {
        named(out, event, Name::Skipped);
        date_or_time(out, skipped, zone);
    }
}

/// Writes what is not about time; whether STATUS is among it.
fn fields(out: &mut Out, event: &Event) -> bool {
    text(out, event, Name::Summary, &event.title);
    text(out, event, Name::Description, &event.notes);
    text(out, event, Name::Location, &event.place);
    text(
        out,
        event,
        Name::Color,
        event.color.as_deref().unwrap_or_default(),
    );
    for (name, value) in [
        (Name::Url, &event.url),
        (Name::Conference, &event.conference),
        (Name::Geo, &event.geo),
    ] {
        if let Some(value) = value {
            named(out, event, name);
            if name == Name::Conference {
                out.word(";VALUE=URI");
            }
            out.word(":");
            out.push(value);
            out.end();
        }
    }
    let is_status_said = match &event.task {
        Some(task) => task::write_status(out, event, task),
        None => word(out, event, Name::Status, &STATUSES, event.status),
    };
    word(out, event, Name::Transparency, &BUSY, event.busy);
    word(out, event, Name::Class, &PRIVACIES, event.privacy);
    if !event.categories.is_empty() {
        named(out, event, Name::Categories);
        let mut between = ":";
        for category in &event.categories {
            out.push(between);
            out.escaped(category);
            between = ",";
        }
        out.end();
    }
    if let Some(organizer) = &event.organizer {
        write_organizer(out, organizer);
    }
    for (address, guest) in &event.guests {
        write_guest(out, address, guest);
    }
    for raw in &event.attachments {
        out.raw(raw);
    }
    is_status_said
}

/// Writes the name of a property and the parameters that came with it.
pub(super) fn named(out: &mut Out, event: &Event, name: Name) {
    out.word(name.word());
    if let Some(parameters) = parameters_for(&event.unknown, name) {
        out.word(";");
        out.push(parameters);
    }
}

fn text(out: &mut Out, event: &Event, name: Name, text: &str) {
    if !text.is_empty() || parameters_for(&event.unknown, name).is_some() {
        named(out, event, name);
        out.word(":");
        out.escaped(text);
        out.end();
    }
}

/// Writes a word from a list. The usual one gives way to a word nobody knows that `unknown`
/// holds, and is left out of a task, which need not say it; whether it was written.
fn word<T: PartialEq + Default>(
    out: &mut Out,
    event: &Event,
    name: Name,
    words: &[(T, &str)],
    value: T,
) -> bool {
    if value == T::default() {
        let is_word = |line: &Line<'_>| {
            let given = line.value().trim();
            words
                .iter()
                .any(|(_, word)| word.eq_ignore_ascii_case(given))
        };
        let is_left_out = match said(&event.unknown, name, is_word) {
            Said::Nothing => event.task.is_some(),
            Said::Unreadable => true,
            Said::More => false,
        };
        if is_left_out {
            return false;
        }
    }
    if let Some((_, word)) = words.iter().find(|(one, _)| *one == value) {
        named(out, event, name);
        out.word(":");
        out.push(word);
        out.end();
    }
    true
}

fn times(out: &mut Out, event: &Event) {
    if let Some(task) = &event.task {
        if task.is_planned {
            named(out, event, Name::Start);
            date_or_time(out, &event.when.original(), event.when.zone());
        }
        return task::write(out, event, task);
    }
    named(out, event, Name::Start);
    date_or_time(out, &event.when.original(), event.when.zone());
    write_end(out, event)
}

/// The property that says when an event ends; none where a task is not due.
pub(super) fn end_name(event: &Event) -> Option<Name> {
    if let Some(task) = &event.task {
        return task::end_name(&event.when, task);
    }
    match &event.when {
        When::AllDay { .. } => Some(Name::Until),
        When::Zoned { end, .. } | When::Floating { end, .. } => match end {
            End::At { .. } => Some(Name::Until),
            End::After(_) => Some(Name::Duration),
        },
    }
}

fn write_end(out: &mut Out, event: &Event) {
    let length = match &event.when {
        When::AllDay { end, .. } => {
            named(out, event, Name::Until);
            return date_or_time(out, &OriginalStart::Date(*end), None);
        }
        When::Zoned {
            end: End::At { at, zone },
            zone: own,
            ..
        } => {
            named(out, event, Name::Until);
            return timed(out, *at, Some(zone.as_ref().unwrap_or(own)));
        }
        When::Floating {
            end: End::At { at, .. },
            ..
        } => {
            named(out, event, Name::Until);
            return timed(out, *at, None);
        }
        When::Zoned {
            end: End::After(length),
            ..
        }
        | When::Floating {
            end: End::After(length),
            ..
        } => length,
    };
    named(out, event, Name::Duration);
    out.word(":");
    out.shown(length);
    out.end();
}

/// Ends a line with a wall clock in a zone.
pub(super) fn timed(out: &mut Out, at: DateTime, zone: Option<&Zone>) {
    match zone {
        Some(zone) if zone.is_utc() => date_or_time(out, &OriginalStart::Utc(at), None),
        zone => date_or_time(out, &OriginalStart::Local(at), zone),
    }
}

/// Ends a line with a start in the kind and zone of its series.
pub(super) fn date_or_time(out: &mut Out, value: &OriginalStart, zone: Option<&Zone>) {
    match (value, zone) {
        (OriginalStart::Date(_), _) => out.word(";VALUE=DATE"),
        (OriginalStart::Local(_), Some(zone)) => zone_parameter(out, zone),
        (OriginalStart::Local(_) | OriginalStart::Utc(_), _) => {}
    }
    out.word(":");
    out.start(value);
    out.end();
}

fn zone_parameter(out: &mut Out, zone: &Zone) {
    out.word(";TZID=");
    out.quoted(zone.name());
}

fn instant(out: &mut Out, event: &Event, name: Name, at: Option<Timestamp>) {
    if let Some(at) = at {
        named(out, event, name);
        out.word(":");
        out.start(&OriginalStart::Utc(in_utc(at)));
        out.end();
    }
}
