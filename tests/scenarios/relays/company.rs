//! Five people with twelve devices at two relays, and one calendar: after every step of the story it is
//! looked what each device can read, and what it cannot.

use std::collections::BTreeMap;

use almanac_scenarios::{Device, RelayProcess, World};

use super::{add, another, day, person, share, two_relays};

/// The people, where they live, and how many devices they have.
const PEOPLE: [(&str, usize, usize); 5] = [
    ("Ada", 0, 3),
    ("Dan", 0, 2),
    ("Bob", 1, 3),
    ("Carol", 1, 2),
    ("Eve", 1, 2),
];

struct Company {
    devices: BTreeMap<&'static str, Vec<Device>>,
    /// What the devices of a person show that has not followed the others any more.
    stays: BTreeMap<(&'static str, usize), Vec<String>>,
}

impl Company {
    fn new(world: &World, relays: &[RelayProcess; 2]) -> Self {
        let devices = PEOPLE.map(|(name, lives, count)| {
            let relay = &relays[lives];
            let first = person(world, relay, &format!("{name} 1"));
            let others = (2..=count)
                .map(|number| another(world, relay, &first, &format!("{name} {number}")));
            let others: Vec<_> = others.collect();
            (name, [vec![first], others].concat())
        });
        Self {
            devices: BTreeMap::from(devices),
            stays: BTreeMap::new(),
        }
    }

    /// A device of someone, the first being 1.
    fn of(&self, name: &str, number: usize) -> &Device {
        &self.devices[name][number - 1]
    }

    /// From now on this device shows no more than it does.
    fn stays_behind(&mut self, name: &'static str, number: usize) {
        let shown = shows(self.of(name, number));
        self.stays.insert((name, number), shown);
    }

    /// All devices exchange what there is: the first of everybody, then all, each person for itself.
    fn exchange(&self) {
        for count in [1, usize::MAX] {
            std::thread::scope(|scope| {
                for (name, devices) in &self.devices {
                    scope.spawn(move || {
                        for (number, device) in (1..).zip(devices).take(count) {
                            self.sync(name, number, device);
                        }
                    });
                }
            });
        }
    }

    fn sync(&self, name: &'static str, number: usize, device: &Device) {
        let is_behind = self.stays.contains_key(&(name, number));
        let ended = device.run(&["sync"]);
        let is_fine = is_behind || ended.status == Some(0);
        assert!(is_fine, "{name} {number}: {}", ended.stderr);
    }

    /// Every device of these people shows exactly this, and whoever stays behind what it showed then.
    fn shows(&self, step: &str, expected: &[(&str, &[&str])]) {
        self.exchange();
        for (name, titles) in expected {
            for (number, device) in (1..).zip(&self.devices[name]) {
                let shown = shows(device);
                match self.stays.get(&(*name, number)) {
                    Some(before) => assert_eq!(&shown, before, "{step}: {name} {number}"),
                    None => assert_eq!(&shown, titles, "{step}: {name} {number}"),
                }
            }
        }
        assert_eq!(expected.len(), PEOPLE.len(), "{step}: nobody is left out");
    }
}

/// The titles a device shows, sorted.
fn shows(device: &Device) -> Vec<String> {
    let (from, to) = (day(0), day(14));
    let listed = device.ok(&["list", "--from", &from, "--to", &to, "--zone", "UTC"]);
    let listed = listed.as_array().unwrap().iter();
    let mut titles: Vec<String> = listed
        .map(|event| event["summary"].as_str().unwrap().to_owned())
        .collect();
    titles.sort();
    titles
}

fn at(after: i64, clock: &str) -> String {
    format!("{}T{clock}", day(after))
}

#[test]
fn twelve_devices_of_five_people_read_what_they_may_and_nothing_else() {
    let world = World::new();
    let (first, second) = two_relays(&world);
    let relays = [first, second];
    let mut company = Company::new(&world, &relays);
    let ada = company.of("Ada", 1).clone();
    ada.ok(&["calendar", "add", "Team"]);
    let kick_off = add(&ada, "Kick-off", &at(1, "10:00"));
    ada.add("Ada alone", &at(1, "20:00"));
    for (name, role) in [
        ("Bob", "editor"),
        ("Carol", "free-busy"),
        ("Dan", "viewer"),
        ("Eve", "editor"),
    ] {
        share(&ada, company.of(name, 1), role, name);
    }
    company.shows(
        "shared",
        &[
            ("Ada", &["Ada alone", "Kick-off"]),
            ("Bob", &["Kick-off"]),
            ("Carol", &["Busy"]),
            ("Dan", &["Kick-off"]),
            ("Eve", &["Kick-off"]),
        ],
    );

    let edit = ["edit", &kick_off, "--set", "title=Kick-off, late"];
    company.of("Bob", 3).ok(&edit);
    add(company.of("Eve", 2), "Retro", &at(2, "16:00"));
    company.of("Bob", 3).sync();
    company.of("Eve", 2).sync();
    let other = ["edit", &kick_off, "--set", "title=Party"];
    let refused = company.of("Dan", 1).run(&other);
    assert!(refused.stderr.contains("notAllowed"), "{}", refused.stderr);
    let all: &[&str] = &["Kick-off, late", "Retro"];
    company.shows(
        "edited",
        &[
            ("Ada", &["Ada alone", "Kick-off, late", "Retro"]),
            ("Bob", all),
            ("Carol", &["Busy", "Busy"]),
            ("Dan", all),
            ("Eve", all),
        ],
    );

    ada.ok(&["role", "Team", "Eve", "viewer"]);
    add(&ada, "Plan", &at(3, "10:00"));
    company.exchange();
    let refused = company.of("Eve", 2).run(&other);
    assert!(refused.stderr.contains("notAllowed"), "{}", refused.stderr);
    let all: &[&str] = &["Kick-off, late", "Plan", "Retro"];
    company.shows(
        "lowered",
        &[
            ("Ada", &["Ada alone", "Kick-off, late", "Plan", "Retro"]),
            ("Bob", all),
            ("Carol", &["Busy", "Busy", "Busy"]),
            ("Dan", all),
            ("Eve", all),
        ],
    );
    removed_and_revoked(&mut company, &ada);
    raised_and_left(&company, &ada);
}

/// Dan is removed, a device of Bob's is revoked, and Ada goes on.
fn removed_and_revoked(company: &mut Company, ada: &Device) {
    company.stays_behind("Dan", 1);
    company.stays_behind("Dan", 2);
    ada.ok(&["member", "remove", "Team", "Dan"]);
    add(ada, "Hush", &at(4, "10:00"));
    let all: &[&str] = &["Hush", "Kick-off, late", "Plan", "Retro"];
    company.shows(
        "removed",
        &[
            (
                "Ada",
                &["Ada alone", "Hush", "Kick-off, late", "Plan", "Retro"],
            ),
            ("Bob", all),
            ("Carol", &["Busy", "Busy", "Busy", "Busy"]),
            ("Dan", &[]),
            ("Eve", all),
        ],
    );

    company.stays_behind("Bob", 3);
    let revoke = ["device", "revoke", "Bob 3", "--reason", "lost", "--yes"];
    company.of("Bob", 1).ok(&revoke);
    ada.sync();
    add(ada, "After", &at(5, "10:00"));
    let all: &[&str] = &["After", "Hush", "Kick-off, late", "Plan", "Retro"];
    company.shows(
        "revoked",
        &[
            (
                "Ada",
                &[
                    "Ada alone",
                    "After",
                    "Hush",
                    "Kick-off, late",
                    "Plan",
                    "Retro",
                ],
            ),
            ("Bob", all),
            ("Carol", &["Busy"; 5]),
            ("Dan", &[]),
            ("Eve", all),
        ],
    );
}

/// Carol sees everything for a while, and Bob leaves.
fn raised_and_left(company: &Company, ada: &Device) {
    let ada_shows: &[&str] = &[
        "Ada alone",
        "After",
        "Hush",
        "Kick-off, late",
        "Plan",
        "Retro",
    ];
    let all = &ada_shows[1..];
    ada.ok(&["role", "Team", "Carol", "viewer"]);
    company.shows(
        "raised",
        &[
            ("Ada", ada_shows),
            ("Bob", all),
            ("Carol", all),
            ("Dan", &[]),
            ("Eve", all),
        ],
    );
    ada.ok(&["role", "Team", "Carol", "free-busy"]);
    company.shows(
        "lowered to busy times",
        &[
            ("Ada", ada_shows),
            ("Bob", all),
            ("Carol", &["Busy"; 5]),
            ("Dan", &[]),
            ("Eve", all),
        ],
    );
    company.of("Bob", 1).ok(&["leave", "Team"]);
    add(ada, "Without Bob", &at(6, "10:00"));
    let ada_shows = [ada_shows, &["Without Bob"]].concat();
    company.shows(
        "left",
        &[
            ("Ada", &ada_shows),
            ("Bob", &[]),
            ("Carol", &["Busy"; 6]),
            ("Dan", &[]),
            ("Eve", &ada_shows[1..]),
        ],
    );
}
