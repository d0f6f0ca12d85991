//! How long expansion takes, one thread, mean of some runs: whole series, one week of many
//! series, and one week of many events. Run it in release.

#![expect(
    clippy::print_stdout,
    reason = "this is a program for the command line"
)]

use std::hint::black_box;
use std::time::Instant;

use almanac_calendar::expand::{Prepared, Starts, expand};
use almanac_calendar::{Event, Rule, When, Zone};
use jiff::Timestamp;
use jiff::civil::{DateTime, date};

const SHAPES: [&str; 8] = [
    "FREQ=DAILY",
    "FREQ=WEEKLY;BYDAY=MO,WE,FR",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH",
    "FREQ=MONTHLY;BYDAY=2TU",
    "FREQ=MONTHLY;BYMONTHDAY=-1",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
    "FREQ=YEARLY",
    "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH",
];

/// Nanoseconds this thread has been on a processor, where the system says it, so that what else
/// the machine does counts less; the time since `began` elsewhere.
fn on_processor(began: Instant) -> u128 {
    let said = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let first = said.and_then(|said| said.split_whitespace().next()?.parse().ok());
    first.unwrap_or_else(|| began.elapsed().as_nanos())
}

/// Runs of which the mean counts.
const RUNS: u128 = 200;

fn mean(what: &str, mut run: impl FnMut() -> usize) {
    let mut found = black_box(run());
    let start = Instant::now();
    let began = on_processor(start);
    for _ in 0..RUNS {
        found = black_box(run());
    }
    let micros = (on_processor(start) - began) / RUNS / 1_000;
    println!("{what}: {found} in {micros} µs");
}

fn when(start: DateTime, zone: Option<&Zone>) -> When {
    When::from_people(&start.to_string(), None, zone).expect("a time")
}

/// 100 series of each shape over ten years, the text of each rule read each time.
fn whole_series(zone: &Zone) {
    let from = date(2016, 1, 1).at(9, 0, 0, 0);
    let whens: Vec<When> = (0..100)
        .map(|day| when(from.saturating_add(jiff::Span::new().days(day)), Some(zone)))
        .collect();
    let until = |when: &When| when.start().saturating_add(jiff::Span::new().years(10));
    let each = |visit: &dyn Fn(&Starts, &When) -> usize| {
        let mut found = 0;
        for shape in SHAPES {
            for when in &whens {
                let rule = Rule::parse(black_box(shape)).expect("a rule");
                found += visit(&Starts::new(&rule, when), when);
            }
        }
        found
    };
    mean("whole series, wall clocks", || {
        each(&|starts, when| {
            let (mut found, mut sum) = (0, 0_i64);
            starts.each_wall_clock(when.start()..until(when), |local| {
                found += 1;
                sum ^= local;
                true
            });
            black_box(sum);
            found
        })
    });
    mean("whole series, instants", || {
        each(&|starts, when| {
            let (mut found, mut sum) = (0, 0_i64);
            let window = zone.instant(when.start())..zone.instant(until(when));
            starts.each(window, |start| {
                found += 1;
                sum ^= start.unix_seconds();
                true
            });
            black_box(sum);
            found
        })
    });
}

/// One week of 10,000 series without end, begun over ten years.
fn one_week(zone: &Zone) {
    let series: Vec<(&str, When)> = (0_i64..10_000)
        .zip(SHAPES.into_iter().cycle())
        .map(|(index, shape)| {
            let days = index % 3_650;
            let hour = i8::try_from(8 + index % 10).expect("small");
            let start = date(2016, 1, 1).at(hour, 0, 0, 0);
            let start = start.saturating_add(jiff::Span::new().days(days));
            (shape, when(start, Some(zone)))
        })
        .collect();
    let week: std::ops::Range<Timestamp> = zone.instant(date(2026, 6, 1).at(0, 0, 0, 0))
        ..zone.instant(date(2026, 6, 8).at(0, 0, 0, 0));
    let rule = |text: &str| Rule::parse(text).expect("a rule");
    let events: Vec<Event> = series
        .iter()
        .map(|(shape, when)| {
            let mut event = Event::new("one@example", "A title of some words", when.clone());
            event.place = "A place".into();
            event.rules.rules.push(rule(shape));
            event
        })
        .collect();
    let starts: Vec<Starts> = series
        .iter()
        .map(|(shape, when)| Starts::new(&rule(shape), when))
        .collect();
    let prepared: Vec<Prepared> = events.iter().map(Prepared::new).collect();
    let count = |starts: &Starts| {
        let mut found = 0;
        starts.each(week.clone(), |_| {
            found += 1;
            true
        });
        found
    };
    mean("one week, starts", || starts.iter().map(count).sum());
    mean("one week, starts, rules read", || {
        let each = series.iter();
        each.map(|(shape, when)| count(&Starts::new(&rule(black_box(shape)), when)))
            .sum()
    });
    mean("one week, prepared events", || {
        let each = prepared.iter();
        each.map(|one| one.expand(week.clone(), zone).len()).sum()
    });
    mean("one week, events", || {
        let each = events.iter();
        each.map(|one| expand(one, week.clone(), zone).len()).sum()
    });
}

fn main() {
    let zone = Zone::named("America/New_York");
    whole_series(&zone);
    one_week(&zone);
}
