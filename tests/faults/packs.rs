//! Packs: made, taken, confirmed and relied upon while everything else goes on.

use std::path::Path;
use std::pin::pin;
use std::task::Poll;

use almanac_client::{ImportFile, Mode, PackTerms};
use rusqlite::Connection;

use crate::stage::{Device, Stage, all_show};

/// Packs after a handful of envelopes.
const SOON: PackTerms = PackTerms {
    tail_envelopes: 8,
    tail_bytes: u64::MAX,
    spared_envelopes: 1,
};
/// No packs at all.
const NEVER: PackTerms = PackTerms {
    tail_envelopes: u64::MAX,
    tail_bytes: u64::MAX,
    spared_envelopes: u64::MAX,
};

fn titles(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("event {n:03}")).collect()
}

/// Everything that the person sees and keeps, of one device.
fn everything(device: &Device) -> (Vec<String>, String) {
    (device.titles(), device.client.export(None).unwrap())
}

/// Adds events, each in an envelope of its own.
async fn add_each(device: &Device, titles: &[String]) {
    for title in titles {
        device.add_and_sync(title).await;
    }
}

/// The relay holds this many packs, so many of them confirmed.
fn packs(stage: &Stage) -> (usize, usize) {
    let inventory = stage.inventory();
    let packs = inventory.streams.iter().flat_map(|stream| &stream.packs);
    let packs: Vec<_> = packs.filter(|pack| pack.manifest_bytes > 0).collect();
    let confirmed = packs.iter().filter(|pack| pack.confirmed_ms > 0).count();
    (packs.len(), confirmed)
}

fn dropped(stage: &Stage) -> i64 {
    let inventory = stage.inventory();
    let to = inventory.streams.iter().map(|stream| stream.dropped_to);
    to.max().unwrap_or_default()
}

/// What was confirmed was confirmed a month earlier.
fn a_month_ago(path: &Path) {
    let month = 31 * 24 * 60 * 60 * 1000_i64;
    let update = "UPDATE pack SET confirmed_ms = confirmed_ms - ?1 WHERE confirmed_ms > 0";
    Connection::open(path)
        .unwrap()
        .execute(update, [month])
        .unwrap();
}

/// A stage on which the only device has packed its calendar.
async fn packed(stage: &Stage) -> Device {
    let first = stage.first("first").await;
    first.client.set_pack_terms(SOON);
    add_each(&first, &titles(10)).await;
    assert_eq!(packs(stage), (1, 1), "the only device reads its pack back");
    first
}

/// Begins a sync and gives it up after it was resumed so many times, wherever it is then.
async fn killed_after(device: &Device, polls: usize) {
    let mut left = polls;
    let mut sync = pin!(device.client.sync(Mode::Once));
    std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        sync.as_mut().poll(context).map(|_| ())
    })
    .await;
}

#[tokio::test]
async fn law_6_a_pack_and_its_tail_are_the_whole_log() {
    let stage = Stage::new().await;
    let first = stage.first("first").await;
    let in_order = stage.link(&first, "in order").await;
    in_order.client.set_pack_terms(NEVER);
    first.client.set_pack_terms(SOON);
    add_each(&first, &titles(10)).await;
    assert_eq!(packs(&stage), (1, 0));
    first.client.set_pack_terms(NEVER);
    first.add_and_sync("after the pack").await;
    // Linking reads what there is, and there is a pack.
    let by_pack = stage.link(&first, "by pack").await;
    for late in [&by_pack, &in_order] {
        late.sync().await;
        assert_eq!(everything(late), everything(&first));
        late.sees_no_contradiction();
    }
    // What comes later goes on from there, both ways.
    by_pack.add_and_sync("from the late one").await;
    for other in [&first, &in_order] {
        other.sync().await;
        assert_eq!(everything(other), everything(&by_pack));
    }
}

#[tokio::test]
async fn fault_32_a_pack_made_while_others_write_misses_nothing() {
    let stage = Stage::new().await;
    let first = stage.first("first").await;
    let second = stage.link(&first, "second").await;
    first.client.set_pack_terms(SOON);
    second.client.set_pack_terms(NEVER);
    let mut expected = titles(12);
    add_each(&first, &expected[..7]).await;
    for title in &expected[7..] {
        second.add(&format!("second {title}"));
        first.add(title);
        tokio::join!(first.sync(), second.sync());
    }
    expected.extend(
        expected[7..]
            .iter()
            .map(|title| format!("second {title}"))
            .collect::<Vec<_>>(),
    );
    expected.sort();
    assert!(packs(&stage).0 > 0);
    for device in [&first, &second] {
        device.sync().await;
    }
    second.client.set_pack_terms(PackTerms {
        spared_envelopes: 1,
        ..NEVER
    });
    let third = stage.link(&first, "third").await;
    let shown: Vec<&str> = expected.iter().map(String::as_str).collect();
    all_show(&[&first, &second, &third], &shown);
    third.sees_no_contradiction();
}

#[tokio::test]
async fn fault_33_two_packs_at_once_do_no_harm() {
    let stage = Stage::new().await;
    let first = stage.first("first").await;
    let second = stage.link(&first, "second").await;
    add_each(&first, &titles(9)).await;
    second.sync().await;
    for device in [&first, &second] {
        device.client.set_pack_terms(PackTerms {
            tail_envelopes: 4,
            ..SOON
        });
    }
    tokio::join!(first.sync(), second.sync());
    assert!(packs(&stage).0 >= 1);
    let third = stage.link(&first, "third").await;
    assert_eq!(everything(&third), everything(&first));
    third.sees_no_contradiction();
}

#[tokio::test]
async fn fault_34_a_damaged_pack_is_not_used_and_everything_is_read_in_plain_order() {
    let mut stage = Stage::new().await;
    let first = packed(&stage).await;
    stage
        .tamper(|path| {
            let damage = "UPDATE pack_chunk SET bytes = zeroblob(length(bytes))";
            Connection::open(path).unwrap().execute(damage, ()).unwrap();
        })
        .await;
    let second = stage.link(&first, "second").await;
    assert_eq!(everything(&second), everything(&first));
    second.sees_no_contradiction();
    let status = second.client.status().unwrap();
    assert_eq!(status.message, None, "nothing is being verified any more");
}

#[tokio::test]
async fn fault_34_a_pack_that_cannot_be_fetched_stands_in_nobodys_way() {
    let mut stage = Stage::new().await;
    let first = packed(&stage).await;
    stage
        .tamper(|path| {
            let loss = "DELETE FROM pack_chunk";
            Connection::open(path).unwrap().execute(loss, ()).unwrap();
        })
        .await;
    let second = stage.link(&first, "second").await;
    assert_eq!(everything(&second), everything(&first));
    second.sees_no_contradiction();
    assert_eq!(second.client.status().unwrap().message, None);
}

#[tokio::test]
async fn fault_35_a_device_that_was_away_too_long_takes_the_pack() {
    let mut stage = Stage::new().await;
    let first = stage.first("first").await;
    let away = stage.link(&first, "away").await;
    away.add("written while away");
    let expected = titles(12);
    first.client.set_pack_terms(SOON);
    add_each(&first, &expected[..10]).await;
    assert_eq!(packs(&stage), (1, 0), "nobody else has confirmed it");
    let second = stage.link(&first, "second").await;
    assert_eq!(packs(&stage), (1, 1));
    first.client.set_pack_terms(NEVER);
    add_each(&first, &expected[10..]).await;
    assert_eq!(dropped(&stage), 0, "a month has to pass");
    stage.tamper(a_month_ago).await;
    first.sync().await;
    assert!(dropped(&stage) > 0);
    away.sync().await;
    for device in [&first, &second] {
        device.sync().await;
    }
    let mut shown: Vec<&str> = expected.iter().map(String::as_str).collect();
    shown.push("written while away");
    all_show(&[&first, &second, &away], &shown);
    let fresh = stage.link(&second, "fresh").await;
    all_show(&[&fresh], &shown);
    for device in [&first, &second, &away, &fresh] {
        device.sees_no_contradiction();
    }
}

#[tokio::test]
async fn fault_37_a_pack_brings_changes_and_not_what_a_program_made_of_them() {
    // Saved documents may look otherwise after an upgrade: packs hold none. What a late device
    // writes on top of a pack fits what the others have, which equal heads alone allow.
    let stage = Stage::new().await;
    let first = packed(&stage).await;
    let late = stage.link(&first, "late").await;
    let event = late
        .client
        .list("2026-11-01", "2026-12-01", Some("UTC"), None)
        .unwrap();
    late.client.remove(&event[0].event).unwrap();
    late.sync().await;
    first.sync().await;
    assert_eq!(first.titles().len(), 9);
    assert_eq!(everything(&first), everything(&late));
}

#[tokio::test]
async fn fault_39_a_large_import_comes_by_pack() {
    let stage = Stage::new().await;
    let first = stage.first("first").await;
    let events: String = (0..400)
        .map(|n| {
            format!(
                "BEGIN:VEVENT\r\nUID:{n}@import\r\nDTSTAMP:20260101T000000Z\r\n\
                 DTSTART:2026{:02}{:02}T{:02}0000Z\r\nDURATION:PT1H\r\nSUMMARY:meeting {n}\r\n\
                 DESCRIPTION:{}\r\nEND:VEVENT\r\n",
                n % 12 + 1,
                n % 28 + 1,
                n % 24,
                "some words about it ".repeat(9),
            )
        })
        .collect();
    let text =
        format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:test\r\n{events}END:VCALENDAR\r\n");
    first
        .client
        .import(ImportFile {
            calendar: "Personal".into(),
            name: "large.ics".into(),
            bytes: text.into_bytes(),
        })
        .unwrap();
    first.sync().await;
    add_each(&first, &titles(8)).await;
    first.client.set_pack_terms(PackTerms {
        tail_bytes: 100_000,
        ..NEVER
    });
    first.sync().await;
    assert_eq!(packs(&stage), (1, 1));
    let late = stage.link_only(&first, "late").await;
    late.client.set_pack_terms(SOON);
    late.sync().await;
    assert_eq!(everything(&late), everything(&first));
    assert_eq!(
        late.client
            .export(None)
            .unwrap()
            .matches("BEGIN:VEVENT")
            .count(),
        408
    );
}

#[tokio::test]
async fn fault_45_an_app_that_is_killed_while_reading_a_pack_goes_on() {
    let mut stage = Stage::new().await;
    let first = stage.first("first").await;
    let away = stage.link(&first, "away").await;
    first.client.set_pack_terms(SOON);
    add_each(&first, &titles(10)).await;
    first.client.set_pack_terms(NEVER);
    let second = stage.link(&first, "second").await;
    assert_eq!(packs(&stage), (1, 1));
    drop(second);
    // Reading in plain order is not possible: the pack is all there is.
    stage.tamper(a_month_ago).await;
    first.sync().await;
    assert!(dropped(&stage) > 0);
    let mut late = away.reopen();
    for polls in (1..40).step_by(2) {
        killed_after(&late, polls).await;
        late = late.reopen();
    }
    late.sync().await;
    assert_eq!(everything(&late), everything(&first));
    late.sees_no_contradiction();
    let status = late.client.status().unwrap();
    assert_eq!(status.message, None, "nothing is left half-way");
}
