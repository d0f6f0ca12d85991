//! Quick add: one line as people type it becomes an event or a task.
//!
//! What is understood is shown before anything is added, piece by piece and with its place in the
//! text; adding makes just that.

use almanac_calendar::event::{Reminder, Trigger};
use almanac_calendar::quick_add::{self, ChipKind, Context, DateOrder, Language, QuickAdd};
use almanac_calendar::{Event, EventId, Rules, Zone, conference};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::client::Client;
use crate::clock;
use crate::command::Done;
use crate::error::{Error, Result};
use crate::events::times::{to_view, zone_or_system};
use crate::events::{details, reminder_words, write};
use crate::replica::documents;
use crate::rule_words::rule_words;
use crate::tasks;
use crate::undo::Verb;
use crate::view::{CalendarView, WhenView};

/// A line to read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export, optional_fields)]
pub struct QuickInput {
    /// The line.
    pub text: String,
    /// Language and region of the person, `en-GB` or `de_AT.UTF-8`; English when absent.
    pub locale: Option<String>,
    /// Zone of the wall clock; the system's when absent.
    pub zone: Option<String>,
    /// Id or name of the calendar; the one that the line names, or the first, when absent.
    pub calendar: Option<String>,
}

/// What a line was understood as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct QuickView {
    /// What is left when everything that was recognised is taken out.
    pub title: String,
    /// When it takes place first; none where nothing says so.
    pub when: Option<WhenView>,
    /// How it repeats, in RFC 5545's form.
    pub rule: Option<String>,
    /// The same in words.
    pub rule_words: Option<String>,
    /// Place.
    pub place: Option<String>,
    /// Name of the calendar it goes into.
    pub calendar: String,
    /// Guests by address.
    pub guests: Vec<String>,
    /// Reminders in words.
    pub reminders: Vec<String>,
    /// A page, or a place to join.
    pub link: Option<String>,
    /// Whether it is a task.
    pub is_task: bool,
    /// What was recognised, in the order of the text.
    pub chips: Vec<ChipView>,
    /// What to tell the person.
    pub problems: Vec<QuickProblem>,
}

/// A stretch of the line that was recognised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ChipView {
    /// First UTF-16 code unit.
    pub start: u32,
    /// First one after.
    pub end: u32,
    /// `when`, `due`, `length`, `repeat`, `place`, `calendar`, `guest`, `reminder`, `task`, `link`.
    pub kind: String,
    /// What it means, in the person's language.
    pub text: String,
}

/// Something to tell about the line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct QuickProblem {
    /// The part of the line.
    pub part: String,
    /// A finished sentence, in the person's language.
    pub text: String,
}

/// A line that was read, with what is needed to add it.
struct Reading {
    quick: QuickAdd,
    zone: Zone,
    calendar: CalendarView,
}

impl Client {
    /// What a line would become. Nothing is added.
    pub fn read_quick(&self, input: &QuickInput) -> Result<QuickView> {
        let reading = self.reading(input)?;
        Ok(view(&reading, &input.text))
    }

    /// Adds what a line says.
    ///
    /// # Errors
    ///
    /// [`crate::ErrorCode::InvalidInput`] for an event that says no time.
    pub fn quick_add(&self, input: &QuickInput) -> Result<Done> {
        let Reading {
            quick,
            zone,
            calendar,
        } = self.reading(input)?;
        let calendar = self.find_calendar(&calendar.id)?;
        let (document, undo) = self.act(Verb::Add, |work| {
            let id = EventId::from_bytes(*work.new_document().as_bytes());
            let now = Timestamp::from_second(documents::seconds(work)).unwrap_or_default();
            let mut event = event_of(quick, id, now, &zone)?;
            event.created = Some(now);
            event.stamped = event.created;
            work.about(&event.title);
            write::create(work, calendar, id, &event)
        })?;
        Ok(self.done(document, undo))
    }

    fn reading(&self, input: &QuickInput) -> Result<Reading> {
        let zone = zone_or_system(input.zone.as_deref())?;
        let now = zone.wall_clock(clock::now());
        let calendars = self.calendars()?;
        let names: Vec<&str> = calendars.iter().map(|one| one.name.as_str()).collect();
        let tag = input.locale.as_deref().unwrap_or("en");
        let language = language_of(tag)?;
        let context = Context {
            date_order: DateOrder::of_tag(tag),
            calendars: &names,
            ..Context::new(now, &zone, language)
        };
        let quick = quick_add::parse(&input.text, &context);
        let id = match input.calendar.as_ref().or(quick.calendar.as_ref()) {
            Some(calendar) => self.find_calendar(calendar)?,
            None => self.first_calendar()?,
        };
        let id = id.to_string();
        let calendar = calendars.into_iter().find(|one| one.id == id);
        let calendar = calendar.ok_or_else(|| Error::internal("the calendar of a line"))?;
        Ok(Reading {
            quick,
            zone,
            calendar,
        })
    }
}

fn event_of(quick: QuickAdd, id: EventId, now: Timestamp, zone: &Zone) -> Result<Event> {
    let when = match (quick.when, &quick.task) {
        (Some(when), _) => when,
        (None, Some(task)) => tasks::when_of(None, task.due.as_ref(), now, zone),
        (None, None) => {
            return Err(Error::invalid(
                "This says no day and no time. Nothing was added. Write for example “Lunch \
                 tomorrow 12:30”, or “todo: buy bread” for a task.",
            ));
        }
    };
    let mut event = Event::new(id.uid(), quick.title, when);
    event.rules = quick.rule.map_or_else(Rules::default, Rules::one);
    event.place = quick.place.unwrap_or_default();
    event.task = quick.task;
    for text in &quick.guests {
        let (address, guest) = details::guest(text)?;
        event.guests.insert(address, guest);
    }
    for reminder in quick.reminders {
        event.reminders.insert(key_of(&reminder), reminder);
    }
    match quick.link {
        Some(link) if conference::link_in_text(&link).is_some() => event.conference = Some(link),
        link => event.url = link,
    }
    Ok(event)
}

/// The id of a reminder: two devices that add the same one add one.
fn key_of(reminder: &Reminder) -> String {
    match reminder.trigger {
        Trigger::FromStart(length) => length.to_string(),
        Trigger::FromEnd(length) => format!("end {length}"),
        Trigger::At(at) => at.to_string(),
    }
}

fn language_of(tag: &str) -> Result<Language> {
    let word = tag.split(['-', '_', '.']).next().unwrap_or_default();
    match word.to_ascii_lowercase().as_str() {
        "de" => Ok(Language::German),
        // C and POSIX are what systems say that were told nothing.
        "en" | "c" | "posix" | "" => Ok(Language::English),
        other => Err(Error::invalid(format!(
            "Lines are read in English (en) and German (de), not in “{other}”. Nothing was added."
        ))),
    }
}

fn view(reading: &Reading, text: &str) -> QuickView {
    let Reading {
        quick, calendar, ..
    } = reading;
    let chips = quick.chips.iter().map(|chip| {
        let range = chip.utf16_range(text);
        ChipView {
            start: u32::try_from(range.start).unwrap_or(u32::MAX),
            end: u32::try_from(range.end).unwrap_or(u32::MAX),
            kind: kind(chip.kind).to_owned(),
            text: chip.text.clone(),
        }
    });
    let problems = quick.problems.iter().map(|problem| QuickProblem {
        part: text
            .get(problem.range.clone())
            .unwrap_or_default()
            .to_owned(),
        text: problem.text.clone(),
    });
    let start = quick.when.as_ref().map(|when| when.start().date());
    let words = quick.rule.as_ref().zip(start);
    QuickView {
        title: quick.title.clone(),
        when: quick.when.as_ref().map(to_view),
        rule: quick.rule.as_ref().map(ToString::to_string),
        rule_words: words.map(|(rule, start)| rule_words(rule, start)),
        place: quick.place.clone(),
        calendar: calendar.name.clone(),
        guests: quick.guests.clone(),
        reminders: quick.reminders.iter().map(reminder_words).collect(),
        link: quick.link.clone(),
        is_task: quick.task.is_some(),
        chips: chips.collect(),
        problems: problems.collect(),
    }
}

const fn kind(kind: ChipKind) -> &'static str {
    match kind {
        ChipKind::When => "when",
        ChipKind::Due => "due",
        ChipKind::Length => "length",
        ChipKind::Repeat => "repeat",
        ChipKind::Place => "place",
        ChipKind::Calendar => "calendar",
        ChipKind::Guest => "guest",
        ChipKind::Reminder => "reminder",
        ChipKind::Task => "task",
        ChipKind::Link => "link",
    }
}
