//! LINK_PUT.

use almanac_protocol::message::{LogGrew, Message, Reason};
use minicbor::bytes::ByteVec;

use crate::world::{Person, World};

#[tokio::test]
async fn a_link_is_taken_only_while_its_head_stands() {
    let world = World::start().await;
    let mut ada = Person::new(1);
    let mut socket = world.register(&ada).await;
    let head = ada.log.view().head;
    let mut other = ada.clone();
    let (_, first) = ada.add_device(11);
    let (_, second) = other.add_device(12);
    let log = ada.account().into();

    let nack = socket.put_link(log, None, &first).await.unwrap_err();
    assert_eq!((nack.reason, nack.seq), (Reason::Conflict, Some(0)));
    socket.put_link(log, Some(head), &first).await.unwrap();
    let nack = socket.put_link(log, Some(head), &second).await.unwrap_err();
    assert_eq!((nack.reason, nack.seq), (Reason::Conflict, Some(1)));
    assert_eq!(
        nack.hash,
        Some(ByteVec::from(ada.log.view().head.as_bytes().to_vec()))
    );
    // The very same link again is fine: its sender missed the first answer.
    socket.put_link(log, Some(head), &first).await.unwrap();
}

#[tokio::test]
async fn a_genesis_stands_once_and_under_its_own_id() {
    let world = World::start().await;
    let (ada, calendar, mut socket) = world.owner(1).await;
    socket
        .put_link(calendar.log(), None, &calendar.genesis)
        .await
        .unwrap();

    let other = ada.calendar(2);
    let nack = socket
        .put_link(calendar.log(), None, &other.genesis)
        .await
        .unwrap_err();
    assert_eq!(nack.reason, Reason::Malformed);
    let nack = socket
        .put_link(other.log(), calendar.head(), &other.genesis)
        .await
        .unwrap_err();
    assert_eq!(
        (nack.reason, nack.hash, nack.seq),
        (Reason::Conflict, None, None)
    );
    socket
        .put_link(other.log(), None, &other.genesis)
        .await
        .unwrap();
}

#[tokio::test]
async fn nobody_puts_links_for_another() {
    let world = World::start().await;
    let (ada, calendar, _ada) = world.owner(1).await;
    let bob = Person::new(2);
    let mut socket = world.register(&bob).await;
    // Ada's own link in Bob's hands.
    let rotation = ada.rotate(&calendar);
    let nack = socket
        .put_link(calendar.log(), calendar.head(), &rotation)
        .await
        .unwrap_err();
    assert_eq!(nack.reason, Reason::Forbidden);
    // A calendar of Ada's that Bob brings.
    let other = ada.calendar(3);
    let nack = socket
        .put_link(other.log(), None, &other.genesis)
        .await
        .unwrap_err();
    assert_eq!(nack.reason, Reason::Forbidden);
    // Bob's signature in Ada's log.
    let mut forged = calendar
        .log
        .rotate(&bob, &bob.log, &rotation_of(&calendar), 0)
        .unwrap();
    let nack = socket
        .put_link(calendar.log(), calendar.head(), &forged)
        .await
        .unwrap_err();
    assert_eq!(nack.reason, Reason::Forbidden);
    // A broken signature.
    let last = forged.len() - 1;
    forged[last] ^= 1;
    let nack = socket
        .put_link(calendar.log(), calendar.head(), &forged)
        .await
        .unwrap_err();
    assert_eq!(nack.reason, Reason::Forbidden);
}

fn rotation_of(calendar: &crate::world::Calendar) -> almanac_protocol::membership::RotationSection {
    let mut section = calendar.log.epoch_now().section.clone();
    section.epoch += 1;
    section.history_main = almanac_protocol::membership::HistoryWrap::from_bytes([7; 72]);
    section.history_free_busy = section.history_main;
    section
}

#[tokio::test]
async fn a_rotation_that_breaks_a_rule_is_refused() {
    let world = World::start().await;
    let (ada, calendar, mut socket) = world.owner(1).await;
    let good = rotation_of(&calendar);
    let mut skipped = good.clone();
    skipped.epoch += 1;
    let mut nobody = good.clone();
    nobody.members.clear();
    for section in [skipped, nobody] {
        let link = calendar.log.rotate(&ada, &ada.log, &section, 0).unwrap();
        let nack = socket
            .put_link(calendar.log(), calendar.head(), &link)
            .await
            .unwrap_err();
        assert_eq!(nack.reason, Reason::Forbidden);
    }
    let link = calendar.log.rotate(&ada, &ada.log, &good, 0).unwrap();
    socket
        .put_link(calendar.log(), calendar.head(), &link)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_link_that_quotes_links_not_sent_yet_must_wait() {
    let world = World::start().await;
    let mut ada = Person::new(1);
    let mut socket = world.register(&ada).await;
    let head = Some(ada.log.view().head);
    let (_, link) = ada.add_device(11);
    let calendar = ada.calendar(1);
    let nack = socket
        .put_link(calendar.log(), None, &calendar.genesis)
        .await
        .unwrap_err();
    assert_eq!(nack.reason, Reason::Unknown);
    socket
        .put_link(ada.account().into(), head, &link)
        .await
        .unwrap();
    socket
        .put_link(calendar.log(), None, &calendar.genesis)
        .await
        .unwrap();
}

#[tokio::test]
async fn bytes_that_are_no_link_are_refused() {
    let world = World::start().await;
    let (_, calendar, mut socket) = world.owner(1).await;
    for link in [vec![], vec![0; 300], calendar.genesis[..100].to_vec()] {
        let nack = socket
            .put_link(calendar.log(), calendar.head(), &link)
            .await
            .unwrap_err();
        assert_eq!(nack.reason, Reason::Malformed);
    }
    let large = vec![0; 65 * 1024];
    let nack = socket
        .put_link(calendar.log(), calendar.head(), &large)
        .await
        .unwrap_err();
    assert_eq!(nack.reason, Reason::TooLarge);
}

#[tokio::test]
async fn the_account_s_other_devices_hear_of_a_grown_log_and_strangers_do_not() {
    let world = World::start().await;
    let (ada, calendar, mut desk) = world.owner(1).await;
    let mut laptop = world.enter(&ada).await;
    let mut stranger = world.register(&Person::new(2)).await;
    let rotation = ada.rotate(&calendar);
    desk.put_link(calendar.log(), calendar.head(), &rotation)
        .await
        .unwrap();
    let grew = Message::from(LogGrew {
        log: calendar.log(),
        count: 2,
    });
    assert_eq!(laptop.receive().await, grew);
    assert!(stranger.hears_nothing().await);
}
