//! What one edit of one field costs on the wire and at the relay.

use std::path::Path;
use std::time::{Duration, Instant};

use almanac_client::{EditEvent, SyncState};
use almanac_scenarios::Proxy;
use anyhow::{Context, Result, ensure};

use crate::devices::{Pair, start_relay};

const EDITS: u64 = 200;
const WAIT: Duration = Duration::from_secs(20);

/// Edits one field many times, each on its way before the next, and counts.
pub(crate) async fn run(folder: &Path) -> Result<String> {
    let relay = start_relay(&folder.join("relay")).await?;
    let proxy = Proxy::start(relay.addr().port());
    let invite = relay
        .owner_invite()
        .context("a new relay has an invite")?
        .to_owned();
    let pair = Pair::at(folder, relay, &proxy.url(), &invite).await?;
    let event = pair.create("counted")?;
    settle(&pair).await?;
    let (wire, disk) = (passed(&proxy), size(&folder.join("relay"))?);
    for edit in 0..EDITS {
        pair.writer.edit(EditEvent {
            event: event.clone(),
            place: Some(format!("Room {edit}")),
            ..EditEvent::default()
        })?;
        settle(&pair).await?;
    }
    let wire = (passed(&proxy) - wire) / EDITS;
    let disk = size(&folder.join("relay"))?.saturating_sub(disk) / EDITS;
    Ok(format!(
        "one edit of one field: {wire} bytes on the wire for sending, storing, echo and the other \
         device together; {disk} bytes of disk at the relay (write-ahead log included)"
    ))
}

async fn settle(pair: &Pair) -> Result<()> {
    let start = Instant::now();
    while pair.writer.status()?.outbox > 0 || pair.writer.status()?.state != SyncState::UpToDate {
        ensure!(start.elapsed() < WAIT, "an edit is not acknowledged");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Ok(())
}

fn passed(proxy: &Proxy) -> u64 {
    proxy.bytes_passed()
}

fn size(folder: &Path) -> Result<u64> {
    let sizes = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.metadata()?.len()));
    sizes.sum()
}
