//! Row 31 with any calendars: what counts does not depend on the order in which frames arrive, and
//! a removal that acknowledges someone's work takes none of it away.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use almanac_protocol::counted::{Counted, FrameNode, calendar_cuts, counted};
use almanac_protocol::ids::ChangeHash;
use almanac_protocol::membership::Role;
use proptest::prelude::*;

use super::counting::{Writer, change};
use super::people::{Person, Shared};

static ADA: LazyLock<Person> = LazyLock::new(|| Person::new("ada"));
static OTHERS: LazyLock<Vec<Person>> =
    LazyLock::new(|| ["bob", "carol", "dora"].map(Person::new).into());

/// What happens next, to one of the others.
#[derive(Debug, Clone)]
enum Step {
    /// A device writes. `heard` is how much of the log it quotes, `seen` which changes it builds on.
    Write {
        who: usize,
        heard: u8,
        seen: u16,
        forks: bool,
    },
    /// An owner takes the right to write, with all that is known acknowledged, or only part.
    Remove { who: usize, acknowledged: u8 },
    /// And gives it back: a new life begins.
    Readmit { who: usize },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..3_usize, any::<u8>(), any::<u16>(), prop::bool::weighted(0.06))
            .prop_map(|(who, heard, seen, forks)| Step::Write { who, heard, seen, forks }),
        1 => (0..3_usize, any::<u8>()).prop_map(|(who, acknowledged)| Step::Remove { who, acknowledged }),
        1 => (0..3_usize).prop_map(|who| Step::Readmit { who }),
    ]
}

struct World {
    shared: Shared,
    frames: Vec<FrameNode>,
    /// Every state a life has been in, so that a cut can name an older one.
    lives: Vec<Vec<Writer>>,
    next_life: u8,
}

impl World {
    fn new() -> Self {
        let mut shared = Shared::new(&ADA);
        let mut lives = Vec::new();
        for (number, person) in (1..).zip(OTHERS.iter()) {
            shared.give(&ADA, person, Some(Role::Editor));
            lives.push(vec![Writer::new(person, person.keys.device_id(), number)]);
        }
        Self {
            shared,
            frames: Vec::new(),
            lives,
            next_life: 10,
        }
    }

    fn counted(&self, frames: &[FrameNode]) -> Counted {
        counted(&self.shared.log, &self.shared.accounts, frames)
    }

    /// What this step added by hand of the others, or a check that failed.
    fn take(&mut self, step: &Step) {
        match *step {
            Step::Write {
                who,
                heard,
                seen,
                forks,
            } => {
                let heads: Vec<ChangeHash> = self.changes();
                let is_seen = |(place, _): &(usize, &ChangeHash)| {
                    seen >> (place % 16) & 1 == 1 && *place + 16 >= heads.len()
                };
                let mut deps: Vec<_> = heads
                    .iter()
                    .enumerate()
                    .filter(is_seen)
                    .map(|(_, hash)| *hash)
                    .collect();
                let history = &mut self.lives[who];
                let from = if forks && history.len() > 1 {
                    history.len() - 2
                } else {
                    history.len() - 1
                };
                let mut writer = history[from].clone();
                // An author builds on its own last change: Automerge numbers them without gaps.
                let own = self
                    .frames
                    .iter()
                    .find(|frame| frame.hash == writer.head.hash);
                deps.extend(own.map(|frame| frame.changes[0].hash));
                let links = self.shared.log.view().seq;
                let calendar_seq = links - u64::from(heard) % (links + 1) / 2;
                let number = u8::try_from(self.frames.len() + 1).unwrap();
                let frame = writer.write(calendar_seq, 0, change(number), &deps);
                self.frames.push(frame);
                history.push(writer);
            }
            Step::Remove { who, acknowledged } => self.remove(who, acknowledged),
            Step::Readmit { who } => {
                let person = &OTHERS[who];
                if self.shared.log.role(&person.id()).is_none() {
                    self.shared.give(&ADA, person, Some(Role::Editor));
                    self.next_life += 1;
                    let device = person.keys.device_id();
                    self.lives[who] = vec![Writer::new(person, device, self.next_life)];
                }
            }
        }
    }

    fn remove(&mut self, who: usize, acknowledged: u8) {
        let person = &OTHERS[who];
        if self.shared.log.role(&person.id()).is_none() {
            return;
        }
        let before = self.counted(&self.frames);
        // As far as it counts here; a few times nothing.
        let is_whole = acknowledged > 60;
        let cuts = if is_whole {
            calendar_cuts(&before, &self.frames, &person.id())
        } else {
            Vec::new()
        };
        let earlier: BTreeSet<_> = before.base.clone();
        self.shared.give_up_to(&ADA, person, None, cuts);
        if is_whole {
            let after = self.counted(&self.frames);
            assert_eq!(after.base, earlier, "acknowledged work was taken away");
            assert_eq!(after.changes, before.changes);
        }
    }

    fn changes(&self) -> Vec<ChangeHash> {
        self.frames
            .iter()
            .map(|frame| frame.changes[0].hash)
            .collect()
    }
}

fn shuffled(frames: &[FrameNode], seed: u64) -> Vec<FrameNode> {
    let mut keyed: Vec<_> = frames
        .iter()
        .map(|frame| {
            let mut hasher = blake3::Hasher::new();
            hasher.update(&seed.to_be_bytes());
            hasher.update(frame.hash.as_bytes());
            (*hasher.finalize().as_bytes(), frame.clone())
        })
        .collect();
    keyed.sort_by_key(|(key, _)| *key);
    keyed.into_iter().map(|(_, frame)| frame).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_counts_is_the_same_in_every_order(
        steps in prop::collection::vec(step(), 1..60),
        seed in any::<u64>(),
    ) {
        let mut world = World::new();
        for step in &steps {
            world.take(step);
        }
        let expected = world.counted(&world.frames);
        for turn in 0..8 {
            let mut frames = shuffled(&world.frames, seed ^ turn);
            // Some come twice.
            let doubled: Vec<_> = frames.iter().take(3).cloned().collect();
            frames.extend(doubled);
            prop_assert_eq!(&world.counted(&frames), &expected);
        }
        let by_change: BTreeMap<_, _> = world
            .frames
            .iter()
            .map(|frame| (frame.changes[0].hash, frame))
            .collect();
        // Nothing counts without what it builds on, and of no author two branches.
        let mut places = BTreeMap::new();
        for hash in &expected.changes {
            let frame = by_change[hash];
            for dep in &frame.changes[0].deps {
                prop_assert!(expected.changes.contains(dep), "a change without its past");
            }
            let before = places.insert((frame.author, frame.seq), frame.hash);
            prop_assert_eq!(before, None, "two changes under one number");
        }
    }
}
