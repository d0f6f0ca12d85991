//! One VEVENT read by itself, before it finds its series.

use jiff::Timestamp;

use super::dates::{Stamp, periods, stamps};
use super::lines::Line;
use super::people;
use super::problem::{Problem, ProblemKind};
use super::reminder;
use super::text::{members, unescaped};
use super::timezone::Zones;
use super::tree::Component;
use crate::civil::{date_of, days_of_date};
use crate::event::{Busy, Event, Privacy, Status};
use crate::length::Length;
use crate::original::OriginalStart;
use crate::rule::Rule;
use crate::when::{End, When, day_after};
use crate::zone::Zone;

/// One VEVENT.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) event: Event,
    pub(super) line: usize,
    /// Which occurrence it is, if it is one of a series.
    pub(super) original: Option<Stamp>,
    /// Whether it stands for all from that one on.
    pub(super) is_from_there_on: bool,
}

/// Reads properties one by one.
struct Reader<'a, 'z> {
    event: Event,
    zones: &'z mut Zones<'a>,
    problems: Vec<(usize, ProblemKind)>,
    seen: Vec<&'static str>,
}

/// Reads a VEVENT; `None` where it has no start. What is wrong with it is added to `problems`.
pub(super) fn draft<'a>(
    component: &Component<'a>,
    zones: &mut Zones<'a>,
    problems: &mut Vec<Problem>,
) -> Option<Draft> {
    let uid = component
        .first("UID")
        .map(|line| unescaped(line.value().trim()));
    let uid = uid.filter(|uid| !uid.is_empty());
    let has_uid = uid.is_some();
    let uid = uid.unwrap_or_else(|| made_up_uid(component));
    let found = when(component, zones);
    let (when, mut found_problems) = match found {
        Ok(found) => found,
        Err(kind) => {
            problems.push(Problem {
                line: component.line,
                uid: Some(uid),
                kind,
            });
            return None;
        }
    };
    if !has_uid {
        found_problems.push((component.line, ProblemKind::NoUid));
    }
    let event = Event::new(uid, "", when);
    let mut reader = Reader {
        event,
        zones,
        problems: found_problems,
        seen: Vec::new(),
    };
    let mut original = None;
    let mut is_from_there_on = false;
    for line in &component.lines {
        if line.is("RECURRENCE-ID") {
            original = reader.stamps(line).into_iter().next();
            is_from_there_on = line
                .parameter("RANGE")
                .is_some_and(|range| range.eq_ignore_ascii_case("THISANDFUTURE"));
        } else {
            reader.property(line);
        }
    }
    for child in &component.children {
        reader.child(child);
    }
    let unknown_zones = reader.zones.take_unknown();
    for name in unknown_zones {
        reader
            .problems
            .push((component.line, ProblemKind::UnknownZone(name)));
    }
    let Reader {
        event,
        problems: found,
        ..
    } = reader;
    let uid = Some(event.uid.clone());
    problems.extend(found.into_iter().map(|(line, kind)| Problem {
        line,
        uid: uid.clone(),
        kind,
    }));
    Some(Draft {
        event,
        line: component.line,
        original,
        is_from_there_on,
    })
}

/// When the event happens (RFC 5545 §3.6.1): from DTSTART with DTEND or DURATION.
fn when(
    component: &Component<'_>,
    zones: &mut Zones<'_>,
) -> Result<(When, Vec<(usize, ProblemKind)>), ProblemKind> {
    let line = component.first("DTSTART").ok_or(ProblemKind::NoStart)?;
    let (found, bad) = stamps(line, zones);
    let Some(start) = found.into_iter().next() else {
        return Err(bad.into_iter().next().unwrap_or(ProblemKind::NoStart));
    };
    let mut problems = Vec::new();
    let mut end = None;
    if let Some(line) = component.first("DTEND") {
        let (found, bad) = stamps(line, zones);
        problems.extend(bad.into_iter().map(|kind| (line.number, kind)));
        end = found.into_iter().next();
    }
    let length = component
        .first("DURATION")
        .and_then(|line| match line.value().parse() {
            Ok(length) => Some(length),
            Err(_) => {
                let kind = ProblemKind::BadTime("DURATION".to_owned(), line.value().to_owned());
                problems.push((line.number, kind));
                None
            }
        });
    let when = match start.value {
        OriginalStart::Date(date) => all_day(date, end.as_ref(), length),
        OriginalStart::Utc(at) => {
            let zone = Zone::utc();
            let end = timed_end(&start, end, length, Some(&zone));
            When::Zoned {
                start: at,
                zone,
                end,
            }
        }
        OriginalStart::Local(at) => {
            let end = timed_end(&start, end, length, start.zone.as_ref());
            match start.zone {
                Some(zone) => When::Zoned {
                    start: at,
                    zone,
                    end,
                },
                None => When::Floating { start: at, end },
            }
        }
    };
    let (from, until) = when.span(&Zone::utc());
    if until < from {
        problems.push((component.line, ProblemKind::EndsBeforeStart));
        return Ok((without_length(when), problems));
    }
    Ok((when, problems))
}

fn all_day(start: jiff::civil::Date, end: Option<&Stamp>, length: Option<Length>) -> When {
    let days = length.map(|length| length.days() + length.seconds().div_euclid(86_400));
    let by_length = days.and_then(|days| date_of(days_of_date(start) + days));
    let end = end
        .map(|end| end.value.date())
        .or(by_length)
        .filter(|end| *end > start);
    When::AllDay {
        start,
        end: end.unwrap_or_else(|| day_after(start)),
    }
}

/// The end of something timed. Without any it has no length (RFC 5545 §3.6.1).
fn timed_end(
    start: &Stamp,
    end: Option<Stamp>,
    length: Option<Length>,
    zone: Option<&Zone>,
) -> End {
    let Some(end) = end else {
        return End::After(length.unwrap_or_default());
    };
    match end.value {
        OriginalStart::Utc(at) if zone.is_some_and(Zone::is_utc) => End::At { at, zone: None },
        OriginalStart::Utc(at) => match zone {
            Some(_) => End::At {
                at,
                zone: Some(Zone::utc()),
            },
            None => End::At { at, zone: None },
        },
        OriginalStart::Local(at) if end.zone == start.zone || zone.is_none() => {
            End::At { at, zone: None }
        }
        OriginalStart::Local(at) => End::At { at, zone: end.zone },
        OriginalStart::Date(date) => End::At {
            at: date.at(0, 0, 0, 0),
            zone: None,
        },
    }
}

fn without_length(when: When) -> When {
    let end = End::After(Length::default());
    match when {
        When::AllDay { start, .. } => When::AllDay {
            start,
            end: day_after(start),
        },
        When::Zoned { start, zone, .. } => When::Zoned { start, zone, end },
        When::Floating { start, .. } => When::Floating { start, end },
    }
}

impl Reader<'_, '_> {
    fn stamps(&mut self, line: &Line<'_>) -> Vec<Stamp> {
        let (found, bad) = stamps(line, self.zones);
        self.problems
            .extend(bad.into_iter().map(|kind| (line.number, kind)));
        found
    }

    /// Whether a property that may stand once stands for the first time.
    fn once(&mut self, name: &'static str, line: &Line<'_>) -> bool {
        let is_first = !self.seen.contains(&name);
        if is_first {
            self.seen.push(name);
        } else {
            self.keep(line);
        }
        is_first
    }

    fn keep(&mut self, line: &Line<'_>) {
        self.event.unknown.push(line.text.to_string());
    }

    fn property(&mut self, line: &Line<'_>) {
        let name = line.name().to_ascii_uppercase();
        match name.as_str() {
            "UID" | "DTSTART" | "DTEND" | "DURATION" => {}
            "RRULE" | "EXRULE" => self.rule(line, name == "EXRULE"),
            "RDATE" => {
                let (found, bad) = periods(line, self.zones);
                self.problems
                    .extend(bad.into_iter().map(|kind| (line.number, kind)));
                for (stamp, length) in found {
                    let original = stamp.original_for(&self.event.when);
                    self.event.dates.insert(original, length);
                }
            }
            "EXDATE" => {
                for stamp in self.stamps(line) {
                    let original = stamp.original_for(&self.event.when);
                    self.event.skipped.insert(original);
                }
            }
            "ATTENDEE" => {
                let (address, guest) = people::guest(line);
                self.event.guests.insert(address, guest);
            }
            "CATEGORIES" => self.event.categories.extend(members(line.value())),
            "ATTACH" => {
                self.event.attachments.insert(line.text.to_string());
            }
            _ => self.single(&name, line),
        }
    }

    /// Properties that stand once.
    fn single(&mut self, name: &str, line: &Line<'_>) {
        const KNOWN: [&str; 15] = [
            "SUMMARY",
            "DESCRIPTION",
            "LOCATION",
            "URL",
            "COLOR",
            "CONFERENCE",
            "STATUS",
            "TRANSP",
            "CLASS",
            "SEQUENCE",
            "DTSTAMP",
            "CREATED",
            "LAST-MODIFIED",
            "ORGANIZER",
            "RECURRENCE-ID",
        ];
        let Some(known) = KNOWN.iter().find(|known| **known == name) else {
            return self.keep(line);
        };
        if !self.once(known, line) {
            return;
        }
        let value = line.value();
        let text = || Some(unescaped(value)).filter(|text| !text.is_empty());
        match *known {
            "SUMMARY" => self.event.title = unescaped(value),
            "DESCRIPTION" => self.event.notes = unescaped(value),
            "LOCATION" => self.event.place = unescaped(value),
            "URL" => self.event.url = Some(value.trim().to_owned()).filter(|url| !url.is_empty()),
            "COLOR" => self.event.color = text(),
            "CONFERENCE" => self.event.conference = Some(value.trim().to_owned()),
            "ORGANIZER" => self.event.organizer = Some(people::organizer(line)),
            "SEQUENCE" => self.event.sequence = value.trim().parse().unwrap_or(0),
            "DTSTAMP" => self.event.stamped = self.instant(line),
            "CREATED" => self.event.created = self.instant(line),
            "LAST-MODIFIED" => self.event.modified = self.instant(line),
            _ => self.word(known, line),
        }
    }

    /// Properties with a word from a list; another word is kept as it is.
    fn word(&mut self, name: &str, line: &Line<'_>) {
        let word = line.value().trim().to_ascii_uppercase();
        match (name, word.as_str()) {
            ("STATUS", "CONFIRMED") => self.event.status = Status::Confirmed,
            ("STATUS", "TENTATIVE") => self.event.status = Status::Tentative,
            ("STATUS", "CANCELLED" | "CANCELED") => self.event.status = Status::Cancelled,
            ("TRANSP", "OPAQUE") => self.event.busy = Busy::Busy,
            ("TRANSP", "TRANSPARENT") => self.event.busy = Busy::Free,
            ("CLASS", "PUBLIC") => self.event.privacy = Privacy::Public,
            ("CLASS", "PRIVATE") => self.event.privacy = Privacy::Private,
            ("CLASS", "CONFIDENTIAL") => self.event.privacy = Privacy::Confidential,
            _ => self.keep(line),
        }
    }

    /// An instant that only says when something was written; one nobody can read is kept as it is.
    fn instant(&mut self, line: &Line<'_>) -> Option<Timestamp> {
        let (found, _) = stamps(line, self.zones);
        let Some(stamp) = found.into_iter().next() else {
            self.keep(line);
            return None;
        };
        let utc = Zone::utc();
        // What we write where nobody knows.
        Some(utc.instant(stamp.wall_clock_in(&utc))).filter(|at| *at != Timestamp::UNIX_EPOCH)
    }

    fn rule(&mut self, line: &Line<'_>, is_exclusion: bool) {
        match Rule::parse(line.value()) {
            Ok(rule) if is_exclusion => self.event.rules.exclusions.push(rule),
            Ok(rule) => {
                // The same rule twice says nothing more than once.
                if !self.event.rules.rules.contains(&rule) {
                    self.event.rules.rules.push(rule);
                }
            }
            Err(why) => {
                self.problems
                    .push((line.number, ProblemKind::BadRule(why.to_string())));
                self.keep(line);
            }
        }
    }

    fn child(&mut self, child: &Component<'_>) {
        if child.name != "VALARM" {
            self.event.unknown.push(child.raw());
            return;
        }
        match reminder::read(child) {
            Some(reminder) => {
                let id = child
                    .first("UID")
                    .map(|line| line.value().trim().to_owned());
                let id = id.filter(|id| !id.is_empty() && !self.event.reminders.contains_key(id));
                let unnamed = self
                    .event
                    .reminders
                    .keys()
                    .filter(|id| reminder::is_unnamed(id));
                let id = id.unwrap_or_else(|| reminder::unnamed_id(unnamed.count()));
                self.event.reminders.insert(id, reminder);
            }
            None => {
                self.problems.push((child.line, ProblemKind::BadReminder));
                self.event.unknown.push(child.raw());
            }
        }
    }
}

/// A UID for an event that has none: the same for the same event, so that reading a file twice
/// makes no second one.
fn made_up_uid(component: &Component<'_>) -> String {
    // FNV-1a, 128 bits: names, not secrets.
    let mut hash = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128;
    for byte in component.raw().bytes() {
        hash = (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
    }
    format!("{hash:032x}@imported")
}
