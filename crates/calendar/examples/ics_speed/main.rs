//! How fast .ics files are read and written: `cargo run --release --example ics_speed`.
//!
//! One thread, the system's allocator, the mean of many runs. The file is always the same. The beginning of a line below and a number of events may be given, to measure only
//! that.
#![expect(clippy::print_stdout, reason = "a measurement for people")]

mod synthetic;

use std::time::{Duration, Instant};

use almanac_calendar::ics;

const RUNS: u32 = 40;

fn main() {
    let only = std::env::args().nth(1).unwrap_or_default();
    let events = std::env::args().nth(2).and_then(|text| text.parse().ok());
    let events = events.unwrap_or(10_000);
    let text = synthetic::file(events);
    let bytes = text.as_bytes();
    println!(
        "{:.2} MB, {} lines, {events} events",
        megabytes(bytes.len()),
        text.lines().count()
    );
    let show = |what: &str, size: usize, run: &dyn Fn() -> usize| {
        if what.starts_with(&only) {
            print(what, size, measure(run));
        }
    };
    let size = bytes.len();
    show("lines and components", size, &|| {
        ics::parse(bytes).problems.len()
    });
    show("typed events that borrow", size, &|| {
        let file = ics::parse(bytes);
        file.events().collect::<Vec<_>>().len()
    });
    show("events of their own", size, &|| ics::read(bytes).0.len());
    show("everything in the file", size, &|| {
        ics::read_file(bytes).events.len()
    });
    let (events, problems) = ics::read(bytes);
    assert_eq!(problems, []);
    let written = || ics::write(&events, Some("Large")).len();
    show("written", written(), &written);
}

fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

fn print(what: &str, size: usize, took: Duration) {
    let seconds = took.as_secs_f64();
    let rate = megabytes(size) / seconds;
    println!("{what:<28} {:>7.2} ms {rate:>6.0} MB/s", seconds * 1e3);
}

/// The time one run takes on a processor, in the mean of many.
fn measure(run: &dyn Fn() -> usize) -> Duration {
    std::hint::black_box(run());
    let start = Instant::now();
    let began = on_processor(start);
    for _ in 0..RUNS {
        std::hint::black_box(run());
    }
    on_processor(start).saturating_sub(began) / RUNS
}

/// How long this thread has been on a processor, where the system says it, so that what else runs
/// counts little.
fn on_processor(start: Instant) -> Duration {
    let said = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let first = said.and_then(|said| said.split_whitespace().next()?.parse().ok());
    first.map_or_else(|| start.elapsed(), Duration::from_nanos)
}
