//! A disk that gives back other bytes than it was given: reported as damage, never shown as if it were
//! what was written.

use almanac_client::ErrorCode;
use almanac_disk::{Cuts, Dice, Promise};

use crate::database::FILE;
use crate::habits;
use crate::profile::{Profile, event, titles};
use crate::timeline::{Look, Wrong};

/// Length of a page of the database.
const PAGE: usize = 4096;

#[test]
fn fault_21_a_bit_that_flips_in_any_page_is_damage_or_not_read_and_never_shown() {
    let (profile, client) = Profile::create(Promise::PowersafeOverwrite);
    for number in 0..6 {
        let mut input = event(&format!("edit {number}"), "2026-11-23T09:00");
        input.notes = format!("long notes {number} ").repeat(900);
        client.create(input).unwrap();
    }
    let expected = (titles(&client).unwrap(), client.export(None).unwrap());
    drop(client);
    assert_eq!(profile.disk.names(), [FILE], "closed into one file");
    let pages = profile.disk.bytes(FILE).len() / PAGE;
    let mut dice = Dice::new(21);
    let (mut reported, mut unread) = (0, 0);
    let (folder, whole) = (profile.folder, profile.disk);
    for page in 0..pages {
        let disk = whole.copy();
        let within = usize::try_from(dice.below(PAGE as u64)).unwrap();
        disk.flip_bit(FILE, page * PAGE + within, (dice.roll() % 8) as u8);
        disk.mount(folder.path());
        let client = almanac_client::Client::open(folder.path(), &almanac_client::Unlock::Keychain);
        let seen = client.and_then(|client| {
            let seen = (titles(&client)?, client.export(None)?);
            // Writing reads other pages, and says the same of them.
            client.create(event("one more", "2026-11-24T09:00"))?;
            Ok(seen)
        });
        match seen {
            Ok(seen) => {
                assert_eq!(seen, expected, "page {page} of {pages} was read wrong");
                unread += 1;
            }
            Err(error) => {
                assert_eq!(
                    error.code,
                    ErrorCode::DatabaseDamaged,
                    "page {page}: {error}"
                );
                for words in [
                    "damaged",
                    "other devices and the relay hold is safe",
                    "link this",
                ] {
                    assert!(error.message.contains(words), "{error}");
                }
                reported += 1;
            }
        }
    }
    println!("{pages} pages: {reported} reported, {unread} not needed");
    assert!(reported > pages / 4, "{reported} of {pages}");
}

/// SQLite takes a damaged end of the WAL for one that was never written: what is left is a state that
/// was acknowledged earlier, and no mixture.
#[test]
fn fault_21_a_bit_that_flips_in_the_wal_leaves_a_whole_earlier_state() {
    let course = habits::receive_only();
    let mut cuts = Cuts::new(&course.recording);
    // Before the WAL is brought into the database, as the last acknowledgement but one left it.
    let place = course.last_but(1);
    cuts.advance_to(place);
    let mut dice = Dice::new(22);
    let mut earlier = 0;
    for _ in 0..60 {
        let disk = cuts.whole();
        let wal = format!("{FILE}-wal");
        let len = disk.bytes(&wal).len() as u64;
        let byte = usize::try_from(dice.below(len)).unwrap();
        disk.flip_bit(&wal, byte, (dice.roll() % 8) as u8);
        match course.check(&disk, place, Look::Pages) {
            Ok(()) => {}
            Err(Wrong::Lost(_)) => earlier += 1,
            Err(other) => panic!("byte {byte}: {other:?}"),
        }
    }
    assert!(earlier > 0, "the WAL was read");
}
