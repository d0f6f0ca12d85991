//! `cargo xtask bench latency`: how soon an edit shows on the other device, and what it costs.
//!
//! Relay and both devices run here, each with its own database on the same disk, over loopback.
//! Disks differ by the hour, so every figure of time stands beside a control taken in the same
//! run, turn by turn: three durable commits in a row and two hops over loopback.

#![expect(clippy::print_stdout, reason = "figures are what this program is for")]

mod import;
mod window;

use almanac_benches::commits::Commits;
use almanac_benches::devices::{Pair, start_relay};
use almanac_benches::spread::Spread;
use anyhow::{Context, Result};

/// Edits that are measured.
const EDITS: usize = 500;

fn main() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let folder = tempfile::tempdir()?;
    let relay = runtime.block_on(start_relay(&folder.path().join("relay")))?;
    let url = format!("http://{}", relay.addr());
    let invite = relay.owner_invite().context("a new relay has an invite")?;
    let pair = runtime.block_on(Pair::start(folder.path(), [&url, &url], invite))?;

    let mut control = Commits::new(&folder.path().join("control"))?;
    let (edits, controls) = pair.edits_beside(&mut control, EDITS)?;
    let (edit, control) = (Spread::of(edits), Spread::of(controls));
    println!("edit → visible on the other device   {edit}");
    println!("control: three commits, two hops     {control}");
    println!(
        "ratio                                p50 {:.2}×, p99 {:.2}×",
        edit.p50 / control.p50,
        edit.p99 / control.p99
    );

    let imported = import::run(&folder.path().join("import"))?;
    println!("{imported}");
    println!("{}", window::run(&folder.path().join("window"))?);
    runtime.shutdown_background();
    Ok(())
}
