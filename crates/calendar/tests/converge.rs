//! Devices that edit one event apart and hear of each other late, twice, or in any order: in the
//! end all say the same, nothing that was written is lost, and no occurrence is there twice.

#[cfg(test)]
mod converge {
    use std::collections::{BTreeMap, BTreeSet};

    use almanac_calendar::document::{self, conflicts, history};
    use almanac_calendar::edit::{Change, Scope};
    use almanac_calendar::event::{Event, Guest, Override, Rules};
    use almanac_calendar::{OriginalStart, Rule, When, Zone, expand};
    use automerge::Automerge;
    use proptest::prelude::*;
    use proptest::test_runner::{FileFailurePersistence, RngSeed};

    /// Occurrences of the series.
    const COUNT: u8 = 12;
    const DEVICES: usize = 3;

    /// What a person does with the occurrence of a number, or with the event.
    #[derive(Debug, Clone)]
    enum Act {
        Color(Scope, u8),
        Move(Scope, u8, i8),
        Skip(u8),
        Restore(u8),
        Note,
        Guest,
        Extra(u8),
        Trash(bool),
        Rule(Scope, u8, &'static str),
        End(u8),
    }

    #[derive(Debug, Clone)]
    enum Step {
        Do(usize, Act),
        /// The second device hears of all that the first knows.
        Hear(usize, usize),
    }

    fn scope() -> impl Strategy<Value = Scope> {
        prop_oneof![Just(Scope::This), Just(Scope::Following), Just(Scope::All)]
    }

    /// Acts that keep one occurrence for every number.
    fn plain() -> impl Strategy<Value = Act> {
        prop_oneof![
            3 => (scope(), 0..COUNT).prop_map(|(scope, at)| Act::Color(scope, at)),
            3 => (scope(), 0..COUNT, -30_i8..30).prop_map(|(scope, at, by)| Act::Move(scope, at, by)),
            2 => (0..COUNT).prop_map(Act::Skip),
            1 => (0..COUNT).prop_map(Act::Restore),
            1 => Just(Act::Note),
            1 => Just(Act::Guest),
            1 => any::<bool>().prop_map(Act::Trash),
        ]
    }

    /// Acts that make another series of it.
    fn any_act() -> impl Strategy<Value = Act> {
        let rule = prop_oneof![
            Just("FREQ=DAILY;COUNT=12"),
            Just("FREQ=DAILY;INTERVAL=2;COUNT=12"),
            Just("FREQ=WEEKLY;BYDAY=MO,FR;COUNT=9"),
            Just("FREQ=WEEKLY;BYDAY=TU,TH;COUNT=9"),
            Just("FREQ=MONTHLY;BYDAY=3TU;COUNT=5"),
        ];
        prop_oneof![
            6 => plain(),
            2 => (scope(), 0..COUNT, rule).prop_map(|(scope, at, rule)| Act::Rule(scope, at, rule)),
            1 => (0..COUNT).prop_map(Act::End),
            1 => (0..COUNT).prop_map(Act::Extra),
        ]
    }

    fn steps(act: impl Strategy<Value = Act>) -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            3 => (0..DEVICES, act).prop_map(|(device, act)| Step::Do(device, act)),
            1 => (0..DEVICES, 0..DEVICES).prop_map(|(from, to)| Step::Hear(from, to)),
        ];
        prop::collection::vec(step, 1..24)
    }

    fn series() -> Event {
        let zone = Zone::named("Europe/Berlin");
        let when = When::from_people("2026-12-01T10:00", None, Some(&zone)).unwrap();
        let mut event = Event::new("a@x", "Series", when);
        event.rules = Rules::one(Rule::parse("FREQ=DAILY;COUNT=12").unwrap());
        event
    }

    /// The original start of the occurrence of a number, in a series that steps by days.
    fn name_of(event: &Event, number: u8) -> OriginalStart {
        let first = event.when.original();
        let at = first.wall_clock() + jiff::Span::new().days(i64::from(number));
        first.with_wall_clock(at)
    }

    /// A value that was written, and which device knew of it when.
    #[derive(Debug)]
    struct Write {
        value: String,
        /// Numbers of the writes that its author knew of.
        known: BTreeSet<usize>,
        /// What it is the value of, and whatever else it takes the place of.
        over: Over,
    }

    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Over {
        One(u8),
        From(u8),
        All(u8),
        Skipped(u8),
    }

    impl Over {
        /// Whether a write takes the place of an earlier one that its author knew of.
        fn takes_place_of(self, earlier: Self) -> bool {
            match (self, earlier) {
                (Self::One(at) | Self::Skipped(at), Self::One(other)) => at == other,
                (Self::From(0), _) | (Self::All(_), Self::From(_) | Self::All(_)) => true,
                (Self::From(at), Self::From(other)) => at <= other,
                (Self::From(at) | Self::All(at), Self::One(other)) => at == other,
                _ => false,
            }
        }
    }

    struct Device {
        doc: Automerge,
        heard: Vec<Vec<u8>>,
        known: BTreeSet<usize>,
    }

    struct World {
        devices: Vec<Device>,
        writes: Vec<Write>,
        skipped: BTreeMap<u8, bool>,
        notes: Vec<String>,
    }

    impl World {
        fn new() -> Self {
            let (doc, first) = document::create(&series(), [9; 16], 0).unwrap();
            let device = || Device {
                doc: doc.clone(),
                heard: vec![first.clone()],
                known: BTreeSet::new(),
            };
            Self {
                devices: (0..DEVICES).map(|_| device()).collect(),
                writes: Vec::new(),
                skipped: BTreeMap::new(),
                notes: Vec::new(),
            }
        }

        fn run(&mut self, steps: &[Step]) {
            for (number, step) in steps.iter().enumerate() {
                match step {
                    Step::Do(device, act) => self.act(*device, number, act),
                    Step::Hear(from, to) => self.hear(*from, *to),
                }
            }
        }

        fn act(&mut self, device: usize, number: usize, act: &Act) {
            let mut event = document::read(&self.devices[device].doc).unwrap();
            let value = format!("value-{number:02}");
            let mut over = None;
            match act {
                Act::Color(scope, at) => {
                    let name = name_of(&event, *at);
                    let fields = Override {
                        color: Some(value.clone()),
                        ..Override::default()
                    };
                    event.change(*scope, &name, Change::of(fields));
                    over = Some(match scope {
                        Scope::This => Over::One(*at),
                        Scope::Following => Over::From(*at),
                        Scope::All => Over::All(*at),
                    });
                }
                Act::Move(scope, at, hours) => {
                    let name = name_of(&event, *at);
                    let now = event.alone(&name).when;
                    let then = now.start() + jiff::Span::new().hours(i64::from(*hours));
                    event.change(*scope, &name, Change::to(now.moved_to(then)));
                }
                Act::Skip(at) => {
                    event.remove(Scope::This, &name_of(&event, *at));
                    self.skipped.entry(*at).or_insert(true);
                    over = Some(Over::Skipped(*at));
                }
                Act::Restore(at) => {
                    event.restore(&name_of(&event, *at));
                    self.skipped.insert(*at, false);
                }
                Act::Note => {
                    event.notes.push_str(&value);
                    self.notes.push(value.clone());
                }
                Act::Guest => {
                    event.guests.insert(value.clone(), Guest::default());
                    self.notes.push(value.clone());
                }
                Act::Extra(at) => {
                    event.dates.insert(name_of(&event, *at), None);
                }
                Act::Trash(is_in) => event.trashed = *is_in,
                Act::Rule(scope, at, rule) => {
                    let change = Change {
                        rules: Some(Rules::one(Rule::parse(rule).unwrap())),
                        ..Change::default()
                    };
                    event.change(*scope, &name_of(&event, *at), change);
                }
                Act::End(at) => event.remove(Scope::Following, &name_of(&event, *at)),
            }
            let actor = [u8::try_from(device).unwrap() + 1; 16];
            let device = &mut self.devices[device];
            let time = i64::try_from(number).unwrap();
            let bytes = document::edit(&mut device.doc, actor, time, &event).unwrap();
            assert_eq!(
                document::read(&device.doc).unwrap(),
                event,
                "it says what it was told"
            );
            device.heard.extend(bytes);
            if let Some(over) = over {
                let known = device.known.clone();
                device.known.insert(self.writes.len());
                self.writes.push(Write { value, known, over });
            }
        }

        fn hear(&mut self, from: usize, to: usize) {
            let news = self.devices[from].heard.clone();
            let known = self.devices[from].known.clone();
            let device = &mut self.devices[to];
            // The latest first.
            for change in news.into_iter().rev() {
                if !device.heard.contains(&change) {
                    document::apply(&mut device.doc, &change).unwrap();
                    device.heard.push(change);
                }
            }
            device.known.extend(known);
        }

        /// All hear of everything; gives the document they agree on.
        fn settle(&mut self) -> &Automerge {
            for _ in 0..2 {
                for from in 0..DEVICES {
                    for to in 0..DEVICES {
                        self.hear(from, to);
                    }
                }
            }
            let [first, others @ ..] = self.devices.as_slice() else {
                panic!("there are devices")
            };
            let event = document::read(&first.doc).unwrap();
            for other in others {
                assert_eq!(document::read(&other.doc).unwrap(), event);
                assert_eq!(conflicts(&other.doc), conflicts(&first.doc));
                assert_eq!(history(&other.doc), history(&first.doc));
                assert_eq!(
                    document::came_back(&other.doc),
                    document::came_back(&first.doc)
                );
            }
            let again = document::load(first.heard.iter().map(Vec::as_slice)).unwrap();
            assert_eq!(document::read(&again).unwrap(), event);
            &first.doc
        }
    }

    /// The original starts of everything shown; never one of them twice.
    fn shown(event: &Event) -> BTreeSet<OriginalStart> {
        let event = Event {
            trashed: false,
            ..event.clone()
        };
        let at = |text: &str| text.parse().unwrap();
        let window = at("2026-01-01T00:00:00Z")..at("2030-01-01T00:00:00Z");
        let found = expand(&event, window, &Zone::utc());
        let names: BTreeSet<OriginalStart> = found.iter().map(|one| one.original).collect();
        assert_eq!(
            names.len(),
            found.len(),
            "an occurrence is there twice: {event:#?}"
        );
        names
    }

    fn check_plain(steps: &[Step]) {
        let mut world = World::new();
        world.run(steps);
        let doc = world.settle().clone();
        let event = document::read(&doc).unwrap();
        let said = format!(
            "{}{:?}",
            serde_json::to_string(&event).unwrap(),
            conflicts(&doc)
        );
        for note in &world.notes {
            assert!(said.contains(note.as_str()), "{note} is gone from {said}");
        }
        for (number, write) in world.writes.iter().enumerate() {
            let mut later = world
                .writes
                .iter()
                .filter(|later| later.known.contains(&number));
            let is_over = later.any(|later| later.over.takes_place_of(write.over));
            let is_value = !matches!(write.over, Over::Skipped(_));
            assert!(
                is_over || !is_value || said.contains(&write.value),
                "{write:?} is gone from {said}"
            );
        }
        let shown = shown(&event);
        for number in 0..COUNT {
            let is_there = shown.contains(&name_of(&event, number));
            match world.skipped.get(&number) {
                None => assert!(is_there, "{number} is gone"),
                Some(true) => assert!(!is_there, "{number} is back"),
                Some(false) => {}
            }
        }
        assert!(shown.len() <= usize::from(COUNT), "{shown:#?}");
    }

    fn check_any(steps: &[Step]) {
        let mut world = World::new();
        world.run(steps);
        let doc = world.settle().clone();
        let event = document::read(&doc).unwrap();
        let said = format!(
            "{}{:?}",
            serde_json::to_string(&event).unwrap(),
            conflicts(&doc)
        );
        for note in &world.notes {
            assert!(said.contains(note.as_str()), "{note} is gone from {said}");
        }
        // The largest COUNT anyone said, first starts that no rule names, and single ones.
        let single = event.overrides.len() + event.dates.len() + event.splits.len();
        assert!(
            shown(&event).len() <= usize::from(COUNT) + 1 + single,
            "{event:#?}"
        );
        let edits = history(&doc);
        for edit in &edits {
            document::at(&doc, edit.hash).unwrap();
        }
    }

    fn config() -> ProptestConfig {
        let kept = FileFailurePersistence::Direct("tests/converge-regressions.txt");
        let asked = ProptestConfig::default();
        ProptestConfig {
            cases: asked.cases / 4,
            // The same stories in every run; `PROPTEST_RNG_SEED` tells others.
            rng_seed: match asked.rng_seed {
                RngSeed::Random => RngSeed::Fixed(11),
                RngSeed::Fixed(seed) => RngSeed::Fixed(seed),
            },
            failure_persistence: Some(Box::new(kept)),
            ..ProptestConfig::default()
        }
    }

    proptest! {
        #![proptest_config(config())]

        #[test]
        fn edits_apart_lose_nothing_and_double_nothing(steps in steps(plain())) {
            check_plain(&steps);
        }

        #[test]
        fn any_edits_apart_come_to_the_same(steps in steps(any_act())) {
            check_any(&steps);
        }
    }
}
