//! The list of defences that can be taken down to see an attack succeed, and that nothing which ships
//! can take one down.

use std::collections::BTreeMap;

use almanac_protocol::defence::Defence;
use almanac_scenarios::{almanac, relay_program};

const LIST: &str = include_str!("without.txt");
/// What a build reads in which a defence can be taken down, cut in two so that this test has it not.
const SWITCH: [&str; 2] = ["ALMANAC_", "WITHOUT"];

fn listed() -> BTreeMap<&'static str, &'static str> {
    let lines = LIST.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(' ')).collect()
}

#[test]
fn every_defence_is_listed_with_a_test() {
    let listed = listed();
    let names: Vec<_> = Defence::ALL.iter().map(|(_, name)| *name).collect();
    assert_eq!(listed.len(), names.len());
    for name in names {
        let test = listed[name].trim();
        assert!(test.starts_with("attack_"), "{name}: {test}");
    }
}

#[test]
#[cfg(not(canary))]
fn no_program_can_take_a_defence_down() {
    let switch = SWITCH.concat();
    for program in [almanac(), relay_program()] {
        let bytes = std::fs::read(program).unwrap();
        assert!(memchr::memmem::find(&bytes, b"almanac/").is_some());
        assert!(memchr::memmem::find(&bytes, switch.as_bytes()).is_none());
    }
}
