//! What kinds of action there are, in the words that the database keeps.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What a person did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum Verb {
    /// Added an event or a task.
    Add,
    /// Changed fields of an event.
    Edit,
    /// Put an event in the trash, or left out occurrences of it.
    Delete,
    /// Moved an event to another calendar.
    Move,
    /// Imported a file.
    Import,
    /// Took an event out of the trash, or brought a skipped occurrence back.
    Restore,
    /// Brought back an earlier version of an event.
    Revert,
    /// Chose between two values that were written at the same time.
    Settle,
    /// Said that a task is done, or that it is not.
    Complete,
    /// Added a calendar.
    AddCalendar,
    /// Changed name, colour or place in view of a calendar.
    EditCalendar,
    /// Something of a later version.
    Other,
}

impl Verb {
    /// The word as it is stored.
    pub(crate) fn word(self) -> String {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::String(word)) => word,
            Ok(_) | Err(_) => String::new(),
        }
    }

    /// The verb of a stored word.
    pub(crate) fn of(word: &str) -> Self {
        serde_json::from_value(word.into()).unwrap_or(Self::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verb_reads_back_from_its_word() {
        for verb in [Verb::Add, Verb::AddCalendar, Verb::Settle] {
            assert_eq!(Verb::of(&verb.word()), verb);
        }
        assert_eq!(Verb::AddCalendar.word(), "addCalendar");
        assert_eq!(Verb::of("paint"), Verb::Other);
    }
}
