//! Three devices that edit one event, what they know of each other, and what was written.

use std::collections::{BTreeMap, BTreeSet};

use almanac_calendar::document::{self, conflicts, history};
use almanac_calendar::edit::{Change, Scope};
use almanac_calendar::event::{Event, Guest, Override, Rules};
use almanac_calendar::{OriginalStart, Rule, When, Zone};
use automerge::Automerge;

/// Occurrences of the series.
pub(super) const COUNT: u8 = 12;
pub(super) const DEVICES: usize = 3;

/// What a person does with the occurrence of a number, or with the event.
#[derive(Debug, Clone)]
pub(super) enum Act {
    Color(Scope, u8),
    Move(Scope, u8, i8),
    Skip(u8),
    Restore(u8),
    Note,
    Guest,
    Extra(u8),
    Trash(bool),
    Rule(Scope, u8, &'static str),
    End(u8),
}

#[derive(Debug, Clone)]
pub(super) enum Step {
    Do(usize, Act),
    /// The second device hears of all that the first knows.
    Hear(usize, usize),
}

fn series() -> Event {
    let zone = Zone::named("Europe/Berlin");
    let when = When::from_people("2026-12-01T10:00", None, Some(&zone)).unwrap();
    let mut event = Event::new("a@x", "Series", when);
    event.rules = Rules::one(Rule::parse("FREQ=DAILY;COUNT=12").unwrap());
    event
}

/// The original start of the occurrence of a number, in a series that steps by days.
pub(super) fn name_of(event: &Event, number: u8) -> OriginalStart {
    let first = event.when.original();
    let at = first.wall_clock() + jiff::Span::new().days(i64::from(number));
    first.with_wall_clock(at)
}

/// A value that was written, and which device knew of it when.
#[derive(Debug)]
struct Write {
    value: String,
    /// Numbers of the writes that its author knew of.
    known: BTreeSet<usize>,
    /// What it is the value of, and whatever else it takes the place of.
    over: Over,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Over {
    One(u8),
    From(u8),
    All(u8),
    Skipped(u8),
    Ended(u8),
    /// It ends before that anyway; but what was said of those after is gone.
    Forgotten(u8),
}

impl Over {
    /// Whether a write takes the place of an earlier one that its author knew of.
    fn takes_place_of(self, earlier: Self) -> bool {
        match (self, earlier) {
            (Self::One(at) | Self::Skipped(at), Self::One(other)) => at == other,
            (Self::From(0), _) | (Self::All(_), Self::From(_) | Self::All(_)) => true,
            (Self::From(at), Self::From(other)) => at <= other,
            (Self::From(at) | Self::All(at), Self::One(other)) => at == other,
            (Self::Ended(at) | Self::Forgotten(at), Self::One(other) | Self::From(other)) => {
                at <= other
            }
            _ => false,
        }
    }
}

struct Device {
    doc: Automerge,
    heard: Vec<Vec<u8>>,
    known: BTreeSet<usize>,
}

pub(super) struct World {
    devices: Vec<Device>,
    writes: Vec<Write>,
    /// Occurrences that were skipped, and whether none of them was restored.
    pub(super) skipped: BTreeMap<u8, bool>,
    notes: Vec<String>,
}

impl World {
    pub(super) fn new() -> Self {
        let (doc, first) = document::create(&series(), [9; 16], 0).unwrap();
        let device = || Device {
            doc: doc.clone(),
            heard: vec![first.clone()],
            known: BTreeSet::new(),
        };
        Self {
            devices: (0..DEVICES).map(|_| device()).collect(),
            writes: Vec::new(),
            skipped: BTreeMap::new(),
            notes: Vec::new(),
        }
    }

    pub(super) fn run(&mut self, steps: &[Step]) {
        for (number, step) in steps.iter().enumerate() {
            match step {
                Step::Do(device, act) => self.act(*device, number, act),
                Step::Hear(from, to) => self.hear(*from, *to),
            }
        }
    }

    fn act(&mut self, device: usize, number: usize, act: &Act) {
        let mut event = document::read(&self.devices[device].doc).unwrap();
        let value = format!("value-{number:02}");
        let mut over = None;
        match act {
            Act::Color(scope, at) => {
                let name = name_of(&event, *at);
                let fields = Override {
                    color: Some(value.clone()),
                    ..Override::default()
                };
                event.change(*scope, &name, Change::of(fields));
                over = Some(match scope {
                    Scope::This => Over::One(*at),
                    Scope::Following => Over::From(*at),
                    Scope::All => Over::All(*at),
                });
            }
            Act::Move(scope, at, hours) => {
                let name = name_of(&event, *at);
                let now = event.alone(&name).when;
                let then = now.start() + jiff::Span::new().hours(i64::from(*hours));
                event.change(*scope, &name, Change::to(now.moved_to(then)));
            }
            Act::Skip(at) => {
                event.remove(Scope::This, &name_of(&event, *at));
                self.skipped.entry(*at).or_insert(true);
                over = Some(Over::Skipped(*at));
            }
            Act::Restore(at) => {
                event.restore(&name_of(&event, *at));
                self.skipped.insert(*at, false);
            }
            Act::Note => {
                event.notes.push_str(&value);
                self.notes.push(value.clone());
            }
            Act::Guest => {
                event.guests.insert(value.clone(), Guest::default());
                self.notes.push(value.clone());
            }
            Act::Extra(at) => {
                event.dates.insert(name_of(&event, *at), None);
            }
            Act::Trash(is_in) => event.trashed = *is_in,
            Act::Rule(scope, at, rule) => {
                let change = Change {
                    rules: Some(Rules::one(Rule::parse(rule).unwrap())),
                    ..Change::default()
                };
                event.change(*scope, &name_of(&event, *at), change);
            }
            Act::End(at) => {
                let before = event.rules.clone();
                event.remove(Scope::Following, &name_of(&event, *at));
                // From the first on is all, which is the trash.
                over = match *at {
                    0 => None,
                    at if event.rules == before => Some(Over::Forgotten(at)),
                    at => Some(Over::Ended(at)),
                };
            }
        }
        self.write(device, number, &event);
        if let Some(over) = over {
            let device = &mut self.devices[device];
            let known = device.known.clone();
            device.known.insert(self.writes.len());
            self.writes.push(Write { value, known, over });
        }
    }

    fn write(&mut self, device: usize, number: usize, event: &Event) {
        let actor = [u8::try_from(device).unwrap() + 1; 16];
        let device = &mut self.devices[device];
        let time = i64::try_from(number).unwrap();
        let bytes = document::edit(&mut device.doc, actor, time, event).unwrap();
        assert_eq!(
            document::read(&device.doc).unwrap(),
            *event,
            "it says what it was told"
        );
        device.heard.extend(bytes);
    }

    /// One device hears of what another knows, the latest first and each by itself.
    fn hear(&mut self, from: usize, to: usize) {
        let news = self.news(from, to);
        let device = &mut self.devices[to];
        for change in news {
            document::apply(&mut device.doc, &change).unwrap();
            device.heard.push(change);
        }
    }

    /// The changes that one device has and another has not, the latest first.
    fn news(&mut self, from: usize, to: usize) -> Vec<Vec<u8>> {
        let known = self.devices[from].known.clone();
        self.devices[to].known.extend(known);
        let heard = &self.devices[to].heard;
        let news = self.devices[from].heard.iter().rev();
        news.filter(|change| !heard.contains(change))
            .cloned()
            .collect()
    }

    /// All hear of everything; gives the document they agree on.
    pub(super) fn settle(&mut self) -> &Automerge {
        for _ in 0..2 {
            for (from, to) in [(0, 1), (1, 2), (2, 0)] {
                let news = self.news(from, to);
                let device = &mut self.devices[to];
                let changes = news.iter().map(Vec::as_slice);
                document::apply_all(&mut device.doc, changes).unwrap();
                device.heard.extend(news);
            }
        }
        let [first, others @ ..] = self.devices.as_slice() else {
            panic!("there are devices")
        };
        let event = document::read(&first.doc).unwrap();
        for other in others {
            assert_eq!(document::read(&other.doc).unwrap(), event);
            assert_eq!(conflicts(&other.doc), conflicts(&first.doc));
            assert_eq!(history(&other.doc), history(&first.doc));
            assert_eq!(
                document::came_back(&other.doc),
                document::came_back(&first.doc)
            );
        }
        let again = document::load(first.heard.iter().map(Vec::as_slice)).unwrap();
        assert_eq!(document::read(&again).unwrap(), event);
        &first.doc
    }

    /// That every note and guest is there.
    pub(super) fn check_notes(&self, doc: &Automerge, event: &Event) {
        let said = said(doc, event);
        for note in &self.notes {
            assert!(said.contains(note.as_str()), "{note} is gone from {said}");
        }
    }

    /// That nothing which was written is gone: it is there, or it is in a conflict.
    pub(super) fn check_kept(&self, doc: &Automerge, event: &Event) {
        self.check_notes(doc, event);
        let said = said(doc, event);
        for (number, write) in self.writes.iter().enumerate() {
            let mut later = self.later(number);
            let is_over = later.any(|later| later.over.takes_place_of(write.over));
            let is_value = matches!(write.over, Over::One(_) | Over::From(_) | Over::All(_));
            assert!(
                is_over || !is_value || said.contains(&write.value),
                "{write:?} is gone from {said}"
            );
        }
    }

    /// Where the series was ended, with whether that holds: someone who knew of it, and saw
    /// another end in its place, may have put a later one there.
    pub(super) fn ends(&self) -> impl Iterator<Item = (u8, bool)> {
        self.writes
            .iter()
            .enumerate()
            .filter_map(|(number, write)| {
                let Over::Ended(at) = write.over else {
                    return None;
                };
                let is_later = |later: &Write| matches!(later.over, Over::Ended(to) if to > at);
                Some((at, !self.later(number).any(is_later)))
            })
    }

    /// The writes whose authors knew of one.
    fn later(&self, number: usize) -> impl Iterator<Item = &Write> {
        let writes = self.writes.iter();
        writes.filter(move |later| later.known.contains(&number))
    }
}

/// All that an event says, and its conflicts.
fn said(doc: &Automerge, event: &Event) -> String {
    let event = serde_json::to_string(event).unwrap();
    format!("{event}{:?}", conflicts(doc))
}
