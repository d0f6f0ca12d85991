//! Messages of anything: what is read is written and read again to the same, and both ends of a
//! connection take them in any order without a panic, without a gap in a stream, and without
//! holding more than they may.
//!
//! An input is messages, each behind its length in two bytes and a byte of choices: 1 for the relay,
//! 2 the database knows nothing of what it was asked, 4 time passes. The first byte chooses whether
//! the device has proven its key to the relay. Thirty-two bytes `CA` stand for the id of the calendar
//! that both know, `AC` for the account's.
#![no_main]

use std::sync::Arc;
use std::time::{Duration, Instant};

use almanac_fuzz::{ADA, set};
use almanac_protocol::auth::auth_body;
use almanac_protocol::ids::{RelayEpoch, Signature, StreamHash, VerifyKey};
use almanac_protocol::label::Purpose;
use almanac_protocol::limits::MESSAGE_BYTES_MAX;
use almanac_protocol::message::{Auth, Challenge, Hello, Message, Position, Reason, Welcome};
use almanac_protocol::relay_chain;
use almanac_protocol::session::client::{Caller, ClientSession, Event, Output};
use almanac_protocol::session::relay::{self, Answer, Ask, Origins, Session, Standing, Terms};
use almanac_protocol::signed::Signer;
use libfuzzer_sys::fuzz_target;
use minicbor::bytes::ByteVec;

/// A device that is welcome and follows one stream from its beginning.
fn ready(now: Instant) -> ClientSession {
    let caller = Caller {
        origin: "http://localhost".to_owned(),
        client_nonce: [1; 32],
        identity: Some((ADA.account.id(), ADA.keys.device_id())),
    };
    let mut session = ClientSession::new(now, &caller);
    let challenge = Challenge {
        version: 1,
        relay_nonce: ByteVec::from(vec![2; 32]),
        relay_key: VerifyKey::from_bytes([3; 32]),
        known: true,
    };
    session.handle_message(now, &Message::from(challenge).encode());
    session.handle_proof(Signature::from_bytes([4; 64]));
    session.handle_message(now, &Message::from(welcome()).encode());
    session.subscribe(&[start()]);
    session
}

fn welcome() -> Welcome {
    Welcome {
        relay_epoch: RelayEpoch::from_bytes([5; 16]),
        quota_bytes: 0,
        used_bytes: 0,
        calendars: vec![ADA.calendar.id()],
        version_min: 1,
    }
}

/// The message with the ids that it stands for.
fn named(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let ids = [
        ([0xCA; 32], *ADA.calendar.id().as_bytes()),
        ([0xAC; 32], *ADA.account.id().as_bytes()),
    ];
    for (stands, id) in ids {
        while let Some(at) = bytes.windows(32).position(|window| window == stands) {
            set(&mut bytes, at, &id);
        }
    }
    bytes
}

fn start() -> Position {
    Position {
        stream: ADA.stream(),
        rseq: 0,
        hash: StreamHash::from_bytes([0; 32]),
    }
}

/// Drains a client; what it hands over goes on where it ended.
fn drain_client(session: &mut ClientSession, at: &mut Position) {
    loop {
        match session.poll_output() {
            Output::Send(bytes) => assert!(bytes.len() <= MESSAGE_BYTES_MAX),
            Output::Event(Event::Envelopes { envelopes, end }) => {
                assert!(!envelopes.is_empty());
                assert_eq!(end.stream, at.stream);
                for envelope in &envelopes {
                    at.rseq += 1;
                    at.hash = relay_chain::next(&at.hash, envelope);
                }
                assert_eq!(end, *at, "envelopes follow one another");
            }
            Output::Event(Event::Reset(position)) if position.stream == at.stream => {
                *at = start();
                session.subscribe(&[*at]);
            }
            Output::Event(_) => {}
            Output::Wait(_) => return,
        }
    }
}

/// A relay to which a device has proven its key, or which has heard nothing yet.
fn relay(now: Instant, is_proven: bool) -> Session {
    let ada = &*ADA;
    let terms = Terms {
        origins: Origins::Loopback,
        relay_key: VerifyKey::from_bytes([3; 32]),
    };
    let mut session = Session::new(now, Arc::new(terms), [2; 32]);
    if is_proven {
        let (origin, account, device) = (
            "http://localhost".to_owned(),
            ada.account.id(),
            ada.keys.device_id(),
        );
        let body = auth_body(&origin, &[1; 32], &[2; 32], &account, &device).expect("it is short");
        let hello = Hello {
            version: 1,
            origin,
            client_nonce: ByteVec::from(vec![1; 32]),
            account: Some(account),
            device: Some(device),
        };
        session.handle_message(now, &Message::from(hello).encode());
        session.handle_answer(now, Answer::Identified(Some(ada.keys.verify_key())));
        let auth = Auth {
            signature: ada.keys.sign(Purpose::RelayAuth, &body),
        };
        session.handle_message(now, &Message::from(auth).encode());
        session.handle_answer(now, Answer::Entered(Ok(welcome())));
        assert!(session.is_ready_to_read());
    }
    session
}

/// Drains a relay and answers what it asks: with nothing, or with what there is.
fn drain_relay(session: &mut Session, now: Instant, knows: bool) {
    loop {
        let answer = match session.poll_output() {
            relay::Output::Send(packet) => {
                assert!(packet.len() <= MESSAGE_BYTES_MAX);
                session.handle_written(now, packet.len());
                continue;
            }
            relay::Output::Event(relay::Event::Ask(ask)) => match ask {
                Ask::Identify { .. } => Answer::Identified(None),
                Ask::Enter { .. } | Ask::Register(_) | Ask::Visit(_) if knows => {
                    Answer::Entered(Ok(welcome()))
                }
                Ask::Enter { .. } | Ask::Register(_) | Ask::Visit(_) => {
                    Answer::Entered(Err(Reason::AuthFailed))
                }
                Ask::Subscribe(positions) => Answer::Subscribed(
                    positions
                        .into_iter()
                        .map(|asked| match knows {
                            true => (asked, Standing::Follows(asked)),
                            false => (asked, Standing::Refused),
                        })
                        .collect(),
                ),
                Ask::Resume(asked) => Answer::Resumed {
                    request: asked.request,
                    account: None,
                    calendars: Vec::new(),
                },
                Ask::Read { stream, .. } => Answer::Page {
                    stream,
                    page: Ok(None),
                },
                Ask::Recheck => Answer::Rechecked { is_active: knows },
                Ask::Serve { ticket, .. } => Answer::Served {
                    ticket,
                    packets: Vec::new(),
                },
            },
            relay::Output::Event(_) => continue,
            relay::Output::Wait(_) => return,
        };
        session.handle_answer(now, answer);
    }
}

fuzz_target!(|input: &[u8]| {
    let Some((first, mut rest)) = input.split_first() else {
        return;
    };
    let mut now = Instant::now();
    let mut relay = relay(now, first & 1 != 0);
    let (mut client, mut at) = (ready(now), start());
    while let Some(([high, low, choice], after)) = rest.split_first_chunk::<3>() {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(after.len());
        let (bytes, next) = after.split_at(length);
        let bytes = &named(bytes);
        rest = next;
        if let Ok(message) = Message::decode(bytes) {
            let written = message.encode();
            assert_eq!(Message::decode(&written).as_ref(), Ok(&message));
        }
        if choice & 4 != 0 {
            now += Duration::from_secs(u64::from(choice >> 3));
            client.handle_timeout(now);
            relay.handle_time(now);
        }
        if choice & 1 != 0 {
            relay.handle_message(now, bytes);
        } else {
            client.handle_message(now, bytes);
        }
        drain_client(&mut client, &mut at);
        drain_relay(&mut relay, now, choice & 2 == 0);
    }
});
