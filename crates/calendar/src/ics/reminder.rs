//! Reminders: VALARM components (RFC 5545 §3.6.6).

use super::text::{escaped, put_line, unescaped};
use super::tree::Component;
use crate::event::{Action, Reminder, Trigger};
use crate::original::OriginalStart;
use crate::rule::Basic;
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

/// Reads a reminder; `None` where it does not say when it rings.
pub(super) fn read(alarm: &Component<'_>) -> Option<Reminder> {
    let line = alarm.first("TRIGGER")?;
    let value = line.value().trim();
    let trigger = match value.parse() {
        Ok(length) => {
            let is_end = line
                .parameter("RELATED")
                .is_some_and(|v| v.eq_ignore_ascii_case("END"));
            if is_end {
                Trigger::FromEnd(length)
            } else {
                Trigger::FromStart(length)
            }
        }
        Err(_) => {
            let at: OriginalStart = value.parse().ok()?;
            Trigger::At(Zone::utc().instant(at.wall_clock()))
        }
    };
    let word = alarm.first("ACTION").map_or("", |line| line.value().trim());
    let action = if word.eq_ignore_ascii_case("AUDIO") {
        Action::Audio
    } else if word.eq_ignore_ascii_case("EMAIL") {
        Action::Email
    } else {
        Action::Display
    };
    let is_other_action = word_of(action) != word.to_ascii_uppercase() && !word.is_empty();
    let is_known = |name: &str| {
        let known = ["TRIGGER", "DESCRIPTION", "UID"]
            .iter()
            .any(|one| name.eq_ignore_ascii_case(one));
        known || (name.eq_ignore_ascii_case("ACTION") && !is_other_action)
    };
    let others = alarm.lines.iter().filter(|line| !is_known(line.name()));
    let mut unknown: Vec<String> = others.map(|line| line.text.to_string()).collect();
    unknown.extend(alarm.children.iter().map(Component::raw));
    let text = alarm
        .first("DESCRIPTION")
        .map(|line| unescaped(line.value()));
    Some(Reminder {
        trigger,
        action,
        text: text.unwrap_or_default(),
        unknown,
    })
}

pub(super) fn write(id: &str, reminder: &Reminder, out: &mut String) {
    put_line(out, "BEGIN:VALARM");
    if !is_unnamed(id) {
        put_line(out, &format!("UID:{id}"));
    }
    let is_said = reminder
        .unknown
        .iter()
        .any(|line| line.to_ascii_uppercase().starts_with("ACTION"));
    if !is_said {
        put_line(out, &format!("ACTION:{}", word_of(reminder.action)));
    }
    match reminder.trigger {
        Trigger::FromStart(length) => put_line(out, &format!("TRIGGER:{length}")),
        Trigger::FromEnd(length) => put_line(out, &format!("TRIGGER;RELATED=END:{length}")),
        Trigger::At(at) => {
            let at = OriginalStart::Utc(Zone::utc().wall_clock(at));
            put_line(out, &format!("TRIGGER;VALUE=DATE-TIME:{}", Basic(&at)));
        }
    }
    if !reminder.text.is_empty() {
        put_line(out, &format!("DESCRIPTION:{}", escaped(&reminder.text)));
    }
    for raw in &reminder.unknown {
        raw.lines().for_each(|line| put_line(out, line));
    }
    put_line(out, "END:VALARM");
}

const fn word_of(action: Action) -> &'static str {
    match action {
        Action::Display => "DISPLAY",
        Action::Audio => "AUDIO",
        Action::Email => "EMAIL",
    }
}
