//! The engine against the slow reference, and against itself: jumping is walking, and a window
//! is the sum of its parts.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the other frequencies are alike here"
)]

use almanac_calendar::event::{Event, Override, Rules, Split};
use almanac_calendar::expand::{Prepared, Starts, expand};
use almanac_calendar::rule::{Frequency, RuleDay, Skip, Weekday};
use almanac_calendar::{OriginalStart, Rule, When, Zone};
use jiff::civil::{DateTime, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::reference;

const ZONES: [&str; 10] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "Pacific/Apia",
    "America/St_Johns",
    "Atlantic/Azores",
    "Europe/Dublin",
    "Asia/Kathmandu",
];

/// How many cases: as many as `PROPTEST_CASES` says, or the usual number.
fn cases(usual: u32) -> u32 {
    let asked = std::env::var("PROPTEST_CASES").ok();
    asked.and_then(|count| count.parse().ok()).unwrap_or(usual)
}

fn few(values: std::ops::RangeInclusive<i32>) -> impl Strategy<Value = Vec<i32>> {
    vec(
        values.prop_filter("zero names nothing", |value| *value != 0),
        1..4,
    )
}

fn maybe(chance: f64, values: std::ops::RangeInclusive<i32>) -> impl Strategy<Value = Vec<i32>> {
    prop::option::weighted(chance, few(values)).prop_map(sorted)
}

fn sorted(list: Option<Vec<i32>>) -> Vec<i32> {
    let mut list = list.unwrap_or_default();
    list.sort_unstable();
    list.dedup();
    list
}

fn hours(most: i32) -> impl Strategy<Value = Vec<i32>> {
    prop::option::weighted(0.2, vec(0..=most, 1..4)).prop_map(sorted)
}

fn weekdays() -> impl Strategy<Value = Vec<RuleDay>> {
    let ordinal = prop_oneof![4 => Just(0), 2 => -5..=5, 1 => -53..=53];
    let day = (ordinal, select(&Weekday::ALL[..]));
    let day = day.prop_map(|(ordinal, weekday)| RuleDay { ordinal, weekday });
    prop::option::weighted(0.4, vec(day, 1..4)).prop_map(|days| {
        let mut days = days.unwrap_or_default();
        days.sort_unstable_by_key(|day| (day.weekday, day.ordinal));
        days.dedup();
        days
    })
}

/// Where a rule ends: nowhere, by COUNT, or so many days after its start by UNTIL.
#[derive(Debug, Clone)]
enum Ends {
    Never,
    After(u32),
    Until(i64),
}

fn ends() -> impl Strategy<Value = Ends> {
    prop_oneof![
        2 => Just(Ends::Never),
        1 => (1_u32..40).prop_map(Ends::After),
        1 => (-3_i64..900).prop_map(Ends::Until),
    ]
}

fn start() -> impl Strategy<Value = DateTime> {
    let at = (
        select(&[0_i8, 1, 2, 3, 9, 23][..]),
        0_i8..60,
        select(&[0_i8, 0, 0, 17][..]),
    );
    (0_i64..11_000, at).prop_map(|(days, (hour, minute, second))| {
        let day = date(1999, 12, 20).saturating_add(days.days());
        day.at(hour, minute, second, 0)
    })
}

fn rule(frequency: Frequency, start: DateTime) -> impl Strategy<Value = Rule> {
    let is_yearly = frequency == Frequency::Yearly;
    let days = (
        maybe(0.25, 1..=12),
        maybe(0.3, -31..=31),
        maybe(0.15, -366..=366),
        maybe(0.2, -53..=53),
        weekdays(),
        maybe(0.2, -4..=4),
    );
    let times = (hours(23), hours(59), hours(60));
    let skip =
        prop_oneof![4 => Just(Skip::Omit), 1 => Just(Skip::Backward), 1 => Just(Skip::Forward)];
    let rest = (1_u32..5, select(&Weekday::ALL[..]), ends(), skip);
    (days, times, rest).prop_map(move |(days, times, (interval, week_start, ends, skip))| {
        let mut rule = Rule::every(frequency);
        rule.interval = interval;
        rule.week_start = week_start;
        (
            rule.by_month,
            rule.by_month_day,
            rule.by_year_day,
            rule.by_week,
            rule.by_day,
            rule.by_position,
        ) = days;
        (rule.by_hour, rule.by_minute, rule.by_second) = times;
        // RFC 5545 §3.3.10 leaves these without meaning at other frequencies.
        if frequency == Frequency::Weekly {
            rule.by_month_day.clear();
        }
        if !is_yearly {
            rule.by_week.clear();
        }
        if !is_yearly && frequency >= Frequency::Daily {
            rule.by_year_day.clear();
        }
        // What stands in for days that do not exist is checked for months; see `reference`.
        if frequency == Frequency::Monthly {
            rule.skip = skip;
        }
        match ends {
            Ends::Never => {}
            Ends::After(count) => rule.count = Some(count),
            Ends::Until(days) => {
                rule.until = Some(OriginalStart::Local(start.saturating_add(days.days())));
            }
        }
        rule
    })
}

fn long() -> impl Strategy<Value = (DateTime, Rule)> {
    let frequencies = [
        Frequency::Daily,
        Frequency::Weekly,
        Frequency::Monthly,
        Frequency::Yearly,
    ];
    (start(), select(frequencies.to_vec()))
        .prop_flat_map(|(start, frequency)| (Just(start), rule(frequency, start)))
}

/// Starts within hours of a jump of some clock, and rules below a day.
fn short() -> impl Strategy<Value = (DateTime, &'static str, Rule)> {
    let near = [
        ("Europe/Berlin", date(2026, 3, 28).at(22, 0, 0, 0)),
        ("Europe/Berlin", date(2026, 10, 24).at(22, 0, 0, 0)),
        ("Australia/Lord_Howe", date(2026, 4, 4).at(22, 0, 0, 0)),
        ("Australia/Lord_Howe", date(2026, 10, 3).at(22, 0, 0, 0)),
        ("America/St_Johns", date(2010, 11, 6).at(20, 0, 0, 0)),
        ("America/St_Johns", date(2010, 3, 13).at(20, 0, 0, 0)),
        ("Pacific/Apia", date(2011, 12, 29).at(20, 0, 0, 0)),
        ("UTC", date(2026, 2, 28).at(22, 0, 0, 0)),
    ];
    let frequencies = [Frequency::Secondly, Frequency::Minutely, Frequency::Hourly];
    (
        select(near.to_vec()),
        0_i64..18_000,
        select(frequencies.to_vec()),
    )
        .prop_flat_map(|((zone, near), after, frequency)| {
            let start = near.saturating_add(after.seconds());
            (
                Just(start),
                Just(zone),
                rule(frequency, start),
                1_u32..3_000,
            )
                .prop_map(|(start, zone, mut rule, interval)| {
                    rule.until = None;
                    if interval % 3 == 0 {
                        rule.interval = interval;
                    }
                    (start, zone, rule)
                })
        })
}

fn zoned(start: DateTime, zone: &str) -> When {
    When::from_people(&start.to_string(), None, Some(&Zone::named(zone))).unwrap()
}

fn instants(starts: &Starts, from: Timestamp, until: Timestamp) -> Vec<Timestamp> {
    let mut found = Vec::new();
    starts.each(from..until, |start| {
        found.push(start.instant());
        true
    });
    found
}

/// An event with exceptions of every kind.
fn event() -> impl Strategy<Value = Event> {
    let exceptions = (
        vec(0_usize..12, 0..3),
        vec(0_usize..12, 0..3),
        prop::option::of(0_usize..9),
    );
    (
        long(),
        select(&ZONES[..]),
        exceptions,
        -200_i64..200,
        0_i64..5_000,
    )
        .prop_map(
            |((start, rule), zone, (skipped, moved, split), shift, minutes)| {
                let mut event = Event::new("one@example", "One", zoned(start, zone));
                if let When::Zoned { end, .. } = &mut event.when {
                    *end = almanac_calendar::End::After(almanac_calendar::Length::from_minutes(
                        minutes,
                    ));
                }
                event.rules.rules.push(rule.clone());
                let from = event.bounds().start;
                let named: Vec<OriginalStart> =
                    almanac_calendar::expand::next(&event, from, 12, &Zone::utc())
                        .iter()
                        .map(|one| one.original)
                        .collect();
                let hours = |at: &OriginalStart| at.wall_clock().saturating_add(shift.hours());
                for at in skipped.iter().filter_map(|at| named.get(*at)) {
                    event.skipped.insert(*at);
                }
                for at in moved.iter().filter_map(|at| named.get(*at)) {
                    let when = Some(event.when.moved_to(hours(at)));
                    event.overrides.insert(
                        *at,
                        Override {
                            when,
                            ..Override::default()
                        },
                    );
                    event.dates.insert(
                        at.with_wall_clock(hours(at).saturating_add(90.minutes())),
                        None,
                    );
                }
                if let Some(at) = split.and_then(|at| named.get(at)) {
                    let when = Some(
                        event
                            .when
                            .moved_to(at.wall_clock().saturating_add(shift.minutes())),
                    );
                    let change = Override {
                        when,
                        ..Override::default()
                    };
                    let rules = (shift % 2 == 0).then(|| Rules::one(rule));
                    event.splits.insert(*at, Split { change, rules });
                }
                event
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: cases(128),
        failure_persistence: Some(Box::new(proptest::test_runner::FileFailurePersistence::Direct(
            concat!(env!("CARGO_MANIFEST_DIR"), "/tests/expansion/properties.proptest-regressions"),
        ))),
        ..ProptestConfig::default()
    })]

    #[test]
    fn days_are_those_the_words_name((start, rule) in long(), zone in select(&ZONES[..])) {
        let years = match rule.frequency {
            Frequency::Yearly => 12,
            Frequency::Monthly => 4,
            _ => 1,
        };
        let until = start.date().saturating_add(years.years());
        let expected = reference::by_day(&rule, start, until);
        let mut found = Vec::new();
        let floating = When::from_people(&start.to_string(), None, None).unwrap();
        let window = start..until.at(0, 0, 0, 0);
        Starts::new(&rule, &floating).each_wall_clock(window.clone(), |second| {
            found.push(date(1970, 1, 1).at(0, 0, 0, 0).saturating_add(second.seconds()));
            true
        });
        prop_assert_eq!(&found, &expected, "{} {}", start, rule);

        // The same in a zone, as instants.
        let clock = TimeZone::get(zone).unwrap();
        let starts = Starts::new(&rule, &zoned(start, zone));
        let last = reference::instant(until.at(0, 0, 0, 0), &clock);
        let mut found = instants(&starts, Timestamp::MIN, last);
        let mut expected: Vec<Timestamp> =
            expected.iter().map(|at| reference::instant(*at, &clock)).collect();
        expected.retain(|at| *at < last);
        found.sort_unstable();
        expected.sort_unstable();
        prop_assert_eq!(found, expected, "{} {} {}", start, zone, rule);
    }

    #[test]
    fn a_window_into_a_rule_is_what_walking_there_finds(
        (start, rule) in long(),
        zone in select(&ZONES[..]),
        days in -5_i64..3_000,
        length in 0_i64..4_000_000,
    ) {
        let starts = Starts::new(&rule, &zoned(start, zone));
        let from = Zone::named(zone).instant(start) + (days * 24).hours();
        let until = from + length.seconds();
        let mut walked = instants(&starts, Timestamp::MIN, until);
        walked.retain(|at| *at >= from);
        prop_assert_eq!(instants(&starts, from, until), walked, "{} {} {}", start, zone, rule);
    }

    #[test]
    fn days_between_two_windows_belong_to_one_of_them(
        one in event(),
        days in 0_i64..700,
        halves in (0_i64..3_000_000, 0_i64..3_000_000),
    ) {
        let from = one.bounds().start + (days * 24).hours();
        let middle = from + halves.0.seconds();
        let until = middle + halves.1.seconds();
        let prepared = Prepared::new(&one);
        let whole = prepared.expand(from..until, &Zone::named("Asia/Tokyo"));
        let mut parts = expand(&one, from..middle, &Zone::named("Asia/Tokyo"));
        // What lasts over the cut is in both.
        for late in expand(&one, middle..until, &Zone::named("Asia/Tokyo")) {
            if !parts.contains(&late) {
                parts.push(late);
            }
        }
        parts.sort_by_key(|one| (one.start, one.end, one.original));
        prop_assert_eq!(&whole, &parts);
        let all = expand(&one, one.bounds().start..until, &Zone::named("Asia/Tokyo"));
        let mut walked = all;
        walked.retain(|one| one.end > from || one.start >= from);
        prop_assert_eq!(&whole, &walked);
        let bounds = one.bounds();
        prop_assert!(whole.iter().all(|one| one.start >= bounds.start
            && bounds.end.is_none_or(|end| one.end <= end)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: cases(30),
        failure_persistence: Some(Box::new(proptest::test_runner::FileFailurePersistence::Direct(
            concat!(env!("CARGO_MANIFEST_DIR"), "/tests/expansion/properties.proptest-regressions"),
        ))),
        ..ProptestConfig::default()
    })]

    #[test]
    fn seconds_are_those_the_words_name((start, zone, rule) in short(), cut in 0_i64..40_000) {
        let clock = TimeZone::get(zone).unwrap();
        let first = reference::instant(start, &clock);
        let until = first + 40_000.seconds();
        let expected = reference::by_second(&rule, start, &clock, until);
        let starts = Starts::new(&rule, &zoned(start, zone));
        prop_assert_eq!(
            &instants(&starts, Timestamp::MIN, until), &expected, "{} {} {}", start, zone, rule
        );
        let cut = first + cut.seconds();
        let late: Vec<Timestamp> = expected.into_iter().filter(|at| *at >= cut).collect();
        prop_assert_eq!(instants(&starts, cut, until), late, "{} {} {}", start, zone, rule);
    }
}
