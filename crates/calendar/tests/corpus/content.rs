//! What a file holds, taken apart into entries that can be compared.
//!
//! An entry is the path of its component, a name, parameters and a value, each by what it means
//! and not by how it is written; `round_trip` says what that leaves out, and why.

use std::collections::{BTreeMap, BTreeSet};

use almanac_calendar::ics::{self, Component, Line};
use almanac_calendar::zone::custom::CustomZone;
use almanac_calendar::{Length, OriginalStart, Rule, Zone};

/// What stands in a file, and how often.
pub(super) type Content = BTreeMap<String, usize>;

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

pub(super) fn content(bytes: &[u8]) -> Content {
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
