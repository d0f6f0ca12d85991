//! A recovery kit comes in, waits, and may sign.

use almanac_protocol::ids::LinkHash;
use almanac_protocol::membership::link_hash;
use almanac_protocol::message::{
    BoxGet, LinkGet, Message, Pull, Reason, RecoveryApprove, RecoveryBegun,
};

use crate::world::{Person, Socket, World};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// Someone at the relay whose account has a kit.
async fn with_kit(world: &World) -> (Person, Person, Socket) {
    let mut ada = Person::new(1);
    let mut socket = world.register(&ada).await;
    let head = head(&ada);
    let (kit, link) = ada.put_kit(3);
    let put = socket.put_link(ada.account().into(), head, &link).await;
    put.expect("the only device puts a kit in force");
    (ada, kit, socket)
}

fn head(person: &Person) -> Option<LinkHash> {
    person.links.last().map(|link| link_hash(link))
}

async fn begun(socket: &mut Socket) -> RecoveryBegun {
    loop {
        match socket.receive().await {
            Message::RecoveryBegun(begun) => return begun,
            Message::LogGrew(_) => {}
            other => panic!("no notice: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_kit_comes_in_by_recover_alone_and_every_device_hears_of_it() {
    let world = World::start().await;
    let (ada, kit, mut connected) = with_kit(&world).await;
    let mut socket = world.connect().await;
    let auth = socket.enter(&kit, &world.origin()).await;
    assert_eq!(auth, Err(Reason::AuthFailed));

    let mut socket = world.connect().await;
    let recovery = socket.recover(&kit, &world.origin()).await.unwrap();
    assert_eq!(recovery.account, ada.account());
    assert!(!recovery.factor_due);
    assert!((DAY_MS - 60_000..=DAY_MS).contains(&recovery.wait_ms));
    let notice = begun(&mut connected).await;
    assert_eq!(notice.device, kit.device);
    assert!(notice.wait_ms > 0);
    // Also who comes later, for as long as it waits.
    let mut later = world.enter(&ada).await;
    assert_eq!(begun(&mut later).await.begun_ms, notice.begun_ms);
    // It waits once: coming again changes nothing.
    let mut again = world.connect().await;
    let again = again.recover(&kit, &world.origin()).await.unwrap();
    assert!(again.wait_ms <= recovery.wait_ms);
}

#[tokio::test]
async fn what_is_no_kit_does_not_come_in() {
    let world = World::start().await;
    let (ada, kit, _socket) = with_kit(&world).await;
    let stranger = Person::new(9);
    let mut other_key = stranger.clone();
    other_key.device = kit.device;
    for (who, origin) in [
        (&stranger, world.origin()),
        (&other_key, world.origin()),
        // A device is no kit.
        (&ada, world.origin()),
    ] {
        let mut socket = world.connect().await;
        let refused = socket.recover(who, &origin).await;
        assert_eq!(refused, Err(Reason::AuthFailed));
    }
    // Nor is a signature for another relay one for this.
    let mut socket = world.connect().await;
    socket.hello(None, &world.origin()).await;
    let signature = kit.prove_as_kit("https://evil.example", &[0xC1; 32], &[0; 32]);
    socket
        .send(almanac_protocol::message::Recover {
            request: 1,
            device: kit.device,
            signature,
        })
        .await;
    assert_eq!(socket.welcome().await, Err(Reason::AuthFailed));
}

#[tokio::test]
async fn a_kit_sees_its_account_and_no_calendar() {
    let world = World::start().await;
    let (ada, kit, mut connected) = with_kit(&world).await;
    let calendar = ada.calendar(5);
    let put = connected.put_link(calendar.log(), None, &calendar.genesis);
    put.await.unwrap();
    let mut socket = world.connect().await;
    socket.recover(&kit, &world.origin()).await.unwrap();
    let own = LinkGet {
        request: 50,
        log: ada.account().into(),
        first_seq: 0,
    };
    socket.send(own.clone()).await;
    let Message::Links(links) = socket.receive().await else {
        panic!("no links")
    };
    assert_eq!(links.count, 2);
    let theirs = LinkGet {
        log: calendar.log(),
        ..own
    };
    socket.send(theirs).await;
    let boxes = BoxGet {
        request: 51,
        log: calendar.log(),
    };
    socket.send(boxes).await;
    for _ in 0..2 {
        let Message::Nack(nack) = socket.receive().await else {
            panic!("not refused")
        };
        assert_eq!(nack.reason, Reason::Forbidden);
    }
    socket
        .send(Pull {
            request: 52,
            stream: calendar.main(),
            first_rseq: 1,
            count: 1,
        })
        .await;
    assert_eq!(socket.bye().await, Reason::Malformed);
}

#[tokio::test]
async fn a_kit_signs_when_it_has_waited_or_a_device_agrees() {
    let world = World::start().await;
    let (ada, mut kit, mut connected) = with_kit(&world).await;
    let account = ada.account().into();
    let head = head(&ada);
    let mut socket = world.connect().await;
    socket.recover(&kit, &world.origin()).await.unwrap();
    let (_, link) = kit.add_device(7);
    let held = socket.put_link(account, head, &link).await.unwrap_err();
    assert_eq!(held.reason, Reason::Held);
    assert!((DAY_MS - 60_000..=DAY_MS).contains(&held.retry_after_ms));
    // Whoever brings it: the kit has signed.
    let held = connected.put_link(account, head, &link).await.unwrap_err();
    assert_eq!(held.reason, Reason::Held);

    let request = connected.request();
    let approve = RecoveryApprove {
        request,
        device: kit.device,
    };
    connected.send(approve).await;
    connected.answer(request).await.unwrap();
    socket.put_link(account, head, &link).await.unwrap();
}

#[tokio::test]
async fn a_new_kit_ends_what_the_old_one_has_begun() {
    let world = World::start().await;
    let (mut ada, old, mut connected) = with_kit(&world).await;
    let mut socket = world.connect().await;
    socket.recover(&old, &world.origin()).await.unwrap();
    let before = head(&ada);
    let (new, link) = ada.put_kit(4);
    let put = connected
        .put_link(ada.account().into(), before, &link)
        .await;
    put.unwrap();
    loop {
        match socket.receive().await {
            Message::LogGrew(_) => {}
            Message::Bye(bye) => {
                assert_eq!(bye.reason, Reason::Forbidden);
                break;
            }
            other => panic!("it goes on: {other:?}"),
        }
    }
    let mut again = world.connect().await;
    let refused = again.recover(&old, &world.origin()).await;
    assert_eq!(refused, Err(Reason::AuthFailed));
    let mut fresh = world.connect().await;
    let recovery = fresh.recover(&new, &world.origin()).await.unwrap();
    assert!(recovery.wait_ms > DAY_MS - 60_000);
}
