//! Reading a file: its calendars, their zones, their events.

use super::draft::draft;
use super::group;
use super::problem::{Problem, ProblemKind};
use super::text::unescaped;
use super::timezone::Zones;
use super::tree::{Component, parse};
use crate::event::Event;

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CalendarFile {
    /// What the calendar is called.
    pub name: Option<String>,
    /// Its colour.
    pub color: Option<String>,
    /// What it asks of whoever reads it: `PUBLISH`, `REQUEST`, `CANCEL` …
    pub method: Option<String>,
    /// Its events, in the order of the file.
    pub events: Vec<Event>,
    /// What is wrong with it, in the order of the file.
    pub problems: Vec<Problem>,
}

/// The events of a file, and what is wrong with it. Never fails: a file that is nothing like a
/// calendar has no events and one problem.
#[must_use]
pub fn read(bytes: &[u8]) -> (Vec<Event>, Vec<Problem>) {
    let file = read_file(bytes);
    (file.events, file.problems)
}

/// Like [`read`], with what the file says about the calendar itself.
#[must_use]
pub fn read_file(bytes: &[u8]) -> CalendarFile {
    let mut file = CalendarFile::default();
    let top = parse(bytes, &mut file.problems);
    let mut zones = Zones::default();
    let mut holders: Vec<&Component<'_>> = vec![&top];
    holders.extend(
        top.children
            .iter()
            .filter(|child| child.name == "VCALENDAR"),
    );
    for holder in &holders {
        zones.add(holder);
    }
    let mut drafts = Vec::new();
    for holder in &holders {
        let property = |names: &[&str]| {
            let line = names.iter().find_map(|name| holder.first(name))?;
            Some(unescaped(line.value().trim())).filter(|text| !text.is_empty())
        };
        file.name = file.name.or_else(|| property(&["NAME", "X-WR-CALNAME"]));
        file.color = file
            .color
            .or_else(|| property(&["COLOR", "X-APPLE-CALENDAR-COLOR"]));
        file.method = file.method.or_else(|| property(&["METHOD"]));
        for child in &holder.children {
            match child.name.as_str() {
                "VEVENT" => drafts.extend(draft(child, &mut zones, &mut file.problems)),
                "VTODO" | "VJOURNAL" | "VFREEBUSY" | "VAVAILABILITY" | "VPOLL" => {
                    let uid = child
                        .first("UID")
                        .map(|line| unescaped(line.value().trim()));
                    let kind = ProblemKind::NotShown(child.name.clone());
                    file.problems.push(Problem {
                        line: child.line,
                        uid,
                        kind,
                    });
                }
                _ => {}
            }
        }
    }
    if holders.len() == 1 && drafts.is_empty() {
        file.problems.push(Problem {
            line: 1,
            uid: None,
            kind: ProblemKind::NoCalendar,
        });
    }
    file.events = group::events(drafts, &mut file.problems);
    file.problems.sort_by_key(|problem| problem.line);
    file
}
