//! The relay's session against a client and a database that are played by hand.

mod leaving;
mod noise;
mod overtaken;
mod resuming;

use minicbor::bytes::ByteVec;

use super::*;
use crate::envelope::{EnvelopeAddress, EnvelopeHeader, EnvelopeKind, NONCE_BYTES, TAG_BYTES};
use crate::ids::{CalendarId, Incarnation, RelayEpoch, Signature, StreamHash};
use crate::label::Purpose;
use crate::limits::PADDING_FLOOR_BYTES;
use crate::message::{Auth, Head, Hello, Position, Push, Stream, Sub, Welcome};
use crate::signed::Signer;
use crate::signed::testing::TestSigner;

const ORIGIN: &str = "http://127.0.0.1:8440";
const ACCOUNT: AccountId = AccountId::from_bytes([1; 32]);
const DEVICE: DeviceId = DeviceId::from_bytes([2; 32]);
const CALENDAR: CalendarId = CalendarId::from_bytes([3; 32]);
const STREAM: Stream = Stream {
    calendar: CALENDAR,
    kind: 1,
};

fn terms() -> Arc<Terms> {
    let relay_key = VerifyKey::from_bytes([9; 32]);
    Arc::new(Terms {
        origins: Origins::Loopback,
        relay_key,
    })
}

fn hello() -> Hello {
    Hello {
        version: 1,
        origin: ORIGIN.into(),
        client_nonce: ByteVec::from(vec![5; 32]),
        account: Some(ACCOUNT),
        device: Some(DEVICE),
    }
}

fn signature(signer: &TestSigner) -> Signature {
    let body = crate::auth::auth_body(ORIGIN, &[5; 32], &[6; 32], &ACCOUNT, &DEVICE).unwrap();
    signer.sign(Purpose::RelayAuth, &body)
}

/// An envelope of the stream, as far as a relay can tell.
fn envelope() -> ByteVec {
    let address = EnvelopeAddress {
        kind: EnvelopeKind::Own,
        calendar: CALENDAR,
        epoch: 1,
        device: DEVICE,
        incarnation: Incarnation::from_bytes([7; 8]),
        first_seq: 1,
    };
    let body = [0; PADDING_FLOOR_BYTES + TAG_BYTES];
    let header = EnvelopeHeader {
        address,
        nonce: [0; NONCE_BYTES],
        body_bytes: u32::try_from(body.len()).unwrap(),
    };
    ByteVec::from([&header.to_bytes()[..], &body].concat())
}

/// A session and the hand that plays everything around it.
struct Play {
    now: Instant,
    session: Session,
}

impl Play {
    fn new() -> Self {
        let now = Instant::now();
        Self {
            now,
            session: Session::new(now, terms(), [6; 32]),
        }
    }

    fn proven() -> Self {
        Self::welcomed_to(&[CALENDAR])
    }

    fn welcomed_to(calendars: &[CalendarId]) -> Self {
        let mut play = Self::new();
        let signer = TestSigner::new(7);
        play.hear(hello());
        play.drain();
        play.answer(Answer::Identified(Some(signer.verify_key())));
        play.hear(Auth {
            signature: signature(&signer),
        });
        play.drain();
        play.answer(Answer::Entered(Ok(Welcome {
            relay_epoch: RelayEpoch::from_bytes([4; 16]),
            quota_bytes: 0,
            used_bytes: 0,
            calendars: calendars.to_vec(),
            version_min: 1,
        })));
        play.drain();
        play.written();
        play
    }

    /// A proven session that follows the stream at its start, up to date.
    fn following() -> Self {
        let mut play = Self::proven();
        play.subscribe(0, 0);
        play.drain();
        play.written();
        play
    }

    fn hear(&mut self, message: impl Into<Message>) {
        self.session
            .handle_message(self.now, &message.into().encode());
    }

    fn answer(&mut self, answer: Answer) {
        self.session.handle_answer(self.now, answer);
    }

    fn subscribe(&mut self, rseq: u64, head: u64) {
        self.hear(Sub {
            streams: vec![at(rseq)],
        });
        self.answer(Answer::Subscribed(vec![(
            at(rseq),
            Standing::Follows(at(head)),
        )]));
    }

    fn append(&mut self, rseq: u64) {
        let message = Some(Arc::from(vec![0xAA; 1_000]));
        let news = Appended {
            stream: STREAM,
            first_rseq: rseq,
            last_rseq: rseq,
            message,
        };
        self.session.handle_appended(self.now, &news);
    }

    fn grow(&mut self, log: LogId) {
        self.session
            .handle_log_grown(self.now, LogGrown { log, count: 2 });
    }

    fn page(&mut self, last_rseq: u64, bytes: usize) {
        let page = Some(Page {
            last_rseq,
            packet: Packet::Own(vec![0xBB; bytes]),
        });
        self.answer(Answer::Page {
            stream: STREAM,
            page: Ok(page),
        });
    }

    fn empty_page(&mut self) {
        self.answer(Answer::Page {
            stream: STREAM,
            page: Ok(None),
        });
    }

    fn written(&mut self) {
        let waiting = self.session.waiting_bytes;
        self.session.handle_written(self.now, waiting);
    }

    fn pass(&mut self, ms: u64) {
        self.now += Duration::from_millis(ms);
        self.session.handle_time(self.now);
    }

    /// What came out, in short words.
    fn drain(&mut self) -> Vec<String> {
        let mut words = Vec::new();
        loop {
            match self.session.poll_output() {
                Output::Wait(_) => return words,
                Output::Send(packet) => words.push(match Message::decode(packet.as_ref()) {
                    Ok(Message::Nack(nack)) => format!("nack {:?}", nack.reason),
                    Ok(Message::Bye(bye)) => format!("bye {:?}", bye.reason),
                    Ok(Message::Challenge(challenge)) => format!("challenge {}", challenge.known),
                    Ok(Message::Welcome(_)) => "welcome".into(),
                    Ok(Message::Head(Head { streams })) => format!("head {}", streams.len()),
                    Ok(Message::Reset(reset)) => format!("reset {}", reset.reason),
                    Ok(Message::Resumed(resumed)) => resuming::words(&resumed),
                    Ok(Message::LogGrew(_)) => "log grew".into(),
                    Ok(Message::Ping(_)) => "ping".into(),
                    Ok(Message::Pong(_)) => "pong".into(),
                    Ok(Message::Unknown { kind: 0xAA }) => "live".into(),
                    Ok(Message::Unknown { kind: 0xBB }) => "page".into(),
                    other => format!("{other:?}"),
                }),
                Output::Event(event) => words.push(match event {
                    Event::Ask(Ask::Identify { .. }) => "identify?".into(),
                    Event::Ask(Ask::Enter { .. }) => "enter?".into(),
                    Event::Ask(Ask::Subscribe(_)) => "subscribe?".into(),
                    Event::Ask(Ask::Resume(asked)) => format!("resume {}?", asked.calendars.len()),
                    Event::Ask(Ask::Read { after, .. }) => format!("read {after}?"),
                    Event::Ask(Ask::Recheck) => "recheck?".into(),
                    Event::Ask(Ask::Serve { ticket, .. }) => format!("serve {ticket}?"),
                    Event::Follow(_) => "follow".into(),
                    Event::Unfollow(_) => "unfollow".into(),
                    Event::Listen(_) => "listen".into(),
                    Event::Close => "close".into(),
                    Event::Ask(Ask::Register(_)) => "register?".into(),
                    Event::Ask(Ask::Visit(_)) => "visit?".into(),
                    Event::Ask(Ask::Recover(_)) => "recover?".into(),
                    Event::Admit { .. } => "admit".into(),
                    Event::PairOpen { .. } | Event::PairJoin { .. } | Event::PairSend { .. } => {
                        "pair".into()
                    }
                }),
            }
        }
    }
}

const fn at(rseq: u64) -> Position {
    Position {
        stream: STREAM,
        rseq,
        hash: StreamHash::from_bytes([0; 32]),
    }
}

#[test]
fn a_device_that_proves_its_key_is_welcome() {
    let mut play = Play::new();
    let signer = TestSigner::new(7);
    play.hear(hello());
    assert_eq!(play.drain(), ["identify?"]);
    assert!(!play.session.is_ready_to_read());
    play.answer(Answer::Identified(Some(signer.verify_key())));
    assert_eq!(play.drain(), ["challenge true"]);
    play.hear(Auth {
        signature: signature(&signer),
    });
    assert_eq!(play.drain(), ["listen", "enter?"]);
    assert!(!play.session.is_ready_to_read());
    play.answer(Answer::Entered(Err(Reason::AuthFailed)));
    assert_eq!(play.drain(), ["nack AuthFailed", "bye AuthFailed", "close"]);
}

#[test]
fn a_wrong_signature_and_an_unknown_device_end_alike() {
    let outcomes = [Some(TestSigner::new(8).verify_key()), None].map(|key| {
        let mut play = Play::new();
        play.hear(hello());
        play.answer(Answer::Identified(key));
        play.drain();
        play.hear(Auth {
            signature: signature(&TestSigner::new(7)),
        });
        play.drain()
    });
    assert_eq!(outcomes[0], ["nack AuthFailed", "bye AuthFailed", "close"]);
    assert_eq!(outcomes[0], outcomes[1]);
}

#[test]
fn a_log_that_grows_during_the_entrance_is_told_after_the_welcome() {
    let mut play = Play::new();
    let signer = TestSigner::new(7);
    play.hear(hello());
    play.answer(Answer::Identified(Some(signer.verify_key())));
    play.hear(Auth {
        signature: signature(&signer),
    });
    play.drain();
    play.grow(ACCOUNT.into());
    assert_eq!(play.drain(), Vec::<String>::new());
    play.answer(Answer::Entered(Ok(Welcome {
        relay_epoch: RelayEpoch::from_bytes([4; 16]),
        quota_bytes: 0,
        used_bytes: 0,
        calendars: vec![],
        version_min: 1,
    })));
    assert_eq!(play.drain(), ["welcome", "recheck?", "log grew"]);
}

#[test]
fn a_follower_that_is_up_to_date_gets_news_at_once() {
    let mut play = Play::following();
    play.append(1);
    play.append(2);
    assert_eq!(play.drain(), ["live", "live"]);
    // Told again: nothing is sent twice.
    play.append(2);
    assert_eq!(play.drain(), Vec::<String>::new());
}

#[test]
fn news_that_come_before_the_position_is_known_are_read_from_disk() {
    let mut play = Play::proven();
    play.hear(Sub {
        streams: vec![at(0)],
    });
    assert_eq!(play.drain(), ["follow", "subscribe?"]);
    play.append(1);
    assert_eq!(play.drain(), Vec::<String>::new());
    play.answer(Answer::Subscribed(vec![(at(0), Standing::Follows(at(0)))]));
    assert_eq!(play.drain(), ["head 1", "read 0?"]);
    play.page(1, 10);
    assert_eq!(play.drain(), ["page"]);
}

#[test]
fn pages_follow_each_other_until_the_head_and_then_news_pass() {
    let mut play = Play::proven();
    play.subscribe(0, 300);
    assert_eq!(play.drain(), ["follow", "subscribe?", "head 1", "read 0?"]);
    play.page(256, 10);
    assert_eq!(play.drain(), ["page", "read 256?"]);
    play.append(301);
    play.page(300, 10);
    assert_eq!(play.drain(), ["page", "read 300?"]);
    // The answer is older than the news: asked again.
    play.append(302);
    play.empty_page();
    assert_eq!(play.drain(), ["read 300?"]);
    play.page(302, 10);
    play.append(303);
    assert_eq!(play.drain(), ["page", "live"]);
}

#[test]
fn a_gap_in_the_news_is_read_from_disk() {
    let mut play = Play::following();
    play.append(5);
    assert_eq!(play.drain(), ["read 0?"]);
    // Nothing is there after all: not asked for ever.
    play.empty_page();
    assert_eq!(play.drain(), Vec::<String>::new());
}

#[test]
fn a_slow_reader_is_served_from_disk_as_its_socket_drains() {
    let mut play = Play::following();
    let mut next = 1;
    while play.session.waiting_bytes < WAITING_BYTES_MAX {
        play.append(next);
        next += 1;
    }
    let sent = play.drain().len();
    for rseq in next..next + 1_000 {
        play.append(rseq);
    }
    assert_eq!(play.drain(), Vec::<String>::new());
    play.session.handle_written(play.now, 2_000);
    assert_eq!(play.drain(), [format!("read {sent}?")]);
    play.page(next + 999, 10);
    assert_eq!(play.drain(), ["page"]);
}

#[test]
fn a_grown_log_stops_the_stream_until_access_is_proven_again() {
    let mut play = Play::following();
    play.grow(CALENDAR.into());
    assert_eq!(play.drain(), ["log grew", "read 0?"]);
    play.append(1);
    assert_eq!(play.drain(), Vec::<String>::new());
    play.answer(Answer::Page {
        stream: STREAM,
        page: Err(Reason::Forbidden),
    });
    assert_eq!(play.drain(), ["unfollow"]);
    play.append(2);
    assert_eq!(play.drain(), Vec::<String>::new());
}

#[test]
fn an_answer_older_than_the_log_proves_nothing() {
    let mut play = Play::following();
    play.append(9);
    assert_eq!(play.drain(), ["read 0?"]);
    play.grow(CALENDAR.into());
    play.page(9, 10);
    assert_eq!(play.drain(), ["log grew", "page", "read 9?"]);
    play.append(10);
    assert_eq!(play.drain(), Vec::<String>::new());
    play.empty_page();
    assert_eq!(play.drain(), ["read 9?"]);
    play.page(10, 10);
    play.append(11);
    assert_eq!(play.drain(), ["page", "live"]);
}

#[test]
fn a_log_that_grows_while_a_position_is_looked_up_is_minded() {
    let mut play = Play::proven();
    play.hear(Sub {
        streams: vec![at(0)],
    });
    play.grow(CALENDAR.into());
    play.drain();
    play.answer(Answer::Subscribed(vec![(at(0), Standing::Follows(at(0)))]));
    assert_eq!(play.drain(), ["head 1", "read 0?"]);
}

#[test]
fn a_log_of_another_calendar_changes_nothing() {
    let mut play = Play::following();
    play.grow(LogId::from_bytes([8; 32]));
    play.append(1);
    assert_eq!(play.drain(), ["log grew", "live"]);
}

#[test]
fn subscribing_anew_starts_from_the_new_position() {
    let mut play = Play::proven();
    play.subscribe(0, 10);
    play.drain();
    // From 5 while the page after 0 is being read.
    play.subscribe(5, 10);
    assert_eq!(play.drain(), ["follow", "subscribe?", "head 1"]);
    play.page(10, 10);
    assert_eq!(play.drain(), ["read 5?"]);
    play.page(10, 10);
    assert_eq!(play.drain(), ["page"]);
}

#[test]
fn a_fifth_batch_of_a_stream_has_to_wait() {
    let mut play = Play::proven();
    let push = |request| Push {
        request,
        envelopes: vec![envelope()],
    };
    (1..=5).for_each(|request| play.hear(push(request)));
    assert_eq!(
        play.drain(),
        ["serve 1?", "serve 2?", "serve 3?", "serve 4?", "nack Rate"]
    );
    play.answer(Answer::Served {
        ticket: 2,
        packets: vec![],
    });
    play.hear(push(6));
    assert_eq!(play.drain(), ["serve 5?"]);
    // An answer to what nobody asked is dropped.
    let stray = vec![Packet::Own(vec![0xAA])];
    play.answer(Answer::Served {
        ticket: 2,
        packets: stray,
    });
    assert_eq!(play.drain(), Vec::<String>::new());
}

#[test]
fn a_client_that_asks_without_reading_is_not_read() {
    let mut play = Play::proven();
    for request in 1..=4 {
        assert!(play.session.is_ready_to_read());
        play.hear(crate::message::BoxGet {
            request,
            log: CALENDAR.into(),
        });
    }
    assert!(!play.session.is_ready_to_read());
    let packets = vec![Packet::Own(vec![0xAA; MESSAGE_BYTES_MAX])];
    play.answer(Answer::Served { ticket: 1, packets });
    assert!(!play.session.is_ready_to_read());
    play.drain();
    play.written();
    assert!(play.session.is_ready_to_read());
}

#[test]
fn silence_is_asked_about_and_then_taken_for_an_end() {
    let mut play = Play::proven();
    play.pass(PING_INTERVAL_MS - 1);
    assert_eq!(play.drain(), Vec::<String>::new());
    play.pass(1);
    assert_eq!(play.drain(), ["ping"]);
    play.written();
    play.hear(Pong { token: 0 });
    play.pass(PING_INTERVAL_MS);
    assert_eq!(play.drain(), ["ping"]);
    play.written();
    play.pass(SILENCE_MS_MAX - PING_INTERVAL_MS);
    assert_eq!(play.drain(), ["bye Leaving", "close"]);
}

#[test]
fn a_socket_that_takes_nothing_is_given_up_even_if_it_talks() {
    let mut play = Play::following();
    play.pass(PING_INTERVAL_MS);
    play.drain();
    play.written();
    for _ in 0..8 {
        play.hear(Pong { token: 0 });
        play.append(1);
        play.pass(10_000);
    }
    let words = play.drain();
    assert_eq!(words.last().map(String::as_str), Some("close"), "{words:?}");
}

#[test]
fn a_stranger_has_seconds_to_prove_itself() {
    let mut play = Play::new();
    play.hear(hello());
    play.answer(Answer::Identified(None));
    play.drain();
    play.pass(HANDSHAKE_MS_MAX);
    assert_eq!(play.drain(), ["bye Leaving", "close"]);
}

#[test]
fn the_time_asked_for_is_when_something_is_due() {
    let mut play = Play::proven();
    for _ in 0..5 {
        let Output::Wait(Some(wake)) = play.session.poll_output() else {
            panic!("not waiting")
        };
        assert!(wake > play.now);
        play.now = wake;
        play.session.handle_time(wake);
        let words = play.drain();
        assert!(!words.is_empty());
        if words.last().is_some_and(|word| word == "close") {
            assert!(matches!(play.session.poll_output(), Output::Wait(None)));
            return;
        }
    }
    panic!("a silent client was kept");
}
