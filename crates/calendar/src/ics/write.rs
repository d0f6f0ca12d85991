//! Writing a file: one calendar, the zones it uses, its events.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::text::{escaped, put_line};
use super::write_event::event_lines;
use crate::civil::{datetime_of, seconds_of};
use crate::event::Event;
use crate::original::OriginalStart;
use crate::rule::Basic;
use crate::when::{End, When};
use crate::zone::Zone;

/// Years of a zone that are written out before and after the events that use it.
const YEARS_AROUND: i64 = 10;
const YEAR: i64 = 31_556_952;

/// A file with these events, for any calendar program. Events in the trash are left out.
#[must_use]
pub fn write<'a>(events: impl IntoIterator<Item = &'a Event>, name: Option<&str>) -> String {
    let events: Vec<&Event> = events.into_iter().filter(|event| !event.trashed).collect();
    let mut out = String::with_capacity(512 * events.len() + 512);
    put_line(&mut out, "BEGIN:VCALENDAR");
    put_line(&mut out, "VERSION:2.0");
    put_line(&mut out, "PRODID:-//Almanac//Almanac//EN");
    put_line(&mut out, "CALSCALE:GREGORIAN");
    if let Some(name) = name {
        put_line(&mut out, &format!("NAME:{}", escaped(name)));
        put_line(&mut out, &format!("X-WR-CALNAME:{}", escaped(name)));
    }
    for (zone, first, last) in zones_of(&events) {
        zone_block(&mut out, &zone, first, last);
    }
    for event in events {
        event_lines(&mut out, event);
    }
    put_line(&mut out, "END:VCALENDAR");
    out
}

/// The zones events use, with the first and last civil second each is used at.
#[expect(
    clippy::mutable_key_type,
    reason = "a zone is ordered by its text, which never changes"
)]
fn zones_of(events: &[&Event]) -> Vec<(Zone, i64, i64)> {
    let mut used: BTreeMap<Zone, (i64, i64)> = BTreeMap::new();
    let mut add = |when: &When| {
        let When::Zoned { start, zone, end } = when else {
            return;
        };
        let at = seconds_of(*start);
        let of_end = match end {
            End::At {
                zone: Some(zone), ..
            } => Some(zone),
            End::At { zone: None, .. } | End::After(_) => None,
        };
        for zone in std::iter::once(zone).chain(of_end) {
            let span = used.entry(zone.clone()).or_insert((at, at));
            *span = (span.0.min(at), span.1.max(at));
        }
    };
    for event in events {
        add(&event.when);
        let of_overrides = event
            .overrides
            .values()
            .filter_map(|change| change.when.as_ref());
        let of_splits = event
            .splits
            .values()
            .filter_map(|split| split.change.when.as_ref());
        of_overrides.chain(of_splits).for_each(&mut add);
    }
    let known = used
        .into_iter()
        .filter(|(zone, _)| !zone.is_utc() && zone.is_known());
    known
        .map(|(zone, (first, last))| (zone, first, last))
        .collect()
}

/// Writes a VTIMEZONE: the block it came as, or the jumps of the years around its use, the last
/// of them as rules that go on.
fn zone_block(out: &mut String, zone: &Zone, first: i64, last: i64) {
    if let Some(block) = zone.block() {
        block.lines().for_each(|line| put_line(out, line));
        return;
    }
    put_line(out, "BEGIN:VTIMEZONE");
    put_line(out, &format!("TZID:{}", zone.name()));
    let (offset, jumps) = zone.table().jumps();
    let from = first - YEARS_AROUND * YEAR;
    let until = last + YEARS_AROUND * YEAR;
    let before = jumps.iter().rev().find(|jump| jump.at < from);
    let offset = before.map_or(offset, |jump| jump.after);
    part(
        out,
        offset,
        offset,
        offset,
        from.div_euclid(YEAR) * YEAR,
        None,
    );
    let inside: Vec<_> = jumps
        .iter()
        .filter(|jump| jump.at >= from && jump.at < until)
        .collect();
    let last_two: BTreeSet<i64> = inside.iter().rev().take(2).map(|jump| jump.at).collect();
    let goes_on = jumps.last().is_some_and(|jump| jump.at >= until + 2 * YEAR);
    let smallest = inside.iter().map(|jump| jump.after).min().unwrap_or(offset);
    for jump in inside {
        let local = jump.at + jump.before;
        let rule = if goes_on && last_two.contains(&jump.at) {
            yearly(local)
        } else {
            None
        };
        part(out, jump.before, jump.after, smallest, local, rule);
    }
    put_line(out, "END:VTIMEZONE");
}

/// The rule by which a jump comes again every year: the same weekday of the month.
fn yearly(local: i64) -> Option<String> {
    let date = datetime_of(local)?.date();
    let weekday = usize::try_from(date.weekday().to_monday_zero_offset()).ok()?;
    let letters = crate::rule::Weekday::ALL.get(weekday)?.letters();
    let is_last = date.day() + 7 > date.days_in_month();
    let ordinal = if is_last {
        -1
    } else {
        (date.day() - 1) / 7 + 1
    };
    Some(format!(
        "FREQ=YEARLY;BYMONTH={};BYDAY={ordinal}{letters}",
        date.month()
    ))
}

fn part(out: &mut String, before: i64, after: i64, least: i64, local: i64, rule: Option<String>) {
    let name = if after > least {
        "DAYLIGHT"
    } else {
        "STANDARD"
    };
    let start = OriginalStart::Local(datetime_of(local).unwrap_or_default());
    put_line(out, &format!("BEGIN:{name}"));
    put_line(out, &format!("DTSTART:{}", Basic(&start)));
    put_line(out, &format!("TZOFFSETFROM:{}", offset_text(before)));
    put_line(out, &format!("TZOFFSETTO:{}", offset_text(after)));
    if let Some(rule) = rule {
        put_line(out, &format!("RRULE:{rule}"));
    }
    put_line(out, &format!("END:{name}"));
}

fn offset_text(seconds: i64) -> String {
    let (sign, size) = if seconds < 0 {
        ('-', -seconds)
    } else {
        ('+', seconds)
    };
    let mut text = format!("{sign}{:02}{:02}", size / 3_600, size / 60 % 60);
    if size % 60 != 0 {
        let _ = write!(text, "{:02}", size % 60);
    }
    text
}
