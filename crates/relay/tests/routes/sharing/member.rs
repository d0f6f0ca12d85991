//! What each role reaches, and what a member that was removed still does.

use almanac_protocol::boxes::{
    ENCAPSULATED_BYTES, EpochBox, EpochBoxAddress, SEALED_SECRET_BYTES, Sealed,
};
use almanac_protocol::envelope::EnvelopeKind;
use almanac_protocol::membership::Role;
use almanac_protocol::message::{BoxGet, BoxPut, Message, PackGet, Pull, Reason};
use minicbor::bytes::ByteVec;

use super::stage::{Stage, links};
use crate::world::{Person, Socket, start};

/// Why an envelope of this person is not taken, if it is not.
async fn refusal(
    stage: &Stage,
    socket: &mut Socket,
    person: &Person,
    kind: EnvelopeKind,
) -> Option<Reason> {
    let epoch = stage.log.epoch_now().section.epoch;
    let envelope = person.envelope_of(&stage.calendar(), 1, kind, epoch, 528);
    let pushed = socket.push(&[envelope]).await;
    pushed.err().map(|nack| nack.reason)
}

fn key_box(stage: &Stage, person: &Person, role: Role, puk_generation: u32) -> Vec<u8> {
    let address = EpochBoxAddress {
        calendar: stage.id(),
        epoch: stage.log.epoch_now().section.epoch,
        account: person.account(),
        puk_generation,
        role,
    };
    let sealed = Sealed {
        encapsulated: Box::new([1; ENCAPSULATED_BYTES]),
        ciphertext: [2; SEALED_SECRET_BYTES],
    };
    EpochBox { address, sealed }.to_bytes()
}

async fn put_box(stage: &mut Stage, record: Vec<u8>) -> Result<(), Reason> {
    let (request, log) = (stage.socket.request(), stage.id().into());
    let record = ByteVec::from(record);
    let put = BoxPut {
        request,
        log,
        record,
    };
    stage.socket.send(put).await;
    let answer = stage.socket.answer(request).await;
    answer.map(|_| ()).map_err(|nack| nack.reason)
}

/// The sealed keys of the calendar that a connection is given.
async fn boxes(stage: &Stage, socket: &mut Socket) -> Result<Vec<ByteVec>, Reason> {
    let (request, log) = (socket.request(), stage.id().into());
    socket.send(BoxGet { request, log }).await;
    loop {
        match socket.receive().await {
            Message::Boxes(found) => return Ok(found.boxes),
            Message::Nack(nack) => return Err(nack.reason),
            Message::LogGrew(_) => {}
            other => panic!("no boxes: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_viewer_reads_and_does_not_write() {
    let mut stage = Stage::new().await;
    let (bob, mut socket) = stage.person(2).await;
    stage.set_role(&bob, Some(Role::Viewer)).await;
    assert!(matches!(socket.receive().await, Message::LogGrew(_)));
    let calendar = stage.calendar();
    for stream in [calendar.main(), calendar.free_busy()] {
        assert_eq!(socket.subscribe(start(stream)).await.len(), 1);
    }
    for kind in [
        EnvelopeKind::Own,
        EnvelopeKind::FreeBusy,
        EnvelopeKind::Carried,
    ] {
        let refused = refusal(&stage, &mut socket, &bob, kind).await;
        assert_eq!(refused, Some(Reason::Forbidden));
    }
    stage.set_role(&bob, Some(Role::Editor)).await;
    let refused = refusal(&stage, &mut socket, &bob, EnvelopeKind::Own).await;
    assert_eq!(refused, None);
}

#[tokio::test]
async fn who_sees_busy_times_alone_reads_that_stream_alone() {
    let mut stage = Stage::new().await;
    let (bob, mut socket) = stage.person(2).await;
    stage.set_role(&bob, Some(Role::FreeBusy)).await;
    assert!(matches!(socket.receive().await, Message::LogGrew(_)));
    let calendar = stage.calendar();
    assert!(socket.subscribe(start(calendar.main())).await.is_empty());
    let heads = socket.subscribe(start(calendar.free_busy())).await;
    assert_eq!(heads.len(), 1);
    let refused = refusal(&stage, &mut socket, &bob, EnvelopeKind::FreeBusy).await;
    assert_eq!(refused, Some(Reason::Forbidden));
    // Nor by any other way.
    let request = socket.request();
    let pull = Pull {
        request,
        stream: calendar.main(),
        first_rseq: 1,
        count: 9,
    };
    socket.send(pull).await;
    let nack = socket.answer(request).await.unwrap_err();
    assert_eq!(nack.reason, Reason::Forbidden);
    let (request, stream) = (socket.request(), calendar.main());
    socket.send(PackGet { request, stream }).await;
    let nack = socket.answer(request).await.unwrap_err();
    assert_eq!(nack.reason, Reason::Forbidden);
}

#[tokio::test]
async fn who_is_lowered_to_busy_times_hears_of_them_alone_from_then_on() {
    let mut stage = Stage::new().await;
    let (bob, mut socket) = stage.person(2).await;
    stage.set_role(&bob, Some(Role::Viewer)).await;
    assert!(matches!(socket.receive().await, Message::LogGrew(_)));
    let calendar = stage.calendar();
    for stream in [calendar.main(), calendar.free_busy()] {
        assert_eq!(socket.subscribe(start(stream)).await.len(), 1);
    }
    stage.set_role(&bob, Some(Role::FreeBusy)).await;
    for kind in [EnvelopeKind::Own, EnvelopeKind::FreeBusy] {
        let envelope = stage.ada.envelope_of(&calendar, 1, kind, 2, 528);
        stage.socket.push(&[envelope]).await.unwrap();
    }
    let page = socket.page().await;
    assert_eq!(
        (page.stream, page.envelopes.len()),
        (calendar.free_busy(), 1)
    );
    assert!(socket.hears_nothing().await);
}

#[tokio::test]
async fn a_box_stands_for_whom_the_log_seals_the_epoch() {
    let mut stage = Stage::new().await;
    let (bob, mut socket) = stage.person(2).await;
    let early = key_box(&stage, &bob, Role::Viewer, 1);
    assert_eq!(put_box(&mut stage, early).await, Err(Reason::Forbidden));
    stage.set_role(&bob, Some(Role::Viewer)).await;
    for (role, generation) in [(Role::Editor, 1), (Role::Viewer, 2)] {
        let wrong = key_box(&stage, &bob, role, generation);
        assert_eq!(put_box(&mut stage, wrong).await, Err(Reason::Forbidden));
    }
    let right = key_box(&stage, &bob, Role::Viewer, 1);
    put_box(&mut stage, right.clone()).await.unwrap();
    let found = boxes(&stage, &mut socket).await.unwrap();
    assert_eq!(found, [right.into()]);
}

#[tokio::test]
async fn who_was_removed_reads_the_link_that_says_so_and_nothing_after_it() {
    let mut stage = Stage::new().await;
    let (bob, mut socket) = stage.person(2).await;
    let (carol, _socket) = stage.person(3).await;
    stage.set_role(&bob, Some(Role::Editor)).await;
    assert!(matches!(socket.receive().await, Message::LogGrew(_)));
    let calendar = stage.calendar();
    assert_eq!(socket.subscribe(start(calendar.main())).await.len(), 1);
    let record = key_box(&stage, &bob, Role::Editor, 1);
    put_box(&mut stage, record).await.unwrap();
    stage.set_role(&bob, None).await;
    stage.set_role(&carol, Some(Role::Viewer)).await;
    assert_eq!(stage.log.count(), 4);
    let seen = links(&mut socket, stage.id()).await.unwrap();
    assert_eq!((seen.links.len(), seen.count), (3, 3));
    // Who follows falls silent: what Ada writes now does not come.
    let envelope = stage
        .ada
        .envelope_of(&calendar, 1, EnvelopeKind::Own, 2, 528);
    stage.socket.push(&[envelope]).await.unwrap();
    assert!(socket.hears_nothing().await);
    assert!(socket.subscribe(start(calendar.main())).await.is_empty());
    let refused = refusal(&stage, &mut socket, &bob, EnvelopeKind::Own).await;
    assert_eq!(refused, Some(Reason::Forbidden));
    let refused = boxes(&stage, &mut socket).await;
    assert_eq!(refused, Err(Reason::Forbidden));
    let inventory = almanac_relay::inspect(stage.world.folder()).unwrap();
    assert!(inventory.boxes.is_empty());
}

#[tokio::test]
async fn members_read_the_logs_of_all_whom_the_calendar_names() {
    let mut stage = Stage::new().await;
    let (bob, _bob) = stage.person(2).await;
    let (carol, mut socket) = stage.person(3).await;
    stage.set_role(&bob, Some(Role::Editor)).await;
    stage.set_role(&bob, None).await;
    let unseen = links(&mut socket, bob.account()).await;
    assert_eq!(unseen.err(), Some(Reason::Forbidden));
    stage.set_role(&carol, Some(Role::Viewer)).await;
    for account in [stage.ada.account(), bob.account()] {
        let seen = links(&mut socket, account).await.unwrap();
        assert_eq!(seen.links.len(), 1);
    }
}
