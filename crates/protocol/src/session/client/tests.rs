//! The client's session against a relay that is played by hand.

use super::*;
use crate::ids::{CalendarId, RelayEpoch, StreamHash, VerifyKey};
use crate::message::{Ack, Challenge, Welcome};

fn start() -> (Instant, ClientSession) {
    let now = Instant::now();
    let caller = Caller {
        origin: "http://127.0.0.1:8440".into(),
        client_nonce: [1; 32],
        identity: Some((
            AccountId::from_bytes([2; 32]),
            DeviceId::from_bytes([3; 32]),
        )),
    };
    (now, ClientSession::new(now, &caller))
}

fn ready() -> (Instant, ClientSession) {
    let (now, mut session) = start();
    hear(now, &mut session, challenge());
    session.handle_proof(Signature::from_bytes([5; 64]));
    let welcome = Welcome {
        relay_epoch: RelayEpoch::from_bytes([6; 16]),
        quota_bytes: 0,
        used_bytes: 0,
        calendars: vec![],
        version_min: 1,
    };
    hear(now, &mut session, welcome);
    drain(&mut session);
    (now, session)
}

fn challenge() -> Challenge {
    Challenge {
        version: 1,
        relay_nonce: ByteVec::from(vec![4; 32]),
        relay_key: VerifyKey::from_bytes([7; 32]),
        known: true,
    }
}

fn hear(now: Instant, session: &mut ClientSession, message: impl Into<Message>) {
    session.handle_message(now, &message.into().encode());
}

fn drain(session: &mut ClientSession) -> Vec<Output> {
    let mut outputs = vec![];
    loop {
        match session.poll_output() {
            Output::Wait(_) => return outputs,
            output @ (Output::Send(_) | Output::Event(_)) => outputs.push(output),
        }
    }
}

fn stream() -> Stream {
    Stream {
        calendar: CalendarId::from_bytes([8; 32]),
        kind: 1,
    }
}

fn origin_of_stream() -> Position {
    Position {
        stream: stream(),
        rseq: 0,
        hash: StreamHash::from_bytes([0; 32]),
    }
}

fn page(first_rseq: u64, envelopes: &[&[u8]]) -> Envelopes {
    let envelopes = envelopes
        .iter()
        .map(|bytes| ByteVec::from(bytes.to_vec()))
        .collect();
    Envelopes {
        stream: stream(),
        first_rseq,
        envelopes,
    }
}

fn received(session: &mut ClientSession) -> Vec<Vec<u8>> {
    let mut all = vec![];
    for output in drain(session) {
        if let Output::Event(Event::Envelopes { envelopes, .. }) = output {
            all.extend(envelopes);
        }
    }
    all
}

#[test]
fn the_handshake_asks_for_a_proof_before_anything_else() {
    let (now, mut session) = start();
    assert!(matches!(drain(&mut session).as_slice(), [Output::Send(_)]));
    assert!(!session.may_push(stream()));
    hear(now, &mut session, challenge());
    assert!(matches!(
        drain(&mut session).as_slice(),
        [Output::Event(Event::Challenged { known: true, .. })]
    ));
    session.handle_proof(Signature::from_bytes([5; 64]));
    let outputs = drain(&mut session);
    let [Output::Send(bytes)] = outputs.as_slice() else {
        panic!("AUTH")
    };
    assert!(matches!(Message::decode(bytes), Ok(Message::Auth(_))));
}

#[test]
fn a_welcome_without_a_proof_ends_the_connection() {
    let (now, mut session) = start();
    drain(&mut session);
    hear(now, &mut session, page(1, &[b"a"]));
    assert_eq!(drain(&mut session), [Output::Event(Event::Malformed)]);
    assert_eq!(session.poll_output(), Output::Wait(None));
}

#[test]
fn envelopes_come_in_order_and_once() {
    let (now, mut session) = ready();
    session.subscribe(&[origin_of_stream()]);
    hear(now, &mut session, page(1, &[b"a", b"b"]));
    hear(now, &mut session, page(2, &[b"b", b"c"]));
    hear(now, &mut session, page(1, &[b"a"]));
    assert_eq!(
        received(&mut session),
        [b"a".to_vec(), b"b".to_vec(), b"c".to_vec()]
    );
}

#[test]
fn a_missing_page_is_asked_for_again() {
    let (now, mut session) = ready();
    session.subscribe(&[origin_of_stream()]);
    drain(&mut session);
    hear(now, &mut session, page(3, &[b"c"]));
    let outputs = drain(&mut session);
    let [Output::Send(bytes)] = outputs.as_slice() else {
        panic!("SUB")
    };
    let Ok(Message::Sub(sub)) = Message::decode(bytes) else {
        panic!("SUB")
    };
    assert_eq!(sub.streams, [origin_of_stream()]);
}

#[test]
fn no_more_batches_are_in_flight_than_allowed() {
    let (now, mut session) = ready();
    for _ in 0..BATCHES_IN_FLIGHT_MAX {
        assert!(session.may_push(stream()));
        session.push(stream(), vec![vec![1]]);
    }
    assert!(!session.may_push(stream()));
    hear(
        now,
        &mut session,
        crate::message::Ack {
            request: 1,
            rseqs: vec![1],
        },
    );
    assert!(session.may_push(stream()));
}

#[test]
fn a_silent_relay_is_asked_and_then_given_up() {
    let (now, mut session) = ready();
    session.handle_timeout(now + Duration::from_millis(PING_INTERVAL_MS));
    assert!(matches!(drain(&mut session).as_slice(), [Output::Send(_)]));
    session.handle_timeout(now + Duration::from_millis(SILENCE_MS_MAX));
    assert_eq!(drain(&mut session), [Output::Event(Event::Silent)]);
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_the_session_panic(messages: Vec<Vec<u8>>) {
        let (now, mut session) = ready();
        session.subscribe(&[origin_of_stream()]);
        for message in messages {
            session.handle_message(now, &message);
            drain(&mut session);
        }
    }
}

#[test]
fn a_range_that_is_read_again_moves_no_position() {
    let (now, mut session) = ready();
    session.subscribe(&[origin_of_stream()]);
    hear(now, &mut session, page(1, &[b"a", b"b", b"c"]));
    drain(&mut session);
    let request = session.pull(stream(), 2, 1);
    hear(now, &mut session, page(2, &[b"b"]));
    let rseqs = vec![];
    hear(now, &mut session, Ack { request, rseqs });
    let heard: Vec<Output> = drain(&mut session);
    let pulled = Event::Pulled {
        stream: stream(),
        envelopes: vec![b"b".to_vec()],
    };
    assert!(heard.contains(&Output::Event(pulled)), "{heard:?}");
    // The same page again is no answer to anything, and what follows goes on where it was.
    hear(now, &mut session, page(2, &[b"b"]));
    hear(now, &mut session, page(4, &[b"d"]));
    assert_eq!(received(&mut session), [b"d".to_vec()]);
}
