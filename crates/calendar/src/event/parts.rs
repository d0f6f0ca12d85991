//! The smaller parts of an event: guests, reminders, and words from fixed lists.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::length::Length;

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
