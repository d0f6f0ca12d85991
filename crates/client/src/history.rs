//! The history of an event: who changed what and when, and every earlier state to go back to.
//!
//! It is read from the event's document, where every change stands with its author; nothing is
//! kept beside it. Going back is a new edit, so nothing is ever lost.

use almanac_calendar::document::{self, Edit, FieldChange};
use automerge::Automerge;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use ts_rs::TS;

use crate::authors::{Authors, SignatureView};
use crate::client::Client;
use crate::command::Done;
use crate::error::{Error, Result};
use crate::events::{find, key_of, write};
use crate::replica::documents;
use crate::trash;
use crate::undo::Verb;
use crate::value_words::{field_words, value_words};

/// Digits of a change's name that are enough to ask for it.
const HASH_DIGITS_MIN: usize = 6;
/// Fields that are written along with others and say nothing to a person.
const SILENT: [&str; 4] = ["uid", "created", "stamped", "modified"];

/// One change of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct HistoryEntry {
    /// Its place in the history, from 1, the oldest.
    pub number: u32,
    /// Names the change, the same on every device.
    pub hash: String,
    /// When, RFC 3339 in UTC, by the clock of the device that made it.
    pub time: Option<String>,
    /// Name of the device that made it; none where the device is not known here.
    pub device: Option<String>,
    /// Whether it was this device.
    pub this: bool,
    /// Whether that is proven.
    pub signature: SignatureView,
    /// What it changed.
    pub fields: Vec<FieldEdit>,
}

/// One field before and after a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FieldEdit {
    /// Name of the field in the document: `when`, `overrides/2026-11-20T10:00:00/title`.
    pub field: String,
    /// The same in words.
    pub label: String,
    /// What stood there, in words; none where nothing did.
    pub old: Option<String>,
    /// What stands there since, in words; none where it was taken away.
    pub new: Option<String>,
}

impl Client {
    /// What became of an event, the oldest change first; also of one in the trash.
    pub fn history(&self, event: &str) -> Result<Vec<HistoryEntry>> {
        self.read(|tx| {
            let row = find::any(tx, event)?;
            let doc = documents::load(tx, row.calendar, row.document)?.ok_or_else(Error::gone)?;
            let start = documents::event_of(&row)?.when.start().date();
            let authors = Authors::of(tx, self.identity(), row.calendar)?;
            let edits = document::history(&doc).into_iter().zip(1..);
            edits
                .map(|(edit, number)| {
                    let change = (&edit.actor, &edit.hash);
                    let signature = authors.signature(tx, row.document, change)?;
                    Ok(entry(edit, number, (&authors, signature), start))
                })
                .collect()
        })
    }

    /// Makes an event what it was after a change: named by its number in the history or by the
    /// first digits of its hash. Can be undone like any edit.
    pub fn revert(&self, event: &str, to: &str) -> Result<Done> {
        let row = self.read(|tx| find::any(tx, event))?;
        let (_, undo) = self.act(Verb::Revert, |work| {
            let doc =
                documents::load(work.tx(), row.calendar, row.document)?.ok_or_else(Error::gone)?;
            let hash = named(&doc, to)?;
            let then = document::at(&doc, hash).map_err(|_| {
                Error::invalid(
                    "The event was not whole after this change. Nothing was changed. Choose a \
                     later one.",
                )
            })?;
            if row.trashed && !then.trashed {
                trash::check_alone(work.tx(), &row)?;
            }
            write::edit(work, key_of(&row), |event| {
                *event = then;
                Ok(())
            })
        })?;
        Ok(self.done(row.document, undo))
    }
}

/// The change that a person names.
fn named(doc: &Automerge, to: &str) -> Result<[u8; 32]> {
    let edits = document::history(doc);
    let to = to.trim().to_ascii_lowercase();
    let by_number = to
        .parse::<usize>()
        .ok()
        .filter(|_| to.len() < HASH_DIGITS_MIN);
    let mut found = edits
        .iter()
        .enumerate()
        .filter(|(index, edit)| match by_number {
            Some(number) => index + 1 == number,
            None => to.len() >= HASH_DIGITS_MIN && hex(&edit.hash).starts_with(&to),
        });
    match (found.next(), found.next()) {
        (Some((_, edit)), None) => Ok(edit.hash),
        (Some(_), Some(_)) => Err(Error::invalid(format!(
            "More than one change begins with “{to}”. Write more of its name."
        ))),
        (None, _) => Err(Error::not_found(format!(
            "The event has no change “{to}”. Nothing was changed. `almanac history` lists them."
        ))),
    }
}

pub(crate) fn entry(
    edit: Edit,
    number: u32,
    (authors, signature): (&Authors, SignatureView),
    start: Date,
) -> HistoryEntry {
    let device = authors.device(&edit.actor);
    let fields = edit.fields.into_iter();
    HistoryEntry {
        number,
        hash: hex(&edit.hash),
        time: time(edit.time),
        device: device.map(|device| device.name.clone()),
        this: device.is_some_and(|device| device.this),
        signature,
        fields: fields
            .filter(|change| !SILENT.contains(&change.field.as_str()))
            .map(|change| field_edit(change, start))
            .collect(),
    }
}

fn field_edit(change: FieldChange, start: Date) -> FieldEdit {
    let FieldChange { field, old, new } = change;
    let words = |json: Option<String>| json.map(|json| value_words(&field, &json, start));
    let (old, new) = (words(old), words(new));
    FieldEdit {
        label: field_words(&field),
        old,
        new,
        field,
    }
}

/// Unix seconds as RFC 3339; none where the clock said nothing.
pub(crate) fn time(seconds: i64) -> Option<String> {
    let at = Timestamp::from_second(seconds).ok();
    at.filter(|_| seconds != 0).map(|at| at.to_string())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
