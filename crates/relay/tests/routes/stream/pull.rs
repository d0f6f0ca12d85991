//! PULL.

use almanac_protocol::message::{Message, Pull, Reason};

use crate::world::{Person, World};

#[tokio::test]
async fn a_range_is_read_again_one_page_at_most() {
    let world = World::start().await;
    let (ada, calendar, mut socket) = world.owner(1).await;
    let all: Vec<_> = (1..=300).map(|seq| ada.envelope(&calendar, seq)).collect();
    for batch in all.chunks(150) {
        socket.push(batch).await.unwrap();
    }
    let stream = calendar.main();
    for (first_rseq, count, first, found) in [
        (1, 3, 1, 3),
        (0, 2, 1, 2),
        (1, u64::MAX, 1, 256),
        (257, 256, 257, 44),
        (300, 9, 300, 1),
    ] {
        let request = socket.request();
        socket
            .send(Pull {
                request,
                stream,
                first_rseq,
                count,
            })
            .await;
        let page = socket.page().await;
        assert_eq!((page.first_rseq, page.envelopes.len()), (first, found));
        let numbered = page
            .envelopes
            .iter()
            .zip(&all[usize::try_from(first).unwrap() - 1..]);
        assert!(numbered.into_iter().all(|(got, stands)| **got == *stands));
        assert_eq!(socket.answer(request).await, Ok(vec![]));
    }
    for (first_rseq, count) in [(301, 1), (1, 0), (u64::MAX, 5)] {
        let request = socket.request();
        socket
            .send(Pull {
                request,
                stream,
                first_rseq,
                count,
            })
            .await;
        let Message::Ack(ack) = socket.receive().await else {
            panic!("not empty")
        };
        assert_eq!(ack.request, request);
    }
}

#[tokio::test]
async fn a_stranger_reads_nothing() {
    let world = World::start().await;
    let (ada, calendar, mut desk) = world.owner(1).await;
    desk.push(&[ada.envelope(&calendar, 1)]).await.unwrap();
    let mut socket = world.register(&Person::new(2)).await;
    let request = socket.request();
    let pull = Pull {
        request,
        stream: calendar.main(),
        first_rseq: 1,
        count: 1,
    };
    socket.send(pull).await;
    assert_eq!(
        socket.answer(request).await.unwrap_err().reason,
        Reason::Forbidden
    );
}
