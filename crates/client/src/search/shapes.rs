//! What a search asks and what it answers, as the window and the command line know it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::view::StatusView;

/// What is looked for. Filters can also be typed: see the grammar of [`crate::Client::search`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct SearchQuery {
    /// What was typed.
    pub text: String,
    /// Ids of the calendars to look in; all when absent.
    #[ts(optional)]
    pub calendars: Option<Vec<String>>,
    /// Only what happens at this day or moment or after it.
    #[ts(optional)]
    pub from: Option<String>,
    /// Only what begins before this day or moment.
    #[ts(optional)]
    pub to: Option<String>,
    /// Only events or tasks.
    #[ts(optional)]
    pub kind: Option<SearchKind>,
    /// Only what others are invited to.
    pub has_guests: bool,
    /// Only what is not over.
    pub upcoming: bool,
    /// Looks in the trash instead.
    pub in_trash: bool,
    /// Zone of the wall clock; the system's when absent.
    #[ts(optional)]
    pub zone: Option<String>,
    /// How many matches at most; 50 when absent.
    #[ts(optional)]
    pub limit: Option<u32>,
}

/// What kind of thing is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum SearchKind {
    /// What is no task.
    Events,
    /// Tasks.
    Tasks,
    /// Tasks still to be done.
    OpenTasks,
    /// Tasks that are done.
    DoneTasks,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SearchResults {
    /// Grows with every change; older results are dropped.
    pub revision: u64,
    /// What is to come in order of time, then what is over, the latest first.
    pub matches: Vec<SearchMatch>,
    /// Whether there is more than these.
    pub more: bool,
    /// Filters that were typed and say nothing.
    pub ignored: Vec<String>,
}

/// An event that was found, at the occurrence nearest to the present.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SearchMatch {
    /// Id of the event.
    pub event: String,
    /// Original start: with the event, the identity of the occurrence.
    pub occurrence: String,
    /// Id of the calendar.
    pub calendar: String,
    /// Name of the calendar.
    pub calendar_name: String,
    /// One of the twelve named hues.
    pub color: String,
    /// Title; may be empty.
    pub title: String,
    /// What of the title was looked for.
    pub title_ranges: Vec<TextRange>,
    /// Place; may be empty.
    pub place: String,
    /// What of the place was looked for.
    pub place_ranges: Vec<TextRange>,
    /// A piece of another text in which something stands that was looked for.
    pub excerpt: Option<Excerpt>,
    /// Start on the wall clock that was asked for, `2026-11-25T14:00` or a day; absent for a task
    /// without a time.
    pub start: Option<String>,
    /// The same for the end; for whole days the first day after.
    pub end: Option<String>,
    /// Whether it is whole days.
    pub all_day: bool,
    /// Whether the event repeats.
    pub repeats: bool,
    /// Whether it is over.
    pub past: bool,
    /// Whether it lies in the trash.
    pub trashed: bool,
    /// Whether it takes place.
    pub status: StatusView,
    /// What it is.
    pub kind: MatchKind,
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum MatchKind {
    /// An event.
    Event,
    /// A task still to be done.
    OpenTask,
    /// A task that is done.
    DoneTask,
}

/// A piece of a text with what was looked for in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Excerpt {
    /// The text it is from.
    pub field: FoundField,
    /// The piece, with `…` where it was cut.
    pub text: String,
    /// What of it was looked for.
    pub ranges: Vec<TextRange>,
}

/// A text of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum FoundField {
    /// The title of another occurrence.
    Title,
    /// The place of another occurrence.
    Place,
    /// Notes.
    Notes,
    /// Name or address of a guest, or of whoever invites.
    Guest,
    /// A category.
    Category,
}

/// A stretch of a text, counted in UTF-16 units as strings of the window are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct TextRange {
    /// First unit.
    pub start: u32,
    /// First unit after.
    pub end: u32,
}
