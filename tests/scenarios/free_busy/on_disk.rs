//! What somebody who sees busy times alone has on the disk, and what roles that change bring and take.

use std::path::Path;

use almanac_crypto::database::raw_key_text;
use almanac_crypto::slot::{Unlock, open_slot};
use almanac_scenarios::{Device, World};
use memchr::memmem;
use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::{add, busy, day, person, share, shows, shows_of_hours};

const PASSPHRASE: &str = "correct horse battery staple";
/// What Ada writes, and no byte of which may come to who sees busy times alone.
const WORDS: [&str; 6] = [
    "Zx7CalendarQp4",
    "Zx7TitleQp4",
    "Zx7PlaceQp4",
    "Zx7NotesQp4",
    "Zx7GuestQp4",
    "zx7-uid-qp4",
];

/// Everything in a profile's folder, its database decrypted.
fn all_of(device: &Device) -> Vec<u8> {
    let mut bytes = Vec::new();
    for file in std::fs::read_dir(device.folder()).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() {
            bytes.extend(std::fs::read(path).unwrap());
        }
    }
    bytes.extend(std::fs::read(device.log()).unwrap_or_default());
    bytes.extend(tables(device.folder()));
    bytes
}

fn tables(folder: &Path) -> Vec<u8> {
    let slot = std::fs::read(folder.join("key.slot")).unwrap();
    let key = open_slot(&slot, &Unlock::Passphrase(PASSPHRASE)).unwrap();
    let database = Connection::open(folder.join("almanac.db")).unwrap();
    database
        .pragma_update(None, "key", raw_key_text(&key).as_str())
        .unwrap();
    let names: Vec<String> = database
        .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert!(names.iter().any(|name| name == "busy_frame"));
    let mut bytes = Vec::new();
    for name in names {
        let mut statement = database
            .prepare(&format!("SELECT * FROM \"{name}\""))
            .unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for column in 0..columns {
                match row.get_ref(column).unwrap() {
                    ValueRef::Text(text) | ValueRef::Blob(text) => bytes.extend(text),
                    ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => {}
                }
            }
        }
    }
    bytes
}

fn holds(bytes: &[u8], word: &str) -> bool {
    let lower = word.to_lowercase();
    [word, &lower]
        .iter()
        .any(|word| memmem::find(bytes, word.as_bytes()).is_some())
}

/// Ada's calendar, with all that an event can say.
fn telling(world: &World, ada: &Device) {
    let [calendar, title, place, notes, guest, uid] = WORDS;
    let at = |after: i64, clock: &str| format!("{}T{clock}00", day(after).replace('-', ""));
    let file = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//story//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\n\
         DTSTAMP:20261101T000000Z\r\nDTSTART;TZID=Europe/Berlin:{}\r\n\
         DTEND;TZID=Europe/Berlin:{}\r\nRRULE:FREQ=WEEKLY\r\nSUMMARY:{title}\r\n\
         LOCATION:{place}\r\nDESCRIPTION:{notes}\r\n\
         ATTENDEE;CN={guest}:mailto:{guest}@example.org\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\n\
         UID:{uid}-2\r\nDTSTAMP:20261101T000000Z\r\nDTSTART;TZID=Europe/Berlin:{}\r\n\
         DTEND;TZID=Europe/Berlin:{}\r\nSTATUS:TENTATIVE\r\nSUMMARY:{title}\r\nEND:VEVENT\r\n\
         BEGIN:VEVENT\r\nUID:{uid}-3\r\nDTSTAMP:20261101T000000Z\r\n\
         DTSTART;TZID=Europe/Berlin:{}\r\nDTEND;TZID=Europe/Berlin:{}\r\nTRANSP:TRANSPARENT\r\n\
         SUMMARY:{title}\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:{uid}-4\r\n\
         DTSTAMP:20261101T000000Z\r\nDTSTART;VALUE=DATE:{}\r\nSUMMARY:{title}\r\nEND:VEVENT\r\n\
         END:VCALENDAR\r\n",
        at(0, "1007"),
        at(0, "1052"),
        at(1, "0900"),
        at(1, "0930"),
        at(1, "1200"),
        at(1, "1300"),
        day(3).replace('-', ""),
    );
    let path = world.folder().join("told.ics");
    std::fs::write(&path, file).unwrap();
    ada.ok(&["import", path.to_str().unwrap(), "--calendar", calendar]);
    std::fs::remove_file(&path).unwrap();
    ada.sync();
}

#[test]
fn who_sees_busy_times_alone_sees_blocks_and_never_a_word() {
    let world = World::new();
    let relay = world.relay();
    let [calendar, ..] = WORDS;
    let ada = person(&world, &relay, "ada laptop", calendar);
    let bob = person(&world, &relay, "bob laptop", "Bob's");
    telling(&world, &ada);
    share(&ada, calendar, &bob, "free-busy", "Ada's time");
    ada.sync();
    bob.sync();
    let tentative = format!("Tentative {0}T09:00 {0}T09:30", day(1));
    let told = [
        busy(0, "10:00", "11:00"),
        tentative,
        busy(7, "10:00", "11:00"),
    ];
    assert_eq!(shows_of_hours(&bob), told);
    assert_eq!(shows(&bob).len(), 4, "the whole day is one block");
    let calendars = bob.ok(&["calendar", "list"]).to_string();
    assert!(calendars.contains("Ada's time"), "{calendars}");

    // Nothing else of it is anywhere on his device, while all of it is on hers.
    let (hers, his) = (all_of(&ada), all_of(&bob));
    for word in WORDS.into_iter().chain(["Zx7NameQp4"]) {
        assert!(holds(&hers, word), "{word} would be found");
        assert!(!holds(&his, word), "{word} came to Bob");
    }
    let (from, to) = (day(0), day(1));
    let shown = bob.ok(&["list", "--from", &from, "--to", &to]);
    let block = shown[0]["event"].as_str().unwrap();
    let calendar = ["add", "--calendar", "Ada's time", "--summary", "x"];
    for refused in [
        bob.run(&[&calendar[..], &["--start", &to]].concat()),
        bob.run(&["edit", block, "--set", "title=x"]),
        bob.run(&["delete", block]),
    ] {
        assert_eq!(refused.status, Some(7), "{}", refused.stderr);
    }
    bob.ok(&["repair"]);
    bob.sync();
    assert_eq!(shows(&bob).len(), 4);
    assert_eq!(bob.ok(&["status"])["quarantined"], 0);
}

#[test]
fn who_is_raised_sees_all_of_it_and_who_is_lowered_nothing_new() {
    let world = World::new();
    let relay = world.relay();
    let [calendar, title, ..] = WORDS;
    let ada = person(&world, &relay, "ada laptop", calendar);
    let bob = person(&world, &relay, "bob laptop", "Bob's");
    telling(&world, &ada);
    share(&ada, calendar, &bob, "free-busy", "Ada's time");
    let tentative = format!("Tentative {0}T09:00 {0}T09:30", day(1));
    ada.ok(&["role", calendar, "Guest", "viewer"]);
    bob.sync();
    assert!(
        bob.titles().iter().all(|seen| seen == title),
        "{:?}",
        bob.titles()
    );
    ada.ok(&["role", calendar, "Guest", "free-busy"]);
    bob.sync();
    let later = "Zx7LaterQp4";
    let (from, to) = (format!("{}T16:00", day(2)), format!("{}T17:00", day(2)));
    add(&ada, calendar, later, (&from, &to), &[]);
    ada.sync();
    bob.sync();
    let new = busy(2, "16:00", "17:00");
    let told = [
        busy(0, "10:00", "11:00"),
        tentative,
        new,
        busy(7, "10:00", "11:00"),
    ];
    assert_eq!(shows_of_hours(&bob), told);
    let found = bob.ok(&["search", title]);
    assert!(!found.to_string().contains(title), "{found}");
    assert!(!holds(&all_of(&bob), later), "what came later came to Bob");
    assert!(holds(&all_of(&ada), later));
    for device in [&ada, &bob] {
        assert_eq!(device.ok(&["status"])["findings"], serde_json::json!([]));
        assert_eq!(device.ok(&["status"])["quarantined"], 0);
    }
}
