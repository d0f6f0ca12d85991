//! Bytes that are no message, and what they do to the others: nothing.

use almanac_protocol::limits::MESSAGE_BYTES_MAX;
use almanac_protocol::message::Reason;
use tokio_tungstenite::tungstenite::Message as Frame;

use crate::world::{World, start};

#[tokio::test]
async fn a_connection_that_talks_nonsense_ends_and_no_other_does() {
    let world = World::start().await;
    let (ada, calendar, mut desk) = world.owner(1).await;
    let mut laptop = world.enter(&ada).await;
    laptop.subscribe(start(calendar.main())).await;

    for bytes in [
        vec![],
        vec![1],
        vec![1, 0xFF, 0xFF],
        vec![10, 0xA0],
        vec![24, 0x9F],
    ] {
        let mut socket = world.enter(&ada).await;
        socket.send_bytes(bytes).await;
        assert_eq!(socket.bye().await, Reason::Malformed);
    }
    let mut socket = world.enter(&ada).await;
    socket.send_frame(Frame::Text("hello".into())).await;
    assert_eq!(socket.next().await, None);
    let mut socket = world.enter(&ada).await;
    socket.send_bytes(vec![24; MESSAGE_BYTES_MAX + 1]).await;
    assert_eq!(socket.next().await, None);

    desk.push(&[ada.envelope(&calendar, 1)]).await.unwrap();
    assert_eq!(laptop.page().await.first_rseq, 1);
}

#[tokio::test]
async fn a_kind_of_a_later_version_is_skipped() {
    let world = World::start().await;
    let (_, _, mut socket) = world.owner(1).await;
    socket.send_bytes(vec![250, 1, 2, 3]).await;
    assert!(socket.hears_nothing().await);
}
