//! SUB, UNSUB, HEAD, RESET and the pages that follow.

use almanac_protocol::ids::StreamHash;
use almanac_protocol::message::{Message, Position, Reset, Sub, Unsub};

use crate::world::{Calendar, Person, Socket, World, position_after, start};

async fn fill(
    person: &Person,
    calendar: &Calendar,
    socket: &mut Socket,
    count: u64,
) -> Vec<Vec<u8>> {
    let envelopes: Vec<_> = (1..=count)
        .map(|seq| person.envelope(calendar, seq))
        .collect();
    for batch in envelopes.chunks(200) {
        socket.push(batch).await.expect("a batch is taken");
    }
    envelopes
}

#[tokio::test]
async fn catching_up_is_complete_at_every_edge_of_a_page() {
    let world = World::start().await;
    let (ada, calendar, mut desk) = world.owner(1).await;
    let mut all: Vec<Vec<u8>> = Vec::new();
    for count in [0_usize, 1, 255, 256, 257, 512] {
        while all.len() < count {
            let more: Vec<_> = (all.len()..count.min(all.len() + 200))
                .map(|before| ada.envelope(&calendar, u64::try_from(before).unwrap() + 1))
                .collect();
            desk.push(&more).await.unwrap();
            all.extend(more);
        }
        let mut laptop = world.enter(&ada).await;
        let head = position_after(calendar.main(), &all);
        assert_eq!(laptop.subscribe(start(calendar.main())).await, [head]);
        let mut got: Vec<Vec<u8>> = Vec::new();
        while got.len() < count {
            let page = laptop.page().await;
            assert_eq!(page.first_rseq, u64::try_from(got.len()).unwrap() + 1);
            assert!(page.envelopes.len() <= 256);
            got.extend(page.envelopes.into_iter().map(Vec::from));
        }
        assert!(got == all, "{count} envelopes");
        assert!(laptop.hears_nothing().await);
    }
}

#[tokio::test]
async fn a_client_that_is_up_to_date_hears_the_head_and_nothing_else() {
    let world = World::start().await;
    let (ada, calendar, mut desk) = world.owner(1).await;
    let all = fill(&ada, &calendar, &mut desk, 5).await;
    let mut laptop = world.enter(&ada).await;
    let head = position_after(calendar.main(), &all);
    assert_eq!(laptop.subscribe(head).await, [head]);
    assert!(laptop.hears_nothing().await);
    let middle = position_after(calendar.main(), &all[..2]);
    assert_eq!(laptop.subscribe(middle).await, [head]);
    let page = laptop.page().await;
    assert_eq!((page.first_rseq, page.envelopes.len()), (3, 3));
}

#[tokio::test]
async fn large_envelopes_come_in_pages_that_fit_a_message() {
    let world = World::start().await;
    let (ada, calendar, mut desk) = world.owner(1).await;
    let kind = almanac_protocol::envelope::EnvelopeKind::Own;
    let all: Vec<_> = (1..=5)
        .map(|seq| ada.envelope_of(&calendar, seq, kind, 1, 700 * 1024))
        .collect();
    for envelope in &all {
        desk.push(std::slice::from_ref(envelope)).await.unwrap();
    }
    let mut laptop = world.enter(&ada).await;
    laptop.subscribe(start(calendar.main())).await;
    for (number, envelope) in (1..).zip(&all) {
        let page = laptop.page().await;
        assert_eq!(page.first_rseq, number);
        assert!(page.envelopes.len() == 1 && *page.envelopes[0] == *envelope);
    }
}

#[tokio::test]
async fn a_position_that_is_not_of_this_stream_is_reset() {
    let world = World::start().await;
    let (ada, calendar, mut desk) = world.owner(1).await;
    let all = fill(&ada, &calendar, &mut desk, 3).await;
    let head = position_after(calendar.main(), &all);
    let mut laptop = world.enter(&ada).await;
    let wrong_hash = Position {
        hash: StreamHash::from_bytes([9; 32]),
        ..head
    };
    let wrong_start = Position {
        rseq: 0,
        ..wrong_hash
    };
    let beyond = Position { rseq: 4, ..head };
    for (position, reason) in [(wrong_hash, 1), (wrong_start, 1), (beyond, 2)] {
        assert_eq!(laptop.subscribe(position).await, []);
        let reset = Message::from(Reset {
            position: head,
            reason,
        });
        assert_eq!(laptop.receive().await, reset);
    }
    // Nothing is sent to whoever was reset, until it asks from where the relay can follow.
    desk.push(&[ada.envelope(&calendar, 4)]).await.unwrap();
    assert!(laptop.hears_nothing().await);
    laptop.subscribe(head).await;
    assert_eq!(laptop.page().await.first_rseq, 4);
}

#[tokio::test]
async fn a_stranger_is_not_told_whether_a_stream_exists() {
    let world = World::start().await;
    let (ada, calendar, mut desk) = world.owner(1).await;
    let bob = Person::new(2);
    let mut socket = world.register(&bob).await;
    let nowhere = bob.calendar(9);
    let streams = vec![
        start(calendar.main()),
        start(calendar.free_busy()),
        start(nowhere.main()),
        start(almanac_protocol::message::Stream {
            kind: 9,
            ..calendar.main()
        }),
    ];
    socket.send(Sub { streams }).await;
    let Message::Head(head) = socket.receive().await else {
        panic!("no head")
    };
    assert_eq!(head.streams, []);
    desk.push(&[ada.envelope(&calendar, 1)]).await.unwrap();
    assert!(socket.hears_nothing().await);
}

#[tokio::test]
async fn whoever_leaves_a_stream_hears_no_more_of_it() {
    let world = World::start().await;
    let (ada, calendar, mut desk) = world.owner(1).await;
    let mut laptop = world.enter(&ada).await;
    laptop.subscribe(start(calendar.main())).await;
    desk.push(&[ada.envelope(&calendar, 1)]).await.unwrap();
    assert_eq!(laptop.page().await.first_rseq, 1);
    laptop
        .send(Unsub {
            streams: vec![calendar.main()],
        })
        .await;
    assert!(laptop.hears_nothing().await);
    desk.push(&[ada.envelope(&calendar, 2)]).await.unwrap();
    assert!(laptop.hears_nothing().await);
}

#[tokio::test]
async fn two_streams_of_a_calendar_do_not_mix() {
    let world = World::start().await;
    let (ada, calendar, mut desk) = world.owner(1).await;
    let mut laptop = world.enter(&ada).await;
    laptop.subscribe(start(calendar.free_busy())).await;
    desk.push(&[ada.envelope(&calendar, 1)]).await.unwrap();
    assert!(laptop.hears_nothing().await);
    let kind = almanac_protocol::envelope::EnvelopeKind::FreeBusy;
    let busy = ada.envelope_of(&calendar, 1, kind, 1, 528);
    desk.push(&[busy]).await.unwrap();
    assert_eq!(laptop.page().await.stream, calendar.free_busy());
}

#[tokio::test]
async fn a_rotation_does_not_interrupt_those_who_follow() {
    let world = World::start().await;
    let (ada, calendar, mut desk) = world.owner(1).await;
    let mut laptop = world.enter(&ada).await;
    laptop.subscribe(start(calendar.main())).await;
    let rotation = ada.rotate(&calendar);
    desk.put_link(calendar.log(), calendar.head(), &rotation)
        .await
        .unwrap();
    let kind = almanac_protocol::envelope::EnvelopeKind::Own;
    for seq in 1..=3 {
        let envelope = ada.envelope_of(&calendar, seq, kind, 2, 528);
        desk.push(&[envelope]).await.unwrap();
    }
    let mut next = 1;
    while next <= 3 {
        let page = laptop.page().await;
        assert_eq!(page.first_rseq, next);
        next += u64::try_from(page.envelopes.len()).unwrap();
    }
    assert!(laptop.hears_nothing().await);
}
