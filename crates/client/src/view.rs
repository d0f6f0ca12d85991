//! What the client shows: the shapes that the window and the command line draw.
//!
//! Times are wall-clock values of the zone that was asked for; nobody after the client converts.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::search::MatchKind;

/// One calendar, as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CalendarView {
    /// Its id, hexadecimal.
    pub id: String,
    /// Its name.
    pub name: String,
    /// One of the twelve named hues.
    pub color: String,
    /// Whether the person hid it on this account.
    pub hidden: bool,
}

/// Which part of which calendars to show.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ViewQuery {
    /// First day, `2026-11-23`.
    pub from: String,
    /// First day after.
    pub to: String,
    /// Zone of the wall clock; the system's when absent.
    #[serde(default)]
    #[ts(optional)]
    pub zone: Option<String>,
    /// Ids of the calendars to show; all that are not hidden when absent.
    #[serde(default)]
    #[ts(optional)]
    pub calendars: Option<Vec<String>>,
}

/// A stretch of days, ready to draw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ViewSlice {
    /// Grows with every change; an older slice is dropped.
    pub revision: u64,
    /// Zone of the wall clock.
    pub zone: String,
    /// First day.
    pub from: String,
    /// First day after.
    pub to: String,
    /// The present moment on this wall clock.
    pub now: Moment,
    /// The days.
    pub days: Vec<Day>,
    /// Occurrences with a time, split at midnight.
    pub timed: Vec<TimedBlock>,
    /// Occurrences of whole days, and timed ones of a day or more.
    pub all_day: Vec<AllDayBar>,
}

/// A minute of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Moment {
    /// `2026-11-25`.
    pub date: String,
    /// Minutes after midnight on the wall clock.
    pub minute: u32,
}

/// One day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Day {
    /// `2026-11-25`.
    pub date: String,
    /// Where the clock is put forward or back.
    pub transitions: Vec<Transition>,
}

/// A change of the clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Transition {
    /// Minute of the day, before the change.
    pub at_minute: u32,
    /// Minutes the clock jumps: positive in spring.
    pub delta_minutes: i32,
}

/// Whether an event takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum StatusView {
    /// It does.
    Confirmed,
    /// Perhaps.
    Tentative,
    /// It does not.
    Cancelled,
}

/// Whether an event takes the time it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum BusyView {
    /// The time is taken.
    Busy,
    /// The time stays free.
    Free,
}

/// Who may see the details of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum PrivacyView {
    /// Everyone with the calendar.
    Public,
    /// Only its people; others see that the time is taken.
    Private,
    /// A chosen few.
    Confidential,
}

/// A part of an occurrence within one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct TimedBlock {
    /// Original start: with the event, the identity of the occurrence.
    pub occurrence: String,
    /// Id of the event.
    pub event: String,
    /// Id of the calendar.
    pub calendar: String,
    /// Index of the day in the slice.
    pub day: u32,
    /// First minute of the day.
    pub start_minute: u32,
    /// First minute after; 1440 at midnight.
    pub end_minute: u32,
    /// Whether it began before this day.
    pub starts_before: bool,
    /// Whether it goes on after this day.
    pub ends_after: bool,
    /// One of the twelve named hues.
    pub color: String,
    /// Title; may be empty.
    pub title: String,
    /// Place; may be empty.
    pub place: String,
    /// Whether the event repeats.
    pub repeats: bool,
    /// Whether it takes place.
    pub status: StatusView,
    /// Whether a change to it waits for the relay.
    pub pending: bool,
    /// Start of the whole occurrence, `2026-11-25T14:00`.
    pub start: String,
    /// End of the whole occurrence.
    pub end: String,
}

/// An occurrence in the lane above the hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct AllDayBar {
    /// Original start: with the event, the identity of the occurrence.
    pub occurrence: String,
    /// Id of the event.
    pub event: String,
    /// Id of the calendar.
    pub calendar: String,
    /// Index of its first day in the slice.
    pub first_day: u32,
    /// Index of its last day in the slice.
    pub last_day: u32,
    /// Whether it began before the slice.
    pub starts_before: bool,
    /// Whether it goes on after the slice.
    pub ends_after: bool,
    /// One of the twelve named hues.
    pub color: String,
    /// Title; may be empty.
    pub title: String,
    /// Place; may be empty.
    pub place: String,
    /// Whether the event repeats.
    pub repeats: bool,
    /// Whether it takes place.
    pub status: StatusView,
    /// Whether a change to it waits for the relay.
    pub pending: bool,
    /// First day, or wall-clock start when it has a time.
    pub start: String,
    /// First day after, or wall-clock end.
    pub end: String,
}

/// Everything about one event that a person sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct EventView {
    /// Id of the event.
    pub event: String,
    /// Original start of the occurrence that was asked for.
    pub occurrence: String,
    /// Id of the calendar.
    pub calendar: String,
    /// Name of the calendar.
    pub calendar_name: String,
    /// One of the twelve named hues.
    pub color: String,
    /// Title; may be empty.
    pub title: String,
    /// Place; may be empty.
    pub place: String,
    /// Notes; may be empty.
    pub notes: String,
    /// When the occurrence takes place, in the event's own zone.
    pub when: WhenView,
    /// The first rule in RFC 5545's form.
    pub rule: Option<String>,
    /// The rule in words.
    pub rule_words: Option<String>,
    /// Who is invited.
    pub guests: Vec<GuestView>,
    /// A page about the event.
    pub url: Option<String>,
    /// Whether a change to it waits for the relay.
    pub pending: bool,
}

/// Someone who is invited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct GuestView {
    /// Name, or the address when there is none.
    pub name: String,
    /// Calendar address, mostly an e-mail address.
    pub address: String,
    /// PARTSTAT of RFC 5545, lower case.
    pub status: String,
}

/// When an event takes place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", tag = "kind")]
#[ts(export)]
pub enum WhenView {
    /// Whole days.
    AllDay {
        /// First day.
        start: String,
        /// First day after.
        end: String,
    },
    /// A time in a zone.
    Timed {
        /// Wall clock, `2026-11-25T14:00`.
        start: String,
        /// Wall clock in the same zone.
        end: String,
        /// IANA name.
        zone: String,
    },
    /// The same wall clock wherever one is.
    Floating {
        /// Wall clock.
        start: String,
        /// Wall clock.
        end: String,
    },
}

/// Where sync stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SyncStatus {
    /// Changes that the relay has not confirmed.
    pub outbox: u64,
    /// Things that arrived and could not be accepted.
    pub quarantined: u64,
    /// Things found that a person should know.
    pub to_know: u64,
    /// Streams that are followed, the private one included.
    pub streams: u64,
    /// Whether the relay is connected now.
    pub connected: bool,
    /// Devices of the account.
    pub devices: u64,
    /// Address of the relay.
    pub relay: Option<String>,
    /// The state in one word.
    pub state: SyncState,
    /// A sentence when something needs attention.
    pub message: Option<String>,
}

/// The state of sync in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum SyncState {
    /// No relay is set up: everything stays on this device.
    Local,
    /// Reaching the relay for the first time since the start.
    Connecting,
    /// Nothing waits.
    UpToDate,
    /// Changes are on their way.
    Sending,
    /// The relay cannot be reached; everything is saved here.
    Offline,
    /// Something needs attention: see the message.
    Trouble,
}

/// One device of the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct DeviceView {
    /// Its id, hexadecimal.
    pub id: String,
    /// Its name; empty until it has told one.
    pub name: String,
    /// Whether it is this one.
    pub this: bool,
}

/// What the window hears while it is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase", tag = "kind")]
#[ts(export)]
pub enum Notice {
    /// Events or calendars have changed.
    Changed {
        /// The new revision.
        revision: u64,
        /// Ids of the calendars.
        calendars: Vec<String>,
    },
    /// Sync stands elsewhere.
    Sync {
        /// Where.
        status: SyncStatus,
    },
    /// Someone asks to be admitted to a calendar of this person.
    Asked {
        /// Id of the calendar.
        calendar: String,
    },
    /// This computer is being linked: what to type into the other device.
    Digits {
        /// Nine digits in groups of three.
        digits: String,
    },
    /// The program is locked: whatever is shown has to go.
    Locked,
}

/// One occurrence in a list, as programs read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListedOccurrence {
    /// Id of the event; in the listing of a file, its UID.
    pub event: String,
    /// Original start: with the event, the identity of the occurrence.
    pub occurrence: String,
    /// Name of the calendar; empty in the listing of a file.
    pub calendar: String,
    /// Title; may be empty.
    pub summary: String,
    /// RFC 3339 with the offset of the zone that was asked for, or the first day.
    pub start: String,
    /// The same for the end, or the first day after.
    pub end: String,
    /// Whether it is whole days.
    pub all_day: bool,
    /// The event's own zone; none for whole days and floating times.
    pub zone: Option<String>,
    /// Place; may be empty.
    pub location: String,
    /// Whether it takes place.
    pub status: StatusView,
    /// What kind of thing it is.
    pub kind: MatchKind,
}
