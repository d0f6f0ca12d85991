//! Profiles that are put back or copied: numbers are never used twice, and no edit is lost.

use almanac_client::FindingKindView;

use crate::stage::{Device, Stage, all_show, copy};

#[tokio::test]
async fn fault_11_a_device_restored_from_a_backup_loses_nothing() {
    let stage = Stage::new().await;
    let ada = stage.first("ada").await;
    let desk = stage.link(&ada, "desk").await;
    ada.add_and_sync("one").await;
    let ada = ada.save(&stage, "backup");
    ada.add_and_sync("two").await;
    desk.sync().await;

    let ada = ada.put_back(&stage, "backup");
    assert_eq!(ada.titles(), ["one"]);
    ada.add_and_sync("three").await;
    desk.sync().await;
    ada.sync().await;

    all_show(&[&ada, &desk], &["one", "three", "two"]);
    ada.sees_no_contradiction();
    desk.sees_no_contradiction();
}

#[tokio::test]
async fn fault_12_two_copies_of_a_profile_at_work_at_once_lose_nothing() {
    let stage = Stage::new().await;
    let ada = stage.first("ada").await;
    let desk = stage.link(&ada, "desk").await;
    ada.add_and_sync("before").await;
    let ada = ada.save(&stage, "copy");
    let copy = Device::open(stage.path("copy"));
    let mut titles = vec!["before".to_owned()];
    for round in 0..4 {
        for (device, name) in [(&ada, "ada"), (&copy, "copy")] {
            titles.push(format!("{name} {round}"));
            device.add(&format!("{name} {round}"));
        }
        tokio::join!(ada.sync(), copy.sync());
    }
    for device in [&ada, &copy, &desk] {
        device.sync().await;
    }

    titles.sort();
    let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
    all_show(&[&ada, &copy, &desk], &titles);
    desk.sees_no_contradiction();
}

#[tokio::test]
async fn fault_13_a_restore_while_offline_and_edits_before_the_reconnect_lose_nothing() {
    let mut stage = Stage::new().await;
    let ada = stage.first("ada").await;
    let desk = stage.link(&ada, "desk").await;
    ada.add("waits in the backup");
    let ada = ada.save(&stage, "backup");
    ada.add("after the backup");
    ada.sync().await;
    desk.sync().await;

    stage.stop_relay().await;
    let ada = ada.put_back(&stage, "backup");
    ada.add("offline one");
    ada.add("offline two");
    stage.start_relay().await;
    for device in [&ada, &desk, &ada] {
        device.sync().await;
    }

    let all = [
        "after the backup",
        "offline one",
        "offline two",
        "waits in the backup",
    ];
    all_show(&[&ada, &desk], &all);
    ada.sees_no_contradiction();
    desk.sees_no_contradiction();
}

#[tokio::test]
async fn fault_27_two_frames_under_one_number_are_cut_everywhere_and_written_once_more() {
    let mut stage = Stage::new().await;
    let ada = stage.first("ada").await;
    let desk = stage.link(&ada, "desk").await;
    let phone = stage.link(&ada, "phone").await;
    phone.add_and_sync("before").await;
    for device in [&ada, &desk, &phone] {
        device.sync().await;
    }
    // Two copies of the phone, each with a relay that knows nothing of the other.
    let phone = phone.save(&stage, "left");
    stage.save_relay("right relay").await;
    let left = Device::open(stage.path("left"));
    left.add_and_sync("left").await;
    ada.sync().await;
    all_show(&[&ada], &["before", "left"]);
    stage.save_relay("left relay").await;
    stage.put_relay_back("right relay").await;
    phone.add_and_sync("right").await;
    desk.sync().await;
    all_show(&[&desk], &["before", "right"]);

    // The two histories meet: neither counts, wherever it was seen first, and both are kept.
    stage.put_relay_back("left relay").await;
    for device in [&desk, &ada, &desk, &ada] {
        device.sync().await;
    }
    all_show(&[&ada, &desk], &["before"]);
    assert!(ada.has_found(FindingKindView::Equivocation));
    assert!(desk.has_found(FindingKindView::Equivocation));
    let evidence = desk.findings();
    assert!(evidence.iter().any(|finding| finding.has_evidence));

    // The phone comes back and goes on under a new incarnation with all that it wrote.
    for device in [&phone, &ada, &desk, &phone, &ada, &desk] {
        device.sync().await;
    }
    all_show(&[&phone, &ada, &desk], &["before", "left", "right"]);
}

#[tokio::test]
async fn a_device_and_a_relay_that_are_both_put_back_lose_nothing_that_a_peer_has() {
    let mut stage = Stage::new().await;
    let ada = stage.first("ada").await;
    let desk = stage.link(&ada, "desk").await;
    for device in [&ada, &desk, &ada] {
        device.sync().await;
    }
    ada.add_and_sync("one").await;
    desk.sync().await;
    let ada = ada.save(&stage, "backup");
    stage.save_relay("backup relay").await;
    ada.add_and_sync("two").await;
    desk.sync().await;

    // The number of “two” is used again, and nobody has told the device.
    let ada = ada.put_back(&stage, "backup");
    stage.put_relay_back("backup relay").await;
    ada.add_and_sync("three").await;
    for device in [&desk, &ada, &desk, &ada, &desk] {
        device.sync().await;
    }
    all_show(&[&ada, &desk], &["one", "three", "two"]);
    assert!(ada.has_found(FindingKindView::Equivocation));
}

#[tokio::test]
async fn a_repair_can_be_made_at_any_time_and_changes_nothing_that_is_shown() {
    let stage = Stage::new().await;
    let ada = stage.first("ada").await;
    let desk = stage.link(&ada, "desk").await;
    ada.add_and_sync("one").await;
    desk.add_and_sync("two").await;
    ada.sync().await;
    copy(&stage.path("relay"), &stage.path("before"));
    for _ in 0..2 {
        let report = ada.client.repair().unwrap();
        assert!(report.documents >= 2 && report.streams == 2);
        ada.sync().await;
        all_show(&[&ada], &["one", "two"]);
    }
    assert_eq!(ada.findings(), []);
    desk.sync().await;
    all_show(&[&desk], &["one", "two"]);
}
