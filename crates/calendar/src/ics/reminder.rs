//! Reminders: VALARM components (RFC 5545 §3.6.6, with the UID of RFC 9074).

use super::lines::Line;
use super::name::Name;
use super::out::Out;
use super::property::{Said, is_one_of, is_parameters, parameters_for, put_parameters, said};
use super::text::unescaped;
use super::times::{Stamp, Time, time};
use super::timezone::Zones;
use super::tree::Component;
use crate::event::{Action, Reminder, Trigger};
use crate::original::OriginalStart;
use crate::zone::Zone;

/// Begins the ids of reminders that have no UID in the file.
const UNNAMED: &str = "alarm-";

/// The id of a reminder without a UID: its number among those.
pub(super) fn unnamed_id(number: usize) -> String {
    format!("{UNNAMED}{number:03}")
}

/// Whether an id stands for no UID.
pub(super) fn is_unnamed(id: &str) -> bool {
    id.starts_with(UNNAMED)
}

/// The UID a reminder may have as its id.
pub(super) fn own_id(alarm: &Component<'_>) -> Option<String> {
    let line = alarm.lines.iter().find(|line| line.kind() == Name::Uid)?;
    Some(line.value().trim().to_owned()).filter(|id| !id.is_empty() && !is_unnamed(id))
}

/// Reads a reminder; `None` where it does not say when it rings. `is_named` says whether its UID
/// became its id.
pub(super) fn read(
    alarm: &Component<'_>,
    zones: &mut Zones<'_>,
    is_named: IsNamed,
) -> Option<Reminder> {
    let mut reminder = Reminder {
        trigger: trigger(alarm, zones)?,
        action: Action::Display,
        text: String::new(),
        unknown: Vec::new(),
    };
    let mut seen = 0_u64;
    let mut parameters = Vec::new();
    for line in &alarm.lines {
        let name = line.kind();
        let is_kept = seen & name.bit() != 0
            || match name {
                Name::Trigger => false,
                Name::Uid => is_named == IsNamed::No,
                Name::Action => match action(line.value().trim()) {
                    Some(action) => {
                        reminder.action = action;
                        false
                    }
                    None => true,
                },
                Name::Description => {
                    reminder.text = unescaped(line.value()).into_owned();
                    false
                }
                _ => true,
            };
        if is_kept {
            reminder.unknown.push(line.text().to_owned());
        } else {
            if name != Name::Description || !reminder.text.is_empty() {
                seen |= name.bit();
            }
            parameters.extend(line.kept_parameters(|name, value| {
                is_one_of(name, &["RELATED", "TZID"])
                    || (is_one_of(name, &["VALUE"])
                        && is_one_of(value, &["DURATION", "DATE-TIME", "TEXT"]))
            }));
        }
    }
    let children = alarm.children.iter().map(Component::raw);
    reminder.unknown.extend(children);
    put_parameters(&mut reminder.unknown, parameters);
    Some(reminder)
}

/// Whether the UID of a reminder became its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IsNamed {
    Yes,
    No,
}

fn trigger(alarm: &Component<'_>, zones: &mut Zones<'_>) -> Option<Trigger> {
    let line = alarm
        .lines
        .iter()
        .find(|line| line.kind() == Name::Trigger)?;
    let value = line.value().trim();
    Some(match value.parse() {
        Ok(length) if line.says("RELATED", "END") => Trigger::FromEnd(length),
        Ok(length) => Trigger::FromStart(length),
        Err(_) => {
            let at = Time {
                value: time(value)?,
                zone: line.zone(),
            };
            Trigger::At(Stamp::of(&at, zones).instant())
        }
    })
}

fn action(word: &str) -> Option<Action> {
    [Action::Display, Action::Audio, Action::Email]
        .into_iter()
        .find(|action| word_of(*action).eq_ignore_ascii_case(word))
}

/// Writes the reminders of an event; those with a UID first, so that none takes the UID of
/// another when they are read again.
pub(super) fn write_all<'a>(
    reminders: impl IntoIterator<Item = (&'a String, &'a Reminder)> + Clone,
    out: &mut Out,
) {
    for (id, reminder) in reminders.clone() {
        if !is_unnamed(id) {
            write(Some(id), reminder, out);
        }
    }
    for (id, reminder) in reminders {
        if is_unnamed(id) {
            write(None, reminder, out);
        }
    }
}

fn write(uid: Option<&String>, reminder: &Reminder, out: &mut Out) {
    out.line("BEGIN:VALARM");
    let named = |out: &mut Out, name: Name| {
        out.word(name.word());
        if let Some(parameters) = parameters_for(&reminder.unknown, name) {
            out.word(";");
            out.push(parameters);
        }
    };
    if let Some(uid) = uid {
        named(out, Name::Uid);
        out.word(":");
        out.push(uid);
        out.end();
    }
    let is_read = |line: &Line<'_>| action(line.value().trim()).is_some();
    let is_action_known = reminder.action != Action::Display
        || said(&reminder.unknown, Name::Action, is_read) != Said::Unreadable;
    if is_action_known {
        named(out, Name::Action);
        out.word(":");
        out.push(word_of(reminder.action));
        out.end();
    }
    named(out, Name::Trigger);
    match reminder.trigger {
        Trigger::FromStart(length) => {
            out.word(":");
            out.shown(length);
        }
        Trigger::FromEnd(length) => {
            out.word(";RELATED=END:");
            out.shown(length);
        }
        Trigger::At(at) => {
            out.word(";VALUE=DATE-TIME:");
            out.start(&OriginalStart::Utc(Zone::utc().wall_clock(at)));
        }
    }
    out.end();
    // A reminder on the screen or by mail must have a text (RFC 5545 §3.6.6), be it an empty one.
    if !reminder.text.is_empty() || (is_action_known && reminder.action != Action::Audio) {
        named(out, Name::Description);
        out.word(":");
        out.escaped(&reminder.text);
        out.end();
    }
    for entry in reminder.unknown.iter().filter(|one| !is_parameters(one)) {
        out.raw(entry);
    }
    out.line("END:VALARM");
}

const fn word_of(action: Action) -> &'static str {
    match action {
        Action::Display => "DISPLAY",
        Action::Audio => "AUDIO",
        Action::Email => "EMAIL",
    }
}
