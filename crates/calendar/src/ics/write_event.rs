//! Writing one event: its series, its overrides, and the segments its splits make.
//!
//! A split that only changes how things look is a RANGE=THISANDFUTURE override, which means
//! just that (RFC 5545 §3.2.13). A split with rules of its own becomes a VEVENT of its own, and
//! the one before it ends with UNTIL.

use super::people::{guest_line, organizer_line};
use super::reminder;
use super::text::{escaped, put_line};
use crate::event::{Busy, Event, Privacy, Rules, Status};
use crate::original::OriginalStart;
use crate::rule::Basic;
use crate::when::{End, When};
use crate::zone::Zone;

/// Where a series is cut: before this start.
type Cut = Option<OriginalStart>;

pub(super) fn event_lines(out: &mut String, event: &Event) {
    let mut segment = event.clone();
    segment.splits.clear();
    let mut shown = event.clone();
    let mut begins: Cut = None;
    for (original, split) in &event.splits {
        let mut next = split.change.applied_to(&shown);
        if split.change.when.is_none() {
            next.when = shown.when.moved_to(original.wall_clock());
        }
        if let Some(rules) = &split.rules {
            series(out, &segment, event, begins, Some(*original));
            segment = Event {
                uid: format!("{}-{}", event.uid, Basic(original)),
                rules: rules.clone(),
                splits: std::collections::BTreeMap::new(),
                ..next.clone()
            };
            segment
                .unknown
                .push(format!("RELATED-TO;RELTYPE=SIBLING:{}", event.uid));
            begins = Some(*original);
        } else {
            segment.splits.insert(*original, split.clone());
        }
        shown = next;
    }
    series(out, &segment, event, begins, None);
}

/// Writes one segment: its series and what differs in it.
fn series(out: &mut String, segment: &Event, event: &Event, from: Cut, until: Cut) {
    let is_inside = |original: &OriginalStart| {
        let at = original.wall_clock();
        from.is_none_or(|from| at >= from.wall_clock())
            && until.is_none_or(|until| at < until.wall_clock())
    };
    let mut whole = segment.clone();
    if let Some(until) = until {
        whole.rules = without_count(segment.rules.ended(&until, &segment.when));
    }
    whole.dates = event
        .dates
        .iter()
        .filter(|(at, _)| is_inside(at))
        .map(|(k, v)| (*k, *v))
        .collect();
    whole.skipped = event
        .skipped
        .iter()
        .filter(|at| is_inside(at))
        .copied()
        .collect();
    vevent(out, &whole, None, false);
    let mut shown = segment.clone();
    for (original, split) in &segment.splits {
        let mut next = split.change.applied_to(&shown);
        if split.change.when.is_none() {
            next.when = shown.when.moved_to(original.wall_clock());
        }
        shown = next;
        vevent(out, &shown, Some(original), true);
    }
    for (original, change) in event.overrides.iter().filter(|(at, _)| is_inside(at)) {
        let mut base = segment.clone();
        for (_, split) in segment.splits.range(..=*original) {
            let when = base.when.clone();
            base = split.change.applied_to(&base);
            if split.change.when.is_none() {
                base.when = when;
            }
        }
        let mut one = change.applied_to(&base);
        if change.when.is_none() {
            one.when = segment.when.moved_to(original.wall_clock());
        }
        vevent(out, &one, Some(original), false);
    }
}

/// A series that was cut ends at its UNTIL; RFC 5545 allows no COUNT beside it.
fn without_count(mut rules: Rules) -> Rules {
    for rule in rules.rules.iter_mut().filter(|rule| rule.until.is_some()) {
        rule.count = None;
    }
    rules
}

/// Writes one VEVENT: a series, or one of its occurrences.
fn vevent(out: &mut String, event: &Event, original: Option<&OriginalStart>, is_range: bool) {
    put_line(out, "BEGIN:VEVENT");
    put_line(out, &format!("UID:{}", escaped(&event.uid)));
    let stamp = event
        .stamped
        .or(event.modified)
        .or(event.created)
        .unwrap_or_default();
    instant(out, "DTSTAMP", Some(stamp));
    instant(out, "CREATED", event.created);
    instant(out, "LAST-MODIFIED", event.modified);
    if event.sequence > 0 {
        put_line(out, &format!("SEQUENCE:{}", event.sequence));
    }
    if let Some(original) = original {
        let range = if is_range { ";RANGE=THISANDFUTURE" } else { "" };
        start(out, &format!("RECURRENCE-ID{range}"), original, &event.when);
    }
    when_lines(out, &event.when);
    if original.is_none() {
        for rule in &event.rules.rules {
            put_line(out, &format!("RRULE:{rule}"));
        }
        for rule in &event.rules.exclusions {
            put_line(out, &format!("EXRULE:{rule}"));
        }
        for (date, length) in &event.dates {
            match length {
                Some(length) => period(out, date, &length.to_string(), &event.when),
                None => start(out, "RDATE", date, &event.when),
            }
        }
        for skipped in &event.skipped {
            start(out, "EXDATE", skipped, &event.when);
        }
    }
    fields(out, event);
    put_line(out, "END:VEVENT");
}

fn fields(out: &mut String, event: &Event) {
    let mut text = |name: &str, text: &str| {
        if !text.is_empty() {
            put_line(out, &format!("{name}:{}", escaped(text)));
        }
    };
    text("SUMMARY", &event.title);
    text("DESCRIPTION", &event.notes);
    text("LOCATION", &event.place);
    text("COLOR", event.color.as_deref().unwrap_or_default());
    if let Some(url) = &event.url {
        put_line(out, &format!("URL:{url}"));
    }
    if let Some(conference) = &event.conference {
        put_line(out, &format!("CONFERENCE;VALUE=URI:{conference}"));
    }
    match event.status {
        Status::Confirmed => {}
        Status::Tentative => put_line(out, "STATUS:TENTATIVE"),
        Status::Cancelled => put_line(out, "STATUS:CANCELLED"),
    }
    match event.busy {
        Busy::Busy => {}
        Busy::Free => put_line(out, "TRANSP:TRANSPARENT"),
    }
    match event.privacy {
        Privacy::Public => {}
        Privacy::Private => put_line(out, "CLASS:PRIVATE"),
        Privacy::Confidential => put_line(out, "CLASS:CONFIDENTIAL"),
    }
    if !event.categories.is_empty() {
        let names: Vec<String> = event.categories.iter().map(|one| escaped(one)).collect();
        put_line(out, &format!("CATEGORIES:{}", names.join(",")));
    }
    if let Some(organizer) = &event.organizer {
        put_line(out, &organizer_line(organizer));
    }
    for (address, guest) in &event.guests {
        put_line(out, &guest_line(address, guest));
    }
    for raw in event.attachments.iter().chain(&event.unknown) {
        raw.lines().for_each(|line| put_line(out, line));
    }
    for (id, reminder) in &event.reminders {
        reminder::write(id, reminder, out);
    }
}

fn when_lines(out: &mut String, when: &When) {
    start(out, "DTSTART", &when.original(), when);
    match when {
        When::AllDay { end, .. } => start(out, "DTEND", &OriginalStart::Date(*end), when),
        When::Zoned {
            end: End::At { at, zone },
            zone: own,
            ..
        } => {
            let zone = zone.as_ref().unwrap_or(own);
            timed(out, "DTEND", *at, Some(zone));
        }
        When::Floating {
            end: End::At { at, .. },
            ..
        } => timed(out, "DTEND", *at, None),
        When::Zoned {
            end: End::After(length),
            ..
        }
        | When::Floating {
            end: End::After(length),
            ..
        } => {
            put_line(out, &format!("DURATION:{length}"));
        }
    }
}

fn timed(out: &mut String, name: &str, at: jiff::civil::DateTime, zone: Option<&Zone>) {
    let (value, parameter) = match zone {
        Some(zone) if zone.is_utc() => (OriginalStart::Utc(at), String::new()),
        Some(zone) => (OriginalStart::Local(at), tzid(zone)),
        None => (OriginalStart::Local(at), String::new()),
    };
    put_line(out, &format!("{name}{parameter}:{}", Basic(&value)));
}

/// A start in the kind and zone of its series.
fn start(out: &mut String, name: &str, value: &OriginalStart, when: &When) {
    let parameter = match value {
        OriginalStart::Date(_) => ";VALUE=DATE".to_owned(),
        OriginalStart::Local(_) => when.zone().map(tzid).unwrap_or_default(),
        OriginalStart::Utc(_) => String::new(),
    };
    put_line(out, &format!("{name}{parameter}:{}", Basic(value)));
}

fn period(out: &mut String, value: &OriginalStart, length: &str, when: &When) {
    let zone = match value {
        OriginalStart::Local(_) => when.zone().map(tzid).unwrap_or_default(),
        OriginalStart::Date(_) | OriginalStart::Utc(_) => String::new(),
    };
    put_line(
        out,
        &format!("RDATE;VALUE=PERIOD{zone}:{}/{length}", Basic(value)),
    );
}

fn tzid(zone: &Zone) -> String {
    format!(";TZID={}", super::property::quoted(zone.name()))
}

fn instant(out: &mut String, name: &str, at: Option<jiff::Timestamp>) {
    if let Some(at) = at {
        let at = OriginalStart::Utc(Zone::utc().wall_clock(at));
        put_line(out, &format!("{name}:{}", Basic(&at)));
    }
}
