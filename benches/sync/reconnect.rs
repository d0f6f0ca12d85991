//! Connecting again when nothing is new, with many calendars.

use std::path::Path;
use std::time::{Duration, Instant};

use almanac_benches::devices::first_device;
use almanac_benches::line::Line;
use almanac_benches::spread::Spread;
use almanac_client::{Client, Mode};
use anyhow::{Context, Result};

use crate::floor;
use crate::relay::RelayProcess;
use crate::row::{Measure, Row};

const CALENDARS: usize = 50;
const TURNS: usize = 9;
/// Milliseconds each way on the long line: much more than anything else that takes time.
const DELAY_MS: u64 = 60;
const BYTES_MAX: f64 = 4_096.0;
/// The upgrade to a WebSocket, the proof of who calls (two), and one for all calendars.
const TRIPS_MAX: f64 = 4.0;

/// Measures below `folder`.
pub(crate) async fn run(folder: &Path) -> Result<Vec<Row>> {
    let relay = RelayProcess::start(&folder.join("relay"))?;
    let line = Line::to(relay.addr)?;
    let device = first_device(&folder.join("device"), &line.url(), &relay.invite).await?;
    for number in device.calendars()?.len()..CALENDARS {
        device.add_calendar(&format!("Calendar {number}"), None)?;
    }
    // What the device itself notes on its first visits is no part of the figure.
    for _ in 0..3 {
        device.sync(Mode::Once).await?;
    }
    let before = line.passed();
    let near = median_ms(&device, TURNS).await?;
    let passed = line.passed_since(before);
    line.set_delay_ms(DELAY_MS);
    let far = median_ms(&device, 3).await?;
    let trips = ((far - near) / (2 * DELAY_MS) as f64).round();
    let each = |bytes: u64| bytes as f64 / TURNS as f64;
    let what = |figure: &str| format!("{CALENDARS} calendars: {figure}");
    let row = |figure: &str, value, unit| Row::ours(Measure::Reconnect, &what(figure), value, unit);
    let floor = floor::connect_and_turn(4)?;
    Ok(vec![
        row("both ways, all that passes", each(passed.total()), "B").at_most(BYTES_MAX),
        row("  of that to the relay", each(passed.up), "B"),
        row("  of that from the relay", each(passed.down), "B"),
        row(
            "trips, up to proof of who calls and after",
            trips,
            "round trips",
        )
        .at_most(TRIPS_MAX),
        row("time", near, "ms").beside("connect, four round trips", floor * 1_000.0),
    ])
}

async fn median_ms(device: &Client, turns: usize) -> Result<f64> {
    let mut times: Vec<Duration> = Vec::new();
    for _ in 0..turns {
        let start = Instant::now();
        device.sync(Mode::Once).await.context("reconnect")?;
        times.push(start.elapsed());
    }
    Ok(Spread::of(times).p50)
}
