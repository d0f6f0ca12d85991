//! BOX_PUT and BOX_GET.

use almanac_protocol::boxes::{
    ENCAPSULATED_BYTES, EpochBox, EpochBoxAddress, PukBox, PukBoxAddress, SEALED_SECRET_BYTES,
    Sealed,
};
use almanac_protocol::ids::LogId;
use almanac_protocol::membership::Role;
use almanac_protocol::message::{BoxGet, BoxPut, LogGrew, Message, Nack, Reason};
use minicbor::bytes::ByteVec;

use crate::world::{Calendar, Person, Socket, World};

fn sealed(noise: u8) -> Sealed {
    Sealed {
        encapsulated: Box::new([noise; ENCAPSULATED_BYTES]),
        ciphertext: [noise; SEALED_SECRET_BYTES],
    }
}

fn epoch_box(calendar: &Calendar, member: &Person, epoch: u32, noise: u8) -> Vec<u8> {
    let address = EpochBoxAddress {
        calendar: calendar.log.id(),
        epoch,
        account: member.account(),
        puk_generation: 1,
        role: Role::Owner,
    };
    EpochBox {
        address,
        sealed: sealed(noise),
    }
    .to_bytes()
}

async fn put(socket: &mut Socket, log: LogId, record: Vec<u8>) -> Result<Vec<u64>, Nack> {
    let request = socket.request();
    socket
        .send(BoxPut {
            request,
            log,
            record: ByteVec::from(record),
        })
        .await;
    socket.answer(request).await
}

async fn get(socket: &mut Socket, log: LogId) -> Result<Vec<Vec<u8>>, Reason> {
    let request = socket.request();
    socket.send(BoxGet { request, log }).await;
    loop {
        match socket.receive().await {
            Message::Boxes(boxes) => return Ok(boxes.boxes.into_iter().map(Vec::from).collect()),
            Message::Nack(nack) => return Err(nack.reason),
            Message::LogGrew(_) => {}
            other => panic!("no boxes: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_member_finds_its_boxes_newest_last() {
    let world = World::start().await;
    let (ada, calendar, mut socket) = world.owner(1).await;
    let rotation = ada.rotate(&calendar);
    socket
        .put_link(calendar.log(), calendar.head(), &rotation)
        .await
        .unwrap();
    let (first, second) = (
        epoch_box(&calendar, &ada, 1, 1),
        epoch_box(&calendar, &ada, 2, 2),
    );
    put(&mut socket, calendar.log(), second.clone())
        .await
        .unwrap();
    put(
        &mut socket,
        calendar.log(),
        epoch_box(&calendar, &ada, 1, 9),
    )
    .await
    .unwrap();
    put(&mut socket, calendar.log(), first.clone())
        .await
        .unwrap();
    assert_eq!(
        get(&mut socket, calendar.log()).await,
        Ok(vec![first, second])
    );
}

#[tokio::test]
async fn a_device_finds_its_own_boxes_only() {
    let world = World::start().await;
    let mut ada = Person::new(1);
    let mut desk = world.register(&ada).await;
    let log = LogId::from(ada.account());
    let head = Some(ada.log.view().head);
    let (laptop, link) = ada.add_device(11);
    desk.put_link(log, head, &link).await.unwrap();
    let for_device = |device| {
        let address = PukBoxAddress {
            account: ada.account(),
            puk_generation: 1,
            device,
        };
        PukBox {
            address,
            sealed: sealed(3),
        }
        .to_bytes()
    };
    put(&mut desk, log, for_device(laptop.device))
        .await
        .unwrap();
    let mut socket = world.enter(&laptop).await;
    assert_eq!(
        get(&mut socket, log).await,
        Ok(vec![for_device(laptop.device)])
    );
    assert_eq!(get(&mut desk, log).await, Ok(vec![]));

    let stranger = Person::new(2);
    let refused = put(&mut desk, log, for_device(stranger.device))
        .await
        .unwrap_err();
    assert_eq!(refused.reason, Reason::Forbidden);
}

/// Ada with two connected devices.
async fn desk_and_laptop(world: &World) -> (Person, Person, Socket, Socket) {
    let mut ada = Person::new(1);
    let mut desk = world.register(&ada).await;
    let head = Some(ada.log.view().head);
    let (second, link) = ada.add_device(11);
    desk.put_link(ada.account().into(), head, &link)
        .await
        .expect("a second device is taken");
    let laptop = world.enter(&second).await;
    (ada, second, desk, laptop)
}

/// Puts a box; nothing reaches its sender before the acknowledgement or after it.
async fn put_and_hear_nothing(socket: &mut Socket, log: LogId, record: &[u8]) {
    let request = socket.request();
    let record = ByteVec::from(record.to_vec());
    socket
        .send(BoxPut {
            request,
            log,
            record,
        })
        .await;
    let answer = socket.receive().await;
    assert!(matches!(answer, Message::Ack(ack) if ack.request == request));
    assert!(socket.hears_nothing().await);
}

#[tokio::test]
async fn the_account_s_other_device_hears_of_a_new_calendar_again_once_its_box_is_there() {
    let world = World::start().await;
    let (ada, _, mut desk, mut laptop) = desk_and_laptop(&world).await;
    let mut stranger = world.register(&Person::new(2)).await;
    let calendar = ada.calendar(1);
    let log = calendar.log();
    desk.put_link(log, None, &calendar.genesis).await.unwrap();
    let grew = Message::from(LogGrew { log, count: 1 });
    assert_eq!(laptop.receive().await, grew);
    assert_eq!(get(&mut laptop, log).await, Ok(vec![]));

    let record = epoch_box(&calendar, &ada, 1, 1);
    put_and_hear_nothing(&mut desk, log, &record).await;
    assert_eq!(laptop.receive().await, grew);
    assert_eq!(get(&mut laptop, log).await, Ok(vec![record.clone()]));
    assert!(stranger.hears_nothing().await);

    // The very same box again is no news.
    put_and_hear_nothing(&mut desk, log, &record).await;
    assert!(laptop.hears_nothing().await);
}

#[tokio::test]
async fn a_new_device_hears_of_its_account_s_log_again_once_its_box_is_there() {
    let world = World::start().await;
    let (ada, second, mut desk, mut laptop) = desk_and_laptop(&world).await;
    let log = LogId::from(ada.account());
    let record = PukBox {
        address: PukBoxAddress {
            account: ada.account(),
            puk_generation: 1,
            device: second.device,
        },
        sealed: sealed(3),
    }
    .to_bytes();
    put_and_hear_nothing(&mut desk, log, &record).await;
    let grew = Message::from(LogGrew { log, count: 2 });
    assert_eq!(laptop.receive().await, grew);
    assert_eq!(get(&mut laptop, log).await, Ok(vec![record]));
}

#[tokio::test]
async fn boxes_that_do_not_belong_are_refused() {
    let world = World::start().await;
    let (ada, calendar, mut socket) = world.owner(1).await;
    let bob = Person::new(2);
    let mut stranger = world.register(&bob).await;
    let good = epoch_box(&calendar, &ada, 1, 1);
    let cases = [
        (epoch_box(&calendar, &bob, 1, 1), Reason::Forbidden),
        (epoch_box(&calendar, &ada, 2, 1), Reason::Unknown),
        (epoch_box(&calendar, &ada, 0, 1), Reason::Unknown),
        (epoch_box(&ada.calendar(5), &ada, 1, 1), Reason::Malformed),
        (good[1..].to_vec(), Reason::Malformed),
        (vec![], Reason::Malformed),
    ];
    for (record, reason) in cases {
        let refused = put(&mut socket, calendar.log(), record).await.unwrap_err();
        assert_eq!(refused.reason, reason);
    }
    let refused = put(&mut stranger, calendar.log(), good).await.unwrap_err();
    assert_eq!(refused.reason, Reason::Forbidden);
    assert_eq!(
        get(&mut stranger, calendar.log()).await,
        Err(Reason::Forbidden)
    );
    assert_eq!(
        get(&mut stranger, ada.account().into()).await,
        Err(Reason::Forbidden)
    );
}
