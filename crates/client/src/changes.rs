//! What other people changed in the calendars that this person shares with them, the newest arrival
//! first: what came in while one was away, and what came too late to count.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use almanac_calendar::document::{self, Edit};
use almanac_protocol::ids::{CalendarId, ChangeHash, DocumentId};
use almanac_store::{ArrivedChange, Transaction};
use automerge::Change;
use jiff::civil::Date;
use serde::Serialize;
use ts_rs::TS;

use crate::authors::Authors;
use crate::client::{Client, Identity};
use crate::error::{Error, Result};
use crate::findings;
use crate::history::{self, HistoryEntry};
use crate::replica::{counted, documents, logs};

/// How far back is looked for changes of others, in changes of everyone.
const LOOKED_AT_MAX: usize = 10_000;
/// How many of them are read at a time.
const PAGE: usize = 256;

/// Which changes of others are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OthersChanges {
    /// Those that show.
    Shown,
    /// Those that came and do not count, because their author could no longer write by then.
    NotCounted,
}

/// One change that somebody else made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ChangeView {
    /// Name of the calendar.
    pub calendar: String,
    /// Id of the event.
    pub event: String,
    /// What the event is called, with the change.
    pub title: String,
    /// Who, when and what.
    #[serde(flatten)]
    #[ts(flatten)]
    pub entry: HistoryEntry,
}

/// A calendar in company.
struct Shared {
    name: String,
    authors: Authors,
}

impl Client {
    /// What others changed, the newest arrival first.
    pub fn changes_of_others(&self, which: OthersChanges, count: usize) -> Result<Vec<ChangeView>> {
        let identity = self.identity();
        self.read(|tx| {
            let shared = shared(tx, identity)?;
            let mut events = BTreeMap::new();
            let (mut found, mut before, mut looked_at) = (Vec::new(), i64::MAX, 0);
            while found.len() < count && looked_at < LOOKED_AT_MAX && !shared.is_empty() {
                let page = tx.changes_before(before, PAGE)?;
                let Some(oldest) = page.last() else {
                    break;
                };
                (before, looked_at) = (oldest.place, looked_at + page.len());
                for arrived in page {
                    let Some(company) = of_another(&shared, which, &arrived)? else {
                        continue;
                    };
                    let key = (arrived.change.calendar, arrived.change.document);
                    let told = match events.entry(key) {
                        Entry::Occupied(known) => known.into_mut(),
                        Entry::Vacant(unread) => unread.insert(Told::of(tx, key, which)?),
                    };
                    if let Some(told) = told {
                        found.extend(told.view(tx, company, arrived.change.hash)?);
                    }
                }
            }
            found.truncate(count);
            Ok(found)
        })
    }
}

fn shared(tx: &Transaction<'_>, identity: &Identity) -> Result<BTreeMap<CalendarId, Shared>> {
    let mut shared = BTreeMap::new();
    for row in tx.calendars()? {
        let log = logs::calendar(tx, identity, row.id)?;
        if log.members().len() + log.former_members().len() > 1 {
            let company = Shared {
                name: findings::name(tx, row.id)?,
                authors: Authors::of(tx, identity, row.id)?,
            };
            shared.insert(row.id, company);
        }
    }
    Ok(shared)
}

/// The calendar of a change that is meant: of an event, and by somebody else.
fn of_another<'a>(
    shared: &'a BTreeMap<CalendarId, Shared>,
    which: OthersChanges,
    arrived: &ArrivedChange,
) -> Result<Option<&'a Shared>> {
    let is_meant = arrived.counting.counts() == (which == OthersChanges::Shown);
    let change = &arrived.change;
    if !is_meant || change.document == DocumentId::CALENDAR {
        return Ok(None);
    }
    let Some(company) = shared.get(&change.calendar) else {
        return Ok(None);
    };
    let read = Change::try_from(change.bytes.as_slice()).map_err(Error::internal)?;
    let is_other = company.authors.is_other(read.actor_id().to_bytes());
    Ok(is_other.then_some(company))
}

/// An event with its history.
struct Told {
    document: DocumentId,
    title: String,
    start: Date,
    edits: Vec<Edit>,
}

impl Told {
    /// None where there is no whole event.
    fn of(
        tx: &Transaction<'_>,
        (calendar, document): (CalendarId, DocumentId),
        which: OthersChanges,
    ) -> Result<Option<Self>> {
        let all = tx.counted_changes(calendar, document)?;
        let also: Vec<ChangeHash> = match which {
            OthersChanges::Shown => Vec::new(),
            OthersChanges::NotCounted => all.iter().map(|change| change.hash).collect(),
        };
        let changes = counted::with(&all, also).into_iter();
        let doc = documents::of(&changes.map(|(_, bytes)| bytes).collect::<Vec<_>>())?;
        Ok(document::read(&doc).ok().map(|event| Self {
            document,
            start: event.when.start().date(),
            title: event.title,
            edits: document::history(&doc),
        }))
    }

    /// None for a change that says nothing to a person.
    fn view(
        &self,
        tx: &Transaction<'_>,
        company: &Shared,
        hash: ChangeHash,
    ) -> Result<Option<ChangeView>> {
        let mut numbered = self.edits.iter().zip(1..);
        let Some((edit, number)) = numbered.find(|(edit, _)| edit.hash == *hash.as_bytes()) else {
            return Ok(None);
        };
        let change = (&edit.actor, &edit.hash);
        let signature = company.authors.signature(tx, self.document, change)?;
        let who = (&company.authors, signature);
        let entry = history::entry(edit.clone(), number, who, self.start);
        Ok((!entry.fields.is_empty()).then(|| ChangeView {
            calendar: company.name.clone(),
            event: self.document.to_string(),
            title: self.title.clone(),
            entry,
        }))
    }
}
