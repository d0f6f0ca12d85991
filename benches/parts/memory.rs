//! Memory of this process as Linux counts it.

use std::fs;

use anyhow::{Context, Result};

/// Memory that is resident now.
pub fn now_mb() -> Result<f64> {
    field_mb("VmRSS:")
}

/// The most that was resident since [`forget_highest`].
pub fn highest_mb() -> Result<f64> {
    field_mb("VmHWM:")
}

/// Begins to look for the highest anew.
pub fn forget_highest() -> Result<()> {
    Ok(fs::write("/proc/self/clear_refs", "5")?)
}

fn field_mb(name: &str) -> Result<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kilobytes = line.and_then(|line| line.split_whitespace().next());
    let kilobytes: f64 = kilobytes.context("/proc names memory")?.parse()?;
    Ok(kilobytes / 1e3)
}
