//! Three devices edit one event, exchange changes in any order, and one of them is fed changes
//! that someone bent: nothing panics. As long as everybody is honest, all agree at the end, and
//! every change that was made is in everyone's history.
//!
//! The input is a script: one byte chooses device and deed, the bytes after it say how.
#![no_main]

use std::panic;

use almanac_calendar::document::{self, Fault};
use almanac_calendar::edit::{Change, Scope};
use almanac_calendar::{Event, OriginalStart, Override, Rule, Rules, When, Zone, expand};
use almanac_crypto::gate;
use automerge::Automerge;
use jiff::Timestamp;
use jiff::ToSpan;
use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};

const DEVICES: usize = 3;
/// Deeds of one script: enough for any quarrel, few enough to be fast.
const DEEDS_MAX: usize = 12;
const RULES: [&str; 6] = [
    "FREQ=DAILY",
    "FREQ=DAILY;COUNT=9",
    "FREQ=WEEKLY;BYDAY=MO,TH",
    "FREQ=MONTHLY;BYMONTHDAY=-1",
    "FREQ=DAILY;UNTIL=20260315T000000Z",
    "FREQ=HOURLY;INTERVAL=7",
];

/// A device: its document, and every change it has.
struct Device {
    doc: Automerge,
    log: Vec<Vec<u8>>,
}

/// Everything that happens in one script.
struct Story<'a> {
    script: &'a [u8],
    devices: Vec<Device>,
    /// Changes that devices made themselves.
    made: usize,
    /// Whether a bent change was let in somewhere.
    is_poisoned: bool,
    time: i64,
}

// What guards against a panic of Automerge must be able to catch it; a panic that comes through
// still ends the program.
fuzz_target!(init: panic::set_hook(Box::new(|_| {})), |script: &[u8]| {
    let told = panic::catch_unwind(|| Story::of(script).told());
    if let Err(why) = told {
        let text = why.downcast_ref::<String>().map(String::as_str);
        eprintln!("{}", text.or(why.downcast_ref::<&str>().copied()).unwrap_or("a panic"));
        std::process::abort();
    }
});

impl<'a> Story<'a> {
    fn of(script: &'a [u8]) -> Self {
        let zone = Zone::named("Europe/Berlin");
        let when = When::from_people("2026-03-02T09:00", None, Some(&zone)).expect("a time");
        let mut event = Event::new("fuzz@example.com", "Lunch", when);
        event.rules = Rules::one(Rule::parse("FREQ=DAILY;COUNT=20").expect("a rule"));
        let change = document::first_change(&event, [1; 16], 1);
        let device = || Device {
            doc: document::load([change.as_slice()]).expect("our own change"),
            log: vec![change.clone()],
        };
        let devices = (0..DEVICES).map(|_| device()).collect();
        Self {
            script,
            devices,
            made: 1,
            is_poisoned: false,
            time: 2,
        }
    }

    fn byte(&mut self) -> u8 {
        let (first, rest) = self.script.split_first().unwrap_or((&0, &[]));
        self.script = rest;
        *first
    }

    fn text(&mut self) -> String {
        let length = usize::from(self.byte() % 12).min(self.script.len());
        let (text, rest) = self.script.split_at(length);
        self.script = rest;
        String::from_utf8_lossy(text).into_owned()
    }

    fn told(mut self) {
        for _ in 0..DEEDS_MAX {
            if self.script.is_empty() {
                break;
            }
            let deed = self.byte();
            self.deed(usize::from(deed >> 6) % DEVICES, deed & 0x3f);
        }
        for (from, to) in [(0, 1), (1, 2), (2, 0), (2, 1)] {
            self.deliver(from, to);
        }
        if self.is_poisoned {
            (0..DEVICES).for_each(|device| self.look(device));
        } else {
            self.look(0);
            self.agree();
        }
    }

    fn deed(&mut self, device: usize, deed: u8) {
        match deed % 16 {
            0 => {
                let to = usize::from(self.byte()) % DEVICES;
                self.deliver(device, to);
            }
            1 => self.bend(device),
            2 => {
                let length = usize::from(self.byte()).min(self.script.len());
                let (body, rest) = self.script.split_at(length);
                self.script = rest;
                self.let_in(device, &sealed(body));
            }
            3 => self.settle(device),
            4 => self.bring_back(device),
            deed => self.edit(device, deed),
        }
    }

    fn edit(&mut self, device: usize, deed: u8) {
        let Ok(mut event) = document::read(&self.devices[device].doc) else {
            return;
        };
        let at = self.occurrence(&event);
        let scope = [Scope::This, Scope::Following, Scope::All][usize::from(self.byte() % 3)];
        match deed {
            5 => event.title = self.text(),
            6 => event.notes = self.text(),
            7 => event.remove(scope, &at),
            8 => event.trashed = !event.trashed,
            9 => event.restore(&at),
            10 => event.skip(at),
            11 => {
                let name = self.text();
                if !event.categories.remove(&name) {
                    event.categories.insert(name);
                }
            }
            12 => {
                let rule = Rule::parse(RULES[usize::from(self.byte()) % RULES.len()]);
                let rules = Some(Rules::one(rule.expect("the table holds rules")));
                event.change(
                    scope,
                    &at,
                    Change {
                        rules,
                        ..Change::default()
                    },
                );
            }
            13 => {
                let hours = i64::from(self.byte()) - 128;
                let to = at.wall_clock().checked_add(hours.hours());
                let to = to.unwrap_or(at.wall_clock());
                event.change(scope, &at, Change::to(event.when.moved_to(to)));
            }
            _ => {
                let fields = Override {
                    title: Some(self.text()),
                    ..Override::default()
                };
                event.change(scope, &at, Change::of(fields));
            }
        }
        let actor = actor(device);
        self.time += 1;
        let made = document::edit(&mut self.devices[device].doc, actor, self.time, &event);
        self.keep(device, made);
        if let (false, Ok(read)) = (self.is_poisoned, document::read(&self.devices[device].doc)) {
            assert!(
                read == event,
                "an edit reads back otherwise: {event:?}\n{read:?}"
            );
        }
    }

    /// An occurrence in March 2026, whether there is one or not.
    fn occurrence(&mut self, event: &Event) -> OriginalStart {
        let day = i64::from(self.byte() % 32);
        let start = event.when.start();
        event
            .when
            .original()
            .with_wall_clock(start.checked_add(day.days()).unwrap_or(start))
    }

    fn keep(&mut self, device: usize, made: Result<Option<Vec<u8>>, Fault>) {
        match made {
            Ok(Some(change)) => {
                self.devices[device].log.push(change);
                self.made += 1;
            }
            Ok(None) => {}
            Err(fault) => assert!(self.is_poisoned, "an honest edit failed: {fault}"),
        }
    }

    fn deliver(&mut self, from: usize, to: usize) {
        let known = &self.devices[to].log;
        let news = self.devices[from]
            .log
            .iter()
            .filter(|one| !known.contains(one));
        let news: Vec<Vec<u8>> = news.cloned().collect();
        let target = &mut self.devices[to];
        if news.is_empty() {
            return;
        }
        let all = document::apply_all(&mut target.doc, news.iter().map(Vec::as_slice));
        match all {
            Ok(()) => target.log.extend(news),
            Err(fault) => assert!(self.is_poisoned, "honest changes were refused: {fault}"),
        }
    }

    /// One byte of a real change is another, and the checksum says it is right.
    fn bend(&mut self, device: usize) {
        let log = &self.devices[device].log;
        let change =
            log[usize::from(self.script.first().copied().unwrap_or(0)) % log.len()].clone();
        self.byte();
        let Some(mut body) = body(&change).map(<[u8]>::to_vec) else {
            return;
        };
        for _ in 0..=self.byte() % 3 {
            let at = (usize::from(self.byte()) << 8 | usize::from(self.byte())) % body.len();
            body[at] ^= self.byte();
        }
        self.let_in(device, &sealed(&body));
    }

    /// What came from elsewhere, as the client takes it in.
    fn let_in(&mut self, device: usize, bytes: &[u8]) {
        let target = &mut self.devices[device];
        let is_known = target.log.iter().any(|one| one == bytes);
        if !is_known
            && gate::decode(bytes).is_ok()
            && document::apply(&mut target.doc, bytes).is_ok()
        {
            target.log.push(bytes.to_vec());
            self.is_poisoned = true;
            self.look(device);
        }
    }

    fn settle(&mut self, device: usize) {
        let which = usize::from(self.byte());
        let conflicts = document::conflicts(&self.devices[device].doc);
        let Some(one) = conflicts.get(which % conflicts.len().max(1)) else {
            return;
        };
        let Some(other) = one.others.first() else {
            return;
        };
        self.time += 1;
        let doc = &mut self.devices[device].doc;
        let made = document::settle(doc, actor(device), self.time, &one.field, &other.value);
        if !self.is_poisoned {
            let still = document::conflicts(doc)
                .iter()
                .any(|now| now.field == one.field);
            assert!(!still, "{} stays in conflict", one.field);
        }
        self.keep(device, made);
    }

    /// The event as it was after some change, as a new edit.
    fn bring_back(&mut self, device: usize) {
        let which = usize::from(self.byte());
        let history = document::history(&self.devices[device].doc);
        let Some(edit) = history.get(which % history.len().max(1)) else {
            return;
        };
        let then = document::at(&self.devices[device].doc, edit.hash);
        assert!(
            self.is_poisoned || then.is_ok(),
            "no event after an honest change"
        );
        if let Ok(then) = then {
            self.time += 1;
            let made = document::edit(
                &mut self.devices[device].doc,
                actor(device),
                self.time,
                &then,
            );
            self.keep(device, made);
        }
    }

    /// Everything that reads a document.
    fn look(&self, device: usize) {
        let doc = &self.devices[device].doc;
        let _conflicts = document::conflicts(doc);
        let _trash = (document::trash(doc), document::came_back(doc));
        if let Some(last) = document::history(doc).last() {
            let _then = document::at(doc, last.hash);
        }
        if let Ok(event) = document::read(doc) {
            let window =
                Timestamp::constant(1_772_323_200, 0)..Timestamp::constant(1_775_001_600, 0);
            let _found = expand(&event, window, &Zone::utc());
        }
    }

    fn agree(&self) {
        let first = &self.devices[0].doc;
        let event = document::read(first).expect("an event that honest devices made");
        for device in &self.devices {
            let other = document::read(&device.doc).expect("an event that honest devices made");
            assert!(event == other, "devices disagree: {event:?}\n{other:?}");
            let history = document::history(&device.doc);
            assert_eq!(history.len(), self.made, "changes that are in the history");
            assert!(
                history == document::history(first),
                "devices tell another history"
            );
            assert!(
                document::conflicts(&device.doc) == document::conflicts(first),
                "other conflicts"
            );
        }
    }
}

fn actor(device: usize) -> [u8; 16] {
    [u8::try_from(device).unwrap_or_default() + 1; 16]
}

/// What a change chunk holds after its length.
fn body(chunk: &[u8]) -> Option<&[u8]> {
    let after_kind = chunk.get(9..)?;
    let length_bytes = after_kind.iter().position(|byte| byte & 0x80 == 0)? + 1;
    after_kind
        .get(length_bytes..)
        .filter(|body| !body.is_empty())
}

/// A change chunk around a body, with its length and its checksum.
fn sealed(body: &[u8]) -> Vec<u8> {
    let mut rest = vec![1];
    let mut length = body.len();
    loop {
        let low = u8::try_from(length & 0x7f).unwrap_or_default();
        length >>= 7;
        rest.push(if length == 0 { low } else { low | 0x80 });
        if length == 0 {
            break;
        }
    }
    rest.extend(body);
    let sum = Sha256::digest(&rest);
    let mut chunk = vec![0x85, 0x6f, 0x4a, 0x83];
    chunk.extend(&sum[..4]);
    chunk.extend(rest);
    chunk
}
