//! Recovery kits: made, used on a day without devices, replaced; and the second factor before them.

use std::time::SystemTime;

use almanac_protocol::second_factor::TotpSecret;
use almanac_scenarios::{Device, RelayProcess, Run, World};
use serde_json::Value;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

fn ada(world: &World, relay: &RelayProcess) -> Device {
    let ada = world.device("ada laptop");
    ada.init();
    ada.ok(&["relay", "use", &relay.url(), "--invite", relay.invite()]);
    ada.sync();
    ada
}

/// Makes a kit as a person does: reads the page, types the words back. Gives the words.
pub(crate) fn make_kit(device: &Device, name: &str, more: &[&str]) -> (String, Value) {
    let page = device.folder().with_extension(name);
    let path = page.to_str().unwrap();
    let arguments = [&["recovery", "kit", "--out", path], more].concat();
    let mut making = device.begin(&arguments);
    making.says("Now type the 24 words");
    let words = words_of(&std::fs::read_to_string(&page).unwrap());
    // Words in another order are no kit, and one may look again.
    let wrong: Vec<&str> = words.split(' ').rev().collect();
    making.types(&wrong.join(" "));
    making.says("Type all 24 words again");
    making.types(&words.to_uppercase());
    let ended = making.ends();
    keeps_quiet(&ended, &words);
    (words, ok(ended))
}

/// Nothing of the words is in what a program says and logs while they are typed.
fn keeps_quiet(run: &Run, words: &str) {
    let said = run.stderr.to_lowercase();
    let words: Vec<&str> = words.split(' ').collect();
    for pair in words.windows(2) {
        assert!(!said.contains(&pair.join(" ")), "{pair:?}");
    }
}

fn words_of(page: &str) -> String {
    let is_number = |word: &str| {
        word.strip_suffix('.')
            .is_some_and(|n| n.parse::<u8>().is_ok())
    };
    let mut words = Vec::new();
    let mut parts = page.split_whitespace();
    while let Some(part) = parts.next() {
        if is_number(part) {
            words.push(parts.next().unwrap());
        }
    }
    assert_eq!(words.len(), 24, "{page}");
    words.join(" ")
}

fn ok(run: Run) -> Value {
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

/// Types the words on a new computer.
pub(crate) fn use_words(device: &Device, relay: &RelayProcess, words: &str, more: &[&str]) -> Run {
    let url = relay.url();
    let arguments = ["recovery", "use", &url, "--name", "new laptop"];
    let memory = ["--passphrase-memory", "64"];
    let arguments = [&arguments[..], &memory[..], more].concat();
    let mut using = device.begin(&arguments);
    using.says("Type the 24 words");
    using.types(words);
    let ended = using.ends();
    keeps_quiet(&ended, words);
    ended
}

/// A day goes by at the relay: what was begun there was begun a day earlier.
pub(crate) fn a_day_later(relay: &mut RelayProcess) {
    relay.kill();
    let database = rusqlite::Connection::open(relay.folder().join("relay.db")).unwrap();
    let earlier = "UPDATE recovery_hold SET begun_ms = begun_ms - ?1";
    assert_eq!(database.execute(earlier, [DAY_MS]).unwrap(), 1);
    database.close().unwrap();
    relay.restart();
}

#[test]
fn an_account_without_devices_comes_back_with_24_words_after_a_day() {
    let world = World::new();
    let mut relay = world.relay();
    let old = ada(&world, &relay);
    old.add("Dentist", "2026-11-20T10:00");
    assert_eq!(old.ok(&["recovery", "status"])["hasKit"], false);
    let (words, state) = make_kit(&old, "kit", &[]);
    assert_eq!(state["state"], "inForce");
    assert_eq!(old.ok(&["recovery", "status"])["hasKit"], true);
    old.add("Lunch", "2026-11-20T12:00");
    old.sync();

    // The laptop is gone. The words open nothing at once, and nothing is made meanwhile.
    let new = world.device("new laptop");
    let waits = ok(use_words(&new, &relay, &words, &[]));
    assert_eq!(waits["state"], "waits");
    assert!(!new.folder().exists());
    a_day_later(&mut relay);
    let done = ok(use_words(&new, &relay, &words, &[]));
    assert_eq!(done["state"], "done");
    new.sync();
    assert_eq!(new.titles(), ["Dentist", "Lunch"]);
    let names = new.ok(&["device", "list"]);
    assert_eq!(names[0]["name"], "ada laptop");
    assert_eq!(names[1]["name"], "new laptop");
    let activity = new.ok(&["activity"]);
    let message = activity[0]["message"].as_str().unwrap();
    assert!(message.contains("recovery kit"), "{activity}");

    // What was lost is more senior: the new device cannot revoke it, the words can.
    let refused = new.run(&["device", "revoke", "ada laptop", "--yes"]);
    assert_eq!(refused.status, Some(7), "{}", refused.stderr);
    let mut revoking = new.begin(&["device", "revoke", "ada laptop", "--with-kit", "--yes"]);
    revoking.says("Type the 24 words");
    revoking.types(&words);
    assert_eq!(ok(revoking.ends())["revoked"], true);
    let told = old.run(&["sync"]);
    assert!(told.stderr.contains("deviceRevoked"), "{}", told.stderr);
    new.add("Plan", "2026-11-21T12:00");
    new.sync();
    assert_eq!(new.titles(), ["Dentist", "Lunch", "Plan"]);
}

#[test]
fn every_device_hears_that_the_words_are_used_and_one_may_agree() {
    let world = World::new();
    let relay = world.relay();
    let ada = ada(&world, &relay);
    let (words, _) = make_kit(&ada, "kit", &[]);
    let new = world.device("new laptop");
    assert_eq!(ok(use_words(&new, &relay, &words, &[]))["state"], "waits");
    ada.sync();
    let findings = ada.ok(&["status"])["findings"].clone();
    assert_eq!(findings[0]["kind"], "recoveryBegun", "{findings}");
    assert!(ada.ok(&["recovery", "status"])["begun"].is_string());
    let told = &ada.ok(&["activity"])[0];
    assert!(
        told["message"].as_str().unwrap().contains("make a new kit"),
        "{told}"
    );
    ada.ok(&["recovery", "approve"]);
    assert_eq!(ok(use_words(&new, &relay, &words, &[]))["state"], "done");
    ada.sync();
    assert_eq!(ada.ok(&["device", "list"]).as_array().unwrap().len(), 2);
}

#[test]
fn a_new_kit_ends_what_was_begun_with_the_old_words() {
    let world = World::new();
    let mut relay = world.relay();
    let ada = ada(&world, &relay);
    let (stolen, _) = make_kit(&ada, "kit", &[]);
    let thief = world.device("thief");
    assert_eq!(
        ok(use_words(&thief, &relay, &stolen, &[]))["state"],
        "waits"
    );
    ada.sync();
    let (_, state) = make_kit(&ada, "another", &[]);
    assert_eq!(state["state"], "inForce");
    assert_eq!(ada.ok(&["status"])["findings"], serde_json::json!([]));
    let refused = use_words(&thief, &relay, &stolen, &[]);
    assert_eq!(refused.status, Some(7), "{}", refused.stderr);
    relay.kill();
    relay.restart();
    let refused = use_words(&thief, &relay, &stolen, &[]);
    assert!(
        refused.stderr.contains("knows no account"),
        "{}",
        refused.stderr
    );
}

#[test]
fn with_two_devices_a_kit_takes_both_or_the_old_words() {
    let world = World::new();
    let relay = world.relay();
    let ada = ada(&world, &relay);
    let desk = world.device("ada desk");
    desk.link_to(&ada, &relay.url());
    ada.sync();
    let (first, state) = make_kit(&desk, "kit", &[]);
    assert_eq!(state["state"], "needsConsent");
    assert_eq!(state["devices"][0], "ada laptop");
    assert_eq!(desk.ok(&["recovery", "status"])["hasKit"], false);
    let new = world.device("new laptop");
    let refused = use_words(&new, &relay, &first, &[]);
    assert_eq!(refused.status, Some(7), "{}", refused.stderr);
    let alone = desk.run(&["recovery", "agree", "--yes"]);
    assert_eq!(alone.status, Some(2), "{}", alone.stderr);
    ada.sync();
    assert_eq!(ada.ok(&["recovery", "status"])["awaitsConsent"], "ada desk");
    ada.ok(&["recovery", "agree", "--yes"]);
    desk.sync();
    assert_eq!(desk.ok(&["recovery", "status"])["hasKit"], true);
    assert_eq!(
        desk.ok(&["recovery", "status"])["awaitsConsent"],
        Value::Null
    );
    assert_eq!(ok(use_words(&new, &relay, &first, &[]))["state"], "waits");

    // The old words stand in for the second device.
    let page = desk.folder().with_extension("second");
    let path = page.to_str().unwrap();
    let mut making = desk.begin(&["recovery", "kit", "--with-old", "--out", path]);
    making.says("your kit so far");
    making.types(&first);
    making.says("Now type the 24 words");
    let second = words_of(&std::fs::read_to_string(&page).unwrap());
    making.types(&second);
    assert_eq!(ok(making.ends())["state"], "inForce");
    let refused = use_words(&new, &relay, &first, &[]);
    assert_eq!(refused.status, Some(7), "{}", refused.stderr);
    assert_eq!(ok(use_words(&new, &relay, &second, &[]))["state"], "waits");
    // Both go on reading and writing with the keys that came meanwhile.
    desk.add("Plan", "2026-11-21T12:00");
    desk.sync();
    ada.sync();
    assert_eq!(ada.titles(), ["Plan"]);
}

/// Sets a second factor up; gives what the authenticator knows, and the ten codes.
fn set_factor(device: &Device) -> (TotpSecret, Vec<String>) {
    let mut setting = device.begin(&["recovery", "second-factor", "on"]);
    let uri = setting.says("otpauth://");
    let secret = uri.split(['=', '&']).nth(1).unwrap();
    let secret = TotpSecret::from_bytes(bytes_of_base32(secret));
    let codes: Vec<String> = (0..10)
        .map(|_| {
            let is_code = |line: &str| line.starts_with("  ") && line.matches('-').count() == 2;
            setting.says_what("a code", is_code).trim().to_owned()
        })
        .collect();
    setting.says("six digits");
    setting.types(&secret.code(now_ms()));
    assert_eq!(ok(setting.ends())["done"], true);
    (secret, codes)
}

fn bytes_of_base32(text: &str) -> [u8; 20] {
    let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for digit in text.chars() {
        bits = (bits << 5) | u32::try_from(digits.find(digit).unwrap()).unwrap();
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 255).unwrap());
        }
    }
    bytes.try_into().unwrap()
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    u64::try_from(since.unwrap().as_millis()).unwrap()
}

#[test]
fn with_a_second_factor_words_and_digits_alone_open_nothing() {
    let world = World::new();
    let mut relay = world.relay();
    let ada = ada(&world, &relay);
    let (words, _) = make_kit(&ada, "kit", &[]);
    let (_, codes) = set_factor(&ada);
    assert!(ada.ok(&["recovery", "status"])["secondFactorSince"].is_string());

    let new = world.device("new laptop");
    assert_eq!(ok(use_words(&new, &relay, &words, &[]))["state"], "waits");
    a_day_later(&mut relay);
    let missing = use_words(&new, &relay, &words, &[]);
    assert!(
        missing.stderr.contains("secondFactorDue"),
        "{}",
        missing.stderr
    );
    let wrong = use_words(&new, &relay, &words, &["--code", "000000"]);
    assert!(wrong.stderr.contains("4 more tries"), "{}", wrong.stderr);
    assert!(!new.folder().exists());
    let done = ok(use_words(&new, &relay, &words, &["--code", &codes[0]]));
    assert_eq!(done["state"], "done");
    new.sync();

    // A code is good once, also to take the factor away.
    let again = ada.run(&["recovery", "second-factor", "off", "--code", &codes[0]]);
    assert_eq!(again.status, Some(7), "{}", again.stderr);
    ada.ok(&["recovery", "second-factor", "off", "--code", &codes[1]]);
    assert_eq!(
        ada.ok(&["recovery", "status"])["secondFactorSince"],
        Value::Null
    );
}

#[test]
fn with_a_second_factor_a_device_is_added_with_a_code() {
    let world = World::new();
    let relay = world.relay();
    let ada = ada(&world, &relay);
    let (_, codes) = set_factor(&ada);
    let desk = world.device("ada desk");
    desk.link_with_code(&ada, &relay.url(), &codes[3]);
    desk.sync();
    assert_eq!(desk.ok(&["device", "list"]).as_array().unwrap().len(), 2);
    // Wrong ones lock it for an hour, also against right ones.
    for _ in 0..5 {
        let wrong = ada.run(&["recovery", "second-factor", "off", "--code", "000000"]);
        assert_eq!(wrong.status, Some(7), "{}", wrong.stderr);
    }
    let locked = ada.run(&["recovery", "second-factor", "off", "--code", &codes[4]]);
    assert!(locked.stderr.contains("looks at none"), "{}", locked.stderr);
}
