//! `cargo xtask bench latency`: how soon an edit shows on the other device, and what it costs.
//!
//! Relay and both devices run here, each with its own database on the same disk, over loopback.
//! Disks differ by the hour, so every figure of time stands beside a control taken in the same
//! run, turn by turn: three durable commits in a row and two hops over loopback.

#![expect(clippy::print_stdout, reason = "figures are what this program is for")]

mod control;
mod devices;
mod figures;
mod import;
mod window;
mod wire;

use anyhow::Result;

fn main() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let folder = tempfile::tempdir()?;
    let pair = runtime.block_on(devices::Pair::start(folder.path()))?;

    let mut control = control::Control::new(&folder.path().join("control"))?;
    let (edits, controls) = pair.edits_beside(&mut control)?;
    let (edit, control) = (figures::Spread::of(edits), figures::Spread::of(controls));
    println!("edit → visible on the other device   {edit}");
    println!("control: three commits, two hops     {control}");
    println!(
        "ratio                                p50 {:.2}×, p99 {:.2}×",
        edit.p50 / control.p50,
        edit.p99 / control.p99
    );

    let imported = import::run(&folder.path().join("import"))?;
    println!("{imported}");
    println!(
        "{}",
        runtime.block_on(wire::run(&folder.path().join("wire")))?
    );
    println!("{}", window::run(&folder.path().join("window"))?);
    runtime.shutdown_background();
    Ok(())
}
