//! Relays that do not tell everyone the same: found out as soon as devices compare what they have
//! seen, and said in words.

use almanac_client::FindingKindView;

use crate::rewrite;
use crate::stage::{Stage, all_show};

#[tokio::test]
async fn fault_24_a_relay_that_keeps_back_one_author_is_found_out_and_recovered_from() {
    let mut stage = Stage::new().await;
    let ada = stage.first("ada").await;
    let desk = stage.link(&ada, "desk").await;
    let phone = stage.link(&ada, "phone").await;
    phone.sync().await;
    desk.sync().await;
    phone.add_and_sync("kept back").await;
    // A log that grows has everyone say what they have seen.
    let _tablet = stage.link(&ada, "tablet").await;
    ada.sync().await;
    stage.save_relay("honest").await;

    let author = phone.id();
    let keeps_back = move |database: &std::path::Path| {
        rewrite::streams(database, |envelopes| {
            let last = envelopes.iter().rposition(|one| one.device == author);
            if let Some(last) = last {
                envelopes.remove(last);
            }
        });
    };
    stage.tamper(keeps_back).await;
    desk.sync().await;
    all_show(&[&desk], &[]);
    assert!(
        desk.has_found(FindingKindView::Withheld),
        "{:?}",
        desk.findings()
    );

    stage.put_relay_back("honest").await;
    desk.sync().await;
    all_show(&[&desk], &["kept back"]);
    assert!(
        !desk.has_found(FindingKindView::Withheld),
        "it goes by itself: {:?}",
        desk.findings()
    );
}

#[tokio::test]
async fn fault_25_a_relay_that_tells_two_histories_is_found_out() {
    let mut stage = Stage::new().await;
    let ada = stage.first("ada").await;
    let desk = stage.link(&ada, "desk").await;
    let phone = stage.link(&ada, "phone").await;
    for device in [&phone, &desk, &ada, &desk] {
        device.sync().await;
    }
    ada.add_and_sync("first").await;
    phone.add_and_sync("second").await;
    let _tablet = stage.link(&ada, "tablet").await;
    ada.sync().await;

    let (one, other) = (ada.id(), phone.id());
    let swap = move |database: &std::path::Path| {
        rewrite::streams(database, |envelopes| {
            let at = (1..envelopes.len()).rev().find(|at| {
                let pair = envelopes.get(at - 1).zip(envelopes.get(*at));
                pair.is_some_and(|(a, b)| a.device == one && b.device == other)
            });
            if let Some(at) = at {
                envelopes.swap(at - 1, at);
            }
        });
    };
    stage.tamper(swap).await;
    desk.sync().await;
    all_show(&[&desk], &["first", "second"]);
    assert!(
        desk.has_found(FindingKindView::Forked),
        "{:?}",
        desk.findings()
    );
}

#[tokio::test]
async fn fault_26_a_relay_that_shows_an_old_head_is_found_out_and_nothing_is_lost() {
    let mut stage = Stage::new().await;
    let ada = stage.first("ada").await;
    let desk = stage.link(&ada, "desk").await;
    ada.add_and_sync("one").await;
    desk.sync().await;
    stage.save_relay("old").await;
    ada.add_and_sync("two").await;
    desk.sync().await;
    assert_eq!(desk.findings(), []);
    stage.save_relay("new").await;

    stage.put_relay_back("old").await;
    desk.sync().await;
    assert!(desk.has_found(FindingKindView::RolledBack));
    all_show(&[&desk], &["one", "two"]);

    stage.put_relay_back("new").await;
    for device in [&desk, &ada, &desk] {
        device.sync().await;
        device.sees_no_contradiction();
    }
    all_show(&[&ada, &desk], &["one", "two"]);
}

#[tokio::test]
async fn what_was_set_aside_for_want_of_a_log_is_accepted_when_the_log_comes() {
    let mut stage = Stage::new().await;
    let ada = stage.first("ada").await;
    let desk = stage.link(&ada, "desk").await;
    ada.sync().await;
    let tablet = stage.link(&ada, "tablet").await;
    tablet.add_and_sync("by a device nobody told of").await;
    stage.save_relay("honest").await;
    stage.tamper(rewrite::without_newest_device).await;
    desk.sync().await;
    all_show(&[&desk], &[]);
    assert_ne!(desk.client.set_aside().unwrap(), []);
    assert!(desk.has_found(FindingKindView::LinkWithheld));

    stage.put_relay_back("honest").await;
    desk.sync().await;
    all_show(&[&desk], &["by a device nobody told of"]);
    desk.sees_no_contradiction();
    assert!(
        !desk.has_found(FindingKindView::LinkWithheld),
        "it goes by itself: {:?}",
        desk.findings()
    );
}

#[tokio::test]
async fn devices_confirm_what_they_have_seen_and_then_are_silent() {
    let stage = Stage::new().await;
    let ada = stage.first("ada").await;
    let desk = stage.link(&ada, "desk").await;
    ada.add_and_sync("one").await;
    for device in [&desk, &ada, &desk, &ada] {
        device.sync().await;
    }
    let fresh = ada.client.freshness().unwrap();
    assert_eq!(fresh.len(), 1);
    assert!(
        fresh
            .iter()
            .all(|one| one.confirmed.is_some() && one.device.name == "desk")
    );
    let before = rewrite::count(&stage.database());
    for device in [&ada, &desk, &ada, &desk] {
        device.sync().await;
    }
    assert_eq!(
        rewrite::count(&stage.database()),
        before,
        "heads do not answer heads"
    );
}
