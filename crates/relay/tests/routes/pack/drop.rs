//! DROP.

use almanac_protocol::message::{Message, Reason, Sub};
use almanac_protocol::pack::Order;

use super::{Scene, confirm, drop_packed};
use crate::world::{Socket, position_after, start};

/// What RESET answers to a subscription from here.
async fn reset(socket: &mut Socket, position: almanac_protocol::message::Position) -> Option<u32> {
    socket
        .send(Sub {
            streams: vec![position],
        })
        .await;
    let Message::Head(head) = socket.receive().await else {
        panic!("no head")
    };
    if !head.streams.is_empty() {
        return None;
    }
    match socket.receive().await {
        Message::Reset(reset) => Some(reset.reason),
        other => panic!("no reset: {other:?}"),
    }
}

/// Lets a month pass for what was confirmed.
fn a_month_passes(scene: &Scene) {
    let path = almanac_relay::database_path(scene.world.folder());
    let database = rusqlite::Connection::open(path).expect("the database opens");
    let month = 30 * 24 * 60 * 60 * 1000_i64;
    let update = "UPDATE pack SET confirmed_ms = confirmed_ms - ?1 WHERE confirmed_ms > 0";
    database.execute(update, [month]).expect("it is changed");
}

#[tokio::test]
async fn fault_34_nothing_is_dropped_before_a_pack_is_confirmed_and_a_month_old() {
    let mut scene = Scene::new().await;
    let name = scene.pack(1).await;
    let ada = scene.ada.clone();
    let order = scene.order(&ada, Order::Drop, name).await;
    let refused = drop_packed(&mut scene.socket, order.clone())
        .await
        .unwrap_err();
    assert_eq!(refused.reason, Reason::Forbidden);
    let word = scene.order(&ada, Order::Confirm, name).await;
    confirm(&mut scene.socket, word).await.unwrap();
    let refused = drop_packed(&mut scene.socket, order.clone())
        .await
        .unwrap_err();
    assert_eq!(refused.reason, Reason::Busy);
    let from_the_start = start(scene.calendar.main());
    assert_eq!(reset(&mut scene.socket, from_the_start).await, None);
    assert_eq!(scene.socket.page().await.envelopes.len(), 3);
    a_month_passes(&scene);
    drop_packed(&mut scene.socket, order).await.unwrap();
    assert_eq!(scene.packs().await.dropped_to, 3);
}

#[tokio::test]
async fn fault_35_who_stands_before_what_was_dropped_is_told_to_take_the_pack() {
    let mut scene = Scene::new().await;
    let name = scene.pack(1).await;
    let ada = scene.ada.clone();
    let stream = scene.calendar.main();
    let first = ada.envelope(&scene.calendar, 1);
    let used = |welcome: almanac_protocol::message::Welcome| welcome.used_bytes;
    let mut socket = scene.world.connect().await;
    let before = socket.enter(&ada, &scene.world.origin()).await.map(used);
    assert_eq!(before, Ok(u64::try_from(3 * first.len()).unwrap()));
    for order in [Order::Confirm, Order::Drop] {
        let signed = scene.order(&ada, order, name).await;
        if order == Order::Confirm {
            confirm(&mut scene.socket, signed).await.unwrap();
            a_month_passes(&scene);
        } else {
            drop_packed(&mut scene.socket, signed).await.unwrap();
        }
    }
    let mut socket = scene.world.connect().await;
    assert_eq!(
        socket.enter(&ada, &scene.world.origin()).await.map(used),
        Ok(0)
    );
    assert_eq!(reset(&mut socket, start(stream)).await, Some(3));
    let one = position_after(stream, std::slice::from_ref(&first));
    assert_eq!(reset(&mut socket, one).await, Some(3));
    let mut strange = one;
    strange.hash = almanac_protocol::ids::StreamHash::from_bytes([9; 32]);
    assert_eq!(reset(&mut socket, strange).await, Some(1));
    // What follows the pack is there, and what was acknowledged once is not taken twice.
    assert_eq!(reset(&mut socket, scene.end).await, None);
    let again = [first, ada.envelope(&scene.calendar, 4)];
    assert_eq!(scene.socket.push(&again).await, Ok(vec![1, 4]));
    assert_eq!(socket.page().await.first_rseq, 4);
    let mut other = ada.envelope(&scene.calendar, 2);
    *other.last_mut().unwrap() ^= 1;
    let refused = scene.socket.push(&[other]).await.unwrap_err();
    assert_eq!(refused.reason, Reason::Taken);
}

#[tokio::test]
async fn who_reads_slowly_while_it_is_dropped_is_told_to_take_the_pack() {
    // More than the buffers on the way hold.
    let mut scene = Scene::of(40, 700 * 1024).await;
    let mut slow = scene.world.enter(&scene.ada).await;
    let stream = scene.calendar.main();
    slow.subscribe(start(stream)).await;
    let name = scene.pack(1).await;
    let ada = scene.ada.clone();
    let word = scene.order(&ada, Order::Confirm, name).await;
    confirm(&mut scene.socket, word).await.unwrap();
    a_month_passes(&scene);
    let word = scene.order(&ada, Order::Drop, name).await;
    drop_packed(&mut scene.socket, word).await.unwrap();
    let mut next = 1;
    let told = loop {
        match slow.receive().await {
            Message::Envelopes(page) => {
                assert_eq!(page.first_rseq, next);
                next += u64::try_from(page.envelopes.len()).unwrap();
            }
            Message::Reset(reset) => break reset,
            other => panic!("neither a page nor a word: {other:?}"),
        }
    };
    assert!(next < 40, "it had read all before");
    assert_eq!((told.reason, told.position), (3, scene.end));
    // From there on it is served again.
    assert_eq!(slow.subscribe(scene.end).await, [scene.end]);
    let more = ada.envelope(&scene.calendar, 41);
    scene.socket.push(&[more]).await.unwrap();
    assert_eq!(slow.page().await.first_rseq, 41);
}
