//! Tasks: what VTODO says beyond VEVENT (RFC 5545 §3.6.2).
//!
//! DTSTART is a time set aside for it; DUE, or DTSTART with DURATION, is by when it is to be done.

use jiff::Timestamp;

use super::draft::{in_utc, instant_of};
use super::draft_when::from_start;
use super::lines::Line;
use super::name::Name;
use super::out::Out;
use super::property::{Said, is_line, said};
use super::times::Stamp;
use super::timezone::Zones;
use super::vevent::Vevent;
use super::write_event::{date_or_time, named, timed};
use crate::civil::days_of_date;
use crate::event::{Due, Event, Status, Task};
use crate::length::Length;
use crate::original::OriginalStart;
use crate::rule::Basic;
use crate::when::{End, When, day_after};
use crate::zone::Zone;

/// When a task stands in a calendar, and by when it is due.
pub(super) fn when(vevent: &Vevent<'_>, zones: &mut Zones<'_>) -> (When, Task) {
    let mut task = Task::default();
    let due = vevent.due.as_ref().map(|due| Stamp::of(due, zones));
    if let Some(start) = &vevent.start {
        task.is_planned = true;
        let start = Stamp::of(start, zones);
        // An end before the start says nothing.
        let length = vevent.length.filter(|length| !length.is_negative());
        let when = from_start(&start, None, length.filter(|_| due.is_none()));
        task.due = match due {
            Some(due) => Some(due_of(due)),
            None => length.and_then(|_| end_of(&when)),
        };
        return (when, task);
    }
    if let Some(due) = due {
        let when = from_start(&due, None, None);
        task.due = Some(due_of(due));
        return (when, task);
    }
    let mut written = [&vevent.created, &vevent.stamped, &vevent.modified].into_iter();
    let written = written.find_map(|time| time.as_ref());
    let at = written.map_or(Timestamp::UNIX_EPOCH, |time| instant_of(time, zones));
    (on_day_of(at), task)
}

/// Where a task stands that says neither a start nor when it is due.
fn on_day_of(written: Timestamp) -> When {
    let start = in_utc(written).date();
    let end = day_after(start);
    When::AllDay { start, end }
}

/// Puts an occurrence that says neither a start nor when it is due where it will stand when it is
/// written, with what it takes over from its series of when it was written.
pub(super) fn take_over_day(part: &mut Event, series: &Event) {
    let says_nothing = |task: &Task| !task.is_planned && task.due.is_none();
    if part.task.as_ref().is_some_and(says_nothing) {
        let created = part.created.or(series.created);
        let stamped = part.stamped.or(series.stamped);
        let modified = part.modified.or(series.modified);
        let written = created.or(stamped).or(modified);
        part.when = on_day_of(written.unwrap_or_default());
    }
}

fn due_of(due: Stamp) -> Due {
    match due.value {
        OriginalStart::Date(date) => Due::On(date),
        OriginalStart::Local(at) => Due::At { at, zone: due.zone },
        OriginalStart::Utc(at) => Due::At {
            at,
            zone: Some(Zone::utc()),
        },
    }
}

/// The end of a planned time, as something due; `None` where it has no length of its own.
fn end_of(when: &When) -> Option<Due> {
    let utc = Zone::utc();
    match when {
        When::AllDay { end, .. } => Some(Due::On(*end)),
        When::Zoned { start, zone, end } => Some(Due::At {
            at: zone.wall_clock(end.instant(*start, zone)),
            zone: Some(zone.clone()),
        }),
        When::Floating { start, end } => Some(Due::At {
            at: utc.wall_clock(end.instant(*start, &utc)),
            zone: None,
        }),
    }
}

/// Takes STATUS; whether it is one that a task may have.
pub(super) fn status(task: &mut Task, status: &mut Status, word: &str) -> bool {
    let is = |one: &str| word.eq_ignore_ascii_case(one);
    if is("COMPLETED") {
        // When it was done is known only once everything is read.
        task.done = Some(Timestamp::UNIX_EPOCH);
    } else if is("CANCELLED") || is("CANCELED") {
        *status = Status::Cancelled;
    } else {
        // Under way, or not: how far it is says that too, and where it does not the word is kept.
        return false;
    }
    true
}

/// Takes PERCENT-COMPLETE and PRIORITY; whether the number is one that they may have.
pub(super) fn number(task: &mut Task, name: Name, value: &str) -> bool {
    let into = match name {
        Name::Percent => &mut task.percent,
        _ => &mut task.priority,
    };
    let number = number_of(name, value);
    *into = number.unwrap_or(*into);
    number.is_some()
}

fn number_of(name: Name, value: &str) -> Option<u8> {
    let most = if name == Name::Percent { 100 } else { 9 };
    value.parse().ok().filter(|number| *number <= most)
}

/// Settles whether the task is done, once everything about it is read.
pub(super) fn finish(event: &mut Event, vevent: &Vevent<'_>, zones: &mut Zones<'_>) {
    let Some(task) = &mut event.task else { return };
    let word = event
        .unknown
        .iter()
        .find(|entry| is_line(entry, Name::Status));
    let word = word
        .and_then(|entry| entry.split_once(':'))
        .map(|(_, word)| word.trim());
    let word = word.map(str::to_ascii_uppercase);
    let is = |one: &str| word.as_deref() == Some(one);
    let is_open = event.status == Status::Cancelled || is("NEEDS-ACTION") || is("IN-PROCESS");
    match &vevent.completed {
        // Taken up again; when it was done before is kept as it is.
        Some(time) if is_open && task.done.is_none() => {
            let at = instant_of(time, zones);
            event.unknown.push(format!(
                "COMPLETED:{}",
                Basic(&OriginalStart::Utc(in_utc(at)))
            ));
        }
        Some(time) => task.done = Some(instant_of(time, zones)),
        None if task.done.is_some() => {
            let last = event.modified.or(event.stamped).or(event.created);
            task.done = last.or(task.done);
        }
        None => {}
    }
    let is_said = task.done.is_some() || event.status == Status::Cancelled;
    if is_said || is(open_word(task)) {
        event.unknown.retain(|entry| !is_line(entry, Name::Status));
    }
}

/// The word for a task that is not done.
const fn open_word(task: &Task) -> &'static str {
    if task.percent > 0 {
        "IN-PROCESS"
    } else {
        "NEEDS-ACTION"
    }
}

/// Writes STATUS of a task; whether it stands for the one that `unknown` holds.
pub(super) fn write_status(out: &mut Out, event: &Event, task: &Task) -> bool {
    let word = if event.status == Status::Cancelled {
        "CANCELLED"
    } else if task.done.is_some() {
        "COMPLETED"
    } else if event
        .unknown
        .iter()
        .any(|entry| is_line(entry, Name::Status))
    {
        return false;
    } else {
        open_word(task)
    };
    named(out, event, Name::Status);
    out.word(":");
    out.push(word);
    out.end();
    true
}

/// The property that says by when a task is due.
pub(super) fn end_name(when: &When, task: &Task) -> Option<Name> {
    if length_to_due(when, task).is_some() {
        return Some(Name::Duration);
    }
    task.due.as_ref().map(|_| Name::Due)
}

/// Writes DUE or DURATION, and how far the task is.
pub(super) fn write(out: &mut Out, event: &Event, task: &Task) {
    if let Some(length) = length_to_due(&event.when, task) {
        named(out, event, Name::Duration);
        out.word(":");
        out.shown(length);
        out.end();
    } else if let Some(due) = &task.due {
        named(out, event, Name::Due);
        match due {
            Due::On(date) => date_or_time(out, &OriginalStart::Date(*date), None),
            Due::At { at, zone } => timed(out, *at, zone.as_ref()),
        }
    }
    if let Some(done) = task.done {
        named(out, event, Name::Completed);
        out.word(":");
        out.start(&OriginalStart::Utc(in_utc(done)));
        out.end();
    }
    for (name, number) in [
        (Name::Percent, task.percent),
        (Name::Priority, task.priority),
    ] {
        let is_read = |line: &Line<'_>| number_of(name, line.value().trim()).is_some();
        let is_written = match said(&event.unknown, name, is_read) {
            // Done without a percentage is all of it, not none of it.
            Said::Nothing => number > 0 || task.done.is_none() || name == Name::Priority,
            Said::Unreadable => number > 0,
            Said::More => true,
        };
        if is_written {
            named(out, event, name);
            out.word(":");
            out.number(u32::from(number));
            out.end();
        }
    }
}

/// Moves by when a task is due with its planned time, where it is due at the end of that.
pub(super) fn move_length(task: &mut Task, from: &When, to: &When) {
    if length_to_due(from, task).is_some() {
        task.due = end_of(to);
    }
}

/// How long after its planned start a task is due, where that is how long it was planned to take.
fn length_to_due(when: &When, task: &Task) -> Option<Length> {
    if !task.is_planned || task.due.is_none() || task.due != end_of(when) {
        return None;
    }
    match when {
        When::AllDay { start, end } => {
            let days = days_of_date(*end) - days_of_date(*start);
            Some(Length::from_days(days)).filter(|_| days > 1)
        }
        When::Zoned { end, .. } | When::Floating { end, .. } => match end {
            End::After(length) if *length != Length::default() => Some(*length),
            End::After(_) | End::At { .. } => None,
        },
    }
}
