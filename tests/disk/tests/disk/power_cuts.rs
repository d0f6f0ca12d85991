//! Power cuts of the client's database: what was acknowledged is there, whatever the disk made of the
//! rest.
//!
//! `cargo xtask power-cuts --images N` runs these with more images than an ordinary run of the tests.

use std::time::Instant;

use almanac_disk::{Cuts, Promise};

use crate::habits::{self, Synchronous};
use crate::script;
use crate::timeline::{Course, Look, Wrong};

/// Images of an ordinary run.
const IMAGES: u64 = 2_000;
/// Every so many images every page is looked at, too.
const PAGES_EVERY: u64 = 64;

fn images() -> u64 {
    let wanted = std::env::var("ALMANAC_POWER_CUTS").ok();
    wanted.map_or(IMAGES, |number| number.parse().expect("a number of images"))
}

/// What was wrong with some of so many images, spread over a recording.
pub(crate) fn look(course: &Course, count: u64, seed: u64) -> Vec<(usize, u64, Wrong)> {
    let first = course.first() as u64;
    let places = course.recording.len() as u64 + 1 - first;
    let mut cuts = Cuts::new(&course.recording);
    let mut wrong = Vec::new();
    for number in 0..count {
        let operation = usize::try_from(first + number * places / count).unwrap();
        cuts.advance_to(operation);
        let seed = seed.wrapping_add(number);
        let image = cuts.image(seed);
        let look = if number % PAGES_EVERY == 0 {
            Look::Pages
        } else {
            Look::Rows
        };
        if let Err(found) = course.check(&image, operation, look) {
            wrong.push((operation, seed, found));
        }
    }
    wrong
}

fn survives(promise: Promise, seed: u64) {
    let (profile, week) = script::week(promise, false);
    let course = week.course(&profile.key());
    let count = images() / 2;
    let began = Instant::now();
    let wrong = look(&course, count, seed);
    println!(
        "power cuts, {promise:?}: {count} images of {} operations and {} acknowledgements in {:.1} s, {} wrong",
        course.recording.len(),
        course.steps(),
        began.elapsed().as_secs_f64(),
        wrong.len()
    );
    assert!(wrong.is_empty(), "{:?}", &wrong[..wrong.len().min(5)]);
}

#[test]
fn fault_01_a_power_cut_after_the_commit_loses_no_acknowledged_edit() {
    survives(Promise::None, 1);
}

#[test]
fn fault_02_a_power_cut_loses_none_either_where_the_disk_harms_no_neighbours() {
    survives(Promise::PowersafeOverwrite, 1 << 40);
}

#[test]
fn fault_05_no_power_cut_comes_between_frames_and_their_cursor() {
    let course = habits::receive_only();
    let wrong = look(&course, 600, 5);
    assert!(wrong.is_empty(), "{:?}", &wrong[..wrong.len().min(5)]);
}

fn lost(wrong: &[(usize, u64, Wrong)]) -> usize {
    let losses = wrong
        .iter()
        .filter(|(_, _, what)| matches!(what, Wrong::Lost(_)));
    losses.count()
}

#[test]
fn a_disk_that_lies_about_syncing_is_seen_to_lose_acknowledged_edits() {
    let (profile, week) = script::week(Promise::None, true);
    let course = week.course(&profile.key());
    let wrong = look(&course, 300, 7);
    assert!(lost(&wrong) > 10, "{} of 300", lost(&wrong));
}

#[test]
fn synchronous_normal_is_seen_to_lose_acknowledged_edits_and_full_to_lose_none() {
    let full = habits::plain_writes(Synchronous::Full);
    assert_eq!(look(&full, 300, 11), []);
    let normal = habits::plain_writes(Synchronous::Normal);
    let wrong = look(&normal, 300, 11);
    assert!(lost(&wrong) > 10, "{} of 300", lost(&wrong));
    let others = wrong
        .iter()
        .filter(|(_, _, what)| !matches!(what, Wrong::Lost(_)));
    assert_eq!(others.count(), 0, "it loses, but it damages nothing");
}
