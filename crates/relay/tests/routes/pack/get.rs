//! PACK_GET.

use almanac_protocol::message::{Message, PackGet, Reason};

use super::Scene;

#[tokio::test]
async fn a_stream_without_packs_tells_how_long_its_tail_is() {
    let mut scene = Scene::new().await;
    let packs = scene.packs().await;
    assert_eq!(packs.packs, []);
    let weight = u64::try_from(3 * scene.ada.envelope(&scene.calendar, 1).len());
    assert_eq!(
        (packs.tail_envelopes, Ok(packs.tail_bytes), packs.dropped_to),
        (3, weight, 0)
    );
    let ticket = packs.ticket;
    assert_eq!(ticket.len(), 32);
    assert_ne!(scene.packs().await.ticket, ticket);
}

#[tokio::test]
async fn packs_are_named_with_those_who_went_on_after_them() {
    let mut scene = Scene::new().await;
    let name = scene.pack(1).await;
    let next = scene.ada.envelope(&scene.calendar, 4);
    scene.socket.push(&[next]).await.unwrap();
    let packs = scene.packs().await;
    let [pack] = &packs.packs[..] else {
        panic!("one pack")
    };
    assert_eq!((pack.name, pack.rseq, pack.confirmed_ms), (name, 3, 0));
    assert_eq!(pack.device, scene.ada.device);
    let [author] = pack.tail[..] else {
        panic!("one author")
    };
    assert_eq!((author.device, author.first_seq), (scene.ada.device, 4));
    assert_eq!(packs.tail_envelopes, 1);
}

#[tokio::test]
async fn a_stranger_is_told_of_no_packs() {
    let scene = Scene::new().await;
    let (_, _, mut socket) = scene.world.owner(2).await;
    let stream = scene.calendar.main();
    socket.send(PackGet { request: 7, stream }).await;
    let Message::Nack(nack) = socket.receive().await else {
        panic!("no refusal")
    };
    assert_eq!(nack.reason, Reason::Forbidden);
}
