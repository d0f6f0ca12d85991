//! When someone is taken: VFREEBUSY (RFC 5545 §3.6.4).

use jiff::Timestamp;

use super::draft::in_utc;
use super::name::Name;
use super::out::Out;
use super::people;
use super::problem::{Findings, ProblemKind};
use super::property::{is_parameters, parameters_for, put_parameters};
use super::text::{shortened, unescaped};
use super::times::{Period, PeriodEnd, Stamp, Time, periods, times};
use super::timezone::Zones;
use super::tree::Component;
use crate::event::Organizer;
use crate::free_busy::{BusyKind, BusyPeriod};
use crate::original::OriginalStart;
use crate::zone::Zone;

/// What a VFREEBUSY tells.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FreeBusy {
    /// Its name in the outside world; empty where it has none.
    pub uid: String,
    /// Whose time it is, or who asks.
    pub organizer: Option<Organizer>,
    /// From when on it tells.
    pub start: Option<Timestamp>,
    /// Until when it tells.
    pub end: Option<Timestamp>,
    /// When it was written (DTSTAMP).
    pub stamped: Option<Timestamp>,
    /// When the time is taken. A kind nobody knows counts as taken (RFC 5545 §3.2.9).
    pub periods: Vec<BusyPeriod>,
    /// Properties we do not model, as in an event. Free time is among them.
    pub unknown: Vec<String>,
}

const KINDS: [(BusyKind, &str); 3] = [
    (BusyKind::Busy, "BUSY"),
    (BusyKind::Tentative, "BUSY-TENTATIVE"),
    (BusyKind::Unavailable, "BUSY-UNAVAILABLE"),
];

/// Reads a VFREEBUSY.
pub(super) fn read(
    component: &Component<'_>,
    zones: &mut Zones<'_>,
    findings: &mut Findings,
) -> FreeBusy {
    let mut busy = FreeBusy::default();
    let mut seen = 0_u64;
    let mut parameters = Vec::new();
    for line in &component.lines {
        let name = line.kind();
        let is_read = seen & name.bit() == 0
            && match name {
                Name::Uid => {
                    busy.uid = unescaped(line.value().trim()).into_owned();
                    !busy.uid.is_empty()
                }
                Name::Organizer => {
                    busy.organizer = Some(people::organizer(line));
                    true
                }
                Name::Start | Name::Until | Name::Stamped => {
                    let mut found = None;
                    times(line, |time| found = Some(time), |_| ());
                    let at = found.map(|time| Stamp::of(&time, zones).instant());
                    match name {
                        Name::Start => busy.start = at,
                        Name::Until => busy.end = at,
                        // What we write where nobody knows.
                        _ => busy.stamped = at.filter(|at| *at != Timestamp::UNIX_EPOCH),
                    }
                    at.is_some()
                }
                _ => false,
            };
        if is_read {
            seen |= name.bit();
            let is_ours =
                |one: &str, _: &str| name == Name::Organizer || ["TZID", "VALUE"].contains(&one);
            parameters.extend(line.kept_parameters(is_ours));
        } else if name == Name::FreeBusy && !line.says("FBTYPE", "FREE") {
            let kind = line.parameter("FBTYPE").unwrap_or_default();
            let kind = KINDS
                .iter()
                .find(|(_, word)| kind.eq_ignore_ascii_case(word));
            let kind = kind.map_or(BusyKind::Busy, |(kind, _)| *kind);
            let mut found = Vec::new();
            let mut bad = Vec::new();
            periods(line, |period| found.push(period), |text| bad.push(text));
            for period in found {
                match span(&period, zones) {
                    Some(span) => busy.periods.push(BusyPeriod { span, kind }),
                    None => bad.push(line.value()),
                }
            }
            for text in bad {
                let kind = ProblemKind::BadTime("FREEBUSY".to_owned(), shortened(text));
                findings.add_about(line.number(), Some(&busy.uid), kind);
            }
        } else {
            busy.unknown.push(line.text().to_owned());
        }
    }
    busy.unknown
        .extend(component.children.iter().map(Component::raw));
    put_parameters(&mut busy.unknown, parameters);
    busy.periods
        .sort_by_key(|period| (period.kind, period.span.start, period.span.end));
    busy
}

/// The instants of a period; `None` where it ends before it starts.
fn span(period: &Period<'_>, zones: &mut Zones<'_>) -> Option<std::ops::Range<Timestamp>> {
    let start = Stamp::of(&period.start, zones);
    let from = start.instant();
    let until = match period.end? {
        PeriodEnd::At(value) => {
            let zone = period.start.zone.clone();
            Stamp::of(&Time { value, zone }, zones).instant()
        }
        PeriodEnd::After(length) => {
            let zone = start.zone.clone().unwrap_or_else(Zone::utc);
            crate::when::End::After(length).instant(start.value.wall_clock(), &zone)
        }
    };
    if from <= until {
        Some(from..until)
    } else {
        None
    }
}

/// Writes a VFREEBUSY, all times in UTC as the standard asks.
pub(super) fn write(out: &mut Out, busy: &FreeBusy) {
    out.line("BEGIN:VFREEBUSY");
    let named = |out: &mut Out, name: Name| {
        out.word(name.word());
        if let Some(parameters) = parameters_for(&busy.unknown, name) {
            out.word(";");
            out.push(parameters);
        }
        out.word(":");
    };
    if !busy.uid.is_empty() {
        named(out, Name::Uid);
        out.escaped(&busy.uid);
        out.end();
    }
    for (name, at) in [
        (Name::Stamped, Some(busy.stamped.unwrap_or_default())),
        (Name::Start, busy.start),
        (Name::Until, busy.end),
    ] {
        if let Some(at) = at {
            named(out, name);
            instant(out, at);
            out.end();
        }
    }
    if let Some(organizer) = &busy.organizer {
        people::write_organizer(out, organizer);
    }
    for (kind, word) in KINDS {
        let mut between = "";
        for period in busy.periods.iter().filter(|period| period.kind == kind) {
            if between.is_empty() {
                out.word("FREEBUSY;FBTYPE=");
                out.push(word);
                out.word(":");
            }
            out.push(between);
            instant(out, period.span.start);
            out.word("/");
            instant(out, period.span.end);
            between = ",";
        }
        if !between.is_empty() {
            out.end();
        }
    }
    for entry in busy.unknown.iter().filter(|entry| !is_parameters(entry)) {
        out.raw(entry);
    }
    out.line("END:VFREEBUSY");
}

fn instant(out: &mut Out, at: Timestamp) {
    out.start(&OriginalStart::Utc(in_utc(at)));
}
