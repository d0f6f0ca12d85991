//! PAIR_OPEN, PAIR_JOIN and PAIR_SEND.

use almanac_protocol::limits::PAIRING_PAYLOAD_BYTES_MAX;
use almanac_protocol::message::{Message, PairJoin, PairOpen, PairSend, Reason};
use minicbor::bytes::ByteVec;

use crate::world::{Person, Socket, World};

async fn open(socket: &mut Socket) -> String {
    let request = socket.request();
    socket
        .send(PairOpen {
            request,
            routing: String::new(),
        })
        .await;
    let Message::PairOpen(open) = socket.receive().await else {
        panic!("no code")
    };
    assert_eq!((open.request, open.routing.len()), (request, 8));
    open.routing
}

async fn join(socket: &mut Socket, routing: &str) -> Result<(), Reason> {
    socket
        .send(PairJoin {
            request: 5,
            routing: routing.to_owned(),
        })
        .await;
    match socket.receive().await {
        Message::PairJoin(joined) => {
            assert_eq!((joined.request, joined.routing.as_str()), (5, routing));
            Ok(())
        }
        Message::Nack(nack) => Err(nack.reason),
        other => panic!("neither joined nor refused: {other:?}"),
    }
}

async fn guest(world: &World) -> Socket {
    let mut socket = world.connect().await;
    let challenge = socket.hello(None, &world.origin()).await;
    assert!(!challenge.known);
    socket
}

fn step(routing: &str, payload: &[u8]) -> PairSend {
    PairSend {
        routing: routing.to_owned(),
        payload: ByteVec::from(payload.to_vec()),
    }
}

#[tokio::test]
async fn steps_cross_between_two_devices_and_a_code_works_once() {
    let world = World::start().await;
    let mut old = world.register(&Person::new(1)).await;
    let routing = open(&mut old).await;
    let mut new = guest(&world).await;
    assert_eq!(join(&mut new, &routing).await, Ok(()));
    let joined = Message::from(PairJoin {
        request: 0,
        routing: routing.clone(),
    });
    assert_eq!(old.receive().await, joined);

    let mut thief = guest(&world).await;
    assert_eq!(join(&mut thief, &routing).await, Err(Reason::PairingOver));

    new.send(step(&routing, b"one")).await;
    assert_eq!(old.receive().await, step(&routing, b"one").into());
    old.send(step(&routing, b"two")).await;
    assert_eq!(new.receive().await, step(&routing, b"two").into());

    // Whoever leaves, the other hears it, and the code is gone.
    drop(new);
    assert_eq!(old.receive().await, step(&routing, b"").into());
    assert_eq!(join(&mut thief, &routing).await, Err(Reason::PairingOver));
}

#[tokio::test]
async fn an_empty_step_ends_the_pairing() {
    let world = World::start().await;
    let mut old = world.register(&Person::new(1)).await;
    let routing = open(&mut old).await;
    let mut new = guest(&world).await;
    join(&mut new, &routing).await.unwrap();
    old.receive().await;
    old.send(step(&routing, b"")).await;
    assert_eq!(new.receive().await, step(&routing, b"").into());
    new.send(step(&routing, b"anyone?")).await;
    assert_eq!(new.receive().await, step(&routing, b"").into());
    assert!(old.hears_nothing().await);
}

#[tokio::test]
async fn a_step_is_small() {
    let world = World::start().await;
    let mut old = world.register(&Person::new(1)).await;
    let routing = open(&mut old).await;
    let mut new = guest(&world).await;
    join(&mut new, &routing).await.unwrap();
    old.receive().await;
    let largest = vec![7; PAIRING_PAYLOAD_BYTES_MAX];
    new.send(step(&routing, &largest)).await;
    assert_eq!(old.receive().await, step(&routing, &largest).into());
    new.send(step(&routing, &[7; PAIRING_PAYLOAD_BYTES_MAX + 1]))
        .await;
    assert_eq!(new.bye().await, Reason::TooLarge);
    assert_eq!(old.receive().await, step(&routing, b"").into());
}

#[tokio::test]
async fn nobody_guesses_codes() {
    let world = World::start().await;
    let mut socket = guest(&world).await;
    for _ in 0..8 {
        assert_eq!(
            join(&mut socket, "00000000").await,
            Err(Reason::PairingOver)
        );
    }
    socket
        .send(PairJoin {
            request: 5,
            routing: "00000000".into(),
        })
        .await;
    assert_eq!(socket.bye().await, Reason::Rate);
}

#[tokio::test]
async fn a_guest_opens_no_code() {
    let world = World::start().await;
    let mut socket = guest(&world).await;
    socket
        .send(PairOpen {
            request: 1,
            routing: String::new(),
        })
        .await;
    assert_eq!(socket.bye().await, Reason::Malformed);
}

#[tokio::test]
async fn a_second_code_replaces_the_first() {
    let world = World::start().await;
    let mut old = world.register(&Person::new(1)).await;
    let first = open(&mut old).await;
    let second = open(&mut old).await;
    let mut new = guest(&world).await;
    assert_eq!(join(&mut new, &first).await, Err(Reason::PairingOver));
    assert_eq!(join(&mut new, &second).await, Ok(()));
}
