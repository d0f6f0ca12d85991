//! No rule takes long, however foolish it is.

use std::time::{Duration, Instant};

use almanac_calendar::expand::{Prepared, expand, next};
use almanac_calendar::{OriginalStart, Zone};
use jiff::civil::date;
use jiff::{Timestamp, ToSpan};

use super::cases::series;

/// Far above what a slow build on a busy machine takes.
const PATIENCE: Duration = Duration::from_secs(2);

fn quickly<T>(what: &str, run: impl FnOnce() -> T) -> T {
    let began = Instant::now();
    let found = run();
    let took = began.elapsed();
    println!("{what}: {took:?}");
    assert!(took < PATIENCE, "{what} took {took:?}");
    found
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn a_count_of_seconds_larger_than_a_life_is_not_counted() {
    let rules = [
        "FREQ=SECONDLY;COUNT=4294967295",
        "FREQ=SECONDLY;COUNT=4294967295;BYSECOND=0,7,59",
        "FREQ=SECONDLY;INTERVAL=7;COUNT=150000;BYHOUR=3",
        "FREQ=MINUTELY;COUNT=4294967295;BYDAY=MO;BYMONTH=2",
        "FREQ=SECONDLY;COUNT=199999;BYMONTH=2;BYMONTHDAY=29",
    ];
    for rule in rules {
        let event = series("1970-01-01T00:00", Some("Europe/Berlin"), &[rule]);
        let utc = Zone::utc();
        let (from, to) = (at("2026-01-01T00:00:00Z"), at("2026-02-01T00:00:00Z"));
        quickly(rule, || next(&event, from, 5, &utc));
        quickly(rule, || expand(&event, from..to, &utc));
        quickly(rule, || event.bounds());
        quickly(rule, || Prepared::new(&event));
    }
}

#[test]
fn ten_thousand_exceptions_are_looked_up_and_not_walked() {
    let mut event = series(
        "2000-01-01T10:00",
        Some("Europe/Berlin"),
        &["FREQ=DAILY;COUNT=12000"],
    );
    let first = date(2000, 1, 1).at(10, 0, 0, 0);
    for day in 0..10_000 {
        event
            .skipped
            .insert(OriginalStart::Local(first.saturating_add(day.days())));
    }
    let found = quickly("10,000 exceptions", || {
        let window = Timestamp::MIN..Timestamp::MAX;
        expand(&event, window, &Zone::utc()).len()
            + next(&event, Timestamp::MIN, 1, &Zone::utc()).len()
    });
    assert_eq!(found, 2_001);
}

#[test]
fn rules_that_name_nothing_are_given_up_soon() {
    let rules = [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=WEEKLY;BYMONTH=13",
        "FREQ=YEARLY;BYWEEKNO=54",
        "FREQ=YEARLY;BYYEARDAY=367",
        "FREQ=MONTHLY;BYDAY=6MO",
        "FREQ=MONTHLY;BYDAY=1MO;BYMONTHDAY=31",
        "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MINUTELY;BYMONTH=4;BYMONTHDAY=31",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=SECONDLY;BYSECOND=61",
        "FREQ=MINUTELY;INTERVAL=1440;BYHOUR=3",
        "FREQ=SECONDLY;INTERVAL=86400;BYMINUTE=7",
        "FREQ=SECONDLY;INTERVAL=2;BYSECOND=1",
        "FREQ=SECONDLY;INTERVAL=4294967295;BYMONTH=13",
        "FREQ=YEARLY;INTERVAL=4294967295",
        "FREQ=SECONDLY;COUNT=4294967295;BYMONTHDAY=-31;BYMONTH=4",
        "FREQ=HOURLY;BYYEARDAY=367",
        "FREQ=MINUTELY;BYSETPOS=9",
    ];
    for rule in rules {
        let event = series("2026-11-20T10:00", Some("Europe/Berlin"), &[rule]);
        let found = quickly(rule, || next(&event, Timestamp::MIN, 3, &Zone::utc()));
        assert_eq!(found.len(), 1, "{rule}");
        quickly(rule, || event.bounds());
    }
}

#[test]
fn a_window_that_nothing_fits_is_cut_off_and_not_filled() {
    let event = series(
        "2026-11-20T10:00",
        Some("Europe/Berlin"),
        &["FREQ=SECONDLY"],
    );
    let found = quickly("every second", || {
        expand(&event, Timestamp::MIN..Timestamp::MAX, &Zone::utc()).len()
    });
    assert_eq!(found, almanac_calendar::expand::STARTS_MAX);
}
