//! What a person can ask the client to change, and what comes back.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::view::{BusyView, PrivacyView, StatusView, WhenView};

/// A new event.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CreateEvent {
    /// Id or name of the calendar.
    pub calendar: String,
    /// Title; may be empty.
    pub title: String,
    /// When.
    pub when: WhenView,
    /// Place; may be empty.
    #[serde(default)]
    pub place: String,
    /// Notes; may be empty.
    #[serde(default)]
    pub notes: String,
    /// A rule in RFC 5545's form.
    #[serde(default)]
    #[ts(optional)]
    pub rule: Option<String>,
    /// What else there is to say.
    #[serde(flatten)]
    #[ts(flatten)]
    pub details: EventDetails,
}

/// What else can be said of an event: only the fields that are there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export, optional_fields)]
pub struct EventDetails {
    /// Whether it takes place.
    pub status: Option<StatusView>,
    /// Whether it takes the time it stands in.
    pub busy: Option<BusyView>,
    /// Who may see the details.
    pub privacy: Option<PrivacyView>,
    /// A colour of its own: a hue, a CSS name or `#rrggbb`; empty: that of the calendar.
    pub color: Option<String>,
    /// A page about it; empty: none.
    pub url: Option<String>,
    /// Where to join online; empty: nowhere.
    pub conference: Option<String>,
    /// All its categories.
    pub categories: Option<Vec<String>>,
    /// All its reminders, each so long before the start: `10m`, `1h`, `2d`, `1w`.
    pub reminders: Option<Vec<String>>,
    /// Guests to invite: `ada@example.org`, or `Ada <ada@example.org>`.
    pub add_guests: Option<Vec<String>>,
    /// Guests that are no longer invited, by address.
    pub remove_guests: Option<Vec<String>>,
}

/// How much of a series a change is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum ScopeInput {
    /// One occurrence.
    This,
    /// One occurrence and all after it.
    Following,
    /// All of them.
    All,
}

/// A change of an event: only the fields that are there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct EditEvent {
    /// Id of the event, or the start of it that no other event shares.
    pub event: String,
    /// Title.
    #[ts(optional)]
    pub title: Option<String>,
    /// Place.
    #[ts(optional)]
    pub place: Option<String>,
    /// Notes.
    #[ts(optional)]
    pub notes: Option<String>,
    /// When; of a series, the occurrence that is named, or the first.
    #[ts(optional)]
    pub when: Option<WhenView>,
    /// A rule in RFC 5545's form; empty: the event no longer repeats.
    #[ts(optional)]
    pub rule: Option<String>,
    /// Id or name of the calendar it moves to.
    #[ts(optional)]
    pub calendar: Option<String>,
    /// How much of a series; all of it, or this one where an occurrence is named.
    #[ts(optional)]
    pub scope: Option<ScopeInput>,
    /// Original start of the occurrence, or the day it is on.
    #[ts(optional)]
    pub occurrence: Option<String>,
    /// What else there is to change.
    #[serde(flatten)]
    #[ts(flatten)]
    pub details: EventDetails,
}

/// What is to be deleted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct RemoveEvent {
    /// Id of the event, or the start of it that no other event shares.
    pub event: String,
    /// How much of a series; all of it, or this one where an occurrence is named.
    #[ts(optional)]
    pub scope: Option<ScopeInput>,
    /// Original start of the occurrence, or the day it is on.
    #[ts(optional)]
    pub occurrence: Option<String>,
}

/// A change of a calendar: only the fields that are there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct EditCalendar {
    /// Id or name of the calendar.
    pub calendar: String,
    /// Its new name.
    #[ts(optional)]
    pub name: Option<String>,
    /// One of the twelve named hues.
    #[ts(optional)]
    pub color: Option<String>,
    /// Whether it is left out of view.
    #[ts(optional)]
    pub hidden: Option<bool>,
}

/// What a change has done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Done {
    /// The revision after it.
    pub revision: u64,
    /// Id of the event.
    pub event: Option<String>,
    /// Takes it back, also after a restart; none where nothing was changed.
    pub undo: Option<u64>,
    /// After an undo: does it again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub redo: Option<u64>,
}

/// A file to import.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ImportFile {
    /// Id or name of the calendar.
    pub calendar: String,
    /// Name of the file, for the report.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What an import found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ImportReport {
    /// Events that are new.
    pub imported: u64,
    /// Events that were there in another version.
    pub updated: u64,
    /// Events that were there as they are.
    pub unchanged: u64,
    /// Events in which something changed here stands although the file says otherwise.
    pub kept: u64,
    /// Events in which the file replaced something changed here.
    pub replaced: u64,
    /// What could not be read as it stands.
    pub problems: Vec<ProblemView>,
    /// Takes the whole import back; none where nothing was changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub undo: Option<u64>,
}

/// A finding about a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ProblemView {
    /// Line of the file, from 1.
    pub line: Option<u64>,
    /// UID of the event.
    pub uid: Option<String>,
    /// A finished sentence.
    pub message: String,
}
