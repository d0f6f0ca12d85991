//! Faults of the protocol, each a short world: what happens, and that every law holds after it.
//!
//! The README beside this folder says where each of the forty-five faults is tested.
#![expect(
    clippy::unwrap_used,
    reason = "everything here is a test: what cannot be read must stop it"
)]

use almanac_simulator::{read_script, run, script};

mod copies;
mod network;
mod people;
mod relay;

/// Lets a script happen in a few worlds: each has its own delays and its own order of things.
#[track_caller]
fn holds(script: &str) {
    holds_in(4, script);
}

/// The same in so many worlds.
#[track_caller]
fn holds_in(worlds: u64, script: &str) {
    holds_for(1..=worlds, script);
}

/// The same in the worlds of these seeds, for what few worlds show.
#[track_caller]
fn holds_for(seeds: impl IntoIterator<Item = u64>, script: &str) {
    let actions = read_script(script).unwrap();
    for seed in seeds {
        match run(seed, &actions) {
            Ok(outcome) => assert!(outcome.owed > 0, "nothing was at stake in\n{script}"),
            Err(failure) => panic!("seed {seed}: {}\n{script}", failure.how),
        }
    }
}

#[test]
fn the_same_seed_makes_the_same_world() {
    for seed in 1..4 {
        let script = script(seed);
        let first = run(seed, &script).unwrap();
        assert_eq!(first, run(seed, &script).unwrap());
    }
}
