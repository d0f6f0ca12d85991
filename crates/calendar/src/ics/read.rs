//! Reading a file: its calendars, their zones, their events.

use std::collections::HashSet;

use super::busy::{self, FreeBusy};
use super::draft::draft;
use super::group;
use super::problem::{Findings, Problem, ProblemKind};
use super::split;
use super::text::unescaped;
use super::timezone::{Zones, blocks, plain};
use super::tree::{Component, parse as tree};
use super::vevent::Vevent;
use crate::event::Event;

/// What a file holds: enough to write it back with nothing lost.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CalendarFile {
    /// What the calendar is called.
    pub name: Option<String>,
    /// Its colour.
    pub color: Option<String>,
    /// What it asks of whoever reads it: `PUBLISH`, `REQUEST`, `CANCEL` …
    pub method: Option<String>,
    /// Properties of the calendar itself as raw lines, those above among them. Not who wrote the
    /// file and in which version of the standard (PRODID, VERSION).
    pub properties: Vec<String>,
    /// The zones it describes, each a raw VTIMEZONE.
    pub zones: Vec<String>,
    /// Its events and tasks, in the order of the file.
    pub events: Vec<Event>,
    /// When people are taken (VFREEBUSY).
    pub busy: Vec<FreeBusy>,
    /// Components that are none of these, as raw text: journals, versions of an event that a
    /// newer one replaces, events without a start.
    pub others: Vec<String>,
    /// What is wrong with it, in the order of the file.
    pub problems: Vec<Problem>,
}

/// A file as its components, borrowed from its bytes wherever they stand whole.
#[derive(Debug)]
pub struct Components<'a> {
    /// What stands around all others; its children are the calendars.
    pub top: Component<'a>,
    /// What is wrong with the lines, in the order of the file.
    pub problems: Vec<Problem>,
}

impl Components<'_> {
    /// The events and tasks of all calendars, typed, each as it is asked for.
    pub fn events(&self) -> impl ExactSizeIterator<Item = Vevent<'_>> {
        let all = holders(&self.top).flat_map(|holder| &holder.children);
        let events: Vec<_> = all.filter(|child| is_event(child)).collect();
        events.into_iter().map(Vevent::of)
    }
}

/// The components of a file. Never fails; what makes no sense is a problem.
#[must_use]
pub fn parse(bytes: &[u8]) -> Components<'_> {
    let mut findings = Findings::default();
    let top = tree(bytes, &mut findings);
    Components {
        top,
        problems: findings.into_problems(),
    }
}

/// The events of a file, and what is wrong with it. Never fails: a file that is nothing like a
/// calendar has no events and one problem.
#[must_use]
pub fn read(bytes: &[u8]) -> (Vec<Event>, Vec<Problem>) {
    let file = read_file(bytes);
    (file.events, file.problems)
}

/// Like [`read`], with everything else the file says.
#[must_use]
pub fn read_file(bytes: &[u8]) -> CalendarFile {
    let mut findings = Findings::default();
    let top = tree(bytes, &mut findings);
    let mut file = CalendarFile::default();
    let mut zones = Zones::default();
    let mut names = HashSet::new();
    for holder in holders(&top) {
        zones.add(holder);
        for block in blocks(holder) {
            let name = block.first("TZID").map(|line| plain(line.value()));
            if name.is_none_or(|name| names.insert(name)) {
                file.zones.push(block.raw());
            }
        }
    }
    let mut drafts = Vec::new();
    for holder in holders(&top) {
        file.calendar(holder);
        for child in &holder.children {
            match child.name.as_ref() {
                "VCALENDAR" | "VTIMEZONE" => {}
                "VEVENT" | "VTODO" => match draft(child, &mut zones, &mut findings) {
                    Some(draft) => drafts.push(draft),
                    None => file.others.push(child.raw()),
                },
                name => {
                    if name == "VFREEBUSY" {
                        file.busy.push(busy::read(child, &mut zones, &mut findings));
                    } else {
                        file.others.push(child.raw());
                    }
                    if matches!(name, "VJOURNAL" | "VFREEBUSY" | "VAVAILABILITY" | "VPOLL") {
                        let uid = child
                            .first("UID")
                            .map(|line| unescaped(line.value().trim()));
                        let kind = ProblemKind::NotShown(name.to_owned());
                        findings.add_about(child.line, uid.as_deref(), kind);
                    }
                }
            }
        }
    }
    let has_calendar = top.children.iter().any(|child| child.name == "VCALENDAR");
    if !has_calendar && drafts.is_empty() {
        findings.add(1, ProblemKind::NoCalendar);
    }
    file.events = split::join(group::events(drafts, &mut findings, &mut file.others));
    file.problems = findings.into_problems();
    file
}

/// The calendars of a file, and what stands around them.
fn holders<'t, 'a>(top: &'t Component<'a>) -> impl Iterator<Item = &'t Component<'a>> {
    let calendars = top.children.iter();
    std::iter::once(top).chain(calendars.filter(|child| child.name == "VCALENDAR"))
}

fn is_event(component: &Component<'_>) -> bool {
    matches!(component.name.as_ref(), "VEVENT" | "VTODO")
}

impl CalendarFile {
    /// Takes what a calendar says about itself.
    fn calendar(&mut self, calendar: &Component<'_>) {
        let property = |names: &[&str]| {
            names.iter().find_map(|name| {
                let lines = calendar.lines.iter();
                let lines = lines.filter(|line| line.name().eq_ignore_ascii_case(name));
                let mut texts = lines.map(|line| unescaped(line.value().trim()));
                let text = texts.find(|text| !text.is_empty())?;
                Some(text.into_owned())
            })
        };
        self.name = self.name.take().or_else(|| property(&NAMES));
        self.color = self.color.take().or_else(|| property(&COLORS));
        self.method = self.method.take().or_else(|| property(&METHOD));
        let is_about_the_file = |name: &str| {
            ["PRODID", "VERSION"]
                .iter()
                .any(|one| one.eq_ignore_ascii_case(name))
        };
        let others = calendar.lines.iter();
        let others = others.filter(|line| !is_about_the_file(line.name()));
        self.properties
            .extend(others.map(|line| line.text().to_owned()));
    }
}

/// Properties that name a calendar (RFC 7986 §5.1, and before it).
pub(super) const NAMES: [&str; 2] = ["NAME", "X-WR-CALNAME"];
/// Properties with the colour of a calendar (RFC 7986 §5.9, and before it).
pub(super) const COLORS: [&str; 2] = ["COLOR", "X-APPLE-CALENDAR-COLOR"];
/// The property with what a file asks (RFC 5545 §3.7.2).
pub(super) const METHOD: [&str; 1] = ["METHOD"];
