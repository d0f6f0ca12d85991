//! What a person can ask the client to change, and what comes back.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::view::WhenView;

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
    /// When; of a series, its first occurrence.
    #[ts(optional)]
    pub when: Option<WhenView>,
    /// A rule in RFC 5545's form; empty: the event no longer repeats.
    #[ts(optional)]
    pub rule: Option<String>,
    /// Id or name of the calendar it moves to.
    #[ts(optional)]
    pub calendar: Option<String>,
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
