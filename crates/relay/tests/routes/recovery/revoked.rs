//! A device that was revoked: it is sent away, and may come back to read why.

use almanac_protocol::membership::link_hash;
use almanac_protocol::message::{BoxGet, LinkGet, Message, Pull, Reason};

use crate::world::World;

#[tokio::test]
async fn a_revoked_device_reads_the_link_that_says_so_and_nothing_else() {
    let world = World::start().await;
    let (mut ada, calendar, mut socket) = world.owner(1).await;
    let head = |links: &[Vec<u8>]| links.last().map(|link| link_hash(link));
    let account = ada.account().into();
    let before = head(&ada.links);
    let (tablet, link) = ada.add_device(7);
    socket.put_link(account, before, &link).await.unwrap();
    let mut connected = world.enter(&tablet).await;

    let before = head(&ada.links);
    let link = ada.revoke(tablet.device);
    socket.put_link(account, before, &link).await.unwrap();
    loop {
        match connected.receive().await {
            Message::LogGrew(_) => {}
            Message::Bye(bye) => {
                assert_eq!(bye.reason, Reason::Forbidden);
                break;
            }
            other => panic!("it goes on: {other:?}"),
        }
    }
    // What comes after that link is not for it.
    let before = head(&ada.links);
    let (_, more) = ada.add_device(8);
    socket.put_link(account, before, &more).await.unwrap();

    let mut gone = world.connect().await;
    let welcome = gone.enter(&tablet, &world.origin()).await.unwrap();
    assert_eq!(welcome.calendars, []);
    let get = LinkGet {
        request: 5,
        log: account,
        first_seq: 0,
    };
    gone.send(get.clone()).await;
    let Message::Links(links) = gone.receive().await else {
        panic!("no links")
    };
    assert_eq!(links.count, 3);
    assert_eq!(links.links.last().map(|last| last.to_vec()), Some(link));
    let calendar_log = LinkGet {
        log: calendar.log(),
        ..get
    };
    gone.send(calendar_log).await;
    let own_boxes = BoxGet {
        request: 6,
        log: account,
    };
    gone.send(own_boxes).await;
    let envelopes = Pull {
        request: 7,
        stream: calendar.main(),
        first_rseq: 1,
        count: 1,
    };
    gone.send(envelopes).await;
    for _ in 0..3 {
        let Message::Nack(nack) = gone.receive().await else {
            panic!("not refused")
        };
        assert_eq!(nack.reason, Reason::Forbidden);
    }
    let pushed = gone.push(&[tablet.envelope(&calendar, 1)]).await;
    assert_eq!(pushed.unwrap_err().reason, Reason::Forbidden);
    let put = gone.put_link(account, before, &more).await;
    assert_eq!(put.unwrap_err().reason, Reason::Forbidden);
    let inventory = almanac_relay::inspect(world.folder()).unwrap();
    let former = &inventory.accounts[0].former_devices;
    assert_eq!(*former, [tablet.device.to_string()]);
    assert!(inventory.to_string().contains("revoked"));
}
