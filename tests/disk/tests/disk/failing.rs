//! A disk that reports errors: the client says so, and keeps what was acknowledged.

use almanac_client::{Client, ErrorCode};
use almanac_disk::{Action, Disk, Fault, Lasts, Promise};

use crate::database::{connect, damage};
use crate::profile::{Profile, event, titles};

fn says_failing(error: &almanac_client::Error) {
    assert_eq!(error.code, ErrorCode::DiskFailing, "{error}");
    for words in ["saved before is kept", "may be missing", "another disk"] {
        assert!(error.message.contains(words), "{error}");
    }
}

/// Everything acknowledged is there, and of what was refused each wholly or not at all.
fn holds(client: &Client, acknowledged: &[String], refused: &[String], when: &str) {
    let titles = titles(client).unwrap();
    for title in acknowledged {
        let count = titles.iter().filter(|there| *there == title).count();
        assert_eq!(count, 1, "{title} {when}: {titles:?}");
    }
    for title in &titles {
        let is_known = acknowledged.contains(title) || refused.contains(title);
        assert!(is_known, "nobody wrote {title} {when}");
    }
}

fn opens_well(disk: &Disk, key: &str) {
    assert_eq!(damage(&connect(disk, key).unwrap()).unwrap(), [""; 0]);
}

/// One edit for each place at which this action can fail, once or for a while.
fn at_every(action: Action, lasts: Lasts) {
    let (profile, mut client) = Profile::create(Promise::PowersafeOverwrite);
    let (mut acknowledged, mut refused) = (Vec::new(), Vec::new());
    let mut failures = 0;
    for after in 0..70 {
        let title = format!("edit {after}");
        profile.disk.fail(Fault::Failing {
            action,
            after,
            lasts,
        });
        match client.create(event(&title, "2026-11-23T09:00")) {
            Ok(_) => acknowledged.push(title),
            Err(error) => {
                says_failing(&error);
                refused.push(title);
                failures += 1;
            }
        }
        profile.disk.heal();
        let title = format!("well after {after}");
        client.create(event(&title, "2026-11-24T09:00")).unwrap();
        acknowledged.push(title);
        holds(&client, &acknowledged, &refused, &format!("after {after}"));
        if after % 8 == 0 {
            drop(client);
            client = profile.open().unwrap();
        }
        // What a program that ended here would find.
        opens_well(&profile.disk.copy(), &profile.key());
    }
    assert!(failures > 0, "the disk failed at least once");
    drop(client);
    let client = profile.open().unwrap();
    holds(&client, &acknowledged, &refused, "opened again");
    drop(client);
    opens_well(&profile.disk, &profile.key());
}

#[test]
fn fault_21_an_error_at_any_write_is_named_and_nothing_acknowledged_is_lost() {
    at_every(Action::Write, Lasts::Once);
    at_every(Action::Write, Lasts::UntilHealed);
}

#[test]
fn fault_21_an_error_at_any_sync_is_named_and_nothing_acknowledged_is_lost() {
    at_every(Action::Sync, Lasts::Once);
    at_every(Action::Sync, Lasts::UntilHealed);
}

/// Opening reads the most: the profile either opens and shows everything, or says that the disk fails.
#[test]
fn fault_21_an_error_at_any_read_is_named_and_the_next_opening_finds_everything() {
    let (profile, client) = Profile::create(Promise::PowersafeOverwrite);
    for number in 0..5 {
        let mut input = event(&format!("edit {number}"), "2026-11-23T09:00");
        input.notes = "long notes ".repeat(900);
        client.create(input).unwrap();
    }
    let expected = titles(&client).unwrap();
    drop(client);
    let (mut failures, mut successes) = (0, 0);
    for after in 0..120 {
        profile.disk.fail(Fault::Failing {
            action: Action::Read,
            after,
            lasts: Lasts::Once,
        });
        match profile.open().and_then(|client| titles(&client)) {
            Ok(titles) => {
                assert_eq!(titles, expected, "never less, and never wrong");
                successes += 1;
            }
            Err(error) => {
                says_failing(&error);
                failures += 1;
            }
        }
        profile.disk.heal();
        let client = profile.open().unwrap();
        assert_eq!(titles(&client).unwrap(), expected, "after {after} reads");
    }
    assert!(failures > 10, "{failures} failures");
    assert!(successes > 0, "{successes} successes");
    opens_well(&profile.disk, &profile.key());
}

/// A window stays open for days: it goes on after the disk failed for a moment.
#[test]
fn fault_21_an_open_client_goes_on_after_a_read_failed() {
    let (profile, client) = Profile::create(Promise::PowersafeOverwrite);
    let mut input = event("long", "2026-11-23T09:00");
    input.notes = "long notes ".repeat(900);
    client.create(input).unwrap();
    drop(client);
    let mut failures = 0;
    for after in 0..40 {
        let client = profile.open().unwrap();
        profile.disk.fail(Fault::Failing {
            action: Action::Read,
            after,
            lasts: Lasts::UntilHealed,
        });
        let seen = titles(&client);
        let written = client.create(event(&format!("edit {after}"), "2026-11-23T09:00"));
        for error in [seen.err(), written.as_ref().err().cloned()] {
            failures += usize::from(error.is_some());
            error.iter().for_each(says_failing);
        }
        profile.disk.heal();
        let before = titles(&client).unwrap();
        assert!(before.contains(&"long".into()), "after {after}");
        assert_eq!(before.contains(&format!("edit {after}")), written.is_ok());
        client
            .create(event(&format!("well {after}"), "2026-11-24T09:00"))
            .unwrap();
        assert_eq!(titles(&client).unwrap().len(), before.len() + 1);
    }
    assert!(failures > 10, "{failures}");
    opens_well(&profile.disk, &profile.key());
}
