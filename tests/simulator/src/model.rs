//! The reference model: what people did, and what must therefore be seen everywhere in the end.
//!
//! Knows nothing of frames or envelopes beyond their places. An edit counts from the moment the
//! command came back without an error. It ceases to be owed only when every disk that held it was
//! set back or lost by a person, or by the relay's operator after nobody else had it.

use std::collections::{BTreeMap, BTreeSet};

use crate::ledger::{Place, Row};

/// Whether an edit is owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It must be seen everywhere.
    Owed,
    /// A disk that may have held the only copy is gone: it may be seen, or not.
    Free,
}

/// A category that someone added.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) standing: Standing,
    /// The frame in which it was first signed.
    pub(crate) place: Option<Place>,
}

/// A value that someone gave to a field that holds one.
#[derive(Debug, Clone)]
pub(crate) struct Value {
    pub(crate) text: String,
    /// The change that wrote it.
    pub(crate) change: Option<Vec<u8>>,
    /// The changes of the event that its author had seen.
    pub(crate) known: BTreeSet<Vec<u8>>,
}

/// What was done to one event.
#[derive(Debug, Clone, Default)]
pub(crate) struct Story {
    pub(crate) tokens: BTreeMap<String, Token>,
    pub(crate) pages: Vec<Value>,
    pub(crate) times: Vec<Value>,
}

/// What was done in one world.
#[derive(Debug, Clone, Default)]
pub(crate) struct Model {
    pub(crate) events: BTreeMap<String, Story>,
    /// Whether a device may have written edits again under another name: then what was newest is
    /// no longer known from the changes themselves.
    pub(crate) is_rewritten: bool,
    /// A clock jumped: what a device says once a day, it may say once more.
    pub(crate) is_another_day: bool,
    /// Whether a relay told two histories.
    pub(crate) is_forked: bool,
    /// Whether a relay lost something it had acknowledged.
    pub(crate) is_relay_lossy: bool,
    /// Whether somebody did more than lose, delay or repeat: then things may be set aside.
    pub(crate) is_harmed: bool,
}

impl Model {
    /// Notes a category.
    pub(crate) fn add_token(&mut self, event: &str, token: String, place: Option<Place>) {
        let token_now = Token {
            standing: Standing::Owed,
            place,
        };
        let story = self.events.entry(event.to_owned()).or_default();
        story.tokens.insert(token, token_now);
    }

    /// Takes note that a disk is gone. `kept` is what the disks that are left show; `sent` names
    /// the frames that the lost disk knew to be at the relay.
    pub(crate) fn disk_is_gone(&mut self, kept: &[BTreeMap<String, Row>], sent: &BTreeSet<Place>) {
        let trusts_relay = !self.is_relay_lossy;
        for (event, story) in &mut self.events {
            for (text, token) in &mut story.tokens {
                let is_seen = kept
                    .iter()
                    .any(|rows| rows.get(event).is_some_and(|row| row.tokens.contains(text)));
                let is_sent = token
                    .place
                    .as_ref()
                    .is_some_and(|place| sent.contains(place));
                let is_kept = is_seen || (trusts_relay && is_sent);
                if !is_kept {
                    token.standing = Standing::Free;
                }
            }
        }
    }

    /// Edits that are owed.
    pub(crate) fn owed(&self) -> usize {
        let tokens = self.events.values().flat_map(|story| story.tokens.values());
        tokens
            .filter(|token| token.standing == Standing::Owed)
            .count()
    }
}

impl Story {
    /// Whether the event itself is owed.
    pub(crate) fn is_owed(&self) -> bool {
        self.tokens
            .values()
            .any(|token| token.standing == Standing::Owed)
    }
}

/// The values of a field that no other one was written upon.
pub(crate) fn newest(values: &[Value]) -> BTreeSet<&str> {
    let is_overwritten = |value: &Value| {
        values.iter().any(|other| {
            value
                .change
                .as_ref()
                .is_some_and(|change| other.known.contains(change))
        })
    };
    values
        .iter()
        .filter(|value| !is_overwritten(value))
        .map(|value| value.text.as_str())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_values_written_apart_either_may_win_and_an_older_one_may_not() {
        let value = |text: &str, change: u8, known: &[u8]| Value {
            text: text.to_owned(),
            change: Some(vec![change]),
            known: known.iter().map(|change| vec![*change]).collect(),
        };
        let values = [
            value("first", 1, &[]),
            value("ada", 2, &[1]),
            value("ben", 3, &[1]),
        ];
        assert_eq!(newest(&values), BTreeSet::from(["ada", "ben"]));
    }
}
