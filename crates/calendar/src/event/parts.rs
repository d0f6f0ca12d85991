//! The smaller parts of an event: guests, reminders, and words from fixed lists.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};

use crate::length::Length;
use crate::zone::Zone;

/// Whether an event is certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It happens.
    #[default]
    Confirmed,
    /// It may happen.
    Tentative,
    /// It was called off.
    Cancelled,
}

/// Whether an event takes the time it stands in (TRANSP).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Busy {
    /// The time is taken.
    #[default]
    Busy,
    /// The time stays free.
    Free,
}

/// Who may see the details (CLASS).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Privacy {
    /// Everyone with the calendar.
    #[default]
    Public,
    /// Only its people; others see that the time is taken.
    Private,
    /// A chosen few.
    Confidential,
}

/// What makes an event a task (VTODO): by when, and how far it is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Task {
    /// By when it is to be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Due>,
    /// When it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<Timestamp>,
    /// How much of it is done, 0 to 100.
    #[serde(default)]
    pub percent: u8,
    /// 1 is the most urgent, 9 the least, 0 says nothing (RFC 5545 §3.8.1.9).
    #[serde(default)]
    pub priority: u8,
    /// Whether the event's `when` is a time set aside for it (DTSTART). Otherwise `when` only
    /// repeats what is due, or the day it was written down.
    #[serde(default)]
    pub is_planned: bool,
}

/// By when a task is to be done (DUE). Of a series: by when its first occurrence is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Due {
    /// On a day, at any hour of it.
    On(Date),
    /// At a wall clock; without a zone, wherever one is.
    At {
        /// The wall clock.
        at: DateTime,
        /// Its zone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        zone: Option<Zone>,
    },
}

/// Someone invited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Guest {
    /// Name as shown.
    #[serde(default)]
    pub name: String,
    /// What is asked of them.
    #[serde(default)]
    pub role: GuestRole,
    /// What they said.
    #[serde(default)]
    pub answer: Answer,
    /// Whether an answer is asked for.
    #[serde(default)]
    pub is_answer_wanted: bool,
    /// Parameters we do not model, as they were: `CUTYPE=ROOM;X-NUM=1`.
    #[serde(default)]
    pub unknown: String,
}

/// What is asked of a guest (ROLE).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum GuestRole {
    /// Leads it.
    Chair,
    /// Is needed.
    #[default]
    Required,
    /// May come.
    Optional,
    /// Is only told.
    Informed,
}

/// What a guest said (PARTSTAT).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Nothing yet.
    #[default]
    Pending,
    /// Yes.
    Accepted,
    /// No.
    Declined,
    /// Maybe.
    Tentative,
    /// Someone else comes.
    Delegated,
}

/// Who invites.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Organizer {
    /// Address, `mailto:…`.
    pub address: String,
    /// Name as shown.
    #[serde(default)]
    pub name: String,
    /// Parameters we do not model, as they were.
    #[serde(default)]
    pub unknown: String,
}

/// Something that rings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminder {
    /// When it rings.
    pub trigger: Trigger,
    /// How it rings.
    #[serde(default)]
    pub action: Action,
    /// What it says.
    #[serde(default)]
    pub text: String,
    /// Properties we do not model, each with its lines unfolded.
    #[serde(default)]
    pub unknown: Vec<String>,
}

/// When a reminder rings (TRIGGER).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// So long after the start; before it when negative.
    FromStart(Length),
    /// So long after the end; before it when negative.
    FromEnd(Length),
    /// At one instant.
    At(Timestamp),
}

/// How a reminder rings (ACTION).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// A notice on the screen.
    #[default]
    Display,
    /// A sound.
    Audio,
    /// A mail.
    Email,
}
