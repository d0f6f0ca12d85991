//! Values of an event's document in words: what a history and a conflict show of them.
//!
//! Values are JSON texts, named as the document names them: `when`, `rule`, `guests/mailto:…`,
//! `overrides/2026-11-20T10:00:00/title`. What is not understood is shown as it stands.

use almanac_calendar::event::{Due, Guest, Organizer, Reminder, Task};
use almanac_calendar::{OriginalStart, Rules, When};
use jiff::civil::{Date, DateTime};
use serde_json::Value;

use crate::events::reminder_words;
use crate::events::times::to_view;
use crate::rule_words::rule_words;
use crate::view::WhenView;

/// The name of a field in words: `place`, `title on Fri 20 Nov 2026, 10:00`.
pub(crate) fn field_words(field: &str) -> String {
    let mut parts = field.splitn(3, '/');
    let (root, key, inner) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
    let plain = |name: &str| {
        match name {
            "when" => "time",
            "rule" | "rules" => "repetition",
            "busy" => "takes time",
            "url" => "page",
            "conference" => "place to join",
            "trashed" => "trash",
            "uid" => "name in files",
            "geo" => "spot on the globe",
            "sequence" => "version",
            "created" => "time it was made",
            "modified" => "time it was changed",
            "stamped" => "time it was written down",
            "unknown" => "other properties",
            other => other,
        }
        .to_owned()
    };
    match (root, key, inner) {
        ("overrides", Some(key), Some(inner)) => {
            format!("{} on {}", field_words(inner), start_words(key))
        }
        ("splits", Some(key), Some(inner)) => {
            format!("{} from {} on", field_words(inner), start_words(key))
        }
        ("skipped", Some(key), _) => format!("left out on {}", start_words(key)),
        ("dates", Some(key), _) => format!("also on {}", start_words(key)),
        ("guests", Some(key), _) => {
            format!("guest {}", key.strip_prefix("mailto:").unwrap_or(key))
        }
        ("reminders", Some(_), _) => "reminder".to_owned(),
        ("categories", Some(key), _) => format!("category {key}"),
        ("attachments", Some(_), _) => "attachment".to_owned(),
        (root, ..) => plain(root),
    }
}

/// A value of a field in words; `start` is the day on which the event first takes place.
pub(crate) fn value_words(field: &str, json: &str, start: Date) -> String {
    let name = match field.rsplit_once('/') {
        Some((path, inner)) if path.starts_with("overrides/") || path.starts_with("splits/") => {
            inner
        }
        _ => field.split('/').next().unwrap_or(field),
    };
    known(name, json, start).unwrap_or_else(|| as_it_stands(json))
}

fn known(name: &str, json: &str, start: Date) -> Option<String> {
    match name {
        "when" => Some(when_words(&serde_json::from_str::<When>(json).ok()?)),
        "rule" | "rules" => {
            let rules: Rules = serde_json::from_str(json).ok()?;
            let words: Vec<String> = rules
                .rules
                .iter()
                .map(|rule| rule_words(rule, start))
                .collect();
            if words.is_empty() {
                Some("does not repeat".to_owned())
            } else {
                Some(words.join("; "))
            }
        }
        "trashed" => Some(
            if json == "true" {
                "deleted"
            } else {
                "not deleted"
            }
            .to_owned(),
        ),
        "skipped" | "categories" | "attachments" => {
            Some(if json == "true" { "yes" } else { "no" }.to_owned())
        }
        "guests" => {
            let guest: Guest = serde_json::from_str(json).ok()?;
            let answer = serde_json::to_value(guest.answer).ok()?;
            let answer = answer.as_str().unwrap_or_default().to_owned();
            Some(if guest.name.is_empty() {
                answer
            } else {
                format!("{}, {answer}", guest.name)
            })
        }
        "organizer" => Some(serde_json::from_str::<Organizer>(json).ok()?.address),
        "reminders" => Some(reminder_words(
            &serde_json::from_str::<Reminder>(json).ok()?,
        )),
        "task" => Some(task_words(&serde_json::from_str::<Task>(json).ok()?)),
        _ => None,
    }
}

fn task_words(task: &Task) -> String {
    let mut words = Vec::new();
    match &task.due {
        Some(Due::On(date)) => words.push(format!("due {}", day_words(*date))),
        Some(Due::At { at, .. }) => words.push(format!("due {}", clock_words(*at))),
        None => {}
    }
    if task.done.is_some() {
        words.push("done".to_owned());
    } else if task.percent > 0 {
        words.push(format!("{} % done", task.percent));
    }
    if task.priority > 0 {
        words.push(format!("priority {}", task.priority));
    }
    if words.is_empty() {
        "to do".to_owned()
    } else {
        words.join(", ")
    }
}

/// `Mon 23 Nov 2026, 12:00 to Mon 23 Nov 2026, 13:00 Europe/Berlin`.
fn when_words(when: &When) -> String {
    let clock = |text: &str| {
        text.parse::<DateTime>()
            .map_or_else(|_| text.to_owned(), clock_words)
    };
    let until = |start: &str, end: &str| {
        let same_day = start.split('T').next() == end.split('T').next();
        match end.split_once('T') {
            _ if start == end => clock(start),
            Some((_, hour)) if same_day => format!("{}–{hour}", clock(start)),
            Some(_) | None => format!("{} to {}", clock(start), clock(end)),
        }
    };
    match to_view(when) {
        WhenView::AllDay { start, end } => {
            let day = |text: &str| text.parse::<Date>().ok();
            let last = day(&end).and_then(|end| end.yesterday().ok());
            match (day(&start), last) {
                (Some(first), Some(last)) if first < last => {
                    format!("{} to {}", day_words(first), day_words(last))
                }
                (Some(first), _) => day_words(first),
                (None, _) => start,
            }
        }
        WhenView::Timed { start, end, zone } => format!("{} {zone}", until(&start, &end)),
        WhenView::Floating { start, end } => until(&start, &end),
    }
}

fn start_words(key: &str) -> String {
    match key.parse::<OriginalStart>() {
        Ok(OriginalStart::Date(date)) => day_words(date),
        Ok(original) => clock_words(original.wall_clock()),
        Err(_) => key.to_owned(),
    }
}

fn day_words(day: Date) -> String {
    day.strftime("%a %-d %b %Y").to_string()
}

fn clock_words(at: DateTime) -> String {
    at.strftime("%a %-d %b %Y, %H:%M").to_string()
}

/// A text without its quotes, nothing for null, and everything else as JSON.
fn as_it_stands(json: &str) -> String {
    match serde_json::from_str::<Value>(json) {
        Ok(Value::String(text)) => text,
        Ok(Value::Null) => String::new(),
        Ok(value) => value.to_string(),
        Err(_) => json.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use almanac_calendar::{Rule, Zone};

    use super::*;

    fn words(field: &str, value: &impl serde::Serialize) -> String {
        let json = serde_json::to_string(value).unwrap();
        value_words(field, &json, "2026-11-23".parse().unwrap())
    }

    #[test]
    fn values_read_as_people_say_them() {
        let zone = Zone::named("Europe/Berlin");
        let when = When::from_people("2026-11-23T12:00", None, Some(&zone)).unwrap();
        assert_eq!(
            words("when", &when),
            "Mon 23 Nov 2026, 12:00–13:00 Europe/Berlin"
        );
        assert_eq!(
            words("overrides/2026-11-23T12:00:00/when", &when),
            "Mon 23 Nov 2026, 12:00–13:00 Europe/Berlin"
        );
        let rules = Rules::one(Rule::parse("FREQ=WEEKLY").unwrap());
        assert!(words("rule", &rules).starts_with("Every week"));
        assert_eq!(words("rule", &Rules::default()), "does not repeat");
        assert_eq!(words("title", &"Lunch"), "Lunch");
        assert_eq!(words("trashed", &true), "deleted");
        assert_eq!(words("later", &serde_json::json!({"a": 1})), "{\"a\":1}");
    }

    #[test]
    fn fields_have_names_that_people_know() {
        for (field, words) in [
            ("when", "time"),
            ("place", "place"),
            ("guests/mailto:ada@x", "guest ada@x"),
            ("skipped/2026-11-20", "left out on Fri 20 Nov 2026"),
            (
                "overrides/2026-11-20T10:00:00/title",
                "title on Fri 20 Nov 2026, 10:00",
            ),
            (
                "overrides/2026-11-20T10:00:00/unknown/X-MOOD",
                "other properties on Fri 20 Nov 2026, 10:00",
            ),
            (
                "splits/2026-11-20T10:00:00/rules",
                "repetition from Fri 20 Nov 2026, 10:00 on",
            ),
        ] {
            assert_eq!(field_words(field), words);
        }
    }
}
