//! A client that does not read, while others do.

use almanac_protocol::envelope::EnvelopeKind;

use crate::world::{World, start};

#[tokio::test]
async fn a_slow_reader_holds_nobody_up_and_misses_nothing() {
    let world = World::start().await;
    let (ada, calendar, mut desk) = world.owner(1).await;
    let mut slow = world.enter(&ada).await;
    let mut quick = world.enter(&ada).await;
    slow.subscribe(start(calendar.main())).await;
    quick.subscribe(start(calendar.main())).await;

    // Far more than sockets and queues hold: 40 MiB that `slow` does not read.
    for seq in 1..=80 {
        let envelope = ada.envelope_of(&calendar, seq, EnvelopeKind::Own, 1, 512 * 1024);
        assert_eq!(desk.push(&[envelope]).await, Ok(vec![seq]));
        assert_eq!(quick.page().await.first_rseq, seq);
    }
    let mut next = 1;
    while next <= 80 {
        let page = slow.page().await;
        assert_eq!(page.first_rseq, next);
        next += u64::try_from(page.envelopes.len()).unwrap();
    }
    assert!(slow.hears_nothing().await);
}
