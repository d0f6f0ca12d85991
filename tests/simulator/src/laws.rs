//! The laws of sync, each a function that says in a sentence what broke it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use almanac_protocol::ids::StreamHash;
use anyhow::{Context, Result};
use memchr::memmem;

use crate::ledger::{ChangeName, Cursor, Place, Row, Stored};
use crate::model::{Standing, newest};
use crate::world::{SETTLE_MAX, World};

/// A law and how it was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// `L1` to `L8`.
    pub law: &'static str,
    /// What broke it.
    pub how: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} broken: {}", self.law, self.how)
    }
}

impl std::error::Error for Broken {}

fn broken<T>(law: &'static str, how: String) -> Result<T> {
    Err(Broken { law, how }.into())
}

/// Syncs of everybody until nothing moves, after a clock jumped: one says how far it has come, others
/// read it, then nothing moves.
const ROUNDS_OF_ANOTHER_DAY: u32 = 3;
/// The same, after a relay told two histories, or a device and its copy wrote two under one number: who
/// hears last of the other one may read once more what is missing here.
const ROUNDS_OF_A_FORK: u32 = 2;

/// Laws that were checked after a run.
pub const LAWS: &[&str] = &["L1", "L2", "L3", "L4", "L5", "L6", "L7", "L8"];

impl World {
    /// Heals the world and checks every law.
    pub async fn check_laws(&mut self) -> Result<()> {
        let took = self.heal().await?;
        self.converges_within_a_bound(took)?;
        let shown = self.shown()?;
        self.every_acknowledged_edit_is_readable(&shown)?;
        self.equal_frontiers_show_equal_rows()?;
        self.nothing_is_visible_that_nobody_wrote(&shown)?;
        for number in self.alive() {
            self.check_cursor(number)?;
        }
        self.a_second_sync_moves_nothing().await?;
        self.the_log_alone_says_everything(&shown)?;
        self.relay_bytes_hold_no_plain_text()
    }

    /// L7: after healing, everybody agrees within a bound.
    fn converges_within_a_bound(&mut self, took: Duration) -> Result<()> {
        if took < SETTLE_MAX {
            return Ok(());
        }
        let mut states = Vec::new();
        for number in self.alive() {
            let status = self.device(number)?.act(almanac_client::Client::status)?;
            let ledger = self.device(number)?.ledger()?;
            let (frames, unsent) = (ledger.frames()?.len(), ledger.unsent()?);
            let lost = ledger.lost()?;
            let words = status.map_or_else(
                |error| error.message.clone(),
                |status| format!("{:?} {}", status.state, status.message.unwrap_or_default()),
            );
            let aside: Vec<String> = ledger
                .set_aside()?
                .into_iter()
                .map(|(why, _)| why)
                .collect();
            states.push(format!(
                "device {number} has {frames} frames, {unsent} unsent, {lost} lost, set aside {aside:?}: {words}"
            ));
        }
        states.extend(self.first_difference()?);
        if let Some(why) = self
            .relays
            .first()
            .and_then(crate::relays::RelayPlace::breakage)
        {
            states.push(format!("the relay cannot go on: {why}"));
        }
        broken(
            "L7",
            format!(
                "devices do not agree {took:?} after healing; {}",
                states.join("; ")
            ),
        )
    }

    /// The first frame or cut that one device has and another has not.
    fn first_difference(&mut self) -> Result<Option<String>> {
        let alive = self.alive();
        let first = *alive.first().context("nobody is left")?;
        let ledger = self.device(first)?.ledger()?;
        let (frames, cuts) = (ledger.common_frames()?, ledger.cuts()?);
        for number in alive {
            let ledger = self.device(number)?.ledger()?;
            let (others, other_cuts) = (ledger.common_frames()?, ledger.cuts()?);
            let apart = frames
                .iter()
                .find(|(place, hash)| others.get(*place) != Some(*hash));
            let more = others.keys().find(|place| !frames.contains_key(*place));
            let cut = cuts.symmetric_difference(&other_cuts).next();
            let found = apart.map(|(place, _)| place).or(more).or(cut);
            if let Some((calendar, device, life, seq)) = found {
                return Ok(Some(format!(
                    "devices {first} and {number} differ at frame {seq} of {}, life {}, calendar {}; cuts {} and {}",
                    short(device),
                    short(life),
                    short(calendar),
                    cuts.len(),
                    other_cuts.len(),
                )));
            }
        }
        Ok(None)
    }

    /// L1: every acknowledged edit is readable by every device.
    fn every_acknowledged_edit_is_readable(
        &mut self,
        shown: &[BTreeMap<String, Row>],
    ) -> Result<()> {
        for (number, rows) in self.alive().into_iter().zip(shown) {
            for (id, story) in &self.model.events {
                let row = match rows.get(id) {
                    Some(row) => row,
                    None if story.is_owed() => {
                        return broken("L1", format!("device {number} does not show event {id}"));
                    }
                    None => continue,
                };
                let lost: Vec<&str> = story
                    .tokens
                    .iter()
                    .filter(|(text, token)| {
                        token.standing == Standing::Owed && !row.tokens.contains(*text)
                    })
                    .map(|(text, _)| text.as_str())
                    .collect();
                if !lost.is_empty() {
                    let (lost, id) = (format!("{lost:?}"), id.clone());
                    let standings = self.device(number)?.ledger()?.standings(&id)?;
                    return broken(
                        "L1",
                        format!(
                            "device {number} lacks {lost} of event {id}, whose changes are \
                             {standings:?}"
                        ),
                    );
                }
                if self.model.is_rewritten {
                    continue;
                }
                for (field, values, seen) in [
                    ("page", &story.pages, &row.url),
                    ("time", &story.times, &row.when),
                ] {
                    let newest = newest(values);
                    if !newest.is_empty() && !newest.contains(seen.as_str()) {
                        return broken(
                            "L1",
                            format!(
                                "device {number} shows the {field} {seen} of event {id}, the \
                                 newest are {newest:?}"
                            ),
                        );
                    }
                }
            }
            let aside = self.device(number)?.ledger()?.set_aside()?;
            if let Some((why, _)) = aside.first()
                && !self.model.is_harmed
            {
                let many = aside.len();
                return broken(
                    "L1",
                    format!("device {number} set {many} aside ({why}) though nobody did harm"),
                );
            }
        }
        Ok(())
    }

    /// L2: equal frontiers, so equal documents, so equal rows, also when rows are built again.
    fn equal_frontiers_show_equal_rows(&mut self) -> Result<()> {
        let alive = self.alive();
        let first = *alive.first().context("nobody is left")?;
        let ledger = self.device(first)?.ledger()?;
        let (changes, rows, facts) = (ledger.changes()?, ledger.rows()?, ledger.summaries()?);
        for number in alive {
            let ledger = self.device(number)?.ledger()?;
            let others = ledger.changes()?;
            let lacks = |some: &BTreeSet<ChangeName>, all: &BTreeSet<ChangeName>| {
                let missing = all.difference(some);
                let missing = missing.map(|(_, document, hash)| (short(document), short(hash)));
                missing.collect::<Vec<_>>()
            };
            if others != changes {
                return broken(
                    "L2",
                    format!(
                        "devices {first} and {number} have the same frames, not the same changes: \
                         the first lacks {:?}, the second {:?}",
                        lacks(&changes, &others),
                        lacks(&others, &changes)
                    ),
                );
            }
            if ledger.summaries()? != facts {
                return broken(
                    "L2",
                    format!("devices {first} and {number} say different things of their calendars"),
                );
            }
            same_rows(&rows, &ledger.rows()?).map_or(Ok(()), |how| {
                broken("L2", format!("devices {first} and {number} show {how}"))
            })?;
        }
        let rebuilt = self
            .device(first)?
            .act(almanac_client::Client::rebuild_caches)?;
        rebuilt.map_err(|error| anyhow::anyhow!("caches cannot be rebuilt: {error}"))?;
        same_rows(&rows, &self.device(first)?.ledger()?.rows()?).map_or(Ok(()), |how| {
            broken("L2", format!("device {first} rebuilt shows {how}"))
        })
    }

    /// L3: nothing is visible that no member authored.
    fn nothing_is_visible_that_nobody_wrote(&self, shown: &[BTreeMap<String, Row>]) -> Result<()> {
        for (id, row) in shown.iter().flatten() {
            let Some(story) = self.model.events.get(id) else {
                return broken("L3", format!("event {id} was made by nobody"));
            };
            let strange: Vec<&String> = row
                .tokens
                .iter()
                .filter(|text| !story.tokens.contains_key(*text))
                .collect();
            if !strange.is_empty() {
                return broken("L3", format!("nobody wrote {strange:?} into event {id}"));
            }
            let is_written = |values: &[crate::model::Value], seen: &str| {
                values.iter().any(|value| value.text == seen)
            };
            if !row.url.is_empty() && !is_written(&story.pages, &row.url) {
                return broken(
                    "L3",
                    format!("nobody wrote the page {} of event {id}", row.url),
                );
            }
            if !is_written(&story.times, &row.when) {
                return broken("L3", format!("nobody moved event {id} to {}", row.when));
            }
        }
        Ok(())
    }

    /// L4: the cursor is never ahead of the stored data.
    pub(crate) fn check_cursor(&mut self, number: usize) -> Result<()> {
        let relay = self.relay_ledger()?;
        let (epoch, stored) = (relay.epoch()?, relay.envelopes()?);
        drop(relay);
        let ledger = self.device(number)?.ledger()?;
        let cursors = ledger.cursors()?;
        let aside: BTreeSet<Vec<u8>> = ledger
            .set_aside()?
            .into_iter()
            .map(|(_, bytes)| bytes)
            .collect();
        for (calendar, cursor) in &cursors {
            for envelope in read_by(calendar, cursor, &epoch, &stored) {
                let place: Place = (
                    calendar.clone(),
                    envelope.device.clone(),
                    envelope.incarnation.clone(),
                    envelope.first_seq,
                );
                // A carrier's own count names no frame.
                let is_kept = envelope.kind == 3
                    || ledger.has_frame(&place)?
                    || aside.contains(&envelope.bytes);
                if !is_kept {
                    return broken(
                        "L4",
                        format!(
                            "device {number} has read to {} and lacks envelope {}",
                            cursor.0, envelope.rseq
                        ),
                    );
                }
            }
        }
        Ok(())
    }

    /// L5: a second sync moves nothing; where the rounds above say so, a later one.
    async fn a_second_sync_moves_nothing(&mut self) -> Result<()> {
        let is_forked = self.model.is_forked || self.has_cut_somebody()?;
        let rounds = match (self.model.is_another_day, is_forked) {
            (true, _) => ROUNDS_OF_ANOTHER_DAY,
            (false, true) => ROUNDS_OF_A_FORK,
            (false, false) => 1,
        };
        let mut story = Vec::new();
        for _ in 0..rounds {
            let (before, after) = self.sync_all_again().await?;
            if after == before {
                return Ok(());
            }
            story.push(format!("{before:?} before, {after:?} after"));
        }
        broken(
            "L5",
            format!(
                "messages that move something, by kind: {}",
                story.join("; ")
            ),
        )
    }

    /// Whether some device has seen two frames of one author under one number.
    fn has_cut_somebody(&mut self) -> Result<bool> {
        for number in self.alive() {
            if !self.device(number)?.ledger()?.cuts()?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What has moved before and after every device has synced once more.
    async fn sync_all_again(&mut self) -> Result<(BTreeMap<u8, u64>, BTreeMap<u8, u64>)> {
        for number in self.alive() {
            self.device(number)?.disconnect().await;
        }
        let before = self.around.traffic().moving.clone();
        for number in self.alive() {
            let synced = self.device(number)?.sync_once().await?;
            if let Err(error) = synced {
                return broken("L5", format!("device {number} cannot sync again: {error}"));
            }
        }
        let after = self.around.traffic().moving.clone();
        Ok((before, after))
    }

    /// L6: what a device knows that only read the log at the end is all there is to know.
    fn the_log_alone_says_everything(&mut self, shown: &[BTreeMap<String, Row>]) -> Result<()> {
        let alive = self.alive();
        let late = alive
            .iter()
            .position(|number| *number == crate::world::LATE)
            .and_then(|place| shown.get(place));
        let first = shown.first().context("nobody is left")?;
        match late.and_then(|late| same_rows(first, late)) {
            Some(how) => broken("L6", format!("a device that came late shows {how}")),
            None => Ok(()),
        }
    }

    /// L8: relay bytes hold no planted plain text.
    fn relay_bytes_hold_no_plain_text(&mut self) -> Result<()> {
        let finder = memmem::Finder::new(crate::CANARY);
        for relay in &self.relays {
            for file in relay.files().iter().filter(|file| file.exists()) {
                if finder.find(&std::fs::read(file)?).is_some() {
                    return broken(
                        "L8",
                        "a text that a person wrote lies at the relay".to_owned(),
                    );
                }
            }
        }
        match self.around.traffic().spoken {
            0 => Ok(()),
            spoken => broken(
                "L8",
                format!("{spoken} messages hold a text that a person wrote"),
            ),
        }
    }
}

/// The envelopes that a cursor says were read, where it is about this life of the relay.
fn read_by<'a>(
    calendar: &[u8],
    cursor: &Cursor,
    epoch: &[u8],
    stored: &'a [Stored],
) -> Vec<&'a Stored> {
    let (rseq, hash, of) = cursor;
    let stream: Vec<&Stored> = stored
        .iter()
        .filter(|envelope| envelope.calendar == calendar)
        .collect();
    let stands = stream.iter().any(|envelope| {
        envelope.rseq == *rseq && envelope.hash == *hash && hash.len() == StreamHash::LEN
    });
    if of != epoch || !stands {
        return Vec::new();
    }
    stream
        .into_iter()
        .filter(|envelope| envelope.rseq <= *rseq)
        .collect()
}

/// The beginning of an id, for people.
fn short(id: &[u8]) -> String {
    id.iter()
        .take(3)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// How two devices' rows differ, if they do.
fn same_rows(one: &BTreeMap<String, Row>, other: &BTreeMap<String, Row>) -> Option<String> {
    let ids: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    ids.into_iter()
        .find_map(|id| match (one.get(id), other.get(id)) {
            (Some(one), Some(other)) if one == other => None,
            (Some(one), Some(other)) => {
                Some(format!("event {id} as {} and {}", one.json, other.json))
            }
            _ => Some(format!("event {id} here and not there")),
        })
}
