//! An event: everything a person can say about something that happens, once or in a series.
//!
//! This is a plain value. It is read from an Automerge document or an .ics file and written back
//! to either; what is not modelled travels along in `unknown`.

pub(crate) mod layers;
mod parts;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::length::Length;
use crate::original::OriginalStart;
use crate::rule::Rule;
use crate::when::When;

pub(crate) use layers::{Layer, Layers};
pub use parts::{
    Action, Answer, Busy, Due, Guest, GuestRole, Organizer, Privacy, Reminder, Status, Task,
    Trigger,
};

/// Something that happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its name in the outside world (RFC 5545 §3.8.4.7).
    pub uid: String,
    /// Title.
    #[serde(default)]
    pub title: String,
    /// Notes.
    #[serde(default)]
    pub notes: String,
    /// Place.
    #[serde(default)]
    pub place: String,
    /// When it happens, the first time if it repeats.
    pub when: When,
    /// The rules by which it repeats.
    #[serde(default)]
    pub rules: Rules,
    /// Extra starts, with how long each lasts where that differs.
    #[serde(default)]
    pub dates: BTreeMap<OriginalStart, Option<Length>>,
    /// Occurrences that do not happen. A date among timed events skips that whole day.
    #[serde(default)]
    pub skipped: BTreeSet<OriginalStart>,
    /// Occurrences that differ.
    #[serde(default)]
    pub overrides: BTreeMap<OriginalStart, Override>,
    /// Starts from which on everything differs.
    #[serde(default)]
    pub splits: BTreeMap<OriginalStart, Split>,
    /// Guests by address.
    #[serde(default)]
    pub guests: BTreeMap<String, Guest>,
    /// Who invites.
    #[serde(default)]
    pub organizer: Option<Organizer>,
    /// Reminders by their id.
    #[serde(default)]
    pub reminders: BTreeMap<String, Reminder>,
    /// Categories.
    #[serde(default)]
    pub categories: BTreeSet<String>,
    /// Attachments, each as the raw property it came as, `ATTACH:https://…`.
    #[serde(default)]
    pub attachments: BTreeSet<String>,
    /// A page about it.
    #[serde(default)]
    pub url: Option<String>,
    /// Whether it is certain.
    #[serde(default)]
    pub status: Status,
    /// Whether it takes the time it stands in.
    #[serde(default)]
    pub busy: Busy,
    /// Who may see details.
    #[serde(default)]
    pub privacy: Privacy,
    /// A colour of its own: a CSS name or `#rrggbb`.
    #[serde(default)]
    pub color: Option<String>,
    /// Where to join online.
    #[serde(default)]
    pub conference: Option<String>,
    /// Where it is on the globe, as RFC 5545 §3.8.1.6 writes it: `48.2082;16.3738`.
    #[serde(default)]
    pub geo: Option<String>,
    /// What there is to do, if it is a task (VTODO).
    #[serde(default)]
    pub task: Option<Task>,
    /// Its version among calendars that exchange it.
    #[serde(default)]
    pub sequence: u32,
    /// When its outside form was written (DTSTAMP).
    #[serde(default)]
    pub stamped: Option<Timestamp>,
    /// When it was first written.
    #[serde(default)]
    pub created: Option<Timestamp>,
    /// When it was last written.
    #[serde(default)]
    pub modified: Option<Timestamp>,
    /// Properties we do not model and components inside it, each with its lines unfolded and
    /// joined by CRLF. One that begins with a semicolon holds the parameters of a property that
    /// is modelled: `;SUMMARY;LANGUAGE=de`.
    #[serde(default)]
    pub unknown: Vec<String>,
    /// Whether it lies in the trash.
    #[serde(default)]
    pub trashed: bool,
}

/// Rules that add occurrences and rules that take some away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Rules {
    /// Starts of any of these happen.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// Unless they are also starts of one of these (EXRULE of RFC 2445).
    #[serde(default)]
    pub exclusions: Vec<Rule>,
}

/// What is different about one occurrence, or about all from one on. `None` is "as before".
/// An empty text or list says that there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Override {
    /// Another title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Other notes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// Another place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Another time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
    /// Other guests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guests: Option<BTreeMap<String, Guest>>,
    /// Someone else invites; no one where the address is empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organizer: Option<Organizer>,
    /// Other reminders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminders: Option<BTreeMap<String, Reminder>>,
    /// Other categories.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub categories: Option<BTreeSet<String>>,
    /// Other attachments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachments: Option<BTreeSet<String>>,
    /// Another status; `Cancelled` says that this one was called off, and is shown as such.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Takes the time it stands in, or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub busy: Option<Busy>,
    /// Who may see details.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub privacy: Option<Privacy>,
    /// Another colour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
    /// Another page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Another place to join online.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conference: Option<String>,
    /// Another spot on the globe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub geo: Option<String>,
    /// How far this one is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<Task>,
    /// Its own version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u32>,
    /// When its own outside form was written (DTSTAMP).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stamped: Option<Timestamp>,
    /// When it was first written by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Timestamp>,
    /// When it was last written by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<Timestamp>,
    /// Its own unmodelled properties.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<Vec<String>>,
}

/// A start from which on the series goes on differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Split {
    /// What differs. `when` says where the first one happens; the others move along.
    #[serde(flatten)]
    pub change: Override,
    /// New rules from here on; without them the series keeps its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<Rules>,
}

impl Event {
    /// An event with a title and a time and nothing else.
    #[must_use]
    pub fn new(uid: impl Into<String>, title: impl Into<String>, when: When) -> Self {
        Self {
            uid: uid.into(),
            title: title.into(),
            notes: String::new(),
            place: String::new(),
            when,
            rules: Rules::default(),
            dates: BTreeMap::new(),
            skipped: BTreeSet::new(),
            overrides: BTreeMap::new(),
            splits: BTreeMap::new(),
            guests: BTreeMap::new(),
            organizer: None,
            reminders: BTreeMap::new(),
            categories: BTreeSet::new(),
            attachments: BTreeSet::new(),
            url: None,
            status: Status::default(),
            busy: Busy::default(),
            privacy: Privacy::default(),
            color: None,
            conference: None,
            geo: None,
            task: None,
            sequence: 0,
            stamped: None,
            created: None,
            modified: None,
            unknown: Vec::new(),
            trashed: false,
        }
    }

    /// Whether it can happen more than once.
    #[must_use]
    pub fn is_series(&self) -> bool {
        !self.rules.rules.is_empty()
            || !self.dates.is_empty()
            || self.splits.values().any(|split| split.rules.is_some())
    }
}

impl Rules {
    /// One rule and no exclusions.
    #[must_use]
    pub fn one(rule: Rule) -> Self {
        Self {
            rules: vec![rule],
            exclusions: Vec::new(),
        }
    }

    /// Whether nothing repeats.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rules.is_empty() && self.exclusions.is_empty()
    }
}
