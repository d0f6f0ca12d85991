//! Recurrence rules against the consensus of independent engines.

use almanac_calendar::event::Event;
use almanac_calendar::expand::next;
use almanac_calendar::{End, Length, OriginalStart, Rule, When, Zone};
use serde_json::Value;

use super::folder::{Outcome, Score, cases, text, texts};

/// Cases that we read differently on purpose, and why.
const EXCEPTIONS: [(&str, &str); 1] = [
    // RFC 5545 §3.8.5.1 allows EXDATE;VALUE=DATE and gives it no other meaning among timed
    // starts than the day; programs write it for that. The engines compare it to nothing.
    (
        "kcalendarcore-9d453680",
        "an EXDATE that is a date takes the whole day away",
    ),
];

fn event(case: &Value) -> Result<Event, String> {
    let start: OriginalStart = text(case, "dtstart").parse().unwrap();
    let end = End::After(Length::default());
    let zone = case["tzid"].as_str().map(Zone::named);
    let when = match (start, zone) {
        (OriginalStart::Date(start), _) => When::AllDay {
            start,
            end: start.tomorrow().unwrap(),
        },
        (OriginalStart::Utc(start), _) => When::Zoned {
            start,
            zone: Zone::utc(),
            end,
        },
        (OriginalStart::Local(start), Some(zone)) => When::Zoned { start, zone, end },
        (OriginalStart::Local(start), None) => When::Floating { start, end },
    };
    let mut event = Event::new("case", "", when);
    for (name, into) in [
        ("rrule", &mut event.rules.rules),
        ("exrule", &mut event.rules.exclusions),
    ] {
        for rule in texts(case, name) {
            into.push(Rule::parse(&rule).map_err(|why| why.to_string())?);
        }
    }
    for date in texts(case, "rdate") {
        event.dates.insert(date.parse().unwrap(), None);
    }
    for date in texts(case, "exdate") {
        event.skipped.insert(date.parse().unwrap());
    }
    Ok(event)
}

/// A start in the form of the cases.
fn basic(text: &str) -> String {
    text.replace(['-', ':'], "")
}

fn holds(case: &Value) -> Result<(), String> {
    let event = event(case)?;
    let mut expected = texts(case, "expected");
    // The last instant that our time library holds; after it, in the night to the year 10000, the
    // wall clocks of zones in the west go on, and tell starts apart by themselves.
    let is_held = |at: &Value| at.as_str().unwrap() < "99991230T220000Z";
    let is_by_instant = case["expected_utc"]
        .as_array()
        .is_some_and(|list| !list.is_empty() && list.iter().all(is_held));
    if is_by_instant {
        expected = texts(case, "expected_utc");
    }
    let is_complete = case["complete"].as_bool().unwrap();
    let from = "0000-01-01T00:00:00Z".parse().unwrap();
    let found = next(&event, from, expected.len() + 2, &Zone::utc());
    let name = |one: &almanac_calendar::Occurrence| {
        if is_by_instant {
            basic(&one.start.to_string())
        } else {
            basic(&one.original.to_string())
        }
    };
    let found: Vec<String> = found.iter().map(name).collect();
    let is_equal = |found: &[String]| {
        found.starts_with(&expected) && (!is_complete || found.len() == expected.len())
    };
    // A first start outside its rule is ours to show; the standard leaves it open.
    let is_outside = !texts(case, "expected")
        .iter()
        .any(|one| one == text(case, "dtstart"));
    let others = found.get(1..).unwrap_or_default();
    let is_ours = is_outside && (is_equal(others) || (expected.is_empty() && found.len() == 1));
    if is_equal(&found) || is_ours || (expected.is_empty() && others.is_empty()) {
        return Ok(());
    }
    let shown = |list: &[String]| list.iter().take(7).cloned().collect::<Vec<_>>().join(" ");
    Err(format!(
        "\n  wanted {} {is_complete}\n  found  {}",
        shown(&expected),
        shown(&found)
    ))
}

#[test]
fn rules_mean_what_engines_agree_on() {
    let mut score = Score::of("recurrence rules");
    for case in cases("recurrence/cases.jsonl") {
        if let Some((_, why)) = EXCEPTIONS.iter().find(|(id, _)| *id == text(&case, "id")) {
            score.add(&case, why, Outcome::Argued);
            continue;
        }
        let found = holds(&case);
        let about = format!(
            "{} {} {} {:?} ex {:?} rd {:?} exd {:?}{}",
            text(&case, "id"),
            text(&case, "dtstart"),
            text(&case, "tzid"),
            texts(&case, "rrule"),
            texts(&case, "exrule"),
            texts(&case, "rdate"),
            texts(&case, "exdate"),
            found.as_ref().err().cloned().unwrap_or_default()
        );
        score.add(&case, &about, found.is_ok());
    }
    score.print();
    score.is_whole("recurrence/cases.jsonl");
    assert_eq!(score.failed_in("A"), 0);
    assert_eq!(score.failed_in("B"), 0);
}

#[test]
fn days_that_do_not_exist_are_skipped_as_told() {
    let mut score = Score::of("skipped days");
    for case in cases("recurrence/recur-skip-7529.jsonl") {
        let found = holds(&case);
        let is_gregorian = texts(&case, "rrule")
            .iter()
            .all(|rule| !rule.contains("RSCALE") || rule.contains("RSCALE=GREGORIAN"));
        if !is_gregorian {
            // Rules of other calendars are read, kept and reported, not counted.
            score.add(&case, "", Outcome::Argued);
            continue;
        }
        let why = found.as_ref().err().cloned().unwrap_or_default();
        let rules = texts(&case, "rrule");
        let about = format!("{} {rules:?}{why}", text(&case, "id"));
        score.add(&case, &about, found.is_ok());
    }
    score.print();
    score.is_whole("recurrence/recur-skip-7529.jsonl");
    assert_eq!(score.failed(), 0);
}
