//! LINK_GET.

use almanac_protocol::ids::LogId;
use almanac_protocol::message::{LinkGet, Links, Message, Reason};

use crate::world::{Person, Socket, World};

async fn get(socket: &mut Socket, log: LogId, first_seq: u64) -> Result<Links, Reason> {
    let request = socket.request();
    socket
        .send(LinkGet {
            request,
            log,
            first_seq,
        })
        .await;
    match socket.receive().await {
        Message::Links(links) => {
            assert_eq!(
                (links.request, links.log, links.first_seq),
                (request, log, first_seq)
            );
            Ok(links)
        }
        Message::Nack(nack) => Err(nack.reason),
        other => panic!("no links: {other:?}"),
    }
}

#[tokio::test]
async fn links_come_back_as_they_went() {
    let world = World::start().await;
    let (ada, calendar, mut socket) = world.owner(1).await;
    let links = get(&mut socket, calendar.log(), 0).await.unwrap();
    assert_eq!((links.count, links.links.len()), (1, 1));
    assert!(*links.links[0] == *calendar.genesis);
    let links = get(&mut socket, ada.account().into(), 0).await.unwrap();
    assert!(*links.links[0] == *ada.links[0]);
    for beyond in [1, u64::MAX] {
        let links = get(&mut socket, calendar.log(), beyond).await.unwrap();
        assert_eq!((links.count, links.links.len()), (1, 0));
    }
}

#[tokio::test]
async fn a_stranger_is_not_told_whether_a_log_exists() {
    let world = World::start().await;
    let (ada, calendar, _ada) = world.owner(1).await;
    let mut socket = world.register(&Person::new(2)).await;
    for log in [
        calendar.log(),
        ada.account().into(),
        LogId::from_bytes([9; 32]),
    ] {
        assert_eq!(get(&mut socket, log, 0).await, Err(Reason::Forbidden));
    }
}

#[tokio::test]
async fn a_long_log_comes_in_pages() {
    let world = World::start().await;
    let mut ada = Person::new(1);
    let mut socket = world.register(&ada).await;
    let log = LogId::from(ada.account());
    for seed in 10..80 {
        let head = Some(ada.log.view().head);
        let (_, link) = ada.add_device(seed);
        socket.put_link(log, head, &link).await.unwrap();
    }
    let mut other = world.enter(&ada).await;
    let first = get(&mut other, log, 0).await.unwrap();
    assert_eq!((first.count, first.links.len()), (71, 64));
    let second = get(&mut other, log, 64).await.unwrap();
    let all: Vec<_> = first
        .links
        .into_iter()
        .chain(second.links)
        .map(Vec::from)
        .collect();
    assert!(all == ada.links);
}
