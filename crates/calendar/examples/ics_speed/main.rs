//! How fast .ics files are read and written: `cargo run --release --example ics_speed`.
//!
//! One thread, the system's allocator, the best and the middle of many runs. The file is always
//! the same.
#![expect(clippy::print_stdout, reason = "a measurement for people")]

mod synthetic;

use std::time::{Duration, Instant};

use almanac_calendar::ics;

const RUNS: usize = 21;

fn main() {
    let text = synthetic::file(10_000);
    let bytes = text.as_bytes();
    let megabytes = bytes.len() as f64 / 1e6;
    println!(
        "{megabytes:.2} MB, {} lines, 10,000 events",
        text.lines().count()
    );
    let show = |what: &str, megabytes: f64, (best, middle): (Duration, Duration)| {
        let rate = |took: Duration| megabytes / took.as_secs_f64();
        println!(
            "{what:<34} best {:>7.2} ms {:>6.0} MB/s   middle {:>7.2} ms {:>6.0} MB/s",
            best.as_secs_f64() * 1e3,
            rate(best),
            middle.as_secs_f64() * 1e3,
            rate(middle)
        );
    };
    show(
        "lines and components",
        megabytes,
        measure(|| ics::parse(bytes).problems.len()),
    );
    let typed = || {
        let file = ics::parse(bytes);
        let mut found = Vec::with_capacity(10_000);
        found.extend(file.events());
        found.len()
    };
    show("typed events that borrow", megabytes, measure(typed));
    show(
        "events of their own",
        megabytes,
        measure(|| ics::read(bytes).0.len()),
    );
    show(
        "everything in the file",
        megabytes,
        measure(|| ics::read_file(bytes).events.len()),
    );
    let (events, problems) = ics::read(bytes);
    assert_eq!((events.len(), problems.len()), (10_000, 0));
    let written = ics::write(&events, Some("Large")).len() as f64 / 1e6;
    show(
        "written",
        written,
        measure(|| ics::write(&events, Some("Large")).len()),
    );
}

/// The best and the middle time of a few runs.
fn measure(mut run: impl FnMut() -> usize) -> (Duration, Duration) {
    let mut took: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let began = Instant::now();
            std::hint::black_box(run());
            began.elapsed()
        })
        .collect();
    took.sort();
    let at = |place: usize| took.get(place).copied().unwrap_or_default();
    (at(0), at(RUNS / 2))
}
