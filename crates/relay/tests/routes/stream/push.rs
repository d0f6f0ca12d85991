//! PUSH.

use almanac_protocol::envelope::EnvelopeKind;
use almanac_protocol::limits::ENVELOPE_BYTES_MAX;
use almanac_protocol::message::{EnvelopeKey, Push, Reason};
use almanac_protocol::relay_chain::envelope_hash;
use minicbor::bytes::ByteVec;

use crate::world::{Person, World, start};

#[tokio::test]
async fn what_is_acknowledged_reaches_every_follower_and_its_author() {
    let world = World::start().await;
    let (ada, calendar, mut desk) = world.owner(1).await;
    let mut laptop = world.enter(&ada).await;
    assert_eq!(
        laptop.subscribe(start(calendar.main())).await,
        [start(calendar.main())]
    );
    desk.subscribe(start(calendar.main())).await;

    let envelope = ada.envelope(&calendar, 1);
    assert_eq!(
        desk.push(std::slice::from_ref(&envelope)).await,
        Ok(vec![1])
    );
    for socket in [&mut laptop, &mut desk] {
        let page = socket.page().await;
        assert_eq!((page.stream, page.first_rseq), (calendar.main(), 1));
        assert_eq!(page.envelopes, [ByteVec::from(envelope.clone())]);
    }
}

#[tokio::test]
async fn the_same_bytes_again_keep_their_numbers() {
    let world = World::start().await;
    let (ada, calendar, mut socket) = world.owner(1).await;
    let envelopes: Vec<_> = (1..=3).map(|seq| ada.envelope(&calendar, seq)).collect();
    assert_eq!(socket.push(&envelopes[..2]).await, Ok(vec![1, 2]));
    assert_eq!(socket.push(&envelopes[1..]).await, Ok(vec![2, 3]));
    assert_eq!(socket.push(&envelopes).await, Ok(vec![1, 2, 3]));
    // Twice in one batch.
    let fourth = ada.envelope(&calendar, 4);
    let twice = [fourth.clone(), fourth];
    assert_eq!(socket.push(&twice).await, Ok(vec![4, 4]));
}

#[tokio::test]
async fn other_bytes_under_a_key_are_refused_with_what_stands_there() {
    let world = World::start().await;
    let (ada, calendar, mut socket) = world.owner(1).await;
    let stands = ada.envelope(&calendar, 1);
    socket.push(std::slice::from_ref(&stands)).await.unwrap();
    let other = ada.envelope_of(&calendar, 1, EnvelopeKind::Own, 1, 544);
    let fresh = ada.envelope(&calendar, 2);
    let nack = socket.push(&[fresh, other]).await.unwrap_err();
    assert_eq!((nack.reason, nack.seq), (Reason::Taken, Some(1)));
    assert_eq!(
        nack.hash,
        Some(ByteVec::from(envelope_hash(&stands).to_vec()))
    );
    // All of the batch was refused: the next number is still free.
    let next = ada.envelope(&calendar, 3);
    assert_eq!(socket.push(&[next]).await, Ok(vec![2]));
}

#[tokio::test]
async fn one_number_of_another_kind_is_another_key() {
    let world = World::start().await;
    let (ada, calendar, mut socket) = world.owner(1).await;
    let own = ada.envelope(&calendar, 1);
    let carried = ada.envelope_of(&calendar, 1, EnvelopeKind::Carried, 1, 528);
    let free_busy = ada.envelope_of(&calendar, 1, EnvelopeKind::FreeBusy, 1, 528);
    let key = |envelope: &[u8]| -> EnvelopeKey {
        almanac_protocol::envelope::EnvelopeHeader::parse(envelope)
            .unwrap()
            .0
            .address
            .key()
    };
    assert_ne!(key(&own), key(&carried));
    assert_eq!(socket.push(&[own, carried]).await, Ok(vec![1, 2]));
    // A batch is for one stream: the one of its first envelope.
    let mixed = [ada.envelope(&calendar, 2), free_busy.clone()];
    let stray = socket.push(&mixed).await;
    assert_eq!(stray.unwrap_err().reason, Reason::Malformed);
    assert_eq!(socket.push(&[free_busy]).await, Ok(vec![1]));
}

#[tokio::test]
async fn a_stranger_cannot_write_or_learn_that_a_calendar_exists() {
    let world = World::start().await;
    let (ada, calendar, _ada) = world.owner(1).await;
    let bob = Person::new(2);
    let mut socket = world.register(&bob).await;
    let nowhere = bob.calendar(9);
    for envelope in [
        ada.envelope(&calendar, 1),
        bob.envelope(&calendar, 1),
        bob.envelope(&nowhere, 1),
    ] {
        let nack = socket.push(&[envelope]).await.unwrap_err();
        assert_eq!(nack.reason, Reason::Forbidden);
    }
}

#[tokio::test]
async fn nobody_pushes_in_the_name_of_another_device() {
    let world = World::start().await;
    let (ada, calendar, mut socket) = world.owner(1).await;
    let forged = Person::new(2).envelope(&calendar, 1);
    let nack = socket.push(&[forged]).await.unwrap_err();
    assert_eq!(nack.reason, Reason::Forbidden);
    let own = ada.envelope(&calendar, 1);
    assert_eq!(socket.push(&[own]).await, Ok(vec![1]));
}

#[tokio::test]
async fn an_epoch_that_is_over_takes_nothing_new() {
    let world = World::start().await;
    let (ada, calendar, mut socket) = world.owner(1).await;
    let before = ada.envelope(&calendar, 1);
    socket.push(std::slice::from_ref(&before)).await.unwrap();
    let early = ada.envelope_of(&calendar, 2, EnvelopeKind::Own, 2, 528);
    let nack = socket.push(std::slice::from_ref(&early)).await.unwrap_err();
    assert_eq!(nack.reason, Reason::Unknown);

    let rotation = ada.rotate(&calendar);
    socket
        .put_link(calendar.log(), calendar.head(), &rotation)
        .await
        .unwrap();
    let late = ada.envelope(&calendar, 3);
    let nack = socket.push(&[late]).await.unwrap_err();
    assert_eq!(nack.reason, Reason::EpochOld);
    // What stood before the rotation is still acknowledged.
    assert_eq!(socket.push(&[before]).await, Ok(vec![1]));
    assert_eq!(socket.push(&[early]).await, Ok(vec![2]));
}

#[tokio::test]
async fn bytes_that_are_no_envelope_are_refused_and_nothing_else_is() {
    let world = World::start().await;
    let (ada, calendar, mut socket) = world.owner(1).await;
    let good = ada.envelope(&calendar, 1);
    let mut cut = good.clone();
    cut.pop();
    let mut version = good.clone();
    version[0] = 2;
    let zeroth = ada.envelope(&calendar, 0);
    let beyond = ada.envelope(&calendar, u64::MAX);
    for envelope in [vec![], vec![0; 40], cut, version, zeroth, beyond] {
        let nack = socket.push(&[envelope]).await.unwrap_err();
        assert_eq!(nack.reason, Reason::Malformed);
    }
    let nack = socket.push(&[]).await.unwrap_err();
    assert_eq!(nack.reason, Reason::Malformed);
    let nack = socket
        .push(&[vec![1; ENVELOPE_BYTES_MAX + 1]])
        .await
        .unwrap_err();
    assert_eq!(nack.reason, Reason::TooLarge);
    assert_eq!(socket.push(&[good]).await, Ok(vec![1]));
}

#[tokio::test]
async fn batches_of_one_connection_keep_their_order() {
    let world = World::start().await;
    let (ada, calendar, mut socket) = world.owner(1).await;
    let mut next = 1;
    for _ in 0..5 {
        let first = next;
        for _ in 0..4 {
            let envelopes = vec![ByteVec::from(ada.envelope(&calendar, next))];
            socket
                .send(Push {
                    request: next,
                    envelopes,
                })
                .await;
            next += 1;
        }
        for request in first..next {
            assert_eq!(socket.answer(request).await, Ok(vec![request]));
        }
    }
}
