//! What a person can look up about who came near their account and this device.

use almanac_scenarios::{Device, World};
use serde_json::Value;

fn activity(device: &Device) -> Vec<Value> {
    device.ok(&["activity"]).as_array().unwrap().clone()
}

fn kinds(all: &[Value]) -> Vec<&str> {
    all.iter()
        .map(|one| one["kind"].as_str().unwrap_or("found"))
        .collect()
}

#[test]
fn a_new_device_is_told_on_every_device_with_who_added_it() {
    let world = World::new();
    let relay = world.relay();
    let (ada, desk) = (world.device("ada laptop"), world.device("ada desk"));
    ada.init();
    assert_eq!(kinds(&activity(&ada)), ["accountMade"]);
    ada.ok(&["relay", "use", &relay.url(), "--invite", relay.invite()]);
    desk.link_to(&ada, &relay.url());
    ada.sync();
    for device in [&ada, &desk] {
        let all = activity(device);
        assert_eq!(kinds(&all), ["deviceAdded", "accountMade"]);
        assert_eq!(all[0]["device"]["name"], "ada desk");
        let message = all[0]["message"].as_str().unwrap();
        assert!(message.contains("“ada laptop”"), "{message}");
    }
}

#[test]
fn what_owners_decide_about_people_is_told_to_everyone_in_the_calendar() {
    let world = World::new();
    let relay = world.relay();
    let (ada, bob) = (world.device("ada laptop"), world.device("bob laptop"));
    for device in [&ada, &bob] {
        device.init();
        let invite = relay.new_invite();
        device.ok(&["relay", "use", &relay.url(), "--invite", &invite]);
    }
    ada.ok(&["calendar", "add", "Team"]);
    let invite = ada.ok(&["share", "Team", "--role", "editor", "--as", "Ada"]);
    let text = invite["text"].as_str().unwrap();
    bob.ok(&["join", text, "--as", "Bob", "--yes"]);
    ada.ok(&["member", "confirm", "Team", "Bob", "--yes"]);
    bob.sync();
    ada.ok(&["role", "Team", "Bob", "viewer"]);
    ada.ok(&["share", "Team", "--role", "viewer"]);
    let open = ada.ok(&["member", "list", "Team"])["invites"][0]["id"].clone();
    ada.ok(&["member", "uninvite", "Team", open.as_str().unwrap()]);
    bob.sync();
    ada.ok(&["member", "remove", "Team", "Bob"]);
    let expected = [
        "memberRemoved",
        "inviteTakenBack",
        "inviteMade",
        "roleChanged",
        "memberAdded",
        "inviteMade",
        "accountMade",
    ];
    let (hers, his) = (activity(&ada), activity(&bob));
    assert_eq!(kinds(&hers), expected);
    assert_eq!(kinds(&his), expected[1..]);
    let says = |entry: &Value, words: &str| {
        let message = entry["message"].as_str().unwrap();
        assert!(message.contains(words), "{message}");
        assert_eq!(entry["calendar"], "Team");
    };
    says(&hers[0], "You removed “Bob”");
    says(
        &his[2],
        "“Ada” changed what you may do here: read. Before, it was: read and write",
    );
    says(&his[3], "“Ada” let you in: you may read and write");
    // Who was removed is told that as soon as they hear of it.
    bob.sync();
    says(&activity(&bob)[0], "“Ada” took you out of this calendar");
}

#[test]
fn a_wrong_passphrase_is_seen_by_whoever_opens_the_profile_next() {
    let world = World::new();
    let ada = world.device("ada laptop");
    ada.init();
    let guess = world.folder().join("guess");
    std::fs::write(&guess, "tr0ub4dor&3\n").unwrap();
    let guess = guess.to_str().unwrap();
    for _ in 0..2 {
        let refused = ada.run(&[
            "list",
            "--passphrase-file",
            guess,
            "--from",
            "2026-11-20",
            "--to",
            "2026-11-21",
        ]);
        assert_ne!(refused.status, Some(0));
        assert!(
            refused.stderr.contains("wrongPassphrase"),
            "{}",
            refused.stderr
        );
    }
    let all = activity(&ada);
    assert_eq!(kinds(&all), ["failedUnlock", "failedUnlock", "accountMade"]);
    assert_eq!(activity(&ada), all, "they are told once each");
}
