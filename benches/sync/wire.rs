//! What one edit of one field costs: on each device's line, and on the relay's disk.

use std::path::Path;

use almanac_benches::devices::{Pair, arrival, create, settle};
use almanac_benches::line::Line;
use almanac_client::EditEvent;
use anyhow::Result;

use crate::relay::{Kept, RelayProcess};
use crate::row::{Measure, Row};

/// Edits that are counted, each on its way before the next.
const EDITS: u64 = 500;
/// The padding floor of an envelope (docs/protocol.md).
const FLOOR_BYTES: f64 = 512.0;
const EDIT_BYTES_MAX: f64 = 700.0;
/// What the relay may keep: this much per byte, and this much per envelope.
const DISK_RATIO_MAX: f64 = 1.25;
const DISK_PER_ENVELOPE_MAX: f64 = 80.0;

/// Counts below `folder`.
pub(crate) async fn run(folder: &Path) -> Result<Vec<Row>> {
    let relay = RelayProcess::start(&folder.join("relay"))?;
    let (near, far) = (Line::to(relay.addr)?, Line::to(relay.addr)?);
    let pair = Pair::start(folder, [&near.url(), &far.url()], &relay.invite).await?;
    let arrivals = pair.arrivals();
    let event = create(&pair.writer, "counted")?;
    let edit = async |place: String| -> Result<()> {
        pair.writer.edit(EditEvent {
            event: event.clone(),
            place: Some(place),
            ..EditEvent::default()
        })?;
        settle(&pair.writer).await?;
        tokio::task::block_in_place(|| arrival(&arrivals))?;
        Ok(())
    };
    tokio::task::block_in_place(|| arrival(&arrivals))?;
    settle(&pair.writer).await?;
    let kept = relay.kept()?;
    let (near_before, far_before) = (near.passed(), far.passed());
    for number in 0..EDITS {
        edit(format!("Room {number}")).await?;
    }
    let (near, far) = (near.passed_since(near_before), far.passed_since(far_before));
    let each = |bytes: u64| bytes as f64 / EDITS as f64;
    let row = |what: &str, bytes: u64| Row::ours(Measure::Wire, what, each(bytes), "B");
    let mut rows = vec![
        row("sent by the device that edits", near.up)
            .beside("the padding floor", FLOOR_BYTES)
            .at_most(EDIT_BYTES_MAX),
        row("  acknowledged to it", near.down),
        row("received by the other device", far.down).beside("the padding floor", FLOOR_BYTES),
        row("  answered by it", far.up),
    ];
    rows.push(disk(
        "relay's disk per pushed byte, single edits",
        kept,
        relay.kept()?,
    ));
    Ok(rows)
}

/// What the relay's disk took for each byte that was pushed between two looks.
pub(crate) fn disk(what: &str, before: Kept, after: Kept) -> Row {
    let pushed = after.pushed.saturating_sub(before.pushed) as f64;
    let envelopes = after.envelopes.saturating_sub(before.envelopes) as f64;
    let disk = after.disk.saturating_sub(before.disk) as f64;
    let allowed = DISK_RATIO_MAX + envelopes * DISK_PER_ENVELOPE_MAX / pushed;
    Row::ours(Measure::Wire, what, disk / pushed, "×")
        .beside("the bytes themselves", 1.0)
        .at_most(allowed)
}
