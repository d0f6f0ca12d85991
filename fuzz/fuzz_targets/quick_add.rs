//! A line of anything is read as an event: nothing panics, what was recognised lies in the text
//! and apart, the same line says the same again, and what a person calls mere words is left alone.
//!
//! The first byte chooses language, zone, day and habits; the rest is the line.
#![no_main]

use std::ops::Range;

use almanac_calendar::quick_add::{Chip, Context, DateOrder, Language, parse};
use almanac_calendar::rule::Weekday;
use almanac_calendar::{Event, Rule, Zone, expand};
use jiff::civil::DateTime;
use jiff::{Timestamp, ToSpan};
use libfuzzer_sys::fuzz_target;

/// Moments at which days, months and clocks turn.
const NOWS: [&str; 4] = [
    "2026-11-22T10:15:00",
    "2028-02-29T23:59:30",
    "2026-03-28T08:00:00",
    "2026-12-31T00:00:00",
];
const ZONES: [&str; 4] = ["Europe/Berlin", "America/New_York", "Pacific/Apia", "UTC"];
const CALENDARS: [&str; 4] = ["Work", "Home", "Work trips", "Straße"];

fuzz_target!(|bytes: &[u8]| {
    let Some((habits, line)) = bytes.split_first() else {
        return;
    };
    let line = String::from_utf8_lossy(line);
    let choice = |shift: u8| usize::from(habits >> shift & 3);
    let zone = Zone::named(ZONES[choice(0)]);
    let now: DateTime = NOWS[choice(2)].parse().expect("the table holds times");
    let language = if habits & 16 == 0 {
        Language::English
    } else {
        Language::German
    };
    let mut context = Context::new(now, &zone, language);
    context.calendars = &CALENDARS;
    if habits & 32 != 0 {
        context.date_order = DateOrder::DayFirst;
    }
    if habits & 64 != 0 {
        context.week_start = Weekday::Sunday;
    }
    let found = parse(&line, &context);
    assert_eq!(
        found,
        parse(&line, &context),
        "the same line says something else"
    );
    lie_apart(&found.chips, &line);
    for problem in &found.problems {
        let _inside = line
            .get(problem.range.clone())
            .expect("a problem lies in the text");
    }
    if let Some(rule) = &found.rule {
        assert_eq!(Rule::parse(&rule.to_string()).as_ref(), Ok(rule));
    }
    if let Some(when) = found.when.clone() {
        let (start, end) = when.span(&zone);
        assert!(start <= end, "it ends before it starts: {line}");
        let mut event = Event::new("fuzz", found.title.clone(), when);
        event.rules.rules.extend(found.rule.clone());
        let until = start.checked_add(2_000.hours()).unwrap_or(Timestamp::MAX);
        let _shown = expand(&event, start..until, &zone);
    }
    if let Some(chip) = found.chips.iter().find(|chip| !chip.range.is_empty()) {
        let plain = [chip.range.clone()];
        context.plain = &plain;
        let again = parse(&line, &context);
        let touches =
            |other: &Range<usize>| other.start < chip.range.end && chip.range.start < other.end;
        let still = again.chips.iter().find(|other| touches(&other.range));
        assert!(
            still.is_none(),
            "{line:?}: {still:?} over mere words {:?}",
            chip.range
        );
    }
});

/// Chips lie in the text, on letters, in order, and do not overlap.
fn lie_apart(chips: &[Chip], line: &str) {
    let mut end = 0;
    for chip in chips {
        let _inside = line
            .get(chip.range.clone())
            .expect("a chip lies in the text");
        assert!(
            chip.range.start >= end,
            "{line:?}: chips overlap: {chips:?}"
        );
        end = chip.range.end;
        let utf16 = chip.utf16_range(line);
        assert!(utf16.start <= utf16.end && utf16.end <= line.len());
    }
}
