//! Someone who is made of keys alone: an account at the relay that no program keeps to the rules.

use almanac_calendar::{Event, When, document};
use almanac_crypto::envelope;
use almanac_crypto::epoch::EpochKeys;
use almanac_crypto::invite::{CalendarInvite, Card, accept};
use almanac_crypto::puk::next_puk;
use almanac_crypto::seal::open_epoch_box;
use almanac_protocol::envelope::{EnvelopeAddress, EnvelopeKind, FrameWithChanges};
use almanac_protocol::frame::{Frame, FrameType, ListedChange, changes_body};
use almanac_protocol::free_busy::{BusyDay, BusySpan, BusyState, free_busy_body};
use almanac_protocol::ids::{AccountId, DocumentId, FrameHash, LogId};
use almanac_protocol::membership::{AccountLog, CalendarLog, LinkType, LogView, link_hash};
use almanac_protocol::message::Stream;
use rusqlite::{Connection, params};

use super::cast::{Ada, change_hash};

/// The cheat, and what the relay shows it.
pub(crate) struct Cheat {
    pub(crate) who: Ada,
    links: Vec<Vec<u8>>,
}

impl Cheat {
    /// An account that the relay takes up.
    pub(crate) fn at(db: &Connection, seed: u8) -> Self {
        let who = Ada::new(seed);
        let links = vec![who.genesis.clone()];
        let cheat = Self { who, links };
        let id = *cheat.id().as_bytes();
        db.execute(
            "INSERT INTO account (account, created_ms) VALUES (?1, 0)",
            [&id],
        )
        .unwrap();
        cheat.put_link(db, 0, LinkType::AccountGenesis, &cheat.links[0]);
        cheat
    }

    /// The same account, held once more by who took its keys away.
    pub(crate) fn again(&self, seed: u8) -> Self {
        Self {
            who: Ada::new(seed),
            links: self.links.clone(),
        }
    }

    pub(crate) fn id(&self) -> AccountId {
        self.who.account.id()
    }

    fn put_link(&self, db: &Connection, seq: i64, link_type: LinkType, bytes: &[u8]) {
        put_link(db, LogId::from(self.id()), 1, seq, link_type, bytes);
    }

    /// Asks to join by a text, past the relay's doors.
    pub(crate) fn ask(&mut self, db: &Connection, text: &str) {
        let invite: CalendarInvite = text.parse().unwrap();
        let inviter = account_log(db, &invite.inviter);
        let card = Card {
            name: "Eve",
            colour: [0; 3],
        };
        let joiner = (&self.who.account, &self.who.keys);
        let record = accept(&mut self.who.rng, &invite, &inviter, joiner, card).unwrap();
        let key = almanac_protocol::signed::Signer::verify_key(&invite.key());
        db.execute(
            "INSERT INTO acceptance (calendar, invite, account, arrived_ms, record)
             VALUES (?1, ?2, ?3, 0, ?4)",
            params![
                invite.calendar.as_bytes(),
                key.as_bytes(),
                self.id().as_bytes(),
                record
            ],
        )
        .unwrap();
    }

    /// The keys of a calendar, out of the boxes that lie at the relay for this account.
    pub(crate) fn keys(&self, db: &Connection, log: &CalendarLog) -> Option<EpochKeys> {
        let mut statement = db
            .prepare("SELECT record FROM box WHERE log = ?1 AND recipient = ?2")
            .unwrap();
        let (calendar, account) = (log.id(), self.id());
        let key = params![calendar.as_bytes(), account.as_bytes()];
        let records = statement.query_map(key, |row| row.get::<_, Vec<u8>>(0));
        let records: Vec<Vec<u8>> = records.unwrap().map(Result::unwrap).collect();
        let epochs = (1..=log.epoch_now().section.epoch).rev();
        epochs
            .flat_map(|epoch| records.iter().map(move |record| (epoch, record)))
            .find_map(|(epoch, record)| {
                let grant = open_epoch_box(log, epoch, &self.id(), &self.who.puk, record).ok()?;
                EpochKeys::open(log, epoch, grant).ok()
            })
    }

    /// An envelope with an event in it, whose frame quotes what it likes of the calendar's log.
    pub(crate) fn envelope(
        &mut self,
        log: &CalendarLog,
        keys: &EpochKeys,
        title: &str,
        view: LogView,
    ) -> Vec<u8> {
        let changes = [event(title, self.actor(log))];
        self.sealed(log, keys, view, FrameType::Changes, &changes)
    }

    /// An envelope of the free/busy stream that says someone is busy all through one day, of a version that
    /// no other reaches.
    pub(crate) fn busy_day(&mut self, log: &CalendarLog, keys: &EpochKeys, day: i32) -> Vec<u8> {
        let all = BusySpan {
            start: 0,
            end: 1_440,
            state: BusyState::Away,
        };
        let frame = Frame {
            frame_type: FrameType::FreeBusy,
            stream: Stream {
                calendar: log.id(),
                kind: 2,
            },
            author: self.who.keys.device_id(),
            incarnation: self.who.incarnation,
            seq: 1,
            prev: FrameHash::from_bytes([0; 32]),
            calendar_view: log.view(),
            account_view: self.who.account.view(),
            body: free_busy_body(&[BusyDay::new(day, u64::MAX, &[all])]).unwrap(),
        };
        let address = EnvelopeAddress {
            kind: EnvelopeKind::FreeBusy,
            calendar: log.id(),
            epoch: log.epoch_now().section.epoch,
            device: self.who.keys.device_id(),
            incarnation: self.who.incarnation,
            first_seq: 1,
        };
        let content = [FrameWithChanges {
            frame: frame.sign(&self.who.keys).unwrap(),
            changes: Vec::new(),
        }];
        envelope::seal(&mut self.who.rng, keys, &address, &content).unwrap()
    }

    /// Who the changes of this life are by.
    pub(crate) fn actor(&self, log: &CalendarLog) -> [u8; 16] {
        let device = self.who.keys.device_id();
        almanac_protocol::actor::actor(&log.id(), &device, &self.who.incarnation)
    }

    /// An envelope with the first frame of this life, whatever it is.
    pub(crate) fn sealed(
        &mut self,
        log: &CalendarLog,
        keys: &EpochKeys,
        view: LogView,
        frame_type: FrameType,
        changes: &[(DocumentId, Vec<u8>)],
    ) -> Vec<u8> {
        let stream = Stream {
            calendar: log.id(),
            kind: 1,
        };
        let listed = changes.iter().map(|(document, bytes)| ListedChange {
            document: *document,
            hash: change_hash(bytes),
        });
        let listed: Vec<_> = listed.collect();
        let frame = Frame {
            frame_type,
            stream,
            author: self.who.keys.device_id(),
            incarnation: self.who.incarnation,
            seq: 1,
            prev: FrameHash::from_bytes([0; 32]),
            calendar_view: view,
            account_view: self.who.account.view(),
            body: changes_body(&listed).unwrap(),
        };
        let address = EnvelopeAddress {
            kind: EnvelopeKind::Own,
            calendar: log.id(),
            epoch: log.epoch_now().section.epoch,
            device: self.who.keys.device_id(),
            incarnation: self.who.incarnation,
            first_seq: 1,
        };
        let content = [FrameWithChanges {
            frame: frame.sign(&self.who.keys).unwrap(),
            changes: changes.iter().map(|(_, bytes)| bytes.clone()).collect(),
        }];
        envelope::seal(&mut self.who.rng, keys, &address, &content).unwrap()
    }

    /// Renews the account's key, as after a device that has left.
    pub(crate) fn renew_key(&mut self, db: &Connection) {
        let devices = vec![self.who.keys.device_id()];
        let log = &self.who.account;
        let (seed, section) = next_puk(&mut self.who.rng, log, &self.who.puk, devices).unwrap();
        let link = log.rotate_puk(&self.who.keys, &section, 9).unwrap();
        self.who.account.append(&link).unwrap();
        self.who.puk = seed;
        let seq = i64::try_from(self.links.len()).unwrap();
        self.put_link(db, seq, LinkType::RotatePuk, &link);
        self.links.push(link);
    }
}

/// A whole event, as one change of this actor.
pub(crate) fn event(title: &str, actor: [u8; 16]) -> (DocumentId, Vec<u8>) {
    let when = When::AllDay {
        start: "2026-11-20".parse().unwrap(),
        end: "2026-11-21".parse().unwrap(),
    };
    let event = Event::new(format!("{title}@cheat"), title, when);
    let (_, bytes) = document::create(&event, actor, 0).unwrap();
    (DocumentId::from_bytes([0xE7; 16]), bytes)
}

/// Puts a link into the relay's table, unjudged.
pub(crate) fn put_link(
    db: &Connection,
    log: LogId,
    kind: i64,
    seq: i64,
    link_type: LinkType,
    bytes: &[u8],
) {
    db.execute(
        "INSERT INTO link (log, seq, kind, type, hash, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            log.as_bytes(),
            seq,
            kind,
            link_type.number(),
            link_hash(bytes).as_bytes(),
            bytes
        ],
    )
    .unwrap();
}

/// The links of a log that the relay has.
pub(crate) fn links(db: &Connection, log: &[u8; 32]) -> Vec<Vec<u8>> {
    let mut statement = db
        .prepare("SELECT bytes FROM link WHERE log = ?1 ORDER BY seq")
        .unwrap();
    let rows = statement.query_map([log], |row| row.get(0));
    rows.unwrap().map(Result::unwrap).collect()
}

pub(crate) fn account_log(db: &Connection, id: &AccountId) -> AccountLog {
    AccountLog::from_links(links(db, id.as_bytes())).unwrap()
}

/// A calendar's log as the relay has it.
pub(crate) fn calendar_log(db: &Connection, id: &[u8; 32]) -> CalendarLog {
    let mut statement = db.prepare("SELECT account FROM account").unwrap();
    let ids = statement.query_map([], |row| row.get::<_, Vec<u8>>(0));
    let accounts: std::collections::BTreeMap<_, _> = ids
        .unwrap()
        .map(|id| AccountId::from_slice(&id.unwrap()).unwrap())
        .map(|id| (id, account_log(db, &id)))
        .collect();
    CalendarLog::from_links(links(db, id), &accounts).unwrap()
}
