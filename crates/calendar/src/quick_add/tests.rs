//! Phrases as people type them, each with everything that is understood.
//!
//! In the files of phrases a line that begins with `=` says what the line before it means: the
//! title, then what there is of time, rule and the rest. The person lives in Berlin, works from 8
//! to 18, and it is Sunday, 22 November 2026, ten o'clock.

mod properties;

use super::*;
use crate::event::{Due, Trigger};
use crate::when::End;

const CALENDARS: &[&str] = &[
    "Work",
    "Personal",
    "Family",
    "Product team",
    "Büro",
    "Wohnung 12",
];

fn berlin() -> Zone {
    Zone::named("Europe/Berlin")
}

fn at(text: &str) -> DateTime {
    text.parse().unwrap()
}

/// What a text means, in one line.
fn shown(text: &str, context: &Context<'_>) -> String {
    let found = parse(text, context);
    let mut shown = vec![found.title.clone()];
    let mut add = |name: &str, value: String| shown.push(format!("{name}{value}"));
    if let Some(when) = &found.when {
        add("", when_text(when, context.zone));
    }
    if let Some(rule) = &found.rule {
        add("", rule.to_string());
    }
    if let Some(task) = &found.task {
        let due = task.due.as_ref().map(|due| match due {
            Due::On(date) => format!(" due {date}"),
            Due::At { at, .. } => format!(" due {} {}", at.date(), hours(*at)),
        });
        let planned = if task.is_planned { " planned" } else { "" };
        add("task", format!("{planned}{}", due.unwrap_or_default()));
    }
    if found.when.is_none()
        && let Some(length) = found.length
    {
        add("lasts ", length.to_string());
    }
    for (name, value) in [
        ("at ", &found.place),
        ("in ", &found.calendar),
        ("link ", &found.link),
    ] {
        if let Some(value) = value {
            add(name, value.clone());
        }
    }
    for guest in &found.guests {
        add("guest ", guest.clone());
    }
    for reminder in &found.reminders {
        let Trigger::FromStart(before) = reminder.trigger else {
            panic!("a reminder of another kind");
        };
        add("remind ", before.to_string());
    }
    for problem in &found.problems {
        add("! ", format!("{:?}", problem.kind));
    }
    shown.join(" | ")
}

fn hours(at: DateTime) -> String {
    format!("{:02}:{:02}", at.hour(), at.minute())
}

fn when_text(when: &When, home: &Zone) -> String {
    match when {
        When::AllDay { start, end } => {
            let last = end.yesterday().unwrap();
            if last == *start {
                start.to_string()
            } else {
                format!("{start}..{last}")
            }
        }
        When::Zoned { start, zone, end } => {
            let until = match end {
                End::At { at, zone: None } => *at,
                End::At { .. } => panic!("an end in a zone of its own"),
                End::After(length) => start.saturating_add(
                    jiff::Span::new()
                        .days(length.days())
                        .seconds(length.seconds()),
                ),
            };
            let day = if until.date() == start.date() {
                String::new()
            } else {
                format!("{} ", until.date())
            };
            let zone = if zone == home {
                String::new()
            } else {
                format!(" {zone}")
            };
            format!(
                "{} {}-{day}{}{zone}",
                start.date(),
                hours(*start),
                hours(until)
            )
        }
        When::Floating { .. } => panic!("nobody types floating times"),
    }
}

fn check_file(file: &str, language: Language, phrases_min: usize) {
    let zone = berlin();
    let context = Context {
        calendars: CALENDARS,
        ..Context::new(at("2026-11-22T10:00:00"), &zone, language)
    };
    let mut wrong = Vec::new();
    let mut phrases = 0;
    let mut lines = file
        .lines()
        .filter(|line| !line.starts_with("# ") && !line.is_empty());
    while let Some(text) = lines.next() {
        let expected = lines.next().and_then(|line| line.strip_prefix("= "));
        let expected = expected.unwrap_or_else(|| panic!("nothing expected of {text:?}"));
        phrases += 1;
        let found = shown(text, &context);
        if found != expected {
            wrong.push(format!("{text}\n  expected {expected}\n  found    {found}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {phrases}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(phrases >= phrases_min, "only {phrases} phrases were read");
}

#[test]
fn english_phrases_mean_what_people_mean() {
    check_file(include_str!("phrases/english.txt"), Language::English, 450);
}

#[test]
fn german_phrases_mean_what_people_mean() {
    check_file(include_str!("phrases/german.txt"), Language::German, 335);
}

/// A person in Berlin who writes English, with some calendars.
fn context(zone: &Zone) -> Context<'_> {
    Context {
        calendars: CALENDARS,
        ..Context::new(at("2026-11-22T10:00:00"), zone, Language::English)
    }
}

#[test]
fn chips_say_what_they_mean_where_they_stand() {
    let zone = berlin();
    let text = "Lunch with Sam Fri 12:30-13:30 @Bistro /Personal !15m";
    let found = parse(text, &context(&zone));
    let chips: Vec<(&str, ChipKind, &str)> = found
        .chips
        .iter()
        .map(|chip| {
            let words = text.get(chip.range.clone()).unwrap();
            (words, chip.kind, chip.text.as_str())
        })
        .collect();
    assert_eq!(
        chips,
        [
            (
                "Fri 12:30-13:30",
                ChipKind::When,
                "Fri 27 Nov, 12:30 – 13:30"
            ),
            ("@Bistro", ChipKind::Place, "Bistro"),
            ("/Personal", ChipKind::Calendar, "Personal"),
            ("!15m", ChipKind::Reminder, "15 min before"),
        ]
    );
    assert_eq!(found.names, ["Sam"]);
}

fn check_chips(text: &str, language: Language, expected: &[&str]) {
    let zone = berlin();
    let context = Context {
        language,
        ..context(&zone)
    };
    let found = parse(text, &context);
    let texts: Vec<&str> = found.chips.iter().map(|chip| chip.text.as_str()).collect();
    assert_eq!(texts, expected, "{text}");
}

#[test]
fn meanings_are_short_and_in_the_language_of_the_person() {
    let english = |text: &str, expected: &[&str]| check_chips(text, Language::English, expected);
    let german = |text: &str, expected: &[&str]| check_chips(text, Language::German, expected);
    english(
        "Sync next Tuesday 3pm for 45 min",
        &["Tue 24 Nov, 15:00 – 15:45", "for 45 min"],
    );
    english(
        "Sync every 2 weeks on Mon and Thu 11:00 until Dec 20",
        &[
            "every 2 weeks on Mon, Thu until Sun 20 Dec",
            "Mon 23 Nov, 11:00 – 12:00",
        ],
    );
    english(
        "Call 3pm New York",
        &["Sun 22 Nov, 15:00 – 16:00 New York time"],
    );
    english("Fair Dec 30 - Jan 2", &["Wed 30 Dec – Sat 2 Jan 2027"]);
    english("Call 3pm UTC+2", &["Sun 22 Nov, 15:00 – 16:00 UTC+2 time"]);
    english(
        "Call 3pm UTC-5:30",
        &["Sun 22 Nov, 15:00 – 16:00 UTC-05:30 time"],
    );
    english("Report by Friday 5pm", &["by Fri 27 Nov, 17:00"]);
    english(
        "Club every first Monday at 7pm",
        &["every month on 1st Mon", "Mon 7 Dec, 19:00 – 20:00"],
    );
    english("Anna's birthday May 3", &["every year", "Mon 3 May 2027"]);
    german(
        "Kurs jeden Dienstag 18 Uhr bis 20. Dezember",
        &[
            "jede Woche am Di bis So 20. Dez.",
            "Di 24. Nov., 18:00 – 19:00",
        ],
    );
    german(
        "Zahnarzt morgen 15 Uhr für 1,5 Stunden, eine Stunde vorher erinnern",
        &[
            "Mo 23. Nov., 15:00 – 16:30",
            "1 Stunde 30 Min. lang",
            "1 Stunde vorher",
        ],
    );
    german(
        "Aufgabe Bericht bis Freitag",
        &["Aufgabe", "bis Fr 27. Nov."],
    );
}

#[test]
fn what_a_person_says_are_only_words_is_read_as_such() {
    let zone = berlin();
    let text = "The Friday at 8 tomorrow 9pm";
    let first = parse(text, &context(&zone));
    assert_eq!(first.title, "The tomorrow 9pm");
    let friday = text.find("Friday").unwrap()..text.find(" tomorrow").unwrap();
    let plain = std::slice::from_ref(&friday);
    let second = parse(
        text,
        &Context {
            plain,
            ..context(&zone)
        },
    );
    assert_eq!(second.title, "The Friday at 8");
    assert_eq!(second.chips.len(), 1);
}

#[test]
fn a_concluded_chip_can_be_taken_back_too() {
    let zone = berlin();
    let text = "Anna's birthday May 3";
    let found = parse(text, &context(&zone));
    let concluded = &found.chips[0].range;
    assert!(concluded.is_empty() && concluded.start == "Anna's birthday".len());
    let again = parse(
        text,
        &Context {
            plain: std::slice::from_ref(concluded),
            ..context(&zone)
        },
    );
    assert_eq!(
        (again.title.as_str(), again.rule),
        ("Anna's birthday", None)
    );
}

#[test]
fn windows_count_in_units_of_utf_16() {
    let zone = berlin();
    let text = "🎂 Früh morgen";
    let found = parse(text, &context(&zone));
    assert_eq!(found.chips[0].range, 11..text.len());
    assert_eq!(found.chips[0].utf16_range(text), 8..14);
}

#[test]
fn a_time_that_clocks_skip_is_shifted_and_told() {
    let zone = berlin();
    let context = Context {
        now: at("2027-03-20T10:00:00"),
        ..context(&zone)
    };
    let line = |text: &str| shown(text, &context);
    assert_eq!(
        line("Call March 28 02:30"),
        "Call | 2027-03-28 03:30-04:30 | ! Skipped"
    );
    assert_eq!(
        line("Call Oct 31 02:30"),
        "Call | 2027-10-31 02:30-03:30 | ! Twice"
    );
    assert_eq!(
        line("Call every Sunday 02:30"),
        "Call | 2027-03-21 02:30-03:30 | FREQ=WEEKLY;BYDAY=SU"
    );
}

#[test]
fn habits_decide_what_is_open() {
    let zone = berlin();
    let base = context(&zone);
    let early = Context {
        working_hours: Time::constant(5, 0, 0, 0)..Time::constant(13, 0, 0, 0),
        ..base.clone()
    };
    assert_eq!(
        shown("Shift at 6", &early),
        "Shift | 2026-11-23 06:00-07:00"
    );
    let british = Context {
        date_order: DateOrder::of_tag("en-GB"),
        ..base.clone()
    };
    assert_eq!(shown("Fair 3/12", &british), "Fair | 2026-12-03");
    let american = Context {
        week_start: Weekday::Sunday,
        date_order: DateOrder::of_tag("en_US.UTF-8"),
        ..base.clone()
    };
    assert_eq!(shown("Fair 12/3", &american), "Fair | 2026-12-03");
    assert_eq!(
        shown("Fair next week", &american),
        "Fair | 2026-11-29..2026-12-05"
    );
    let short = Context {
        minutes: 25,
        ..base
    };
    assert_eq!(shown("Call 4pm", &short), "Call | 2026-11-22 16:00-16:25");
}

#[test]
fn the_first_day_of_a_series_is_one_its_rule_names() {
    use crate::event::{Event, Rules};
    let zone = berlin();
    for text in [
        "x every weekday at 9:15",
        "x every first Monday at 9",
        "x last Friday of every month 6pm",
        "x every first weekday of the month",
        "x every Feb 29",
        "x on the 1st and 15th of every month",
        "x every 2 weeks on Mon and Thu 11:00",
        "x every last day of the month",
        "x every 31st",
    ] {
        let found = parse(text, &context(&zone));
        let mut event = Event::new("x@example", "x", found.when.unwrap());
        event.rules = Rules::one(found.rule.unwrap());
        let original = event.when.original();
        assert!(crate::expand::is_start(&event, &original), "{text}");
        assert!(event.rules.rules[0].until.is_none(), "{text}");
    }
}
