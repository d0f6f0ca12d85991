//! RESUME: who comes back hears only of what stands elsewhere.

use almanac_protocol::ids::{CalendarId, LogId};
use almanac_protocol::membership::{LogView, link_hash};
use almanac_protocol::message::{
    CalendarStart, LogStart, Message, Position, RESUMED_FOLLOWS, RESUMED_REFUSED, Resume, Resumed,
    hash_start,
};

use crate::world::{Person, Socket, World, position_after};

fn log_of(links: &[Vec<u8>]) -> LogStart {
    LogStart::from(LogView {
        seq: u64::try_from(links.len()).expect("few") - 1,
        head: link_hash(links.last().expect("a log has a genesis")),
    })
}

fn start(place: u32, log: LogStart, at: &Position) -> CalendarStart {
    CalendarStart {
        place,
        kind: at.stream.kind,
        log,
        rseq: at.rseq,
        hash: hash_start(at.hash.as_bytes()),
    }
}

/// Enters, and says which calendars the relay named.
async fn enter(world: &World, person: &Person) -> (Socket, Vec<CalendarId>) {
    let mut socket = world.connect().await;
    let welcome = socket.enter(person, &world.origin()).await;
    (socket, welcome.expect("it may enter").calendars)
}

async fn resumed(socket: &mut Socket, person: &Person, calendars: Vec<CalendarStart>) -> Resumed {
    let request = socket.request();
    let account = log_of(&person.links);
    let resume = Resume {
        request,
        account,
        calendars,
    };
    socket.send(resume).await;
    match socket.receive().await {
        Message::Resumed(resumed) if resumed.request == request => resumed,
        other => panic!("no answer: {other:?}"),
    }
}

#[tokio::test]
async fn one_question_follows_all_and_is_answered_with_what_is_new() {
    let world = World::start().await;
    let (mut ada, first, mut desk) = world.owner(1).await;
    let second = ada.calendar(77);
    desk.put_link(second.log(), None, &second.genesis)
        .await
        .expect("a calendar is taken");
    let mut sent = Vec::new();
    for calendar in [&first, &second] {
        let batch: Vec<_> = (1..=3).map(|seq| ada.envelope(calendar, seq)).collect();
        desk.push(&batch).await.unwrap();
        sent.push(batch);
    }
    let log = |calendar: &crate::world::Calendar| log_of(std::slice::from_ref(&calendar.genesis));
    let (mut laptop, named) = enter(&world, &ada).await;
    let place = |id: LogId| {
        let at = named.iter().position(|one| LogId::from(*one) == id);
        u32::try_from(at.expect("it is named")).unwrap()
    };
    let ends = [
        position_after(first.main(), &sent[0]),
        position_after(second.main(), &sent[1]),
    ];
    let at_rest = vec![
        start(place(first.log()), log(&first), &ends[0]),
        start(place(second.log()), log(&second), &ends[1]),
    ];
    let answer = resumed(&mut laptop, &ada, at_rest).await;
    assert_eq!((answer.account, answer.calendars.len()), (None, 0));
    // What follows is heard as after SUB.
    let more = ada.envelope(&first, 4);
    desk.push(&[more]).await.unwrap();
    assert_eq!(laptop.page().await.first_rseq, 4);

    // Meanwhile the first has more in it, and both logs have grown.
    let (_, added) = ada.add_device(9);
    desk.put_link(ada.account().into(), Some(link_hash(&ada.links[0])), &added)
        .await
        .expect("a device is added");
    let short = LogStart {
        links: 1,
        ..log(&first)
    };
    let (mut tablet, _) = enter(&world, &ada).await;
    let before = position_after(first.main(), &sent[0][..1]);
    let request = Resume {
        request: 5,
        account: log_of(&ada.links[..1]),
        calendars: vec![start(place(first.log()), short, &before)],
    };
    tablet.send(request).await;
    let Message::Resumed(answer) = tablet.receive().await else {
        panic!("no answer")
    };
    assert_eq!(answer.account.map(|end| end.links), Some(2));
    let end = answer.calendars.first().expect("it has more");
    assert_eq!((end.position.rseq, end.reason), (4, RESUMED_FOLLOWS));
    assert_eq!(end.log, None);
    let page = tablet.page().await;
    assert_eq!((page.first_rseq, page.envelopes.len()), (2, 3));
}

#[tokio::test]
async fn a_position_that_is_not_the_relays_is_told_with_the_reason_of_reset() {
    let world = World::start().await;
    let (ada, calendar, mut desk) = world.owner(1).await;
    let sent: Vec<_> = (1..=2).map(|seq| ada.envelope(&calendar, seq)).collect();
    desk.push(&sent).await.unwrap();
    let log = log_of(std::slice::from_ref(&calendar.genesis));
    let end = position_after(calendar.main(), &sent);
    let beyond = Position { rseq: 3, ..end };
    let strange = Position {
        hash: almanac_protocol::ids::StreamHash::from_bytes([9; 32]),
        ..end
    };
    for (at, reason) in [(beyond, 2), (strange, 1)] {
        let (mut laptop, _) = enter(&world, &ada).await;
        let answer = resumed(&mut laptop, &ada, vec![start(0, log, &at)]).await;
        let told = answer.calendars.first().expect("it is told");
        assert_eq!((told.reason, told.position), (reason, end));
    }
    // A kind of stream that there is not cannot be read, and tells nothing of the log.
    let (mut laptop, _) = enter(&world, &ada).await;
    let none = CalendarStart {
        kind: 9,
        ..start(0, log, &end)
    };
    let answer = resumed(&mut laptop, &ada, vec![none]).await;
    let told = answer.calendars.first().expect("it is told");
    assert_eq!((told.reason, told.log), (RESUMED_REFUSED, None));
}
