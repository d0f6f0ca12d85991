//! Routing codes: how a device that is being linked reaches the one that waits for it.
//!
//! ```text
//! waiting device ──open──▶ code ◀──join── new device      one join uses the code up
//!        └──────────── steps, handed on unread ────────────┘
//! ```
//!
//! Invariants: in memory only; a code lives five minutes and can be joined once, by one device;
//! whoever leaves, the other end hears it. What the steps mean is the devices' own.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use almanac_protocol::codes::RoutingCode;
use almanac_protocol::limits::PAIRING_WAIT_MS_MAX;
use almanac_protocol::message::Reason;
use almanac_protocol::session::relay::PairingNotice;

use crate::entropy;
use crate::fanout::ConnectionId;
use crate::inbox::Inbox;

/// Codes that wait at the same time: more is an attack.
const CODES_MAX: usize = 10_000;

#[derive(Debug, Clone)]
struct End {
    id: ConnectionId,
    inbox: Arc<Inbox>,
}

#[derive(Debug)]
struct Pairing {
    waiting: End,
    joined: Option<End>,
    ends_at: Instant,
}

/// The routing codes of this process.
#[derive(Debug, Default)]
pub(crate) struct Pairings {
    codes: Mutex<BTreeMap<RoutingCode, Pairing>>,
}

impl Pairings {
    /// Gives the connection a code; one that it opened before and nobody joined is over.
    pub(crate) fn open(&self, now: Instant, id: ConnectionId, inbox: &Arc<Inbox>, request: u64) {
        let mut codes = self.lock();
        expire(&mut codes, now);
        codes.retain(|_, pairing| pairing.joined.is_some() || pairing.waiting.id != id);
        if codes.len() >= CODES_MAX {
            inbox.pair(PairingNotice::Refused {
                request,
                reason: Reason::Busy,
            });
            return;
        }
        let mut code = RoutingCode::from_random(entropy::bytes());
        while codes.contains_key(&code) {
            code = RoutingCode::from_random(entropy::bytes());
        }
        let ends_at = now + Duration::from_millis(PAIRING_WAIT_MS_MAX);
        let waiting = End {
            id,
            inbox: inbox.clone(),
        };
        codes.insert(
            code,
            Pairing {
                waiting,
                joined: None,
                ends_at,
            },
        );
        inbox.pair(PairingNotice::Opened {
            request,
            routing: code.plain(),
        });
    }

    /// Connects to the device that waits under the code and uses the code up.
    pub(crate) fn join(
        &self,
        now: Instant,
        id: ConnectionId,
        inbox: &Arc<Inbox>,
        request: u64,
        routing: &str,
    ) {
        let mut codes = self.lock();
        expire(&mut codes, now);
        let open = routing
            .parse::<RoutingCode>()
            .ok()
            .and_then(|code| Some((code, codes.get_mut(&code)?)))
            .filter(|(_, pairing)| pairing.joined.is_none() && pairing.waiting.id != id);
        let Some((code, pairing)) = open else {
            inbox.pair(PairingNotice::Refused {
                request,
                reason: Reason::PairingOver,
            });
            return;
        };
        pairing.joined = Some(End {
            id,
            inbox: inbox.clone(),
        });
        let routing = code.plain();
        inbox.pair(PairingNotice::Joined {
            request,
            routing: routing.clone(),
        });
        pairing.waiting.inbox.pair(PairingNotice::Joined {
            request: 0,
            routing,
        });
    }

    /// Hands a step to the other end. An empty one ends the pairing.
    pub(crate) fn send(
        &self,
        now: Instant,
        id: ConnectionId,
        inbox: &Inbox,
        routing: &str,
        payload: Vec<u8>,
    ) {
        let mut codes = self.lock();
        expire(&mut codes, now);
        let code = routing.parse::<RoutingCode>().ok();
        let other = code.and_then(|code| Some((code, codes.get(&code)?.other(id)?)));
        let Some((code, other)) = other else {
            let (routing, payload) = (routing.to_owned(), Vec::new());
            inbox.pair(PairingNotice::Step { routing, payload });
            return;
        };
        if payload.is_empty() {
            codes.remove(&code);
        }
        other.inbox.pair(PairingNotice::Step {
            routing: code.plain(),
            payload,
        });
    }

    /// Ends every pairing of a connection that is gone.
    pub(crate) fn leave(&self, id: ConnectionId) {
        self.lock().retain(|code, pairing| {
            let is_its_own = pairing.is_end(id);
            if is_its_own && let Some(other) = pairing.other(id) {
                other.tell_end(code);
            }
            !is_its_own
        });
    }

    /// Ends the pairings whose time is up.
    pub(crate) fn expire(&self, now: Instant) {
        expire(&mut self.lock(), now);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<RoutingCode, Pairing>> {
        self.codes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pairing {
    fn is_end(&self, id: ConnectionId) -> bool {
        self.waiting.id == id || self.joined.as_ref().is_some_and(|joined| joined.id == id)
    }

    /// The end that `id` is not, if both are there and `id` is one of them.
    fn other(&self, id: ConnectionId) -> Option<End> {
        let joined = self.joined.as_ref()?;
        if self.waiting.id == id {
            Some(joined.clone())
        } else {
            (joined.id == id).then(|| self.waiting.clone())
        }
    }
}

impl End {
    fn tell_end(&self, code: &RoutingCode) {
        self.inbox.pair(PairingNotice::Step {
            routing: code.plain(),
            payload: Vec::new(),
        });
    }
}

fn expire(codes: &mut BTreeMap<RoutingCode, Pairing>, now: Instant) {
    codes.retain(|code, pairing| {
        let is_over = now >= pairing.ends_at;
        if is_over {
            pairing.waiting.tell_end(code);
            pairing
                .joined
                .iter()
                .for_each(|joined| joined.tell_end(code));
        }
        !is_over
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn opened(pairings: &Pairings, now: Instant) -> (Arc<Inbox>, String) {
        let inbox = Arc::new(Inbox::default());
        pairings.open(now, ConnectionId(1), &inbox, 5);
        let mut notices = inbox.take().await.pairing;
        let Some(PairingNotice::Opened {
            request: 5,
            routing,
        }) = notices.pop_front()
        else {
            panic!("no code");
        };
        (inbox, routing)
    }

    #[tokio::test]
    async fn a_code_is_over_after_five_minutes_and_the_waiting_device_hears_it() {
        let (pairings, now) = (Pairings::default(), Instant::now());
        let (waiting, routing) = opened(&pairings, now).await;
        let late = now + Duration::from_millis(PAIRING_WAIT_MS_MAX);
        let inbox = Arc::new(Inbox::default());
        pairings.join(late, ConnectionId(2), &inbox, 9, &routing);
        let refused = PairingNotice::Refused {
            request: 9,
            reason: Reason::PairingOver,
        };
        assert_eq!(inbox.take().await.pairing, [refused]);
        let end = PairingNotice::Step {
            routing,
            payload: vec![],
        };
        assert_eq!(waiting.take().await.pairing, [end]);
    }

    #[tokio::test]
    async fn whoever_leaves_the_other_end_hears_it() {
        let (pairings, now) = (Pairings::default(), Instant::now());
        let (waiting, routing) = opened(&pairings, now).await;
        let joining = Arc::new(Inbox::default());
        pairings.join(now, ConnectionId(2), &joining, 1, &routing.to_lowercase());
        assert_eq!(joining.take().await.pairing.len(), 1);
        assert_eq!(waiting.take().await.pairing.len(), 1);
        pairings.leave(ConnectionId(2));
        let end = PairingNotice::Step {
            routing,
            payload: vec![],
        };
        assert_eq!(waiting.take().await.pairing, [end]);
        assert!(pairings.lock().is_empty());
    }

    #[tokio::test]
    async fn nobody_else_can_send_into_a_pairing() {
        let (pairings, now) = (Pairings::default(), Instant::now());
        let (waiting, routing) = opened(&pairings, now).await;
        let joining = Arc::new(Inbox::default());
        pairings.join(now, ConnectionId(2), &joining, 1, &routing);
        waiting.take().await;
        let stranger = Arc::new(Inbox::default());
        pairings.send(now, ConnectionId(3), &stranger, &routing, b"step".to_vec());
        assert_eq!(stranger.take().await.pairing.len(), 1);
        pairings.send(
            now,
            ConnectionId(2),
            &joining,
            &routing,
            b"own step".to_vec(),
        );
        let step = PairingNotice::Step {
            routing,
            payload: b"own step".to_vec(),
        };
        assert_eq!(waiting.take().await.pairing, [step]);
    }
}
