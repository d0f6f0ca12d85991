//! Undo and redo: every action of a person can be taken back and done again, also after a restart
//! and from another program on the same profile.
//!
//! What is kept is what the action changed, not what stood there ([`step`]). It is kept in the
//! profile's database, for this device alone, until it is old.
//!
//! ```text
//! done ── undo ──▶ taken back ── redo ──▶ done
//!                       └── a new action ──▶ forgotten
//! ```

pub(crate) mod step;
mod take;
mod verb;

use almanac_store::{Transaction, UndoRow};
use jiff::Timestamp;
use serde::Serialize;
use ts_rs::TS;

use crate::client::{Client, Work};
use crate::command::Done;
use crate::error::Result;
use crate::replica::documents;
use step::{Direction, Step};
use take::Which;

pub use verb::Verb;

/// Actions that are kept.
const ACTIONS_MAX: u64 = 500;
/// Seconds for which they are kept.
const KEPT_S: i64 = 30 * 86_400;

/// One action of a person on this device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Action {
    /// Names the action for [`Client::undo`] and [`Client::redo`].
    pub token: u64,
    /// What was done.
    pub verb: Verb,
    /// What it was done to: a title, the name of a calendar or of a file.
    pub subject: String,
    /// When, RFC 3339 in UTC.
    pub time: String,
    /// Whether it was taken back.
    pub undone: bool,
}

impl Client {
    /// The actions that can be taken back or done again, the newest first.
    pub fn actions(&self) -> Result<Vec<Action>> {
        let rows = self.read(|tx| Ok(tx.undo_actions()?))?;
        Ok(rows.iter().map(action).collect())
    }

    /// Takes back an action; what has changed since stays as it is.
    pub fn undo(&self, token: u64) -> Result<Done> {
        let (_, done) = self.take(Which::Token(token), Direction::Back)?;
        Ok(done)
    }

    /// Does an action again that was taken back.
    pub fn redo(&self, token: u64) -> Result<Done> {
        let (_, done) = self.take(Which::Token(token), Direction::Again)?;
        Ok(done)
    }

    /// Takes back the newest action that was not taken back yet, and says which.
    pub fn undo_last(&self) -> Result<(Action, Done)> {
        let (row, done) = self.take(Which::Last, Direction::Back)?;
        Ok((action(&row), done))
    }

    /// Does again what was taken back last, and says what.
    pub fn redo_last(&self) -> Result<(Action, Done)> {
        let (row, done) = self.take(Which::Last, Direction::Again)?;
        Ok((action(&row), done))
    }

    /// One action of a person: all of it is stored with how to take it back, or nothing. The
    /// token is `None` where nothing was changed.
    pub(crate) fn act<T>(
        &self,
        verb: Verb,
        work: impl FnOnce(&mut Work<'_>) -> Result<T>,
    ) -> Result<(T, Option<u64>)> {
        self.act_on(verb, None, work)
    }

    /// The same, as a part of the action that `token` names.
    pub(crate) fn act_on<T>(
        &self,
        verb: Verb,
        token: Option<u64>,
        work: impl FnOnce(&mut Work<'_>) -> Result<T>,
    ) -> Result<(T, Option<u64>)> {
        self.write(|action| {
            let value = work(action)?;
            let token = keep(action, verb, token)?;
            Ok((value, token))
        })
    }
}

/// Stores the steps of an action.
fn keep(work: &mut Work<'_>, verb: Verb, token: Option<u64>) -> Result<Option<u64>> {
    let (subject, steps) = work.take_steps();
    if steps.is_empty() {
        return Ok(token);
    }
    let rows = steps.iter().map(Step::row).collect::<Result<Vec<_>>>()?;
    let token = match token {
        Some(token) => token,
        None => begin(work.tx(), documents::seconds(work), verb, &subject)?,
    };
    work.tx().add_undo_steps(token, &rows)?;
    Ok(Some(token))
}

fn begin(tx: &Transaction<'_>, now_s: i64, verb: Verb, subject: &str) -> Result<u64> {
    let token = tx.add_undo(now_s, &verb.word(), subject)?;
    tx.forget_old_undo(ACTIONS_MAX, now_s.saturating_sub(KEPT_S))?;
    Ok(token)
}

fn action(row: &UndoRow) -> Action {
    Action {
        token: row.id,
        verb: Verb::of(&row.verb),
        subject: row.subject.clone(),
        time: Timestamp::from_second(row.time_s)
            .unwrap_or_default()
            .to_string(),
        undone: row.is_undone,
    }
}
