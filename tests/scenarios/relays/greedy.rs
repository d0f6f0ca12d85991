//! Relays that would like to have what another one keeps.

use almanac_scenarios::{RelayProcess, World};
use rusqlite::{Connection, params};

use super::guests::{account_id, calendar_id};
use super::{add, is_at_peace, person, share, sync_all, two_relays};

fn bytes(id: &str) -> Vec<u8> {
    let digit = |digit: char| u8::try_from(digit.to_digit(16).unwrap()).unwrap();
    let digits: Vec<u8> = id.chars().map(digit).collect();
    digits.chunks(2).map(|two| two[0] << 4 | two[1]).collect()
}

/// Has a relay say that an account is an editor of a calendar that it does not keep.
fn claim(relay: &mut RelayProcess, calendar: &str, account: &str) {
    relay.kill();
    let database = Connection::open(relay.folder().join("relay.db")).unwrap();
    let add = "INSERT INTO calendar (calendar, owner, purpose, epoch) VALUES (?1, ?2, 1, 1)";
    let row = params![bytes(calendar), bytes(account)];
    database.execute(add, row).unwrap();
    let add = "INSERT INTO member (calendar, account, role) VALUES (?1, ?2, 3)";
    database.execute(add, row).unwrap();
    database.close().unwrap();
    relay.restart();
}

/// Links, keys and envelopes of a calendar that have come to a relay.
fn has(relay: &mut RelayProcess, calendar: &str) -> i64 {
    relay.kill();
    let database = Connection::open(relay.folder().join("relay.db")).unwrap();
    let count = "SELECT (SELECT count(*) FROM link WHERE log = ?1)
        + (SELECT count(*) FROM box WHERE log = ?1)
        + (SELECT count(*) FROM stream WHERE calendar = ?1)";
    let found = database.query_row(count, [bytes(calendar)], |row| row.get(0));
    let found = found.unwrap();
    database.close().unwrap();
    relay.restart();
    found
}

#[test]
fn a_relay_is_given_nothing_of_a_calendar_that_another_one_keeps_whatever_it_says() {
    let world = World::new();
    let (mut first, mut second) = two_relays(&world);
    let ada = person(&world, &first, "ada laptop");
    let bob = person(&world, &second, "bob laptop");
    ada.ok(&["calendar", "add", "Team"]);
    share(&ada, &bob, "editor", "Bob");
    let (team, own) = (calendar_id(&bob, "Team"), calendar_id(&bob, "Personal"));
    let account = account_id(&ada, "Bob");
    claim(&mut first, &own, &account);
    claim(&mut second, &team, &account);
    add(&bob, "Retro", "2026-11-20T16:00");
    bob.add("Dentist", "2026-11-20T15:00");
    {
        // Also while it stays connected.
        let _connected = (ada.watch(), bob.watch());
        ada.comes_to_show(&["Retro"]);
    }
    sync_all(&[&bob, &ada]);
    assert_eq!(
        has(&mut first, &own),
        0,
        "Ada's relay got Bob's own calendar"
    );
    assert_eq!(has(&mut second, &team), 0, "Bob's relay got the shared one");
    assert!(has(&mut first, &team) > 0 && has(&mut second, &own) > 0);
    assert_eq!(bob.titles(), ["Dentist", "Retro"]);
    is_at_peace(&bob);
}
