//! Rules as a document holds them: with the first time that they are counted from.
//!
//! The days of rules and their UNTIL go with the first time of the series, but the two are
//! registers of their own, so that one device can move a series while another ends it. Were the
//! rules of the one read beside the time of the other, the end would be at another occurrence and
//! the days at others than anyone said. So rules say which time they were written beside, and
//! reading moves them from there to the time that stands there now. A move that only takes the
//! rules along does not write them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::flat::Flat;
use crate::event::{Event, Rules};
use crate::original::OriginalStart;
use crate::when::When;

/// The register of the rules of a series.
pub(super) const RULE: &str = "rule";
/// Before and after the name of a split, the register of its rules.
const SPLIT: (&str, &str) = ("splits/", "/rules");

/// Rules, and what they are counted from.
#[derive(Serialize)]
pub(super) struct Counted<'a> {
    #[serde(flatten)]
    rules: &'a Rules,
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<&'a When>,
}

/// What rules that were read are counted from; of some that do not say it, the time beside them.
#[derive(Deserialize)]
struct Base {
    #[serde(default)]
    first: Option<When>,
}

impl<'a> Counted<'a> {
    pub(super) fn new(rules: &'a Rules, first: Option<&'a When>) -> Self {
        Self {
            rules,
            first: first.filter(|_| !rules.is_empty()),
        }
    }
}

/// Takes the rules of an event, read as they were written, along to the times beside them.
pub(super) fn follow(entries: &BTreeMap<String, String>, event: &mut Event) {
    for (name, text) in registers(entries) {
        let Some(first) = first_of(text) else {
            continue;
        };
        if let Some(key) = split_of(name) {
            let Some(split) = event.splits.get_mut(&key) else {
                continue;
            };
            // Where the time was taken away by someone who did not know of these rules, they
            // bring their own.
            if let Some(rules) = &mut split.rules {
                rules.follow(&first, split.change.when.get_or_insert(first.clone()));
            }
        } else {
            event.rules.follow(&first, &event.when);
        }
    }
}

/// Leaves rules as they stand in the document where, beside the times of `after`, they say what
/// that one says anyway.
pub(super) fn keep(standing: &Flat, after: &Event, before: &mut Flat, flat: &mut Flat) {
    for (name, text) in registers(&standing.entries) {
        let Some(mut rules) = parsed::<Rules>(text) else {
            continue;
        };
        if let Some(entry) = before.entries.get_mut(name) {
            entry.clone_from(text);
        }
        let (when, said) = match split_of(name) {
            None => (Some(&after.when), Some(&after.rules)),
            Some(key) => {
                let split = after.splits.get(&key);
                let when = split.and_then(|split| split.change.when.as_ref());
                (when, split.and_then(|split| split.rules.as_ref()))
            }
        };
        if let Some((first, when)) = first_of(text).zip(when) {
            rules.follow(&first, when);
        }
        if let Some(entry) = flat.entries.get_mut(name).filter(|_| said == Some(&rules)) {
            entry.clone_from(text);
        }
    }
}

/// Whether two values of a register say the same. Of rules, those that would be the same if they
/// were counted from the same time do.
pub(super) fn is_same(name: &str, one: &str, other: &str) -> bool {
    let is_rules = name == RULE || (name.starts_with(SPLIT.0) && name.ends_with(SPLIT.1));
    if one == other || !is_rules {
        return one == other;
    }
    let rules = |text: &str| Some((parsed::<Rules>(text)?, first_of(text)?));
    let (Some((mut one, from)), Some((other, to))) = (rules(one), rules(other)) else {
        return false;
    };
    one.follow(&from, &to);
    one == other
}

/// The registers that hold rules.
fn registers(entries: &BTreeMap<String, String>) -> impl Iterator<Item = (&String, &String)> {
    let of_splits = entries.range(SPLIT.0.to_owned()..);
    let of_splits = of_splits.take_while(|(name, _)| name.starts_with(SPLIT.0));
    let of_splits = of_splits.filter(|(name, _)| name.ends_with(SPLIT.1));
    entries.get_key_value(RULE).into_iter().chain(of_splits)
}

/// The split that a register is about.
fn split_of(name: &str) -> Option<OriginalStart> {
    let key = name.strip_prefix(SPLIT.0)?.strip_suffix(SPLIT.1)?;
    key.parse().ok()
}

fn first_of(text: &str) -> Option<When> {
    parsed::<Base>(text)?.first
}

fn parsed<T: serde::de::DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}
