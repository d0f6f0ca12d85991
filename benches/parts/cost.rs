//! Time on a processor as Linux counts it: what something costs, however busy the machine is with
//! other work.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// Ticks of a second in `/proc`.
const TICKS: f64 = 100.0;

/// How long something took, and how much of that this thread was on a processor.
#[derive(Debug, Clone, Copy)]
pub struct Took {
    /// On the clock.
    pub wall: Duration,
    /// On a processor.
    pub processor: Duration,
}

/// Does something and says what it took.
pub fn measured<T>(work: impl FnOnce() -> Result<T>) -> Result<(T, Took)> {
    let before = of_thread()?;
    let start = Instant::now();
    let value = work()?;
    let wall = start.elapsed();
    let processor = of_thread()?.saturating_sub(before);
    Ok((value, Took { wall, processor }))
}

/// Seconds that all threads of this process were on a processor.
pub fn of_process_s() -> Result<f64> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The name of the program stands in brackets and may hold anything.
    let (_, fields) = stat.rsplit_once(')').context("/proc names the program")?;
    let ticks = fields.split_whitespace().skip(11).take(2);
    let ticks = ticks.map(str::parse::<f64>).sum::<Result<f64, _>>()?;
    Ok(ticks / TICKS)
}

fn of_thread() -> Result<Duration> {
    let stat = fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds = stat.split_whitespace().next();
    let nanoseconds = nanoseconds.context("/proc counts time")?.parse()?;
    Ok(Duration::from_nanos(nanoseconds))
}
