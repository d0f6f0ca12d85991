//! CONFIRM.

use almanac_protocol::message::Reason;
use almanac_protocol::pack::Order;

use super::{Scene, confirm};

#[tokio::test]
async fn another_device_confirms_a_pack() {
    let mut scene = Scene::new().await;
    let name = scene.pack(1).await;
    let (second, mut socket) = scene.second_device().await;
    let ada = scene.ada.clone();
    let own = scene.order(&ada, Order::Confirm, name).await;
    let refused = confirm(&mut scene.socket, own).await.unwrap_err();
    assert_eq!(refused.reason, Reason::Forbidden, "not its maker");
    let order = scene.order(&second, Order::Confirm, name).await;
    confirm(&mut socket, order).await.unwrap();
    assert!(scene.packs().await.packs[0].confirmed_ms > 0);
}

#[tokio::test]
async fn the_only_device_confirms_its_own_pack() {
    let mut scene = Scene::new().await;
    let name = scene.pack(1).await;
    let ada = scene.ada.clone();
    let order = scene.order(&ada, Order::Confirm, name).await;
    confirm(&mut scene.socket, order).await.unwrap();
    assert!(scene.packs().await.packs[0].confirmed_ms > 0);
}

#[tokio::test]
async fn a_confirmed_pack_is_not_pushed_out_by_others() {
    let mut scene = Scene::new().await;
    let kept = scene.pack(1).await;
    let ada = scene.ada.clone();
    let order = scene.order(&ada, Order::Confirm, kept).await;
    confirm(&mut scene.socket, order).await.unwrap();
    let stream = scene.calendar.main();
    let mut envelopes: Vec<_> = (1..=3).map(|n| ada.envelope(&scene.calendar, n)).collect();
    for (number, byte) in (4..).zip(2..=5_u8) {
        let next = ada.envelope(&scene.calendar, number);
        scene
            .socket
            .push(std::slice::from_ref(&next))
            .await
            .unwrap();
        envelopes.push(next);
        scene.end = crate::world::position_after(stream, &envelopes);
        scene.pack(byte).await;
    }
    let packs = scene.packs().await.packs;
    assert_eq!(packs.len(), 3);
    assert_eq!(packs.last().map(|pack| pack.name), Some(kept));
    // The newest takes the place of all before it.
    let order = scene.order(&ada, Order::Confirm, packs[0].name).await;
    confirm(&mut scene.socket, order).await.unwrap();
    let left = scene.packs().await.packs;
    assert_eq!((left.len(), left[0].name), (1, packs[0].name));
}

#[tokio::test]
async fn an_order_that_is_not_the_callers_own_is_refused() {
    let mut scene = Scene::new().await;
    let name = scene.pack(1).await;
    let (second, mut socket) = scene.second_device().await;
    let ada = scene.ada.clone();
    let of_ada = scene.order(&ada, Order::Confirm, name).await;
    let refused = confirm(&mut socket, of_ada).await.unwrap_err();
    assert_eq!(refused.reason, Reason::Forbidden);
    let drop = scene.order(&second, Order::Drop, name).await;
    let refused = confirm(&mut socket, drop).await.unwrap_err();
    assert_eq!(refused.reason, Reason::Malformed);
    let mut bent = scene.order(&second, Order::Confirm, name).await;
    *bent.last_mut().unwrap() ^= 1;
    let refused = confirm(&mut socket, bent).await.unwrap_err();
    assert_eq!(refused.reason, Reason::Malformed);
}
