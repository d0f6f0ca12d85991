//! The way out: one file, another relay, and nothing left behind, with the built programs.

use std::collections::BTreeMap;
use std::fs;

use almanac_protocol::erasure::EraseReceipt;
use almanac_protocol::ids::{Signature, VerifyKey};
use almanac_protocol::label::Purpose;
use almanac_protocol::signed::verify;
use almanac_scenarios::{RelayProcess, World};
use serde_json::Value;

/// The entries of a ZIP whose entries are stored, found from its end as other programs do.
fn unzip(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let number = |at: usize, length: usize| {
        let little = bytes[at..at + length].iter().rev();
        little.fold(0_usize, |number, byte| number << 8 | usize::from(*byte))
    };
    let end = bytes.len() - 22;
    assert_eq!(&bytes[end..end + 4], b"PK\x05\x06");
    let (count, mut at) = (number(end + 10, 2), number(end + 16, 4));
    let mut entries = BTreeMap::new();
    for _ in 0..count {
        let (size, name, head) = (number(at + 24, 4), number(at + 28, 2), number(at + 42, 4));
        let name = String::from_utf8(bytes[at + 46..at + 46 + name].to_vec()).unwrap();
        let from = head + 30 + number(head + 26, 2) + number(head + 28, 2);
        at += 46 + name.len();
        entries.insert(name, bytes[from..from + size].to_vec());
    }
    entries
}

fn hex(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn base64(text: &str) -> Vec<u8> {
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut word, mut bits) = (Vec::new(), 0_u32, 0);
    for letter in text.trim_end_matches('=').chars() {
        let value = letters.find(letter).unwrap();
        word = word << 6 | u32::try_from(value).unwrap();
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(word >> bits & 0xFF).unwrap());
        }
    }
    bytes
}

#[test]
fn everything_leaves_in_one_file_that_needs_no_almanac() {
    let world = World::new();
    let ada = world.device("ada laptop");
    ada.init();
    let event = ada.add("Dentist", "2026-11-20T10:00");
    ada.ok(&["edit", &event, "--set", "place=Mozartstraße"]);
    let gone = ada.add("Tax return", "2026-11-21T10:00");
    ada.ok(&["delete", &gone]);
    let file = world.folder().join("all.zip");
    let path = file.to_str().unwrap();
    let report = ada.ok(&["exit", path]);
    assert_eq!(
        (&report["calendars"], &report["events"]),
        (&1.into(), &2.into())
    );
    let entries = unzip(&fs::read(&file).unwrap());
    let text = |name: &str| {
        let found = entries.iter().find(|(entry, _)| entry.contains(name));
        String::from_utf8(found.unwrap_or_else(|| panic!("{name}")).1.clone()).unwrap()
    };
    assert!(text("README.txt").contains("import them"));
    let ics = text("Personal.ics");
    assert!(ics.contains("SUMMARY:Dentist") && ics.contains("Mozartstraße"));
    assert!(
        !ics.contains("Tax return"),
        "the trash is not imported elsewhere"
    );
    let json = text("Personal.jsonl");
    assert!(json.contains("Tax return"), "but it is not lost");

    // Every signature holds by what the file itself says.
    let people: Value = serde_json::from_str(&text("people.json")).unwrap();
    let device = &people["accounts"][0]["devices"][0];
    let key: [u8; 32] = hex(device["signingKey"].as_str().unwrap())
        .try_into()
        .unwrap();
    let key = VerifyKey::from_bytes(key);
    let mut frames = 0;
    for (name, bytes) in &entries {
        if !name.starts_with("history/") || name.ends_with("logs.jsonl") {
            continue;
        }
        for line in String::from_utf8_lossy(bytes).lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            let frame = base64(line["frame"].as_str().unwrap());
            let (body, signature) = frame.split_last_chunk::<64>().unwrap();
            let signature = Signature::from_bytes(*signature);
            assert!(verify(Purpose::Frame, &key, body, &signature).is_ok());
            frames += 1;
        }
    }
    assert_eq!(report["frames"], frames);
    let again = ada.run(&["exit", path]);
    assert_eq!(again.status, Some(2), "never written over");
    let other = world.device("other");
    other.init();
    let ics_file = world.folder().join("out.ics");
    fs::write(&ics_file, ics).unwrap();
    other.ok(&[
        "import",
        ics_file.to_str().unwrap(),
        "--calendar",
        "Personal",
    ]);
    assert_eq!(other.titles(), ["Dentist"]);
}

#[test]
fn another_relay_takes_over_by_pasting_its_address() {
    let world = World::new();
    let (first, ada) = (world.relay(), world.device("ada laptop"));
    ada.init();
    ada.ok(&["relay", "use", &first.url(), "--invite", first.invite()]);
    ada.add("Dentist", "2026-11-20T10:00");
    ada.sync();
    let second = RelayProcess::start(world.folder().join("second"));
    let pasted = format!("{}#{}", second.url(), second.invite());
    assert_eq!(ada.ok(&["relay", "use", &pasted])["relay"], second.url());
    ada.sync();
    drop(first);
    let desk = world.device("ada desk");
    desk.link_to(&ada, &second.url());
    assert_eq!(desk.titles(), ["Dentist"]);
}

#[test]
fn the_relay_erases_an_account_and_signs_for_it() {
    let world = World::new();
    let (relay, ada) = (world.relay(), world.device("ada laptop"));
    ada.init();
    ada.ok(&["relay", "use", &relay.url(), "--invite", relay.invite()]);
    ada.add("Dentist", "2026-11-20T10:00");
    ada.sync();
    let erased = ada.ok(&["erase", "relay", "--yes"]);
    assert_eq!(
        (&erased["calendars"], &erased["kept"]),
        (&2.into(), &0.into())
    );
    assert!(erased["envelopes"].as_u64() > Some(0) && erased["bytes"].as_u64() > Some(0));
    let receipt = fs::read_to_string(erased["receipt"].as_str().unwrap()).unwrap();
    let receipt: Value = serde_json::from_str(&receipt).unwrap();
    let key: [u8; 32] = hex(receipt["relayKey"].as_str().unwrap())
        .try_into()
        .unwrap();
    let signed = hex(receipt["receipt"].as_str().unwrap());
    let read = EraseReceipt::verify(&signed, &VerifyKey::from_bytes(key)).unwrap();
    assert_eq!(
        read.account.to_string(),
        receipt["account"].as_str().unwrap()
    );

    assert_eq!(ada.titles(), ["Dentist"], "what is here stays");
    let sync = ada.run(&["sync"]);
    assert_eq!(sync.status, Some(6), "no relay is set up: {}", sync.stderr);
    let again = ada.run(&["erase", "relay", "--yes"]);
    assert_eq!(again.status, Some(6));
    // Nothing of the account is in the relay's files any more.
    drop(relay);
    let account = hex(receipt["account"].as_str().unwrap());
    for entry in fs::read_dir(world.folder().join("relay")).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        let is_there = bytes.windows(32).any(|part| part == account);
        assert!(!is_there, "the account's number is still there");
    }
}

#[test]
fn erasing_here_leaves_what_others_have_and_says_so() {
    let world = World::new();
    let (relay, ada) = (world.relay(), world.device("ada laptop"));
    ada.init();
    ada.ok(&["relay", "use", &relay.url(), "--invite", relay.invite()]);
    ada.add("Dentist", "2026-11-20T10:00");
    ada.sync();
    let desk = world.device("ada desk");
    desk.link_to(&ada, &relay.url());
    let asked = ada.run(&["erase", "here"]);
    assert_eq!(asked.status, Some(2), "a person is asked first");
    assert_eq!(ada.titles(), ["Dentist"]);
    let erased = ada.ok(&["erase", "here", "--yes"]);
    let remains = erased["remains"].to_string();
    for said in ["1 other devices", "still keeps the sealed copies"] {
        assert!(remains.contains(said), "{remains}");
    }
    assert!(!ada.folder().exists());
    assert_eq!(ada.run(&["status"]).status, Some(3), "there is no profile");
    assert_eq!(desk.titles(), ["Dentist"]);
    desk.add("After", "2026-11-21T10:00");
    desk.sync();
}
