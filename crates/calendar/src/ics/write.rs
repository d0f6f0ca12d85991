//! Writing a file: one calendar, the zones it uses, its events.

use std::collections::{BTreeMap, HashSet};

use super::busy;
use super::lines::{Found, Lines};
use super::out::Out;
use super::read::{COLORS, CalendarFile, METHOD, NAMES, parse};
use super::text::unescaped;
use super::timezone::plain;
use super::write_event::{Manner, event_lines};
use super::write_zone::zone_block;
use crate::civil::seconds_of;
use crate::event::{Due, Event};
use crate::when::{End, When};
use crate::zone::Zone;

/// How a series is written that goes on differently from some start on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Splits {
    /// As events of their own, each ended where the next begins (UNTIL, RELATED-TO): every
    /// program shows them. We read them as one series again.
    #[default]
    Apart,
    /// As changes of the one series wherever it keeps its rules (RANGE=THISANDFUTURE, RFC 5545
    /// §3.2.13): one event to those few programs that know it; others show only the first
    /// changed.
    InPlace,
}

/// A file with these events, for any calendar program. Events in the trash are left out.
#[must_use]
pub fn write<'a>(events: impl IntoIterator<Item = &'a Event>, name: Option<&str>) -> String {
    write_with(events, name, Splits::Apart)
}

/// Like [`write()`], with a choice of how splits are written.
#[must_use]
pub fn write_with<'a>(
    events: impl IntoIterator<Item = &'a Event>,
    name: Option<&str>,
    splits: Splits,
) -> String {
    let events: Vec<&Event> = events.into_iter().filter(|event| !event.trashed).collect();
    let mut out = Out::with_capacity(1_024 * events.len() + 512);
    begin(&mut out);
    if let Some(name) = name {
        for property in NAMES {
            text_line(&mut out, property, name);
        }
    }
    out.line("CALSCALE:GREGORIAN");
    for (zone, first, last) in zones_of(&events) {
        zone_block(&mut out, &zone, first, last);
    }
    let replaced = HashSet::new();
    let manner = Manner {
        splits,
        replaced: &replaced,
    };
    for event in events {
        event_lines(&mut out, event, manner);
    }
    out.line("END:VCALENDAR");
    out.into_text()
}

/// Writes a file back: everything that [`read_file`](super::read_file) read, and what was changed
/// since. Splits are written in place, as they were read.
#[must_use]
pub fn write_file(file: &CalendarFile) -> String {
    let events: Vec<&Event> = file.events.iter().filter(|event| !event.trashed).collect();
    let mut out = Out::with_capacity(1_024 * events.len() + 4_096);
    begin(&mut out);
    let mut written = written_properties(file);
    let is_scale_said = written
        .iter()
        .any(|line| line.name.eq_ignore_ascii_case("CALSCALE"));
    if !is_scale_said {
        out.line("CALSCALE:GREGORIAN");
    }
    for (value, names) in [
        (&file.name, NAMES.as_slice()),
        (&file.color, COLORS.as_slice()),
        (&file.method, METHOD.as_slice()),
    ] {
        let is_one = |line: &Property<'_>| {
            names
                .iter()
                .any(|name| name.eq_ignore_ascii_case(&line.name))
        };
        let said = names.iter().find_map(|name| {
            let is_this = |line: &&Property<'_>| {
                line.name.eq_ignore_ascii_case(name) && !line.value.is_empty()
            };
            written.iter().find(is_this).map(|line| &line.value)
        });
        if value.is_some() && said != value.as_ref() {
            written.retain(|line| !is_one(line));
            for name in names {
                text_line(&mut out, name, value.as_deref().unwrap_or_default());
            }
        }
    }
    for line in written {
        out.raw(line.raw);
    }
    let described: HashSet<String> = file
        .zones
        .iter()
        .filter_map(|block| name_of(block))
        .collect();
    for block in &file.zones {
        out.raw(block);
    }
    for (zone, first, last) in zones_of(&events) {
        if !described.contains(&plain(zone.name())) {
            zone_block(&mut out, &zone, first, last);
        }
    }
    // Versions that were passed over come first: where nothing else decides, the last one counts.
    for other in &file.others {
        out.raw(other);
    }
    let manner = Manner {
        splits: Splits::InPlace,
        replaced: &replaced_series(&file.others),
    };
    for event in events {
        event_lines(&mut out, event, manner);
    }
    for busy in &file.busy {
        busy::write(&mut out, busy);
    }
    out.line("END:VCALENDAR");
    out.into_text()
}

/// The series among raw components: whether they are tasks, and their UIDs.
fn replaced_series(others: &[String]) -> HashSet<(bool, String)> {
    let name = |raw: &String| {
        let components = parse(raw.as_bytes());
        let mut series = components.events().filter(|event| event.original.is_none());
        let found = series.next();
        found.map(|event| (event.is_task, event.uid.into_owned()))
    };
    others.iter().filter_map(name).collect()
}

fn begin(out: &mut Out) {
    out.line("BEGIN:VCALENDAR");
    out.line("VERSION:2.0");
    out.line("PRODID:-//Almanac//Almanac//EN");
}

fn text_line(out: &mut Out, name: &str, value: &str) {
    out.push(name);
    out.word(":");
    out.escaped(value);
    out.end();
}

/// A property of the calendar itself.
struct Property<'a> {
    raw: &'a str,
    name: String,
    value: String,
}

fn written_properties(file: &CalendarFile) -> Vec<Property<'_>> {
    let lines = file.properties.iter().filter_map(|raw| {
        let Some(Found::Line(line, _)) = Lines::new(raw.as_bytes()).next() else {
            return None;
        };
        let value = unescaped(line.value().trim()).into_owned();
        let name = line.name().to_owned();
        Some(Property { raw, name, value })
    });
    lines.collect()
}

/// The TZID of a raw block.
fn name_of(block: &str) -> Option<String> {
    let mut lines = Lines::new(block.as_bytes());
    lines.find_map(|found| match found {
        Found::Line(line, _) if line.name().eq_ignore_ascii_case("TZID") => {
            Some(plain(line.value()))
        }
        Found::Line(..) | Found::Bad(_) | Found::Long(_) => None,
    })
}

/// The zones events use, with the first and last civil second each is used at.
#[expect(
    clippy::mutable_key_type,
    reason = "a zone is ordered by its text, which never changes"
)]
fn zones_of(events: &[&Event]) -> Vec<(Zone, i64, i64)> {
    let mut used: BTreeMap<Zone, (i64, i64)> = BTreeMap::new();
    let mut add = |zone: &Zone, at: i64| match used.get_mut(zone) {
        Some(span) => *span = (span.0.min(at), span.1.max(at)),
        None => {
            used.insert(zone.clone(), (at, at));
        }
    };
    let mut add_when = |when: &When| {
        let When::Zoned { start, zone, end } = when else {
            return;
        };
        let at = seconds_of(*start);
        add(zone, at);
        if let End::At {
            zone: Some(zone), ..
        } = end
        {
            add(zone, at);
        }
    };
    for event in events {
        add_when(&event.when);
        let changes = event.overrides.values();
        let changes = changes.chain(event.splits.values().map(|split| &split.change));
        for when in changes.filter_map(|change| change.when.as_ref()) {
            add_when(when);
        }
    }
    for event in events {
        let changes = event.overrides.values();
        let changes = changes.chain(event.splits.values().map(|split| &split.change));
        let tasks = changes.filter_map(|change| change.task.as_ref());
        for task in tasks.chain(&event.task) {
            if let Some(Due::At {
                at,
                zone: Some(zone),
            }) = &task.due
            {
                add(zone, seconds_of(*at));
            }
        }
    }
    let known = used
        .into_iter()
        .filter(|(zone, _)| !zone.is_utc() && zone.is_known());
    known
        .map(|(zone, (first, last))| (zone, first, last))
        .collect()
}
