//! Read, write, read: the same meaning, and no property lost.
//!
//! Both files are taken apart into (path of components, name, parameters, value) and what the
//! second lacks is a failure. What may be written in another way, and why:
//!
//! 1. PRODID and VERSION say who wrote the file, and in which version of the standard: we did.
//! 2. A time counts by what it means: the instant, whatever zone or alias of a zone it is written
//!    in; the day where the series is of days. Without a zone it is in that of its series.
//!    In a series without any zone, UTC is read as the wall clock. VALUE and TZID belong to that. (RFC 5545 §3.8.5.1, §3.8.4.4)
//! 3. Of days, DTEND and DURATION say the same, and one of no length is one day (§3.6.1).
//! 4. An end before the start is left out, and told (§3.8.2.2).
//! 5. A rule counts by what it says, not by the order in which it says it, and its UNTIL is in UTC
//!    where the start is in a zone (§3.3.10); the same rule, date,
//!    category or attachment twice says no more than once.
//! 6. CATEGORIES may be one line or several (§3.8.1.2).
//! 7. A property without a value says nothing.
//! 8. A parameter at its default may be left out: RELATED=START, VALUE of the usual type.
//! 9. A zone is described once, though the file does so twice.
//! 10. What stands outside of any calendar comes into the one.

use std::collections::{BTreeMap, BTreeSet};

use almanac_calendar::ics::{self, CalendarFile, Component, Line};
use almanac_calendar::zone::custom::CustomZone;
use almanac_calendar::{Length, OriginalStart, Rule, Zone};
use serde_json::Value;

use super::folder::{Score, cases, path, text};

/// What stands in a file, and how often.
type Content = BTreeMap<String, usize>;

/// Properties whose value is one time or several.
const TIMES: [&str; 6] = [
    "DTSTART",
    "DTEND",
    "DUE",
    "EXDATE",
    "RDATE",
    "RECURRENCE-ID",
];
/// Properties that say when something was written or done: always an instant.
const INSTANTS: [&str; 4] = ["DTSTAMP", "CREATED", "LAST-MODIFIED", "COMPLETED"];
/// Properties that say no more where they stand twice.
const SETS: [&str; 6] = ["EXDATE", "RDATE", "RRULE", "EXRULE", "CATEGORIES", "ATTACH"];

fn zones(top: &Component<'_>, into: &mut BTreeMap<String, Zone>) {
    for block in top.children.iter().filter(|one| one.name == "VTIMEZONE") {
        if let (Some(name), Some(zone)) = (block.first("TZID"), CustomZone::parse(&block.raw())) {
            let name = name.value().replace('\\', "");
            into.entry(name).or_insert_with(|| Zone::custom(zone));
        }
    }
    for calendar in top.children.iter().filter(|one| one.name == "VCALENDAR") {
        zones(calendar, into);
    }
}

/// Reads what a component holds.
struct Reader<'a> {
    zones: &'a BTreeMap<String, Zone>,
    found: Content,
}

impl Reader<'_> {
    fn component(&mut self, component: &Component<'_>, path: &str) {
        let path = match component.name.as_ref() {
            "" | "VCALENDAR" => path.to_owned(),
            name => format!("{path}/{name}"),
        };
        let is_zone = path.starts_with("/VTIMEZONE");
        let series = self.series(component);
        let mut of_this: Vec<(String, String)> = Vec::new();
        for line in &component.lines {
            let name = line.name().to_ascii_uppercase();
            let is_about_the_file =
                path.is_empty() && matches!(name.as_str(), "PRODID" | "VERSION");
            if line.value().trim().is_empty() || is_about_the_file {
                continue;
            }
            let parameters = parameters(line, &name, is_zone);
            for value in self.values(line, &name, is_zone, series.as_ref()) {
                of_this.push((name.clone(), format!("{path} {name}{parameters}:{value}")));
            }
        }
        let mut seen = BTreeSet::new();
        of_this.retain(|(name, entry)| {
            !SETS.contains(&name.as_str()) || is_zone || seen.insert(entry.clone())
        });
        for (_, entry) in of_this {
            *self.found.entry(entry).or_default() += 1;
        }
        for child in &component.children {
            self.component(child, &path);
        }
    }

    /// The values of a property by what they mean.
    fn values(
        &self,
        line: &Line<'_>,
        name: &str,
        is_zone: bool,
        series: Option<&Series>,
    ) -> Vec<String> {
        let value = line.value().trim();
        if is_zone {
            return vec![value.to_owned()];
        }
        let is_of_days =
            series.is_some_and(|series| matches!(series.start, OriginalStart::Date(_)));
        match name {
            "DTEND" | "DURATION" if is_of_days => Vec::new(),
            "DTEND" if self.ends_early(line, series) => Vec::new(),
            _ if TIMES.contains(&name) => {
                let times = value
                    .split(',')
                    .map(str::trim)
                    .filter(|one| !one.is_empty());
                times.map(|one| self.time(line, one, series)).collect()
            }
            _ if INSTANTS.contains(&name) => {
                let start = OriginalStart::Utc(jiff::civil::DateTime::default());
                let zone = Some(Zone::utc());
                vec![self.time(line, value, Some(&Series { start, zone }))]
            }
            "RRULE" | "EXRULE" => {
                vec![Rule::parse(value).map_or(value.to_owned(), |mut rule| {
                    rule.until = rule.until.map(|until| in_utc(until, series));
                    rule.to_string()
                })]
            }
            "CATEGORIES" => value
                .split(',')
                .map(unescaped)
                .filter(|one| !one.trim().is_empty())
                .collect(),
            "TRIGGER" => match (value.parse::<Length>(), value.parse::<OriginalStart>()) {
                (Ok(length), _) => vec![length.to_string()],
                (_, Ok(at)) => vec![at.wall_clock().to_string()],
                _ => vec![value.to_owned()],
            },
            "DURATION" => vec![
                value
                    .parse::<Length>()
                    .map_or(value.to_owned(), |length| length.to_string()),
            ],
            "STATUS" | "TRANSP" | "CLASS" | "ACTION" => vec![value.to_ascii_uppercase()],
            "SEQUENCE" | "PRIORITY" | "PERCENT-COMPLETE" => {
                vec![
                    value
                        .parse::<u64>()
                        .map_or(value.to_owned(), |one| one.to_string()),
                ]
            }
            _ => vec![unescaped(line.value()).trim().to_owned()],
        }
    }

    fn ends_early(&self, line: &Line<'_>, series: Option<&Series>) -> bool {
        let Some(Series {
            start,
            zone: Some(zone),
        }) = series
        else {
            return false;
        };
        let end = self.time(line, line.value(), series);
        end.parse::<jiff::Timestamp>()
            .is_ok_and(|end| end < zone.instant(start.wall_clock()))
    }

    /// The zone a name means in this file.
    fn zone(&self, line: &Line<'_>) -> Option<Zone> {
        let name = line.parameter("TZID")?;
        let described = || self.zones.get(&name.replace('\\', "")).cloned();
        let zone = Zone::resolve(&name).or_else(described);
        Some(zone.unwrap_or_else(|| Zone::named(&name)))
    }

    fn series(&self, component: &Component<'_>) -> Option<Series> {
        let line = component.first("DTSTART").or(component.first("DUE"))?;
        let start = line.value().parse().ok()?;
        let zone = match start {
            OriginalStart::Utc(_) => Some(Zone::utc()),
            OriginalStart::Local(_) => self.zone(line),
            OriginalStart::Date(_) => None,
        };
        Some(Series { start, zone })
    }

    /// A time as a day, a wall clock, or an instant. How long a period is, the events say.
    fn time(&self, line: &Line<'_>, text: &str, series: Option<&Series>) -> String {
        let text = text.split('/').next().unwrap_or(text);
        let Ok(at) = text.parse::<OriginalStart>() else {
            return text.to_owned();
        };
        let is_of_days =
            series.is_some_and(|series| matches!(series.start, OriginalStart::Date(_)));
        let of_series = || series.and_then(|series| series.zone.clone());
        match at {
            at if is_of_days => format!("day {}", at.date()),
            OriginalStart::Date(date) => format!("day {date}"),
            OriginalStart::Utc(at) if series.is_some_and(Series::is_floating) => at.to_string(),
            OriginalStart::Utc(at) => Zone::utc().instant(at).to_string(),
            OriginalStart::Local(at) => match self.zone(line).or_else(of_series) {
                Some(zone) => zone.instant(at).to_string(),
                None => at.to_string(),
            },
        }
    }
}

/// UNTIL as the standard asks for it beside a start in a zone.
fn in_utc(until: OriginalStart, series: Option<&Series>) -> OriginalStart {
    let zone = series.and_then(|series| series.zone.as_ref());
    match (until, zone) {
        (OriginalStart::Date(_) | OriginalStart::Local(_), Some(zone)) => {
            let at = zone.instant(until.wall_clock());
            OriginalStart::Utc(Zone::utc().wall_clock(at))
        }
        (until, _) => until,
    }
}

/// What the times of a component are read beside.
struct Series {
    start: OriginalStart,
    zone: Option<Zone>,
}

impl Series {
    fn is_floating(&self) -> bool {
        self.zone.is_none() && matches!(self.start, OriginalStart::Local(_))
    }
}

/// The parameters of a property, in one order, without those that say nothing.
fn parameters(line: &Line<'_>, name: &str, is_zone: bool) -> String {
    let is_time = TIMES.contains(&name) || INSTANTS.contains(&name) || name == "TRIGGER";
    let mut found = BTreeSet::new();
    let mut rest = line.parameters();
    while !rest.is_empty() {
        let mut is_quoted = false;
        let end = rest.bytes().position(|byte| {
            is_quoted ^= byte == b'"';
            byte == b';' && !is_quoted
        });
        let (one, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after.strip_prefix(';').unwrap_or_default();
        let (key, value) = one.split_once('=').unwrap_or((one, ""));
        let (key, value) = (key.to_ascii_uppercase(), value.trim_matches('"'));
        let says_nothing = one.is_empty()
            || (key == "VALUE" && (is_time || (name == "URL" && value == "URI")))
            || (key == "TZID" && (is_time || name == "RRULE"))
            || (key == "RELATED" && value == "START")
            || (name == "ATTENDEE" && key == "ROLE" && value == "REQ-PARTICIPANT")
            || (name == "ATTENDEE" && key == "PARTSTAT" && value == "NEEDS-ACTION");
        if is_zone || !says_nothing {
            found.insert(format!(";{key}={value}"));
        }
    }
    found.into_iter().collect()
}

fn unescaped(value: &str) -> String {
    let mut text = String::new();
    let mut letters = value.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('n' | 'N') => text.push('\n'),
                Some(other) => text.push(other),
                None => {}
            },
            letter => text.push(letter),
        }
    }
    text
}

fn content(bytes: &[u8]) -> Content {
    let file = ics::parse(bytes);
    let mut known = BTreeMap::new();
    zones(&file.top, &mut known);
    let mut reader = Reader {
        zones: &known,
        found: Content::new(),
    };
    reader.component(&file.top, "");
    reader.found
}

/// What may be added: what the standard asks for, what an event is in words, and what an occurrence
/// takes over from its series.
const ADDED: [&str; 16] = [
    "PRIORITY",
    "UID",
    "CREATED",
    "LAST-MODIFIED",
    "DTSTAMP",
    "DTEND",
    "DURATION",
    "SEQUENCE",
    "STATUS",
    "TRANSP",
    "CLASS",
    "CALSCALE",
    "ACTION",
    "DESCRIPTION",
    "COMPLETED",
    "PERCENT-COMPLETE",
];

/// Everything that reading, writing and reading again does to a file it should not.
fn damage(bytes: &[u8]) -> Vec<String> {
    let mut damage = Vec::new();
    let first = ics::read_file(bytes);
    let written = ics::write_file(&first);
    let again = ics::read_file(written.as_bytes());
    let sorted = |file: &CalendarFile| {
        let mut events = file.events.clone();
        events.sort_by(|one, other| one.uid.cmp(&other.uid));
        let mut others = file.others.clone();
        others.sort();
        let about = (file.name.clone(), file.color.clone(), file.method.clone());
        (events, others, file.busy.clone(), about)
    };
    let (before, after) = (sorted(&first), sorted(&again));
    for (one, other) in before.0.iter().zip(&after.0) {
        if one != other {
            damage.push(format!("changed\n    {one:?}\n    {other:?}"));
        }
    }
    if before.0.len() != after.0.len() {
        damage.push(format!(
            "{} events became {}",
            before.0.len(),
            after.0.len()
        ));
    }
    let is_described = |zone: &String| again.zones.contains(zone);
    if (before != after || !first.zones.iter().all(is_described)) && damage.is_empty() {
        damage.push("something beside the events changed".to_owned());
    }
    let (mut was, is) = (content(bytes), content(written.as_bytes()));
    let zone_lines = |content: &mut Content| {
        for (entry, count) in content.iter_mut() {
            if entry.starts_with("/VTIMEZONE") {
                *count = 1;
            }
        }
    };
    zone_lines(&mut was);
    for (entry, count) in &was {
        let left = is.get(entry).copied().unwrap_or(0);
        if left < *count {
            damage.push(format!("lost {entry}"));
        }
    }
    for (entry, count) in &is {
        let name = entry.split_once(' ').map_or("", |(_, rest)| rest);
        let name = name.split([':', ';']).next().unwrap_or_default();
        let is_added = was.get(entry).copied().unwrap_or(0) < *count;
        if is_added && !ADDED.contains(&name) && !entry.starts_with("/VTIMEZONE") {
            damage.push(format!("added {entry}"));
        }
    }
    damage
}

#[test]
fn calendars_come_back_whole() {
    let mut score = Score::of("round trip of calendars");
    for case in cases("ics/cases.jsonl") {
        let file = path(&format!("ics/{}", text(&case, "file"))).unwrap();
        let damage = damage(&std::fs::read(file).unwrap());
        let about = format!("{} {damage:#?}", text(&case, "file"));
        score.add(&case, &about, damage.is_empty());
    }
    score.print();
    score.is_whole("ics/cases.jsonl");
    assert_eq!(score.failed(), 0);
}

#[test]
fn described_zones_come_back_whole() {
    let mut score = Score::of("round trip of zones");
    for case in cases("zones/vtimezone-cases.jsonl") {
        let block = text(&case, "ics").trim();
        let name = Value::from(block).to_string();
        let file = format!("BEGIN:VCALENDAR\nVERSION:2.0\n{block}\nEND:VCALENDAR\n");
        let damage = damage(file.as_bytes());
        score.add(&case, &format!("{name} {damage:#?}"), damage.is_empty());
    }
    score.print();
    assert_eq!(score.failed(), 0);
}

/// Small files of our own, one for each kind of thing a file may hold.
#[test]
fn our_own_files_come_back_whole() {
    for entry in
        std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/round_trip")).unwrap()
    {
        let path = entry.unwrap().path();
        let damage = damage(&std::fs::read(&path).unwrap());
        assert!(damage.is_empty(), "{} {damage:#?}", path.display());
    }
}
