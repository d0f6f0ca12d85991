//! From an edit on one device until a second one shows it: durable at the writer before it
//! leaves, at the relay before it is passed on, at the reader before it shows.

use std::path::Path;

use almanac_benches::commits::Commits;
use almanac_benches::devices::Pair;
use almanac_benches::spread::Spread;
use anyhow::Result;

use crate::relay::RelayProcess;
use crate::row::{Measure, Row};

/// Edits that are measured.
const EDITS: usize = 500;
/// The goal as a multiple of the control of the same moment; the design says why.
const TIMES_CONTROL: f64 = 4.0;
const CONTROL: &str = "three durable commits in a row, two hops";

/// Measures below `folder`.
pub(crate) async fn run(folder: &Path) -> Result<Vec<Row>> {
    let relay = RelayProcess::start(&folder.join("relay"))?;
    let url = relay.url();
    let pair = Pair::start(folder, [&url, &url], &relay.invite).await?;
    let mut control = Commits::new(&folder.join("control"))?;
    let (edits, controls) = tokio::task::block_in_place(|| pair.edits_beside(&mut control, EDITS))?;
    let (edit, control) = (Spread::of(edits), Spread::of(controls));
    let row = |what: &str, value, control| {
        Row::ours(Measure::Edit, what, value, "ms")
            .beside(CONTROL, control)
            .at_most_times(TIMES_CONTROL)
    };
    Ok(vec![
        row(
            "durable at writer, relay and reader, p50",
            edit.p50,
            control.p50,
        ),
        row(
            "durable at writer, relay and reader, p99",
            edit.p99,
            control.p99,
        ),
    ])
}
