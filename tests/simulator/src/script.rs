//! Scripts that nobody wrote: a seed chooses which kinds of mishap a world knows, then what happens.

use crate::action::Action;
use crate::chance::Chance;
use crate::relays::Fall;
use crate::template::DEVICES;
use crate::world::LATE;

/// What can go wrong in one world. A world that knows only some of it goes deeper into that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Breaks,
    Delays,
    Meddling,
    Crashes,
    Clocks,
    RelayFalls,
    RelayLoses,
    Copies,
    /// A copy of a device and the device itself at work with two relays, and others building on both.
    Twins,
}

const KINDS: &[Kind] = &[
    Kind::Breaks,
    Kind::Delays,
    Kind::Meddling,
    Kind::Crashes,
    Kind::Clocks,
    Kind::RelayFalls,
    Kind::RelayLoses,
    Kind::Copies,
    Kind::Twins,
];

/// The script of a seed.
#[must_use]
pub fn script(seed: u64) -> Vec<Action> {
    let mut chance = Chance::new(seed, "script", 0);
    let kinds: Vec<Kind> = KINDS
        .iter()
        .copied()
        .filter(|_| chance.happens(35))
        .collect();
    let mut writing = Writing {
        events: 0,
        copies: 0,
        actions: Vec::new(),
    };
    for device in 0..LATE {
        if chance.happens(70) {
            writing.actions.push(Action::Online { device });
        }
    }
    let length = chance.of(8..=28);
    for _ in 0..length {
        let goes_wrong = chance.happens(40) && !kinds.is_empty();
        if goes_wrong {
            let kind = kinds.get(chance.index(kinds.len())).copied();
            writing.mishap(&mut chance, kind.unwrap_or(Kind::Breaks));
        } else {
            writing.person(&mut chance);
        }
        if chance.happens(50) {
            let ms = match chance.below(10) {
                0..=5 => chance.of(1..=20),
                6..=8 => chance.of(20..=2_000),
                _ => chance.of(2_000..=90_000),
            };
            writing.actions.push(Action::Wait { ms });
        }
    }
    writing.actions
}

struct Writing {
    events: u64,
    /// Copies of devices that were set to work.
    copies: usize,
    actions: Vec<Action>,
}

impl Writing {
    /// A device that a person may sit at: one of the first, or a copy of one.
    fn device(&self, chance: &mut Chance) -> usize {
        match chance.index(LATE + self.copies) {
            copy @ LATE.. => DEVICES + copy - LATE,
            device => device,
        }
    }

    fn person(&mut self, chance: &mut Chance) {
        let device = self.device(chance);
        let event = chance.below(self.events.max(1));
        let action = match chance.below(100) {
            _ if self.events == 0 => self.create(device),
            0..=24 => self.create(device),
            25..=54 => Action::Token { device, event },
            55..=64 => Action::Page { device, event },
            65..=72 => Action::Move { device, event },
            73..=78 => Action::Title { device, event },
            79..=83 => Action::Trash { device, event },
            84..=86 => Action::Untrash { device, event },
            87..=88 => Action::Calendar { device },
            89..=90 => {
                let events = chance.of(2..=12);
                Action::Many { device, events }
            }
            91..=95 => Action::Online { device },
            96..=97 => Action::Offline { device },
            _ => Action::SyncOnce { device },
        };
        self.actions.push(action);
    }

    fn create(&mut self, device: usize) -> Action {
        let event = self.events;
        self.events += 1;
        Action::Create { device, event }
    }

    fn mishap(&mut self, chance: &mut Chance, kind: Kind) {
        let device = chance.index(LATE);
        let percent = chance.of(5..=40);
        let action = match (kind, chance.below(6)) {
            (Kind::Breaks, 0) => Action::Silence { device },
            (Kind::Breaks, 1) => Action::Unreachable { device },
            (Kind::Breaks, 2 | 3) => Action::Fuse {
                device,
                messages: chance.of(0..=25),
            },
            (Kind::Breaks, 4) => Action::Cut { device },
            (Kind::Delays, 0) => Action::Gather {
                device,
                ms: chance.of(10..=3_000),
            },
            (Kind::Delays, 1) => Action::Wedge { device },
            (Kind::Delays, _) => Action::Slow {
                device,
                ms: chance.of(5..=8_000),
            },
            (Kind::Meddling, 0) => Action::Double { device, percent },
            (Kind::Meddling, 1 | 2) => Action::Swap { device, percent },
            (Kind::Meddling, 3) => Action::Bend {
                device,
                percent: percent / 4 + 1,
            },
            (Kind::Meddling, 4) => Action::Late { device, percent },
            (Kind::Crashes, _) => Action::Crash { device },
            (Kind::Clocks, _) => Action::Clock {
                device,
                days: i64::try_from(chance.below(7_300)).unwrap_or(0) - 3_650,
            },
            (Kind::RelayFalls, 0 | 1) => Action::RelayFall {
                moment: Fall::BeforeCommit,
            },
            (Kind::RelayFalls, 2 | 3) => Action::RelayFall {
                moment: Fall::AfterCommit,
            },
            (Kind::RelayFalls, 4) => Action::RelayDown {
                ms: chance.of(1..=20_000),
            },
            (Kind::RelayFalls, _) => Action::RelayCrash {},
            (Kind::RelayLoses, 0 | 1) => Action::RelaySave {},
            (Kind::RelayLoses, 2) => Action::RelayRollback {},
            (Kind::RelayLoses, 3) => Action::Fork { device },
            (Kind::RelayLoses, 4) => Action::RelayTail {
                envelopes: chance.of(1..=5),
            },
            (Kind::RelayLoses, _) => Action::RelayWipe {},
            (Kind::Copies, 0..=2) => Action::Save { device },
            (Kind::Copies, 3 | 4) => Action::Rollback { device },
            (Kind::Copies, _) => {
                self.copies += 1;
                Action::Clone { device }
            }
            (Kind::Twins, _) => return self.twins(chance, device),
            (Kind::Breaks | Kind::Meddling, _) => Action::Fine { device },
        };
        self.actions.push(action);
    }

    /// A device and its copy write about one event under one number, each for others to see and to
    /// build upon.
    fn twins(&mut self, chance: &mut Chance, device: usize) {
        let (beside, apart) = ((device + 1) % LATE, (device + 2) % LATE);
        let (copy, event) = (DEVICES + self.copies, chance.below(self.events.max(1)));
        self.copies += 1;
        let ms = chance.of(500..=6_000);
        let wait = Action::Wait { ms };
        self.actions.extend([
            Action::Online { device },
            Action::Online { device: beside },
            Action::Online { device: apart },
            wait.clone(),
            Action::Clone { device },
            wait.clone(),
            Action::Fork { device },
            Action::Fork { device: beside },
            wait.clone(),
            Action::Token { device, event },
            Action::Token {
                device: copy,
                event,
            },
            wait,
        ]);
        let building = [beside, apart, device, copy];
        for _ in 0..chance.of(0..=4) {
            let device = building.get(chance.index(building.len())).copied();
            let device = device.unwrap_or(beside);
            self.actions.push(Action::Token { device, event });
        }
    }
}
