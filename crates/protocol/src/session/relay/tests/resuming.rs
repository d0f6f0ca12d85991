//! RESUME: a client that comes back.

use super::*;
use crate::ids::LinkHash;
use crate::membership::LogView;
use crate::message::{CalendarStart, LogStart, Resume, Resumed, hash_start};

const OTHER: CalendarId = CalendarId::from_bytes([30; 32]);

fn log(links: u64) -> LogView {
    LogView {
        seq: links - 1,
        head: LinkHash::from_bytes([8; 32]),
    }
}

/// Stands at 7 in all calendars with these places.
pub(super) fn resume(places: &[u32]) -> Resume {
    let start = |place: &u32| CalendarStart {
        place: *place,
        kind: 1,
        log: log(1).into(),
        rseq: 7,
        hash: hash_start(&[0; 32]),
    };
    Resume {
        request: 3,
        account: log(1).into(),
        calendars: places.iter().map(start).collect(),
    }
}

/// A database in which every stream ends at 9, or nothing can be read.
pub(super) fn answer(asked: Resumption, is_kind: bool) -> Answer {
    let calendars = asked.calendars.into_iter().map(|(stream, start)| Returned {
        stream,
        rseq: start.rseq,
        log: None,
        standing: if is_kind {
            Standing::Follows(Position { stream, ..at(9) })
        } else {
            Standing::Refused
        },
    });
    Answer::Resumed {
        request: asked.request,
        account: None,
        calendars: calendars.collect(),
    }
}

/// Where streams stand elsewhere, each with the reason.
pub(super) fn words(resumed: &Resumed) -> String {
    let ends = resumed.calendars.iter().map(|end| {
        let grown = end
            .log
            .map_or_else(String::new, |log| format!(" of {} links", log.links));
        format!("{} for {}{grown}", end.position.rseq, end.reason)
    });
    format!("resumed {}", ends.collect::<Vec<_>>().join(", "))
}

fn returned(calendar: CalendarId, links: u64, standing: Standing) -> Returned {
    Returned {
        stream: Stream { calendar, kind: 1 },
        rseq: 7,
        log: LogStart::from(log(1)).unlike(Some(log(links))),
        standing,
    }
}

fn come_back(calendars: Vec<Returned>) -> Play {
    let mut play = Play::welcomed_to(&[OTHER, CALENDAR]);
    play.hear(resume(&[0, 1]));
    assert_eq!(play.drain(), ["follow", "follow", "resume 2?"]);
    play.answer(Answer::Resumed {
        request: 3,
        account: None,
        calendars,
    });
    play
}

#[test]
fn only_what_stands_elsewhere_is_named_and_everything_is_followed() {
    let rest = Stream {
        calendar: OTHER,
        kind: 1,
    };
    let at_rest = Position {
        stream: rest,
        ..at(7)
    };
    let mut play = come_back(vec![
        returned(OTHER, 1, Standing::Follows(at_rest)),
        returned(CALENDAR, 1, Standing::Follows(at(9))),
    ]);
    assert_eq!(play.drain(), ["resumed 9 for 0", "read 7?"]);
    play.page(9, 100);
    assert_eq!(play.drain(), ["page"]);
    play.written();
    // What comes later in the one at rest is passed on as after SUB.
    let news = Appended {
        stream: rest,
        first_rseq: 8,
        last_rseq: 8,
        message: Some(Arc::from(vec![0xAA; 10])),
    };
    play.session.handle_appended(play.now, &news);
    assert_eq!(play.drain(), ["live"]);
}

#[test]
fn a_log_that_has_grown_is_named_though_its_stream_is_at_rest() {
    let mut play = come_back(vec![
        returned(OTHER, 1, Standing::Refused),
        returned(CALENDAR, 4, Standing::Follows(at(7))),
    ]);
    let said = ["unfollow", "resumed 0 for 4, 7 for 0 of 4 links"];
    assert_eq!(play.drain(), said);
}

#[test]
fn a_stream_that_stands_elsewhere_is_not_followed() {
    let elsewhere = Standing::Differs {
        head: at(5),
        reason: 2,
    };
    let mut play = come_back(vec![returned(CALENDAR, 1, elsewhere)]);
    assert_eq!(play.drain(), ["unfollow", "resumed 5 for 2"]);
    play.append(8);
    assert_eq!(play.drain(), [""; 0]);
}

#[test]
fn places_count_in_the_list_of_welcome_and_only_straight_after_it() {
    let mut play = Play::welcomed_to(&[CALENDAR]);
    play.hear(resume(&[1]));
    assert_eq!(play.drain(), ["bye Malformed", "close"]);
    let mut play = Play::following();
    play.hear(resume(&[0]));
    assert_eq!(play.drain(), ["bye Malformed", "close"]);
}
