//! A rule of anything is read, printed, read again, and expanded: nothing panics or hangs, the
//! second reading gives what the first gave, and a later window shows what a longer one shows there.
//!
//! The first byte chooses where the series starts; the rest is the rule.
#![no_main]

use std::sync::LazyLock;
use std::time::Duration;

use almanac_calendar::expand::STARTS_MAX;
use almanac_calendar::rule::Frequency;
use almanac_calendar::{Event, Occurrence, Rule, Rules, When, Zone, expand};
use jiff::{Timestamp, ToSpan};
use libfuzzer_sys::fuzz_target;
use rustix::time::{ClockId, clock_gettime};

/// First starts where calendars go wrong, each with its zone.
const STARTS: [(&str, Option<&str>); 12] = [
    ("2024-02-29T09:00", Some("America/New_York")),
    ("2026-01-31T02:30", Some("America/New_York")),
    ("2026-10-25T02:30", Some("Europe/Berlin")),
    ("2026-04-05T01:45", Some("Australia/Lord_Howe")),
    ("2011-12-29T23:59:59", Some("Pacific/Apia")),
    ("2025-12-29T00:00", Some("UTC")),
    ("1926-07-04T12:00", Some("Europe/Dublin")),
    ("2026-03-08T02:30", None),
    ("2024-02-29", None),
    ("2026-12-31", None),
    ("9996-12-31T23:30", None),
    ("0001-01-01T00:00", Some("UTC")),
];

/// An event at each of them: the tables of their zones are made once.
static EVENTS: LazyLock<Vec<Event>> = LazyLock::new(|| {
    let event = |(start, zone): &(&str, Option<&str>)| {
        let zone = zone.map(Zone::named);
        let when = When::from_people(start, None, zone.as_ref());
        Event::new("fuzz", "", when.expect("the table holds times"))
    };
    STARTS.iter().map(event).collect()
});

/// Time of the processor, far above what a search may take, because what counts edges is slow.
const TOOK_MAX: Duration = Duration::from_secs(1);

fuzz_target!(|bytes: &[u8]| {
    let Some((first, text)) = bytes.split_first() else {
        return;
    };
    let Ok(rule) = Rule::parse(&String::from_utf8_lossy(text)) else {
        return;
    };
    let printed = rule.to_string();
    assert_eq!(Rule::parse(&printed).as_ref(), Ok(&rule), "{printed}");
    let mut event = EVENTS[usize::from(*first) % STARTS.len()].clone();
    let hours = hours(&rule, printed.contains("BY"));
    event.rules = Rules::one(rule);
    jump_is_walk(&event, hours);
});

/// How many hours are looked at: enough for what a rule may leave out, few enough to be fast.
fn hours(rule: &Rule, leaves_out: bool) -> i64 {
    match rule.frequency {
        Frequency::Secondly if !leaves_out => 2,
        Frequency::Secondly | Frequency::Minutely => 24,
        Frequency::Hourly => 24 * 8,
        _ => 24 * 800,
    }
}

/// Expands from the first start on, and from half the way on: both show the same second half.
fn jump_is_walk(event: &Event, hours: i64) {
    let (from, _) = event.when.span(&Zone::utc());
    let at = |hours: i64| from.checked_add(hours.hours()).unwrap_or(Timestamp::MAX);
    let (half, end) = (at(hours / 2), at(hours));
    let walked = timed(event, from, end);
    let jumped = timed(event, half, end);
    // Both keep the earliest of too many.
    if walked.len() < STARTS_MAX / 2 {
        let second: Vec<&Occurrence> = walked
            .iter()
            .filter(|one| one.end > half || one.start >= half)
            .collect();
        let jumped: Vec<&Occurrence> = jumped.iter().collect();
        assert_eq!(second, jumped, "{:?}", event.rules);
    }
}

/// Expands, and sees that it does not take long.
fn timed(event: &Event, from: Timestamp, end: Timestamp) -> Vec<Occurrence> {
    let began = processor_time();
    let found = expand(event, from..end, &Zone::utc());
    let took = processor_time().saturating_sub(began);
    assert!(took < TOOK_MAX, "{:?} took {took:?}", event.rules);
    found
}

/// What this thread alone has used: a busy machine must not look like a lost bound.
fn processor_time() -> Duration {
    let at = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(at).expect("it begins at nothing and grows")
}
