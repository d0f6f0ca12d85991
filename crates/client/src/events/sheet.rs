//! Everything that can be said of an event, for whoever wants to read all of it.

use almanac_calendar::event::{Busy, Privacy, Reminder, Status, Trigger};
use almanac_calendar::{Event, Length, OriginalStart, conference};
use serde::Serialize;
use ts_rs::TS;

use crate::client::Client;
use crate::error::Result;
use crate::events::times::system_zone;
use crate::events::{find, occurrence};
use crate::replica::documents;
use crate::tasks::{self, TaskSheet};
use crate::view::{BusyView, EventView, PrivacyView, StatusView};

/// An event, or one occurrence of it, with everything that is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct EventSheet {
    /// What the window shows of it.
    #[serde(flatten)]
    #[ts(flatten)]
    pub event: EventView,
    /// Its name in the outside world (UID of RFC 5545).
    pub uid: String,
    /// Whether it takes place.
    pub status: StatusView,
    /// Whether it takes the time it stands in.
    pub busy: BusyView,
    /// Who may see the details.
    pub privacy: PrivacyView,
    /// Its categories.
    pub categories: Vec<String>,
    /// Its reminders in words: `10 minutes before`.
    pub reminders: Vec<String>,
    /// Where to join online.
    pub join: Option<JoinView>,
    /// What there is to do, if it is a task.
    pub task: Option<TaskSheet>,
    /// Original starts that were left out of a series.
    pub left_out: Vec<String>,
    /// How many of its fields wait for a person to choose.
    pub conflicts: u64,
}

/// Where to join online.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct JoinView {
    /// What people call it: Zoom, Jitsi, or the host where the service is not known.
    pub name: String,
    /// The address to open.
    pub url: String,
}

impl Client {
    /// Everything about an event; of a series, about the occurrence that is named, or the first.
    pub fn sheet(&self, event: &str, occurrence: Option<&str>) -> Result<EventSheet> {
        let view = self.event(event, occurrence)?;
        let row = self.read(|tx| find::event(tx, event))?;
        let event = documents::event_of(&row)?;
        let original = match occurrence {
            Some(text) => occurrence::named(&event, text)?,
            None => event.when.original(),
        };
        let conflicts = self.conflicts(Some(&view.event))?.len();
        Ok(EventSheet {
            conflicts: conflicts as u64,
            ..sheet(view, &event, original)
        })
    }
}

fn sheet(view: EventView, event: &Event, original: OriginalStart) -> EventSheet {
    let one = event.at(&original);
    let join = conference::link(&one).map(|found| JoinView {
        name: found.name,
        url: found.url,
    });
    EventSheet {
        event: view,
        uid: event.uid.clone(),
        status: match one.status {
            Status::Confirmed => StatusView::Confirmed,
            Status::Tentative => StatusView::Tentative,
            Status::Cancelled => StatusView::Cancelled,
        },
        busy: match one.busy {
            Busy::Busy => BusyView::Busy,
            Busy::Free => BusyView::Free,
        },
        privacy: match one.privacy {
            Privacy::Public => PrivacyView::Public,
            Privacy::Private => PrivacyView::Private,
            Privacy::Confidential => PrivacyView::Confidential,
        },
        categories: one.categories.into_iter().collect(),
        reminders: one.reminders.values().map(reminder_words).collect(),
        join,
        task: tasks::sheet(event, &original, &system_zone()),
        left_out: event.skipped.iter().map(ToString::to_string).collect(),
        conflicts: 0,
    }
}

/// A reminder in words: `10 minutes before`, `at the end`.
pub(crate) fn reminder_words(reminder: &Reminder) -> String {
    match reminder.trigger {
        Trigger::FromStart(length) => distance_words(length, "start"),
        Trigger::FromEnd(length) => match distance_words(length, "end") {
            words if words.starts_with("at ") => words,
            words => format!("{words} the end"),
        },
        Trigger::At(at) => format!("at {at}"),
    }
}

fn distance_words(length: Length, of: &str) -> String {
    let (days, seconds) = (length.days().abs(), length.seconds().abs());
    let mut parts = Vec::new();
    for (number, unit) in [
        (days / 7, "week"),
        (days % 7, "day"),
        (seconds / 3_600, "hour"),
        (seconds % 3_600 / 60, "minute"),
        (seconds % 60, "second"),
    ] {
        match number {
            0 => {}
            1 => parts.push(format!("1 {unit}")),
            number => parts.push(format!("{number} {unit}s")),
        }
    }
    if parts.is_empty() {
        return format!("at the {of}");
    }
    let side = if length.is_negative() {
        "before"
    } else {
        "after"
    };
    format!("{} {side}", parts.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(trigger: Trigger, words: &str) {
        let reminder = Reminder {
            trigger,
            action: almanac_calendar::event::Action::Display,
            text: String::new(),
            unknown: Vec::new(),
        };
        assert_eq!(reminder_words(&reminder), words);
    }

    #[test]
    fn reminders_read_as_people_say_them() {
        let start = |seconds| Trigger::FromStart(Length::from_seconds(seconds));
        check(start(-600), "10 minutes before");
        check(start(-5_400), "1 hour 30 minutes before");
        check(start(0), "at the start");
        check(start(60), "1 minute after");
        check(
            Trigger::FromStart(Length::from_days(-8)),
            "1 week 1 day before",
        );
        check(
            Trigger::FromEnd(Length::from_seconds(-60)),
            "1 minute before the end",
        );
        check(Trigger::FromEnd(Length::from_seconds(0)), "at the end");
    }
}
