//! One VEVENT or VTODO as an event, before it finds its series.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::collections::btree_map::Entry;

use jiff::Timestamp;

use super::draft_when::when;
use super::lines::Line;
use super::name::Name;
use super::people;
use super::problem::{Findings, ProblemKind};
use super::property::{Said, is_line, is_one_of, is_parameters_of, put_parameters, said};
use super::reminder::{self, IsNamed};
use super::task;
use super::text::{members, unescaped};
use super::times::{Stamp, Time, length_of, says_time, until_as_asked};
use super::timezone::Zones;
use super::tree::Component;
use super::vevent::{Odd, Vevent};
use super::write_event::end_name;
use crate::event::{Busy, Event, Privacy, Status};
use crate::length::Length;
use crate::rule::Rule;
use crate::zone::Zone;

/// One VEVENT or VTODO.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    pub(super) event: Event,
    /// The component it was read from.
    pub(super) component: &'a Component<'a>,
    /// Which occurrence it is, if it is one of a series.
    pub(super) original: Option<Stamp>,
    /// Whether it stands for all from that one on.
    pub(super) is_from_there_on: bool,
}

/// Reads properties one by one.
struct Reader<'a, 'z> {
    event: Event,
    zones: &'z mut Zones<'a>,
    findings: Vec<(usize, ProblemKind)>,
    out_of_place: &'static [Name],
    parameters: Vec<String>,
    /// Parameters of the first CATEGORIES.
    of_categories: Option<&'a str>,
    seen: u64,
}

/// Reads a VEVENT or VTODO; `None` where it has no start. What is wrong with it is added to
/// `findings`.
pub(super) fn draft<'a>(
    component: &'a Component<'a>,
    zones: &mut Zones<'a>,
    findings: &mut Findings,
) -> Option<Draft<'a>> {
    let mut vevent = Vevent::of(component);
    let Odd {
        kept,
        parameters,
        findings: mut found,
    } = vevent.odd.take().map(|odd| *odd).unwrap_or_default();
    let uid = if vevent.uid.is_empty() {
        found.push((component.line, ProblemKind::NoUid));
        made_up_uid(component)
    } else {
        vevent.uid.to_string()
    };
    let (when, task) = match when(&vevent, zones, &mut found) {
        Ok(found) => found,
        Err(kind) => {
            findings.add_about(component.line, Some(&uid), kind);
            return None;
        }
    };
    let mut event = Event::new(uid, vevent.title.as_ref(), when);
    event.task = task;
    let mut reader = Reader {
        event,
        zones,
        findings: found,
        out_of_place: out_of_place(&vevent),
        parameters,
        of_categories: None,
        seen: 0,
    };
    reader.times_and_rules(&vevent, component, &kept);
    reader.event.notes = vevent.notes.as_ref().to_owned();
    reader.event.place = vevent.place.as_ref().to_owned();
    reader.event.sequence = vevent.sequence;
    for line in vevent.others() {
        reader.property(line);
    }
    reader.parts(vevent.parts);
    if vevent.is_task {
        task::finish(&mut reader.event, &vevent, reader.zones);
    }
    let original = vevent
        .original
        .as_ref()
        .map(|time| Stamp::of(time, reader.zones));
    let is_from_there_on = vevent.is_from_there_on;
    let event = reader.finish(component, findings);
    Some(Draft {
        event,
        component,
        original,
        is_from_there_on,
    })
}

impl<'a> Reader<'a, '_> {
    fn times_and_rules(
        &mut self,
        vevent: &Vevent<'a>,
        component: &'a Component<'a>,
        kept: &[Cow<'a, str>],
    ) {
        let out_of_place = self.out_of_place;
        let is_in_place =
            |entry: &&Cow<'_, str>| !out_of_place.iter().any(|name| is_line(entry, *name));
        let kept = kept.iter().filter(is_in_place);
        self.event.unknown.extend(kept.map(ToString::to_string));
        let lines = component.lines.iter();
        let lines = lines.filter(|line| out_of_place.contains(&line.kind()));
        self.event
            .unknown
            .extend(lines.map(|line| line.text().to_owned()));
        let mut instant = |time: &Option<Time<'a>>| {
            let time = time.as_ref()?;
            Some(Stamp::of(time, self.zones).instant())
        };
        // What we write where nobody knows.
        let unknown = Timestamp::UNIX_EPOCH;
        let stamped = instant(&vevent.stamped).filter(|at| *at != unknown);
        let event = &mut self.event;
        event.created = instant(&vevent.created);
        event.modified = instant(&vevent.modified);
        // Of what is published both are the same (RFC 5545 §3.8.7.2), and one must be written.
        event.stamped = stamped.or(event.modified).or(event.created);
        if vevent.original.is_some() {
            return;
        }
        // The same rule twice says nothing more than once.
        let mut seen = BTreeSet::new();
        let rules = vevent.rules.iter().filter(|rule| seen.insert(*rule));
        let when = &self.event.when;
        let read = |rule: &Rule| until_as_asked(rule, when).into_owned();
        self.event.rules.rules = rules.map(read).collect();
        self.event.rules.exclusions = vevent.exclusions.iter().map(read).collect();
        for period in &vevent.dates {
            let start = Stamp::of(&period.start, self.zones);
            let original = start.original_for(&self.event.when);
            let length = length_of(period, &start);
            self.event.dates.insert(original, length);
        }
        for time in &vevent.skipped {
            let original = Stamp::of(time, self.zones).original_for(&self.event.when);
            self.event.skipped.insert(original);
        }
    }

    /// Whether a property that may stand once, and says something, stands for the first time.
    fn once(&mut self, line: &'a Line<'a>, is_modelled: impl Fn(&str, &str) -> bool) -> bool {
        let bit = line.kind().bit();
        if self.seen & bit != 0 {
            self.keep(line);
            return false;
        }
        if !line.value().trim().is_empty() {
            self.seen |= bit;
            self.parameters.extend(line.kept_parameters(is_modelled));
        }
        true
    }

    fn keep(&mut self, line: &Line<'_>) {
        self.event.unknown.push(line.text().to_owned());
    }

    fn property(&mut self, line: &'a Line<'a>) {
        match line.kind() {
            Name::Attendee => {
                let (address, guest) = people::guest(line);
                match self.event.guests.entry(address) {
                    Entry::Occupied(_) => self.keep(line),
                    Entry::Vacant(place) => {
                        place.insert(guest);
                    }
                }
            }
            Name::Categories => self.categories(line),
            Name::Attach => {
                self.event.attachments.insert(line.text().to_owned());
            }
            Name::Organizer => {
                if self.once(line, |_, _| true) {
                    let organizer = people::organizer(line);
                    self.event.organizer = Some(organizer).filter(|one| !one.address.is_empty());
                }
            }
            Name::Url | Name::Conference => {
                if self.once(line, |name, value| {
                    is_one_of(name, &["VALUE"]) && is_one_of(value, &["URI"])
                }) {
                    let uri = Some(line.value().trim().to_owned()).filter(|uri| !uri.is_empty());
                    if line.kind() == Name::Url {
                        self.event.url = uri;
                    } else {
                        self.event.conference = uri;
                    }
                }
            }
            Name::Color => {
                let color = unescaped(line.value().trim());
                if !color.is_empty() && self.once(line, |_, _| false) {
                    self.event.color = Some(color.into_owned());
                }
            }
            Name::Geo | Name::Status | Name::Transparency | Name::Class => self.word(line),
            Name::Percent | Name::Priority if self.event.task.is_some() => self.word(line),
            _ => self.keep(line),
        }
    }

    fn categories(&mut self, line: &'a Line<'a>) {
        let mut members = members(line.value()).peekable();
        if members.peek().is_none() {
            return;
        }
        match self.of_categories {
            Some(parameters) if parameters != line.parameters() => return self.keep(line),
            Some(_) => {}
            None => {
                self.of_categories = Some(line.parameters());
                self.parameters.extend(line.kept_parameters(|_, _| false));
            }
        }
        self.event.categories.extend(members.map(Cow::into_owned));
    }

    /// Properties with a word from a list, or a number; anything else is kept as it is.
    fn word(&mut self, line: &'a Line<'a>) {
        if self.seen & line.kind().bit() != 0 {
            return self.keep(line);
        }
        let value = line.value().trim();
        let is = |word: &str| value.eq_ignore_ascii_case(word);
        let event = &mut self.event;
        let is_known = match line.kind() {
            Name::Status => match &mut event.task {
                Some(task) => task::status(task, &mut event.status, value),
                None => {
                    set(&mut event.status, &STATUSES, is) || {
                        let is_cancelled = is("CANCELED");
                        if is_cancelled {
                            event.status = Status::Cancelled;
                        }
                        is_cancelled
                    }
                }
            },
            Name::Transparency => set(&mut event.busy, &BUSY, is),
            Name::Class => set(&mut event.privacy, &PRIVACIES, is),
            Name::Geo => {
                let is_spot = is_spot(value);
                if is_spot {
                    event.geo = Some(value.to_owned());
                }
                is_spot
            }
            name => event
                .task
                .as_mut()
                .is_some_and(|task| task::number(task, name, value)),
        };
        if is_known {
            self.once(line, |_, _| false);
        } else {
            self.keep(line);
        }
    }

    /// The components inside: reminders, and what we do not model.
    fn parts(&mut self, parts: &[Component<'_>]) {
        let mut unnamed = 0;
        for part in parts {
            if part.name != "VALARM" {
                self.event.unknown.push(part.raw());
                continue;
            }
            let id = reminder::own_id(part).filter(|id| !self.event.reminders.contains_key(id));
            let is_named = if id.is_some() {
                IsNamed::Yes
            } else {
                IsNamed::No
            };
            let Some(reminder) = reminder::read(part, self.zones, is_named) else {
                self.findings.push((part.line, ProblemKind::BadReminder));
                self.event.unknown.push(part.raw());
                continue;
            };
            let id = id.unwrap_or_else(|| {
                unnamed += 1;
                reminder::unnamed_id(unnamed - 1)
            });
            self.event.reminders.insert(id, reminder);
        }
    }

    fn finish(mut self, component: &Component<'_>, findings: &mut Findings) -> Event {
        for name in self.zones.take_unknown() {
            let kind = ProblemKind::UnknownZone(name);
            self.findings.push((component.line, kind));
        }
        for (line, kind) in self.findings {
            findings.add_about(line, Some(&self.event.uid), kind);
        }
        if self.seen & Name::Status.bit() != 0 {
            // It stands once: the one that is understood counts.
            let unknown = &mut self.event.unknown;
            unknown.retain(|entry| !is_line(entry, Name::Status));
        }
        let (end, is_task) = (end_name(&self.event), self.event.task.is_some());
        let is_end =
            |entry: &String| says_end(entry, is_task).is_some_and(|name| end != Some(name));
        self.event.unknown.retain(|entry| !is_end(entry));
        let (out_of_place, event) = (self.out_of_place, &self.event);
        self.parameters
            .retain(|entry| is_written(event, out_of_place, entry));
        put_parameters(&mut self.event.unknown, self.parameters);
        self.event
    }
}

/// Whether the property is written that an entry with parameters is about.
fn is_written(event: &Event, out_of_place: &[Name], entry: &str) -> bool {
    let is_about = |name: &Name| is_parameters_of(entry, *name);
    let is_done = event.task.as_ref().is_some_and(|task| task.done.is_some());
    let ends = [Name::Until, Name::Due, Name::Duration];
    match ends.iter().find(|name| is_about(name)) {
        Some(name) => end_name(event) == Some(*name),
        None if is_about(&Name::Completed) => is_done,
        None => !out_of_place.iter().any(is_about),
    }
}

/// Whether an entry of `unknown` would be read as the end of an event or a task, and as which one.
fn says_end(entry: &String, is_task: bool) -> Option<Name> {
    let ends = if is_task { Name::Due } else { Name::Until };
    let name = [ends, Name::Duration]
        .into_iter()
        .find(|name| is_line(entry, *name))?;
    let is_read = |line: &Line<'_>| match name {
        Name::Duration => line.value().parse::<Length>().is_ok(),
        _ => says_time(line),
    };
    Some(name).filter(|name| said(std::slice::from_ref(entry), *name, is_read) == Said::More)
}

/// What makes no sense in a component, and is kept there as it came.
const fn out_of_place(vevent: &Vevent<'_>) -> &'static [Name] {
    match (vevent.is_task, vevent.original.is_some()) {
        (false, false) => &[Name::Due, Name::Completed],
        (true, false) => &[Name::Until],
        (false, true) => &[
            Name::Due,
            Name::Completed,
            Name::Rule,
            Name::ExclusionRule,
            Name::Dates,
            Name::Skipped,
        ],
        (true, true) => &[
            Name::Until,
            Name::Rule,
            Name::ExclusionRule,
            Name::Dates,
            Name::Skipped,
        ],
    }
}

/// STATUS of an event.
pub(super) const STATUSES: [(Status, &str); 3] = [
    (Status::Confirmed, "CONFIRMED"),
    (Status::Tentative, "TENTATIVE"),
    (Status::Cancelled, "CANCELLED"),
];

/// TRANSP.
pub(super) const BUSY: [(Busy, &str); 2] = [(Busy::Busy, "OPAQUE"), (Busy::Free, "TRANSPARENT")];

/// CLASS.
pub(super) const PRIVACIES: [(Privacy, &str); 3] = [
    (Privacy::Public, "PUBLIC"),
    (Privacy::Private, "PRIVATE"),
    (Privacy::Confidential, "CONFIDENTIAL"),
];

/// Sets a value to what its word means; whether there is such a word.
fn set<T: Copy>(into: &mut T, words: &[(T, &str)], is: impl Fn(&str) -> bool) -> bool {
    let found = words.iter().find(|(_, word)| is(word));
    if let Some((value, _)) = found {
        *into = *value;
    }
    found.is_some()
}

/// Whether a text is a latitude and a longitude (RFC 5545 §3.8.1.6).
fn is_spot(value: &str) -> bool {
    let number = |text: &str| text.parse::<f64>().is_ok_and(f64::is_finite);
    value
        .split_once(';')
        .is_some_and(|(latitude, longitude)| number(latitude) && number(longitude))
}

/// A UID for an event that has none: the same for the same event, so that reading a file twice
/// makes no second one.
fn made_up_uid(component: &Component<'_>) -> String {
    // FNV-1a, 128 bits: names, not secrets.
    let mut hash = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128;
    component.each_piece(&mut |piece| {
        for byte in piece.bytes() {
            hash =
                (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        }
    });
    format!("{hash:032x}@imported")
}

/// When a thing was done, from a time in a file.
pub(super) fn instant_of(time: &Time<'_>, zones: &mut Zones<'_>) -> Timestamp {
    Stamp::of(time, zones).instant()
}

/// The wall clock of an instant in UTC.
pub(super) fn in_utc(at: Timestamp) -> jiff::civil::DateTime {
    Zone::utc().wall_clock(at)
}
