//! HELLO and AUTH.

use almanac_protocol::ids::Signature;
use almanac_protocol::message::{Auth, Hello, LinkGet, Message, Reason};
use minicbor::bytes::ByteVec;

use crate::world::{Person, Socket, World};

#[tokio::test]
async fn every_failed_proof_looks_the_same() {
    let world = World::start().await;
    let (ada, stranger) = (Person::new(1), Person::new(2));
    world.register(&ada).await;

    let mut wrong_key = world.connect().await;
    let challenge = wrong_key.hello(Some(&ada), &world.origin()).await;
    assert!(challenge.known);
    let signature = Socket::proof(&stranger, &world.origin(), &challenge);
    wrong_key.send(Auth { signature }).await;

    let mut unknown = world.connect().await;
    let challenge = unknown.hello(Some(&stranger), &world.origin()).await;
    assert!(!challenge.known);
    let signature = Socket::proof(&stranger, &world.origin(), &challenge);
    unknown.send(Auth { signature }).await;

    let mut other_origin = world.connect().await;
    let challenge = other_origin.hello(Some(&ada), "https://evil.example").await;
    let signature = Socket::proof(&ada, "https://evil.example", &challenge);
    other_origin.send(Auth { signature }).await;

    let mut replayed = world.connect().await;
    replayed.hello(Some(&ada), &world.origin()).await;
    let signature = Socket::proof(&ada, &world.origin(), &challenge);
    replayed.send(Auth { signature }).await;

    for socket in [
        &mut wrong_key,
        &mut unknown,
        &mut other_origin,
        &mut replayed,
    ] {
        assert_eq!(socket.welcome().await, Err(Reason::AuthFailed));
    }
}

#[tokio::test]
async fn a_signature_for_another_relay_is_worthless_here() {
    let world = World::start_with_origin("https://cal.example.org").await;
    let ada = Person::new(1);
    let mut socket = world.connect().await;
    let invite = world.invite();
    assert!(
        socket
            .register(&ada, "https://cal.example.org", &invite)
            .await
            .is_ok()
    );
    for origin in ["https://cal.example.com", "http://127.0.0.1:8440"] {
        let mut socket = world.connect().await;
        assert_eq!(
            socket.enter(&ada, origin).await,
            Err(Reason::AuthFailed),
            "{origin}"
        );
    }
    // Says one origin and signs another.
    let mut socket = world.connect().await;
    let challenge = socket.hello(Some(&ada), "https://cal.example.org").await;
    let signature = Socket::proof(&ada, "https://cal.example.com", &challenge);
    socket.send(Auth { signature }).await;
    assert_eq!(socket.welcome().await, Err(Reason::AuthFailed));
}

#[tokio::test]
async fn the_welcome_names_the_calendars_and_outlives_a_restart() {
    let world = World::start().await;
    let (ada, calendar, mut socket) = world.owner(1).await;
    let envelope = ada.envelope(&calendar, 1);
    socket.push(std::slice::from_ref(&envelope)).await.unwrap();

    let mut first = world.connect().await;
    let before = first.enter(&ada, &world.origin()).await.unwrap();
    assert_eq!(before.calendars, [calendar.log.id()]);
    assert_eq!(before.used_bytes, u64::try_from(envelope.len()).unwrap());

    let world = world.restart().await;
    assert_eq!(first.bye().await, Reason::Leaving);
    assert_eq!(world.relay.owner_invite(), None);
    let mut second = world.connect().await;
    assert_eq!(second.enter(&ada, &world.origin()).await, Ok(before));
}

#[tokio::test]
async fn nothing_is_served_before_the_proof() {
    let world = World::start().await;
    let (ada, calendar, _socket) = world.owner(1).await;
    let get = LinkGet {
        request: 1,
        log: calendar.log(),
        first_seq: 0,
    };

    let mut fresh = world.connect().await;
    fresh.send(get.clone()).await;
    assert_eq!(fresh.bye().await, Reason::Malformed);

    let mut challenged = world.connect().await;
    challenged.hello(Some(&ada), &world.origin()).await;
    challenged.send(get.clone()).await;
    assert_eq!(challenged.bye().await, Reason::Malformed);

    let mut guest = world.connect().await;
    guest.hello(None, &world.origin()).await;
    guest.send(get).await;
    assert_eq!(guest.bye().await, Reason::Malformed);

    let mut guest = world.connect().await;
    guest.hello(None, &world.origin()).await;
    guest
        .send(Auth {
            signature: Signature::from_bytes([0; 64]),
        })
        .await;
    assert_eq!(guest.bye().await, Reason::Malformed);
}

#[tokio::test]
async fn a_hello_that_is_none_ends_the_connection() {
    let world = World::start().await;
    let ada = Person::new(1);
    let hello = Hello {
        version: 1,
        origin: world.origin(),
        client_nonce: ByteVec::from(vec![1; 32]),
        account: Some(ada.account()),
        device: Some(ada.device),
    };
    let half = Hello {
        device: None,
        ..hello.clone()
    };
    let short = Hello {
        client_nonce: ByteVec::from(vec![1; 31]),
        ..hello.clone()
    };
    let long = Hello {
        origin: "x".repeat(70_000),
        ..hello.clone()
    };
    for hello in [half, short, long] {
        let mut socket = world.connect().await;
        socket.send(hello).await;
        assert_eq!(socket.bye().await, Reason::Malformed);
    }
    let mut socket = world.connect().await;
    socket
        .send(Hello {
            version: 0,
            ..hello
        })
        .await;
    assert_eq!(socket.bye().await, Reason::Version);
}

#[tokio::test]
async fn a_guest_that_means_another_relay_is_refused() {
    let world = World::start().await;
    let mut socket = world.connect().await;
    socket
        .send(Hello {
            version: 1,
            origin: "https://evil.example".into(),
            client_nonce: ByteVec::from(vec![1; 32]),
            account: None,
            device: None,
        })
        .await;
    let Message::Nack(nack) = socket.receive().await else {
        panic!("not refused")
    };
    assert_eq!(nack.reason, Reason::AuthFailed);
    assert_eq!(socket.bye().await, Reason::AuthFailed);
}

#[tokio::test]
async fn a_device_enters_once_its_link_stands() {
    let world = World::start().await;
    let mut ada = Person::new(1);
    let mut socket = world.register(&ada).await;
    let head = Some(ada.log.view().head);
    let (laptop, link) = ada.add_device(11);

    let mut early = world.connect().await;
    assert_eq!(
        early.enter(&laptop, &world.origin()).await,
        Err(Reason::AuthFailed)
    );
    socket
        .put_link(ada.account().into(), head, &link)
        .await
        .unwrap();
    world.enter(&laptop).await;
}
