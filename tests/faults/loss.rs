//! Relays that lose something: any surviving device puts it back, the edits of devices that are gone
//! among it.

use almanac_client::{FindingKindView, Mode};

use crate::rewrite;
use crate::stage::{Device, Stage, all_show};

/// An account with three devices that have seen each other's edits.
async fn three(stage: &Stage) -> (Device, Device, Device) {
    let ada = stage.first("ada").await;
    let desk = stage.link(&ada, "desk").await;
    let phone = stage.link(&ada, "phone").await;
    for (device, title) in [(&ada, "ada"), (&desk, "desk"), (&phone, "phone")] {
        device.add_and_sync(title).await;
    }
    for device in [&ada, &desk, &phone] {
        device.sync().await;
    }
    (ada, desk, phone)
}

#[tokio::test]
async fn fault_14_a_wiped_relay_is_filled_again_with_the_edits_of_lost_devices_too() {
    let mut stage = Stage::new().await;
    let (ada, desk, phone) = three(&stage).await;
    drop(phone);
    stage.wipe_relay().await;
    stage.join(&ada).await;
    ada.sync().await;
    assert!(ada.has_found(FindingKindView::Replaced));
    let tablet = stage.link(&ada, "tablet").await;
    all_show(&[&tablet], &["ada", "desk", "phone"]);
    desk.sync().await;
    for device in [&ada, &desk, &tablet] {
        device.sync().await;
        device.sees_no_contradiction();
    }
    all_show(&[&ada, &desk, &tablet], &["ada", "desk", "phone"]);
}

#[tokio::test]
async fn fault_15_a_relay_restored_from_an_older_backup_gets_back_what_it_lost() {
    let mut stage = Stage::new().await;
    let (ada, desk, phone) = three(&stage).await;
    stage.save_relay("older").await;
    phone.add_and_sync("phone's last").await;
    ada.add_and_sync("ada's last").await;
    desk.sync().await;
    drop(phone);
    stage.put_relay_back("older").await;

    // Another device first: it carries what it has of the others.
    desk.add_and_sync("desk after").await;
    assert!(desk.has_found(FindingKindView::RolledBack));
    let tablet = stage.link(&desk, "tablet").await;
    let all = [
        "ada",
        "ada's last",
        "desk",
        "desk after",
        "phone",
        "phone's last",
    ];
    all_show(&[&desk, &tablet], &all);
    for device in [&ada, &desk, &tablet, &ada] {
        device.sync().await;
        device.sees_no_contradiction();
    }
    all_show(&[&ada, &desk, &tablet], &all);
}

#[tokio::test]
async fn fault_16_a_lost_tail_is_put_back_once_and_then_nothing_moves() {
    let mut stage = Stage::new().await;
    let (ada, desk, phone) = three(&stage).await;
    for number in 0..5 {
        phone.add_and_sync(&format!("tail {number}")).await;
    }
    for device in [&ada, &desk, &phone] {
        device.sync().await;
    }
    stage
        .tamper(|database| {
            rewrite::streams(database, |envelopes| {
                envelopes.truncate(envelopes.len().saturating_sub(3));
            });
        })
        .await;
    for device in [&ada, &desk, &phone, &ada, &desk, &phone] {
        device.sync().await;
        device.sees_no_contradiction();
    }
    let tablet = stage.link(&ada, "tablet").await;
    for device in [&ada, &desk, &phone, &tablet, &ada, &desk, &phone] {
        device.sync().await;
    }
    let all = [
        "ada", "desk", "phone", "tail 0", "tail 1", "tail 2", "tail 3", "tail 4",
    ];
    all_show(&[&ada, &desk, &phone, &tablet], &all);
    let before = rewrite::count(&stage.database());
    for device in [&ada, &desk, &phone, &tablet] {
        device.sync().await;
    }
    assert_eq!(rewrite::count(&stage.database()), before);
}

#[tokio::test]
async fn fault_18_two_relays_of_which_one_is_behind_end_with_everything() {
    let mut stage = Stage::new().await;
    let (ada, desk, phone) = three(&stage).await;
    stage.save_relay("behind").await;
    ada.add_and_sync("at the first").await;
    phone.sync().await;
    stage.save_relay("ahead").await;

    stage.put_relay_back("behind").await;
    desk.add_and_sync("at the second").await;
    ada.sync().await;
    desk.sync().await;
    let all = ["ada", "at the first", "at the second", "desk", "phone"];
    all_show(&[&ada, &desk], &all);

    stage.put_relay_back("ahead").await;
    for device in [&phone, &desk, &phone, &ada] {
        device.sync().await;
        device.sees_no_contradiction();
    }
    all_show(&[&ada, &desk, &phone], &all);
}

#[tokio::test]
async fn fault_35_a_device_that_was_away_longer_than_its_place_was_kept_loses_nothing() {
    let mut stage = Stage::new().await;
    let (ada, desk, phone) = three(&stage).await;
    desk.add("written while away");
    phone.add_and_sync("phone's last").await;
    ada.sync().await;
    drop(phone);
    // Nothing of what the desk knew of the relay is there when it comes back.
    stage.wipe_relay().await;
    stage.join(&ada).await;
    ada.add_and_sync("meanwhile").await;

    desk.sync().await;
    ada.sync().await;
    let all = [
        "ada",
        "desk",
        "meanwhile",
        "phone",
        "phone's last",
        "written while away",
    ];
    all_show(&[&ada, &desk], &all);
    desk.sees_no_contradiction();
}

#[tokio::test]
async fn connected_devices_put_back_what_a_relay_lost_without_being_asked() {
    let mut stage = Stage::new().await;
    let (ada, desk, phone) = three(&stage).await;
    stage.save_relay("older").await;
    phone.add_and_sync("phone's last").await;
    ada.sync().await;
    desk.sync().await;
    drop(phone);
    let connected: Vec<_> = [&ada, &desk].map(stay_connected).into();
    ada.add("ada's last");
    desk.comes_to_show(&["ada", "ada's last", "desk", "phone", "phone's last"])
        .await;
    stage.put_relay_back("older").await;

    let tablet = stage.link(&ada, "tablet").await;
    let _connected = stay_connected(&tablet);
    tablet
        .comes_to_show(&["ada", "ada's last", "desk", "phone", "phone's last"])
        .await;
    for task in connected {
        assert!(
            !task.is_finished(),
            "a lost place ends no connection for good"
        );
        task.abort();
    }
}

fn stay_connected(device: &Device) -> tokio::task::JoinHandle<()> {
    let client = device.client.clone();
    tokio::spawn(async move {
        client.sync(Mode::Watch).await.unwrap();
    })
}
