//! Whatever a client sends, the session stays a session.

use proptest::prelude::*;

use super::*;
use crate::message::{
    BoxGet, LinkGet, LinkPut, PairJoin, PairOpen, PairSend, Pull, Register, Unsub,
};

fn messages() -> impl Strategy<Value = Vec<u8>> {
    let shaped = prop_oneof![handshake(), streams(), logs(), pairing()]
        .prop_map(|message: Message| message.encode());
    let bytes = proptest::collection::vec(any::<u8>(), 0..200);
    let kinds = (0_u8..30, proptest::collection::vec(any::<u8>(), 0..80))
        .prop_map(|(kind, rest)| [vec![kind], rest].concat());
    prop_oneof![8 => shaped, 1 => bytes, 1 => kinds]
}

fn handshake() -> impl Strategy<Value = Message> {
    let guest = Hello {
        account: None,
        device: None,
        ..hello()
    };
    prop_oneof![
        Just(Message::from(hello())),
        Just(Message::from(guest)),
        Just(Message::from(Auth {
            signature: Signature::from_bytes([1; 64])
        })),
        Just(Message::from(Auth {
            signature: signature(&TestSigner::new(7))
        })),
        Just(Message::from(Register {
            invite: "code".into(),
            links: vec![],
            signature: Signature::from_bytes([1; 64]),
        })),
        any::<u64>().prop_map(|token| Ping { token }.into()),
    ]
}

fn streams() -> impl Strategy<Value = Message> {
    let stream = || {
        (0_u8..3).prop_map(|kind| Stream {
            calendar: CALENDAR,
            kind,
        })
    };
    let position =
        (stream(), any::<u64>()).prop_map(|(stream, rseq)| Position { stream, ..at(rseq) });
    prop_oneof![
        proptest::collection::vec(position, 0..4)
            .prop_map(|streams| Message::from(Sub { streams })),
        (0_u32..3).prop_map(|place| resuming::resume(&[place]).into()),
        stream().prop_map(|stream| Message::from(Unsub {
            streams: vec![stream]
        })),
        (any::<u64>(), any::<bool>()).prop_map(|(request, is_whole)| Push {
            request,
            envelopes: is_whole.then(envelope).into_iter().collect(),
        }
        .into()),
        (any::<u64>(), stream(), any::<u64>(), any::<u64>()).prop_map(
            |(request, stream, first_rseq, count)| {
                Pull {
                    request,
                    stream,
                    first_rseq,
                    count,
                }
                .into()
            }
        ),
    ]
}

fn logs() -> impl Strategy<Value = Message> {
    let log = LogId::from(CALENDAR);
    prop_oneof![
        any::<u64>().prop_map(move |request| LinkGet {
            request,
            log,
            first_seq: 0
        }
        .into()),
        any::<u64>().prop_map(move |request| {
            LinkPut {
                request,
                log,
                head: None,
                link: ByteVec::from(vec![1]),
            }
            .into()
        }),
        any::<u64>().prop_map(move |request| BoxGet { request, log }.into()),
    ]
}

fn pairing() -> impl Strategy<Value = Message> {
    prop_oneof![
        any::<u64>().prop_map(|request| PairOpen {
            request,
            routing: String::new()
        }
        .into()),
        any::<u64>().prop_map(|request| PairJoin {
            request,
            routing: "x".into()
        }
        .into()),
        (0_usize..5_000).prop_map(|size| {
            PairSend {
                routing: "x".into(),
                payload: ByteVec::from(vec![0; size]),
            }
            .into()
        }),
    ]
}

/// What the database around the session answers, when it answers at all.
fn answer(ask: Ask, is_kind: bool) -> Option<Answer> {
    let refused = Reason::Forbidden;
    Some(match ask {
        Ask::Identify { .. } => {
            Answer::Identified(is_kind.then(|| TestSigner::new(7).verify_key()))
        }
        Ask::Enter { .. } | Ask::Register(_) | Ask::Visit(_) if is_kind => {
            Answer::Entered(Ok(Welcome {
                relay_epoch: RelayEpoch::from_bytes([4; 16]),
                quota_bytes: 0,
                used_bytes: 0,
                calendars: vec![],
                version_min: 1,
            }))
        }
        Ask::Enter { .. } | Ask::Register(_) | Ask::Visit(_) => {
            Answer::Entered(Err(Reason::AuthFailed))
        }
        Ask::Recover(_) => Answer::Recovering(Err(Reason::AuthFailed)),
        Ask::Subscribe(positions) => Answer::Subscribed(
            positions
                .into_iter()
                .map(|asked| {
                    let head = Position { rseq: 9, ..asked };
                    let follows = is_kind && asked.rseq <= 9;
                    (
                        asked,
                        if follows {
                            Standing::Follows(head)
                        } else {
                            Standing::Refused
                        },
                    )
                })
                .collect(),
        ),
        Ask::Resume(asked) => resuming::answer(asked, is_kind),
        Ask::Read { stream, after } if is_kind => {
            let page = Page {
                last_rseq: after + 1,
                packet: Packet::Own(vec![0xBB; 100]),
            };
            Answer::Page {
                stream,
                page: Ok((after < 9).then_some(page)),
            }
        }
        Ask::Read { stream, .. } => Answer::Page {
            stream,
            page: Err(refused),
        },
        Ask::Recheck => Answer::Rechecked { is_active: is_kind },
        Ask::Serve { ticket, .. } if is_kind => Answer::Served {
            ticket,
            packets: vec![Packet::Own(vec![0xAA; 1_000])],
        },
        Ask::Serve { .. } => return None,
    })
}

proptest! {
    #[test]
    fn no_sequence_of_messages_breaks_a_session(
        is_proven in any::<bool>(),
        script in proptest::collection::vec((messages(), any::<bool>(), 0_u64..30_000), 1..40)
    ) {
        let mut play = if is_proven { Play::proven() } else { Play::new() };
        let (mut entered, mut closed) = (is_proven, false);
        for (bytes, is_kind, ms) in script {
            play.session.handle_message(play.now, &bytes);
            let mut asked = VecDeque::new();
            for round in 0..200 {
                prop_assert!(round < 199, "the session never comes to rest");
                match play.session.poll_output() {
                    Output::Send(packet) => {
                        prop_assert!(!closed, "a word after the goodbye");
                        prop_assert!(!packet.is_empty());
                    }
                    Output::Event(Event::Close) => {
                        prop_assert!(!closed, "closed twice");
                        closed = true;
                    }
                    Output::Event(Event::Ask(ask)) => {
                        let is_before_proof = matches!(
                            ask,
                            Ask::Identify { .. }
                                | Ask::Enter { .. }
                                | Ask::Register(_)
                                | Ask::Visit(_)
                        );
                        prop_assert!(entered != is_before_proof, "{ask:?}");
                        asked.push_back(ask);
                    }
                    Output::Event(Event::Follow(_) | Event::PairOpen { .. }) => {
                        prop_assert!(entered);
                    }
                    Output::Event(_) => {}
                    Output::Wait(wake) => {
                        prop_assert_eq!(wake.is_none(), closed);
                        let Some(ask) = asked.pop_front() else { break };
                        entered |= is_kind && matches!(
                            ask,
                            Ask::Enter { .. } | Ask::Register(_) | Ask::Visit(_)
                        );
                        if let Some(answer) = answer(ask, is_kind) {
                            play.answer(answer);
                        }
                    }
                }
            }
            if is_kind {
                play.written();
            }
            play.pass(ms);
            play.drain();
            closed |= play.session.is_over();
        }
    }
}
