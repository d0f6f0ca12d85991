//! A relay that says random things wherever it has something to say of its own, and one that learns from
//! what devices answer and how long their envelopes are.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "what a rule does not name passes as it is"
)]

use std::collections::{BTreeMap, BTreeSet};

use almanac_client::{Client, ImportFile, Mode, SyncState};
use almanac_protocol::ids::{
    BlobName, CalendarId, DeviceId, LinkHash, LogId, RelayEpoch, Signature, StreamHash, VerifyKey,
};
use almanac_protocol::message::{
    Joins, LogEnd, LogGrew, Message, Notice, Pack, Ping, RecoveryBegun,
};

use super::company::{Company, Person};
use super::evil_relay::{Passing, Said, Towards};
use super::evil_streams::pair;

/// Says random things to one device.
struct Liar {
    random: blake3::OutputReader,
    to: DeviceId,
    /// Of each connection: where in the relay's list of calendars those stand that were named.
    places: BTreeMap<usize, Vec<Option<u32>>>,
    /// Connections that were let in.
    welcomed: BTreeSet<usize>,
}

impl Liar {
    fn new(to: DeviceId) -> Self {
        Self {
            random: blake3::Hasher::new().update(b"row 3").finalize_xof(),
            to,
            places: BTreeMap::new(),
            welcomed: BTreeSet::new(),
        }
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.random.fill(&mut bytes);
        bytes
    }

    fn below(&mut self, limit: u64) -> u64 {
        u64::from_be_bytes(self.bytes()) % limit.max(1)
    }

    fn hash(&mut self) -> StreamHash {
        StreamHash::from_bytes(self.bytes())
    }

    fn log_end(&mut self) -> LogEnd {
        LogEnd {
            links: 1_000 + self.below(1_000),
            head: LinkHash::from_bytes(self.bytes()),
        }
    }

    fn lie(&mut self, passing: &Passing, message: Message) -> Said {
        if passing.is_from(self.to) {
            return passing.on(self.understood(passing, message));
        }
        if !passing.is_to(self.to) {
            return passing.on(message);
        }
        if matches!(message, Message::Welcome(_)) {
            self.welcomed.insert(passing.connection);
        }
        let mut said = passing.on(self.bent(passing, message));
        if self.welcomed.contains(&passing.connection) && self.below(4) == 0 {
            said.push((Towards::Device, self.made_up()));
        }
        said
    }

    /// What the device says, in terms of the relay that stands behind.
    fn understood(&self, passing: &Passing, message: Message) -> Message {
        let Message::Resume(mut resume) = message else {
            return message;
        };
        let places = &self.places[&passing.connection];
        for calendar in &mut resume.calendars {
            calendar.place = places[usize::try_from(calendar.place).unwrap()].unwrap();
        }
        resume.into()
    }

    /// A message whose every field is random that is the relay's own; what others have signed or sealed
    /// stays.
    fn bent(&mut self, passing: &Passing, message: Message) -> Message {
        match message {
            Message::Challenge(mut challenge) => {
                challenge.relay_key = VerifyKey::from_bytes(self.bytes());
                challenge.into()
            }
            Message::Welcome(mut welcome) => {
                // It has begun a new life on every third connection.
                let life = u8::try_from(passing.connection / 3).unwrap();
                welcome.relay_epoch = RelayEpoch::from_bytes([life; 16]);
                (welcome.quota_bytes, welcome.used_bytes) =
                    (self.below(1 << 40), self.below(1 << 50));
                let known = (0_u32..).zip(welcome.calendars.drain(..));
                let mut named: Vec<_> = known.map(|(place, id)| (Some(place), id)).collect();
                for _ in 0..3 {
                    let at = usize::try_from(self.below(named.len() as u64 + 1)).unwrap();
                    named.insert(at, (None, CalendarId::from_bytes(self.bytes())));
                }
                let first = usize::try_from(self.below(named.len() as u64)).unwrap();
                named.rotate_left(first);
                let (places, calendars) = named.into_iter().unzip();
                self.places.insert(passing.connection, places);
                welcome.calendars = calendars;
                welcome.into()
            }
            Message::Head(mut head) => {
                for position in &mut head.streams {
                    position.hash = self.hash();
                }
                head.into()
            }
            Message::Reset(mut reset) => {
                reset.position.hash = self.hash();
                reset.position.rseq = self.below(1 << 40);
                reset.into()
            }
            Message::Resumed(mut resumed) => {
                resumed.account = Some(self.log_end());
                for calendar in &mut resumed.calendars {
                    calendar.log = Some(self.log_end());
                    calendar.position.hash = self.hash();
                }
                resumed.into()
            }
            Message::Envelopes(mut page) => {
                if self.below(4) == 0 {
                    page.first_rseq += 1 + self.below(1_000);
                }
                page.into()
            }
            other => self.bent_answer(other),
        }
    }

    /// The same of what answers a request.
    fn bent_answer(&mut self, message: Message) -> Message {
        match message {
            Message::Ack(mut ack) => {
                for rseq in &mut ack.rseqs {
                    *rseq = 1 + self.below(*rseq);
                }
                ack.into()
            }
            Message::Nack(mut nack) => {
                nack.retry_after_ms = self.below(1_000);
                nack.into()
            }
            Message::Links(mut links) => {
                links.first_seq = self.below(1 << 40);
                links.count += self.below(3);
                links.into()
            }
            Message::Boxes(mut boxes) => {
                boxes.boxes.reverse();
                boxes.boxes.insert(0, self.bytes::<1243>().to_vec().into());
                boxes.into()
            }
            Message::Packs(mut packs) => {
                (packs.tail_envelopes, packs.tail_bytes) = (self.below(8), self.below(10_000));
                let unheard_of = Pack {
                    name: BlobName::from_bytes(self.bytes()),
                    rseq: self.below(1 << 40),
                    device: DeviceId::from_bytes(self.bytes()),
                    confirmed_ms: self.below(1 << 50),
                    tail: Vec::new(),
                };
                packs.packs.insert(0, unheard_of);
                packs.into()
            }
            Message::Missing(mut missing) => {
                missing.recipients.push(self.bytes::<32>().to_vec().into());
                missing.into()
            }
            other => other,
        }
    }

    /// Something that nobody has asked for.
    fn made_up(&mut self) -> Message {
        match self.below(5) {
            0 => Notice {
                text: "Your calendar is full. Call 555-0100.".into(),
                signature: Signature::from_bytes(self.bytes()),
            }
            .into(),
            1 => LogGrew {
                log: LogId::from_bytes(self.bytes()),
                count: self.below(1 << 40),
            }
            .into(),
            2 => Joins {
                request: 0,
                calendar: CalendarId::from_bytes(self.bytes()),
                acceptances: vec![self.bytes::<900>().to_vec().into()],
            }
            .into(),
            3 => RecoveryBegun {
                device: DeviceId::from_bytes(self.bytes()),
                begun_ms: self.below(1 << 50),
                wait_ms: self.below(1 << 50),
            }
            .into(),
            _ => Ping {
                token: self.below(1 << 50),
            }
            .into(),
        }
    }
}

/// All that a person has of “Team”, and how it came to be.
fn everything(client: &Client) -> Vec<String> {
    let mut events: Vec<_> = client
        .list("2026-11-01", "2026-12-01", Some("UTC"), Some("Team"))
        .unwrap();
    events.sort_by(|one, other| one.event.cmp(&other.event));
    let told = events.iter().map(|one| {
        let mut view = client.event(&one.event, None).unwrap();
        // What has left and who looks on is another matter on every device.
        view.pending = false;
        let history = client.history(&one.event).unwrap();
        format!("{view:?}\n{history:?}\n").replace("this: true", "this: false")
    });
    let told: String = told.collect();
    (client.export(Some("Team")).unwrap() + &told)
        .lines()
        .map(str::to_owned)
        .collect()
}

/// Row 3: whatever the relay says of its own is random; what was written is the same, bit for bit.
#[tokio::test]
async fn attack_03_a_relay_whose_own_words_are_all_random() {
    let (company, ada, bob) = pair().await;
    let desk = company.link(&ada, "desk").await;
    let tablet = company.link(&ada, "tablet").await;
    for person in [&ada, &bob, &desk, &tablet] {
        person.sync().await;
    }
    let mut liar = Liar::new(tablet.device_id());
    company
        .evil()
        .obeys(move |passing, message| liar.lie(passing, message));
    for n in 0..6 {
        ada.add(&format!("by Ada {n}")).await;
        bob.sync().await;
        bob.add(&format!("by Bob {n}")).await;
        // Whatever becomes of this connection, nothing wrong is shown.
        let _ = tablet.client.sync(Mode::Once).await;
        let shown = tablet.titles();
        assert!(
            shown.iter().all(|title| title.starts_with("by ")),
            "{shown:?}"
        );
    }
    tablet
        .client
        .create(Company::event("by the tablet"))
        .unwrap();
    for _ in 0..3 {
        let _ = tablet.client.sync(Mode::Once).await;
    }
    for person in [&ada, &bob, &desk, &ada] {
        person.sync().await;
    }
    let _ = tablet.client.sync(Mode::Once).await;
    assert_eq!(desk.titles().len(), 13);
    let (lied_to, told_the_truth) = (everything(&tablet.client), everything(&desk.client));
    let differ = lied_to
        .iter()
        .zip(&told_the_truth)
        .find(|(one, other)| one != other);
    assert_eq!(differ, None);
    assert_eq!(lied_to.len(), told_the_truth.len());
    assert_eq!(bob.titles(), desk.titles());
    assert_eq!(tablet.member_names().await, ["Ada", "Bob"]);
}

impl Person {
    async fn member_names(&self) -> Vec<String> {
        let people = self.client.people("Team").unwrap().people;
        let mut names: Vec<_> = people.into_iter().map(|one| one.member.name).collect();
        names.sort();
        names
    }
}

/// What a device has said to the relay: kinds and lengths of its messages, in order.
fn said_by(company: &Company, device: DeviceId) -> Vec<(u8, usize)> {
    let heard = company.evil().overheard().into_iter();
    let from = heard.filter(|one| one.passing.is_from(device));
    from.map(|one| (one.bytes[0], one.bytes.len())).collect()
}

/// What can be done to an envelope.
type Bend = fn(&mut Vec<u8>);

/// Row 21: whatever is wrong with an envelope, a device does the same, so that nobody learns how far it came.
#[tokio::test]
async fn attack_21_nothing_that_is_wrong_looks_different_to_the_relay() {
    let (company, ada, bob) = pair().await;
    for n in 0..25 {
        ada.add(&format!("before {n:02}")).await;
    }
    bob.sync().await;
    ada.sync().await;
    let bends: [(&str, Bend); 8] = [
        ("the nonce", |bytes| bytes[100] ^= 1),
        ("the first byte", |bytes| bytes[116] ^= 1),
        ("the middle", |bytes| {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 0x40;
        }),
        ("the tag", |bytes| *bytes.last_mut().unwrap() ^= 0x80),
        ("the device", |bytes| bytes[50] ^= 1),
        ("the life", |bytes| bytes[75] ^= 1),
        ("the number", |bytes| bytes[87] ^= 1),
        ("the length", |bytes| {
            bytes.truncate(bytes.len() - 16);
            let length = u32::try_from(bytes.len() - 116).unwrap();
            bytes[112..116].copy_from_slice(&length.to_be_bytes());
        }),
    ];
    let team: CalendarId = ada.team().parse().unwrap();
    let to = bob.device_id();
    let mut heard = Vec::new();
    for (at, (what, bend)) in bends.into_iter().enumerate() {
        ada.add(&format!("event {at:02}")).await;
        company.evil().obeys(move |passing, message| match message {
            Message::Envelopes(mut page) if passing.is_to(to) && page.stream.calendar == team => {
                bend(page.envelopes.last_mut().unwrap());
                passing.on(page)
            }
            message => passing.on(message),
        });
        company.evil().overheard();
        bob.client.sync(Mode::Once).await.unwrap();
        let bent = said_by(&company, to);
        assert_eq!(bob.titles().len(), 25 + at, "{what}");
        company.evil().is_honest();
        bob.sync().await;
        assert_eq!(bob.titles().len(), 26 + at, "{what}");
        let kinds: Vec<u8> = said_by(&company, to)
            .iter()
            .map(|(kind, _)| *kind)
            .collect();
        heard.push((what, bent, kinds));
    }
    for (what, bent, after) in &heard {
        assert_eq!(bent, &heard[0].1, "{what}");
        assert_eq!(after, &heard[0].2, "{what}");
    }
    // What a relay reads in a header anyway is another matter: of an epoch nobody knows, the log is asked.
    ada.add("event 99").await;
    company.evil().obeys(move |passing, message| match message {
        Message::Envelopes(mut page) if passing.is_to(to) && page.stream.calendar == team => {
            page.envelopes.last_mut().unwrap()[39] ^= 0x40;
            passing.on(page)
        }
        message => passing.on(message),
    });
    bob.client.sync(Mode::Once).await.unwrap();
    assert_ne!(said_by(&company, to), heard[0].1);
}

/// A text as long as a page, which no other one repeats.
fn page(seed: u8) -> String {
    let mut random = [0; 2_000];
    blake3::Hasher::new()
        .update(&[seed])
        .finalize_xof()
        .fill(&mut random);
    random
        .iter()
        .map(|byte| char::from(b'a' + byte % 26))
        .collect()
}

/// Lengths of the envelopes that leave when a person has written something and imports a file that somebody
/// sent them.
async fn sent_beside(written: &str, sent: &str) -> Vec<usize> {
    let company = Company::deceived().await;
    let ada = company.owner("Ada").await;
    let mut event = Company::event("mine");
    event.notes = written.to_owned();
    ada.client.create(event).unwrap();
    let file = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//stranger//EN\r\nBEGIN:VEVENT\r\nUID:stranger\r\n\
         DTSTAMP:20261101T000000Z\r\nDTSTART:20261120T100000Z\r\nDTEND:20261120T110000Z\r\n\
         SUMMARY:theirs\r\nDESCRIPTION:{sent}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    let file = ImportFile {
        calendar: "Team".into(),
        name: "stranger.ics".into(),
        bytes: file.into_bytes(),
    };
    ada.client.import(file).unwrap();
    company.evil().overheard();
    ada.sync().await;
    assert_eq!(ada.client.status().unwrap().state, SyncState::UpToDate);
    let mut lengths = Vec::new();
    for one in company.evil().overheard() {
        let Ok(Message::Push(push)) = Message::decode(&one.bytes) else {
            continue;
        };
        lengths.extend(push.envelopes.iter().map(|envelope| envelope.len()));
    }
    let frames = frames_sent(&ada.client);
    for name in ["mine", "theirs"] {
        let of = frames.iter().filter(|titles| titles.contains(name)).count();
        assert!(of > 0, "{name} has left");
    }
    let both = |titles: &&BTreeSet<String>| titles.contains("mine") && titles.contains("theirs");
    assert_eq!(frames.iter().find(both), None, "each is signed by itself");
    lengths
}

/// What each frame is about that left on the newest connection.
fn frames_sent(client: &Client) -> Vec<BTreeSet<String>> {
    let mut frames = Vec::new();
    let newest = client.ledger(1).unwrap()[0].id;
    for message in client.ledger_messages(newest).unwrap() {
        if !message.kind.eq_ignore_ascii_case("push") {
            continue;
        }
        for envelope in client.ledger_message(message.id).unwrap().envelopes {
            for frame in envelope.frames.unwrap() {
                let titles = frame.changes.into_iter().filter_map(|change| change.title);
                frames.push(titles.collect());
            }
        }
    }
    frames
}

/// Row 47: whoever sends an event learns nothing from how long envelopes are about what stands beside it.
#[tokio::test]
async fn attack_47_guessing_a_secret_by_having_it_sent_along() {
    let secret = page(1);
    let right = sent_beside(&secret, &secret).await;
    let wrong = sent_beside(&secret, &page(2)).await;
    assert_eq!(right, wrong);
    assert!(
        right.iter().sum::<usize>() > 2 * secret.len(),
        "both have left: {right:?}"
    );
}
