//! A client that comes back: it says where it stands, and hears only of what stands elsewhere.

use super::Session;
use super::exchange::{Ask, Event, Resumption, Returned, Standing};
use super::proven::SUBSCRIPTIONS_MAX;
use crate::ids::StreamHash;
use crate::limits::STREAMS_PER_MESSAGE_MAX;
use crate::message::{
    CalendarEnd, LogEnd, Position, RESUMED_FOLLOWS, RESUMED_REFUSED, Reason, Resume, Resumed,
    Stream,
};

impl Session {
    pub(super) fn handle_resume(&mut self, resume: Resume) {
        let count = resume.calendars.len();
        if count > STREAMS_PER_MESSAGE_MAX || self.following.len() + count > SUBSCRIPTIONS_MAX {
            return self.end(Reason::TooLarge, 0);
        }
        let named = |place: u32| self.welcomed.get(usize::try_from(place).ok()?).copied();
        let calendars = resume.calendars.into_iter().map(|start| {
            let stream = Stream {
                calendar: named(start.place)?,
                kind: start.kind,
            };
            Some((stream, start))
        });
        let Some(calendars) = calendars.collect::<Option<Vec<_>>>() else {
            return self.end(Reason::Malformed, 0);
        };
        for (stream, _) in &calendars {
            self.following.expect(*stream);
            self.emit(Event::Follow(*stream));
        }
        self.emit(Event::Ask(Ask::Resume(Resumption {
            request: resume.request,
            account: resume.account,
            calendars,
        })));
    }

    pub(super) fn handle_resumed(
        &mut self,
        request: u64,
        account: Option<LogEnd>,
        returned: Vec<Returned>,
    ) {
        let mut calendars = Vec::new();
        for Returned {
            stream,
            rseq,
            log,
            standing,
        } in returned
        {
            let (position, reason) = match standing {
                Standing::Follows(head) => {
                    self.following.begin(stream, rseq, head.rseq);
                    (head, RESUMED_FOLLOWS)
                }
                Standing::Differs { head, reason } => (head, reason),
                Standing::Refused => (nowhere(stream), RESUMED_REFUSED),
            };
            if reason != RESUMED_FOLLOWS {
                self.unfollow(stream);
            }
            if reason != RESUMED_FOLLOWS || position.rseq != rseq || log.is_some() {
                calendars.push(CalendarEnd {
                    position,
                    reason,
                    log,
                });
            }
        }
        self.send(Resumed {
            request,
            account,
            calendars,
        });
    }
}

const fn nowhere(stream: Stream) -> Position {
    Position {
        stream,
        rseq: 0,
        hash: StreamHash::from_bytes([0; 32]),
    }
}
