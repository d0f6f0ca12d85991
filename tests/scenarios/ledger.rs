//! The privacy ledger: what it lists is what left the machine, and nothing else did.

use std::process::Command;

use almanac_scenarios::{Device, Proxy, World};
use serde_json::Value;

const CANARY: &str = "Dentist in Mozartstraße";

fn bytes(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2);
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.map(pair).collect()
}

fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|part| part == needle)
}

/// The messages of the connections of one reason.
fn listed(device: &Device, reason: &str) -> Vec<Value> {
    let all = device.ok(&["ledger"]);
    let mut found = Vec::new();
    for entry in all.as_array().unwrap() {
        if entry["reason"] == reason {
            let messages = device.ok(&["ledger", "show", &entry["id"].to_string()]);
            found.extend(messages.as_array().unwrap().clone());
        }
    }
    found
}

#[test]
fn the_ledger_shows_what_went_over_the_wire_and_ones_own_key_opens_it() {
    let world = World::new();
    let relay = world.relay();
    let proxy = Proxy::start(relay.port());
    let ada = world.device("ada laptop");
    ada.init();
    assert_eq!(ada.ok(&["ledger"]).as_array().unwrap().len(), 0);
    ada.ok(&["relay", "use", &proxy.url(), "--invite", relay.invite()]);
    ada.add(CANARY, "2026-11-20T10:00");
    ada.sync();

    let entries = ada.ok(&["ledger"]);
    let reasons: Vec<&str> = entries
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["reason"].as_str().unwrap())
        .collect();
    assert_eq!(reasons, ["sync", "register"], "the newest first");
    for entry in entries.as_array().unwrap() {
        assert_eq!(entry["host"], proxy.url());
        assert!(entry["ended"].is_string() && entry["sent"].as_u64() > Some(0));
    }

    let recorded = proxy.recorded();
    let messages: Vec<Value> = listed(&ada, "sync")
        .iter()
        .map(|message| ada.ok(&["ledger", "open", &message["id"].to_string()]))
        .collect();
    assert!(messages.len() > 4, "a whole conversation: {messages:?}");
    for message in &messages {
        let bytes = bytes(message["bytes"].as_str().unwrap());
        assert_eq!(bytes.len() as u64, message["size"].as_u64().unwrap());
        assert!(
            recorded.iter().any(|wire| holds(wire, &bytes)),
            "what stands in the ledger went over the wire: {message}"
        );
        assert!(!holds(&bytes, CANARY.as_bytes()), "sealed: {message}");
    }
    let titles: Vec<String> = messages
        .iter()
        .flat_map(|message| message["envelopes"].as_array().unwrap())
        .flat_map(|envelope| envelope["frames"].as_array().unwrap())
        .flat_map(|frame| frame["changes"].as_array().unwrap())
        .map(|change| change["title"].to_string())
        .collect();
    assert!(
        titles.iter().any(|title| title.contains(CANARY)),
        "one's own key opens it: {titles:?}"
    );
}

#[test]
fn a_linked_device_has_its_linking_in_the_ledger() {
    let world = World::new();
    let relay = world.relay();
    let (ada, desk) = (world.device("ada laptop"), world.device("ada desk"));
    ada.init();
    ada.ok(&["relay", "use", &relay.url(), "--invite", relay.invite()]);
    desk.link_to(&ada, &relay.url());
    for device in [&ada, &desk] {
        let messages = listed(device, "link");
        let mut kinds = messages.iter().map(|message| &message["kind"]);
        assert!(kinds.any(|kind| kind == "PairSend"), "{messages:?}");
    }
}

#[test]
fn what_is_not_in_the_ledger_is_refused_with_words() {
    let world = World::new();
    let ada = world.device("ada laptop");
    ada.init();
    for (words, expected) in [
        (["ledger", "show", "7"], "no connection 7"),
        (["ledger", "open", "7"], "no message 7"),
    ] {
        let run = ada.run(&words);
        assert_ne!(run.status, Some(0));
        assert!(run.stderr.contains(expected), "{}", run.stderr);
    }
}

#[test]
fn an_attempt_that_reaches_nobody_is_in_the_ledger_too() {
    let world = World::new();
    let mut relay = world.relay();
    let ada = world.device("ada laptop");
    ada.init();
    ada.ok(&["relay", "use", &relay.url(), "--invite", relay.invite()]);
    relay.kill();
    assert_ne!(ada.run(&["sync"]).status, Some(0));
    let newest = &ada.ok(&["ledger", "--count", "1"])[0];
    assert_eq!(
        (&newest["reason"], &newest["sent"]),
        (&"sync".into(), &0.into())
    );
}

/// Ports of this computer, and everything else, that a program connected to: as the kernel saw it.
#[cfg(target_os = "linux")]
fn connected_to(device: &Device, words: &[&str]) -> Vec<String> {
    let trace = device.folder().with_extension("trace");
    let command = device.command(words);
    let mut traced = Command::new("strace");
    traced
        .args(["-f", "-e", "trace=connect,sendto,sendmsg,sendmmsg", "-o"])
        .arg(&trace)
        .arg(command.get_program())
        .args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => traced.env(name, value),
            None => traced.env_remove(name),
        };
    }
    let output = traced.output().expect("strace starts");
    assert!(output.status.success(), "{output:?}");
    let text = std::fs::read_to_string(&trace).expect("a trace");
    let foreign = text
        .lines()
        .filter(|line| line.contains("sa_family=AF_INET"));
    foreign
        .map(|line| {
            let port = line.split("sin_port=htons(").nth(1);
            let port = port.and_then(|rest| rest.split(')').next());
            match port {
                Some(port) if line.contains("inet_addr(\"127.0.0.1\")") => port.to_owned(),
                Some(_) | None => line.to_owned(),
            }
        })
        .collect()
}

#[cfg(target_os = "linux")]
#[test]
fn the_kernel_saw_no_other_connection_than_those_in_the_ledger() {
    let world = World::new();
    let relay = world.relay();
    let ada = world.device("ada laptop");
    let port = relay.port().to_string();
    let url = relay.url();
    let sea = "Walk by the sea tomorrow 10am";
    for words in [
        &["init", "--name", "Ada", "--passphrase-memory", "64"][..],
        &["quick", sea, "--calendar", "Personal"],
        &["search", "sea"],
        &["holidays", "DE", "2026"],
        &["export"],
        &["ledger"],
    ] {
        assert_eq!(connected_to(&ada, words), Vec::<String>::new(), "{words:?}");
    }
    let joining = ["relay", "use", &url, "--invite", relay.invite()];
    assert_eq!(connected_to(&ada, &joining), [port.as_str()]);
    assert_eq!(connected_to(&ada, &["sync"]), [port.as_str()]);
    let entries = ada.ok(&["ledger"]);
    let hosts: Vec<&Value> = entries
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["host"])
        .collect();
    assert_eq!(hosts, [url.as_str(), url.as_str()]);
}
