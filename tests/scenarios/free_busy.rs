//! Busy times shared with people who see nothing else, over a real relay.

mod on_disk;

use almanac_scenarios::{Device, RelayProcess, World};
use jiff::civil::{Date, Weekday};
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use serde_json::Value;

/// A Monday soon to come, and days after it: busy times are told of the time around today.
fn day(after: i64) -> String {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let monday: Date = today.nth_weekday(1, Weekday::Monday).unwrap();
    monday.checked_add(after.days()).unwrap().to_string()
}

/// Someone with one device at the relay and a calendar.
fn person(world: &World, relay: &RelayProcess, name: &str, calendar: &str) -> Device {
    enter(world.device(name), relay, calendar)
}

fn enter(device: Device, relay: &RelayProcess, calendar: &str) -> Device {
    device.init();
    let invite = relay.new_invite();
    device.ok(&["relay", "use", &relay.url(), "--invite", &invite]);
    device.ok(&["calendar", "add", calendar]);
    device.sync();
    device
}

/// `owner` lets `guest` into a calendar, who calls it `called`.
fn share(owner: &Device, calendar: &str, guest: &Device, role: &str, called: &str) {
    let invite = owner.ok(&["share", calendar, "--role", role, "--as", "Ada Zx7NameQp4"]);
    let text = invite["text"].as_str().unwrap();
    let asked = guest.ok(&["join", text, "--as", "Guest", "--call", called, "--yes"]);
    assert_eq!(asked["role"], invite["role"]);
    owner.ok(&["member", "confirm", calendar, "Guest", "--yes"]);
    guest.sync();
}

fn add(device: &Device, calendar: &str, title: &str, times: (&str, &str), more: &[&str]) -> String {
    let (start, end) = times;
    let mut arguments = vec![
        "add",
        "--calendar",
        calendar,
        "--summary",
        title,
        "--start",
        start,
        "--end",
        end,
        "--zone",
        "Europe/Berlin",
    ];
    arguments.extend(more);
    device.ok(&arguments)["event"].as_str().unwrap().to_owned()
}

/// What it shows of two weeks, as `title start end`, on the clock of Berlin.
fn shows(device: &Device) -> Vec<String> {
    let (from, to) = (day(0), day(14));
    let zone = ["--zone", "Europe/Berlin"];
    let listed = device.ok(&[&["list", "--from", &from, "--to", &to], &zone[..]].concat());
    let line = |event: &Value| {
        assert_eq!(event["location"], "");
        let word = |key: &str| event[key].as_str().unwrap().to_owned();
        let clock = |key: &str| word(key).chars().take(16).collect::<String>();
        format!("{} {} {}", word("summary"), clock("start"), clock("end"))
    };
    listed.as_array().unwrap().iter().map(line).collect()
}

/// The same without the whole day: that lies in Ada's own zone, which is the machine's here, and beside the
/// day in Berlin.
fn shows_of_hours(device: &Device) -> Vec<String> {
    let (from, to) = (format!("{}T", day(3)), format!(" {}T", day(4)));
    let mut all = shows(device);
    all.retain(|line| !line.contains(&from) && !line.contains(&to));
    all
}

/// `Busy` from one hour to another of a day.
fn busy(after: i64, from: &str, to: &str) -> String {
    format!("Busy {0}T{from} {0}T{to}", day(after))
}

#[test]
fn a_time_is_found_that_suits_all_three() {
    let world = World::new();
    let relay = world.relay();
    let ada = person(&world, &relay, "ada laptop", "Ada's");
    let bob = person(&world, &relay, "bob laptop", "Bob's");
    let carol = person(&world, &relay, "carol laptop", "Carol's");
    let at = |clock: &str| format!("{}T{clock}", day(1));
    for (device, calendar, from, to) in [
        (&ada, "Ada's", "09:00", "11:00"),
        (&bob, "Bob's", "10:30", "12:00"),
        (&carol, "Carol's", "14:00", "16:30"),
    ] {
        add(device, calendar, "taken", (&at(from), &at(to)), &[]);
    }
    // Ada shows her busy times, Bob his whole calendar: he is called by the name he gave.
    share(&ada, "Ada's", &carol, "free-busy", "Ada");
    share(&bob, "Bob's", &carol, "viewer", "Bob's calendar");
    [&ada, &bob, &carol]
        .iter()
        .for_each(|device| drop(device.sync()));
    let (from, to) = (day(1), day(2));
    let stretch = ["--from", &from, "--to", &to, "--zone", "Europe/Berlin"];
    let find = |with: &[&str]| {
        let mut arguments = vec!["find-time", "45m"];
        with.iter()
            .for_each(|who| arguments.extend(["--with", who]));
        arguments.extend(stretch);
        let free = carol.ok(&arguments);
        let clock = |value: &Value| {
            value
                .as_str()
                .unwrap()
                .chars()
                .skip(11)
                .take(5)
                .collect::<String>()
        };
        let spans = free.as_array().unwrap().iter();
        spans
            .map(|span| format!("{}-{}", clock(&span["start"]), clock(&span["end"])))
            .collect::<Vec<_>>()
    };
    assert_eq!(find(&["Ada"]), ["11:00-14:00"]);
    assert_eq!(find(&["Ada", "Ada Zx7NameQp4"]), ["12:00-14:00"]);
    let busy = carol.ok(&[&["free-busy", "--with", "Ada"], &stretch[..]].concat());
    assert_eq!(busy.as_array().unwrap().len(), 1, "{busy}");
    // Her own time is what she may write into: what others show her takes none of it.
    let own = carol.ok(&[&["free-busy"], &stretch[..]].concat());
    assert_eq!(own.as_array().unwrap().len(), 1, "{own}");
    let nobody = carol.run(&[&["find-time", "45m", "--with", "Dan"], &stretch[..]].concat());
    assert!(nobody.stderr.contains("notFound"), "{}", nobody.stderr);
    // Bob sees Carol in his calendar, and nothing of hers: she is not called free.
    let unknown = bob.run(&[&["find-time", "45m", "--with", "Guest"], &stretch[..]].concat());
    assert!(unknown.stderr.contains("notFound"), "{}", unknown.stderr);
    // Nor is anybody beyond what is told.
    let far = ["--from", &day(0), "--to", &day(600)].map(str::to_owned);
    let far: Vec<&str> = far.iter().map(String::as_str).collect();
    let beyond = carol.run(&[&["find-time", "45m", "--with", "Ada"], &far[..]].concat());
    assert!(beyond.stderr.contains("invalidInput"), "{}", beyond.stderr);
}

#[test]
fn what_two_write_on_their_trains_comes_to_who_sees_busy_times_alone() {
    let world = World::new();
    let relay = world.relay();
    let ada = person(&world, &relay, "ada laptop", "Team");
    let bob = person(&world, &relay, "bob laptop", "Bob's");
    let eve = person(&world, &relay, "eve laptop", "Eve's");
    share(&ada, "Team", &bob, "editor", "Team, mine");
    ada.sync();
    let invite = ada.ok(&["share", "Team", "--role", "free-busy", "--as", "Ada"]);
    eve.ok(&[
        "join",
        invite["text"].as_str().unwrap(),
        "--as",
        "Eve",
        "--yes",
    ]);
    ada.ok(&["member", "confirm", "Team", "Eve", "--yes"]);
    let at = |clock: &str| format!("{}T{clock}", day(1));
    let talk = add(&ada, "Team", "Talk", (&at("09:00"), &at("10:00")), &[]);
    let all = [&ada, &bob, &eve];
    let sync = || (0..2).for_each(|_| all.iter().for_each(|device| drop(device.sync())));
    sync();
    assert_eq!(shows(&eve), [busy(1, "09:00", "10:00")]);
    // Both edit without a network: one moves the talk, the other adds to the same day.
    let start = format!("start={}", at("11:00"));
    ada.ok(&["edit", &talk, "--set", &start]);
    let walk = add(
        &bob,
        "Team, mine",
        "Walk",
        (&at("14:00"), &at("15:00")),
        &[],
    );
    sync();
    assert_eq!(
        shows(&eve),
        [busy(1, "11:00", "12:00"), busy(1, "14:00", "15:00")]
    );
    // Bob leaves: what he wrote stays in the calendar, and so does what is said of it.
    ada.ok(&["member", "remove", "Team", "Guest"]);
    ada.sync();
    eve.sync();
    assert_eq!(
        shows(&eve),
        [busy(1, "11:00", "12:00"), busy(1, "14:00", "15:00")]
    );
    // Nothing that is gone stays.
    ada.ok(&["delete", &walk]);
    ada.sync();
    eve.sync();
    assert_eq!(shows(&eve), [busy(1, "11:00", "12:00")]);
    assert_eq!(eve.ok(&["status"])["quarantined"], 0);
}

#[test]
fn blocks_come_while_both_are_connected() {
    let world = World::new();
    let relay = world.relay();
    let ada = person(&world, &relay, "ada laptop", "Team");
    let bob = person(&world, &relay, "bob laptop", "Bob's");
    let connected = (ada.watch(), bob.watch());
    share(&ada, "Team", &bob, "free-busy", "Ada's time");
    let at = |clock: &str| format!("{}T{clock}", day(1));
    add(&ada, "Team", "Talk", (&at("09:00"), &at("10:00")), &[]);
    bob.comes_to_show(&["Busy"]);
    add(&ada, "Team", "Walk", (&at("12:00"), &at("13:00")), &[]);
    bob.comes_to_show(&["Busy", "Busy"]);
    ada.ok(&["role", "Team", "Guest", "viewer"]);
    bob.comes_to_show(&["Talk", "Walk"]);
    ada.ok(&["role", "Team", "Guest", "free-busy"]);
    bob.comes_to_show(&["Busy", "Busy"]);
    ada.ok(&["member", "remove", "Team", "Guest"]);
    add(&ada, "Team", "Secret", (&at("15:00"), &at("16:00")), &[]);
    ada.comes_to_show(&["Secret", "Talk", "Walk"]);
    drop(connected);
    bob.sync();
    assert_eq!(bob.titles(), ["Busy", "Busy"]);
}

#[test]
fn whole_days_and_series_lie_where_the_calendar_does_whoever_tells_of_them() {
    let world = World::new();
    let relay = world.relay();
    let ada = world.device("ada laptop").in_zone("Europe/Berlin");
    let ada = enter(ada, &relay, "Team");
    let bob = world.device("bob laptop").in_zone("America/New_York");
    let bob = enter(bob, &relay, "Bob's");
    let eve = person(&world, &relay, "eve laptop", "Eve's");
    share(&ada, "Team", &eve, "free-busy", "Team");
    share(&ada, "Team", &bob, "editor", "Team, mine");
    // Bob tells of whole days in another zone than his own.
    bob.ok(&[
        "add",
        "--calendar",
        "Team, mine",
        "--summary",
        "Trip",
        "--start",
        &day(2),
    ]);
    let times = (format!("{}T10:00", day(7)), format!("{}T11:00", day(7)));
    let weekly = ["--rule", "FREQ=WEEKLY"];
    add(&bob, "Team, mine", "Talk", (&times.0, &times.1), &weekly);
    for device in [&bob, &ada, &eve] {
        device.sync();
    }
    let trip = format!("Busy {}T00:00 {}T00:00", day(2), day(3));
    assert_eq!(shows(&eve), [trip, busy(7, "10:00", "11:00")]);
    // Summer and winter, at the same hour on the clock of Berlin.
    let (from, to) = (day(7), day(7 + 52 * 7));
    let year = ["--from", &from, "--to", &to, "--zone", "Europe/Berlin"];
    let listed = eve.ok(&[&["list"], &year[..]].concat());
    let starts: Vec<&str> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["start"].as_str().unwrap())
        .collect();
    assert_eq!(starts.len(), 52);
    assert!(
        starts.iter().all(|start| start.contains("T10:00:00")),
        "{starts:?}"
    );
    let offset = |offset: &str| starts.iter().any(|start| start.ends_with(offset));
    assert!(offset("+01:00") && offset("+02:00"), "{starts:?}");
    // An occurrence that is left out, and one that is moved, leave no trace in their old places.
    let series = bob.ok(&[
        "list",
        "--from",
        &day(14),
        "--to",
        &day(15),
        "--zone",
        "Europe/Berlin",
    ]);
    let event = series[0]["event"].as_str().unwrap();
    let second = format!("{}T10:00", day(14));
    bob.ok(&["delete", event, "--occurrence", &second, "--scope", "this"]);
    for device in [&bob, &ada, &eve] {
        device.sync();
    }
    let (from, to) = (day(13), day(16));
    let gone = eve.ok(&[
        "list",
        "--from",
        &from,
        "--to",
        &to,
        "--zone",
        "Europe/Berlin",
    ]);
    assert_eq!(gone, serde_json::json!([]));
}

#[test]
fn both_copies_of_a_profile_tell_of_their_edits() {
    let world = World::new();
    let relay = world.relay();
    let ada = person(&world, &relay, "ada laptop", "Team");
    let eve = person(&world, &relay, "eve laptop", "Eve's");
    share(&ada, "Team", &eve, "free-busy", "Team");
    let at = |clock: &str| format!("{}T{clock}", day(1));
    add(
        &ada,
        "Team",
        "before the copy",
        (&at("09:00"), &at("10:00")),
        &[],
    );
    ada.sync();
    let copy = world.device("ada copy");
    std::fs::create_dir_all(copy.folder()).unwrap();
    for entry in std::fs::read_dir(ada.folder()).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_file() {
            std::fs::copy(entry.path(), copy.folder().join(entry.file_name())).unwrap();
        }
    }
    add(
        &ada,
        "Team",
        "on the original",
        (&at("12:00"), &at("13:00")),
        &[],
    );
    add(
        &copy,
        "Team",
        "on the copy",
        (&at("15:00"), &at("16:00")),
        &[],
    );
    for device in [&ada, &copy, &ada, &copy, &eve] {
        device.sync();
    }
    let all = [
        busy(1, "09:00", "10:00"),
        busy(1, "12:00", "13:00"),
        busy(1, "15:00", "16:00"),
    ];
    assert_eq!(shows(&eve), all);
}

#[test]
fn what_a_device_told_that_is_revoked_is_told_by_those_that_remain() {
    let world = World::new();
    let relay = world.relay();
    let ada = person(&world, &relay, "ada laptop", "Team");
    let eve = person(&world, &relay, "eve laptop", "Eve's");
    let desk = world.device("ada desk");
    desk.link_to(&ada, &relay.url());
    desk.sync();
    share(&ada, "Team", &eve, "free-busy", "Team");
    desk.sync();
    let at = |clock: &str| format!("{}T{clock}", day(1));
    add(&desk, "Team", "Talk", (&at("09:00"), &at("10:00")), &[]);
    for device in [&desk, &ada, &eve] {
        device.sync();
    }
    let told = [busy(1, "09:00", "10:00")];
    assert_eq!(shows(&eve), told);
    ada.ok(&["device", "revoke", "ada desk", "--yes"]);
    for device in [&ada, &eve] {
        device.sync();
    }
    assert_eq!(shows(&eve), told);
    // Also to who comes later, and judges the log as it is now.
    let dan = person(&world, &relay, "dan laptop", "Dan's");
    share(&ada, "Team", &dan, "free-busy", "Team");
    assert_eq!(shows(&dan), told);
    add(&ada, "Team", "Walk", (&at("12:00"), &at("13:00")), &[]);
    for device in [&ada, &eve, &dan] {
        device.sync();
    }
    for device in [&eve, &dan] {
        assert_eq!(
            shows(device),
            [busy(1, "09:00", "10:00"), busy(1, "12:00", "13:00")]
        );
        assert_eq!(device.ok(&["status"])["quarantined"], 0);
    }
}

#[test]
fn a_backup_holds_the_calendar_and_no_busy_times() {
    let world = World::new();
    let relay = world.relay();
    let ada = person(&world, &relay, "ada laptop", "Team");
    let bob = person(&world, &relay, "bob laptop", "Bob's");
    let eve = person(&world, &relay, "eve laptop", "Eve's");
    let at = |clock: &str| format!("{}T{clock}", day(1));
    add(&ada, "Team", "Talk", (&at("09:00"), &at("10:00")), &[]);
    share(&ada, "Team", &eve, "viewer", "Ada's");
    ada.ok(&["role", "Team", "Guest", "free-busy"]);
    share(&ada, "Team", &bob, "free-busy", "Ada's time");
    for device in [&ada, &bob, &eve] {
        device.sync();
    }
    let phrase = world.folder().join("phrase");
    std::fs::write(&phrase, "violet anchor pickle thursday\n").unwrap();
    let opens = ["--backup-passphrase-file", phrase.to_str().unwrap()];
    let cost = ["--backup-passphrase-memory", "64"];
    // Eve has what she read while she was shown it; it is in her backup, and nothing newer is.
    for (device, events, titles, calendars) in [
        (&ada, 1, &["Talk"][..], 2),
        (&bob, 0, &[], 2),
        (&eve, 0, &["Talk"], 3),
    ] {
        device.ok(&[&["backup", "schedule"], &opens[..], &cost[..]].concat());
        let made = device.ok(&["backup", "now", "--verify"]);
        assert_eq!(made["proof"]["complete"], true, "{made}");
        assert_eq!(made["events"], events);
        let name = device.folder().file_name().unwrap().to_str().unwrap();
        let new = world.device(&format!("{name} new"));
        let file = made["path"].as_str().unwrap();
        let restore = ["backup", "restore", file, "--name", "New"];
        new.ok(&[&restore[..], &opens, &["--passphrase-memory", "64"]].concat());
        assert_eq!(new.titles(), titles);
        let copied = new.ok(&["calendar", "list"]);
        assert_eq!(copied.as_array().unwrap().len(), calendars, "{copied}");
    }
    for device in [&bob, &eve] {
        assert_eq!(shows(device), [busy(1, "09:00", "10:00")]);
    }
}
