//! A device's database seen from outside: with its key, but past the code under test.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::Duration;

use almanac_crypto::database::raw_key_text;
use almanac_crypto::secret::KeychainSecret;
use almanac_crypto::slot::{Unlock, open_slot};
use anyhow::{Context, Result};
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

use crate::around::Keychain;

/// Calendar, device, incarnation, number: one frame's place.
pub(crate) type Place = (Vec<u8>, Vec<u8>, Vec<u8>, u64);

/// Calendar, document, hash: one change.
pub(crate) type ChangeName = (Vec<u8>, Vec<u8>, Vec<u8>);

/// Where a stream ends: number and running hash.
pub(crate) type Head = (u64, Vec<u8>);

/// How far a stream was read: number, running hash, the relay's life.
pub(crate) type Cursor = (u64, Vec<u8>, Vec<u8>);

/// What a person sees of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) title: String,
    pub(crate) url: String,
    pub(crate) when: String,
    pub(crate) tokens: BTreeSet<String>,
    pub(crate) is_trashed: bool,
    /// All of it, as the device has it.
    pub(crate) json: String,
}

/// A look into one database.
#[derive(Debug)]
pub(crate) struct Ledger(Connection);

impl Ledger {
    /// Opens the database of the profile in a folder.
    pub(crate) fn open(folder: &Path, keychain: &Keychain) -> Result<Self> {
        let id = fs::read_to_string(folder.join("profile.id"))?;
        let secret = keychain.get(id.trim()).context("no key in the keychain")?;
        let secret: [u8; 32] = secret.as_slice().try_into()?;
        let half = KeychainSecret::from_bytes(secret);
        let slot = fs::read(folder.join("key.slot"))?;
        let key = open_slot(&slot, &Unlock::Keychain(&half)).map_err(anyhow::Error::msg)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(folder.join("almanac.db"), flags)?;
        connection.execute_batch(&format!(
            "PRAGMA key = \"{}\";",
            raw_key_text(&key).as_str()
        ))?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.pragma_update(None, "query_only", true)?;
        Ok(Self(connection))
    }

    /// Frames and how far each has come on its way.
    pub(crate) fn frames(&self) -> Result<BTreeMap<Place, (Vec<u8>, u64)>> {
        let mut all = self
            .0
            .prepare_cached("SELECT calendar, device, incarnation, seq, hash, sent FROM frame")?;
        let rows = all.query_map((), |row| {
            let place = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
            Ok((place, (row.get(4)?, row.get(5)?)))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Frames that everybody who has read everything has: those of a life that signed two under one
    /// number are the same only before that.
    pub(crate) fn common_frames(&self) -> Result<BTreeMap<Place, Vec<u8>>> {
        let mut all = self.0.prepare_cached(
            "SELECT f.calendar, f.device, f.incarnation, f.seq, f.hash FROM frame f
             WHERE NOT EXISTS (SELECT 1 FROM cut c WHERE c.calendar = f.calendar
                 AND c.device = f.device AND c.incarnation = f.incarnation AND c.seq <= f.seq)",
        )?;
        let rows = all.query_map((), |row| {
            let place = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
            Ok((place, row.get(4)?))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Where lives that signed two frames under one number were cut.
    pub(crate) fn cuts(&self) -> Result<BTreeSet<Place>> {
        let mut all = self
            .0
            .prepare_cached("SELECT calendar, device, incarnation, seq FROM cut")?;
        let rows = all.query_map((), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Places of own frames that the relay has not confirmed.
    pub(crate) fn waiting(&self) -> Result<BTreeSet<Place>> {
        let mut all = self.0.prepare_cached(
            "SELECT calendar, device, incarnation, seq FROM frame WHERE sent < 2",
        )?;
        let rows = all.query_map((), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Whether a frame stands in a place.
    pub(crate) fn has_frame(&self, place: &Place) -> Result<bool> {
        let mut one = self.0.prepare_cached(
            "SELECT count(*) FROM frame
             WHERE calendar = ?1 AND device = ?2 AND incarnation = ?3 AND seq = ?4",
        )?;
        let found: u64 =
            one.query_row((&place.0, &place.1, &place.2, place.3), |row| row.get(0))?;
        Ok(found > 0)
    }

    /// Bytes that are set aside, and why.
    pub(crate) fn set_aside(&self) -> Result<Vec<(String, Vec<u8>)>> {
        let mut all = self
            .0
            .prepare_cached("SELECT reason, bytes FROM quarantine")?;
        let rows = all.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Frames that the relay has lost and that are to be put back.
    pub(crate) fn lost(&self) -> Result<u64> {
        let mut all = self.0.prepare_cached(
            "SELECT (SELECT count(*) FROM frame WHERE sent = 3)
                  + (SELECT count(*) FROM rival WHERE is_lost = 1)",
        )?;
        Ok(all.query_row((), |row| row.get(0))?)
    }

    /// Calendars of which the device has yet to say what it has seen.
    pub(crate) fn untold(&self) -> Result<u64> {
        let mut all = self
            .0
            .prepare_cached("SELECT count(*) FROM heads_told WHERE is_due = 2")?;
        Ok(all.query_row((), |row| row.get(0))?)
    }

    /// Own frames that the relay has not confirmed.
    pub(crate) fn unsent(&self) -> Result<u64> {
        let mut all = self
            .0
            .prepare_cached("SELECT count(*) FROM frame WHERE sent < 2")?;
        Ok(all.query_row((), |row| row.get(0))?)
    }

    /// Calendar, document and hash of every change that counts. Of those that do not, a device may
    /// have more than another: they are in no document, so nobody builds upon them.
    pub(crate) fn changes(&self) -> Result<BTreeSet<ChangeName>> {
        let mut all = self
            .0
            .prepare_cached("SELECT calendar, document, hash FROM change WHERE cut IN (0, 2)")?;
        let rows = all.query_map((), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Hashes of the changes of one document.
    pub(crate) fn changes_of(&self, document: &str) -> Result<BTreeSet<Vec<u8>>> {
        let mut all = self
            .0
            .prepare_cached("SELECT hash FROM change WHERE lower(hex(document)) = ?1")?;
        let rows = all.query_map([document], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// How the changes of one document count, for people: hash, number of its standing, who lists it.
    pub(crate) fn standings(&self, document: &str) -> Result<Vec<String>> {
        let mut all = self.0.prepare_cached(
            "SELECT lower(substr(hex(c.hash), 1, 6)) || ' ' || c.cut || ' in ' || coalesce(
                (SELECT group_concat(lower(substr(hex(f.incarnation), 1, 4)) || '/' || f.seq)
                 FROM frame f WHERE instr(f.bytes, c.hash) > 0),
                (SELECT group_concat('rival ' || lower(substr(hex(r.incarnation), 1, 4)) || '/' || r.seq)
                 FROM rival r WHERE instr(r.bytes, c.hash) > 0), 'no frame')
             FROM change c WHERE lower(hex(c.document)) = ?1 ORDER BY c.id",
        )?;
        let rows = all.query_map([document], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// What a person sees, by the id of the event.
    pub(crate) fn rows(&self) -> Result<BTreeMap<String, Row>> {
        let mut all = self
            .0
            .prepare_cached("SELECT lower(hex(document)), event, trashed FROM event")?;
        let rows = all.query_map((), |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, i64>(2)?,
            ))
        })?;
        let mut found = BTreeMap::new();
        for row in rows {
            let (id, json, trashed) = row?;
            found.insert(id, read_row(json, trashed != 0)?);
        }
        Ok(found)
    }

    /// What a person sees of one event.
    pub(crate) fn row(&self, id: &str) -> Result<Option<Row>> {
        let mut one = self
            .0
            .prepare_cached("SELECT event, trashed FROM event WHERE lower(hex(document)) = ?1")?;
        let mut rows = one.query_map([id], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))
        })?;
        let Some(row) = rows.next() else {
            return Ok(None);
        };
        let (json, trashed) = row?;
        read_row(json, trashed != 0).map(Some)
    }

    /// What the calendars' own documents say.
    pub(crate) fn summaries(&self) -> Result<BTreeMap<Vec<u8>, String>> {
        let mut all = self
            .0
            .prepare_cached("SELECT calendar, facts FROM summary")?;
        let rows = all.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Loses the newest frames of whoever wrote most, and as many of the newest changes.
    pub(crate) fn lose_newest(&self, frames: u64) -> Result<()> {
        self.0.pragma_update(None, "query_only", false)?;
        self.0.execute(
            "DELETE FROM frame WHERE (calendar, device, incarnation) =
                (SELECT calendar, device, incarnation FROM frame GROUP BY 1, 2, 3
                 ORDER BY count(*) DESC LIMIT 1)
             AND seq > (SELECT count(*) FROM frame GROUP BY calendar, device, incarnation
                 ORDER BY count(*) DESC LIMIT 1) - ?1",
            [frames],
        )?;
        self.0.execute(
            "DELETE FROM change WHERE id > (SELECT max(id) FROM change) - ?1",
            [frames],
        )?;
        self.0.pragma_update(None, "query_only", true)?;
        Ok(())
    }

    /// How far each stream was read.
    pub(crate) fn cursors(&self) -> Result<BTreeMap<Vec<u8>, Cursor>> {
        let mut all = self
            .0
            .prepare_cached("SELECT id, rseq, stream_hash, relay_epoch FROM calendar")?;
        let rows = all.query_map((), |row| {
            Ok((row.get(0)?, (row.get(1)?, row.get(2)?, row.get(3)?)))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

fn read_row(json: String, is_trashed: bool) -> Result<Row> {
    let value: Value = serde_json::from_str(&json)?;
    let text = |name: &str| {
        let found = value.get(name).and_then(Value::as_str);
        found.unwrap_or_default().to_owned()
    };
    let categories = value.get("categories").and_then(Value::as_array);
    let tokens = categories
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    Ok(Row {
        title: text("title"),
        url: text("url"),
        when: value
            .get("when")
            .map_or_else(String::new, ToString::to_string),
        tokens,
        is_trashed,
        json,
    })
}

/// One envelope at a relay: number in its stream, header, running hash after it, bytes.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) calendar: Vec<u8>,
    pub(crate) rseq: u64,
    pub(crate) device: Vec<u8>,
    pub(crate) incarnation: Vec<u8>,
    pub(crate) kind: u64,
    pub(crate) first_seq: u64,
    pub(crate) hash: Vec<u8>,
    pub(crate) bytes: Vec<u8>,
}

/// A look into a relay's database.
#[derive(Debug)]
pub(crate) struct RelayLedger(Connection);

impl RelayLedger {
    /// Opens the database at a path.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        Ok(Self(connection))
    }

    /// This life of the database.
    pub(crate) fn epoch(&self) -> Result<Vec<u8>> {
        Ok(self
            .0
            .query_row("SELECT epoch FROM relay", (), |row| row.get(0))?)
    }

    /// Where each main stream that has envelopes ends.
    pub(crate) fn heads(&self) -> Result<BTreeMap<Vec<u8>, Head>> {
        let mut all = self
            .0
            .prepare("SELECT calendar, rseq, hash FROM stream WHERE kind = 1 AND rseq > 0")?;
        let rows = all.query_map((), |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Every envelope.
    pub(crate) fn envelopes(&self) -> Result<Vec<Stored>> {
        let mut all = self.0.prepare(
            "SELECT s.calendar, e.rseq, a.device, a.incarnation, e.kind, e.first_seq, e.hash,
                    e.bytes
             FROM envelope e JOIN stream s ON s.id = e.stream JOIN author a ON a.id = e.author
             ORDER BY s.calendar, e.rseq",
        )?;
        let rows = all.query_map((), |row| {
            Ok(Stored {
                calendar: row.get(0)?,
                rseq: row.get(1)?,
                device: row.get(2)?,
                incarnation: row.get(3)?,
                kind: row.get(4)?,
                first_seq: row.get(5)?,
                hash: row.get(6)?,
                bytes: row.get(7)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Loses the newest envelopes of every stream, as a disk does that lied about them. The relay
    /// must not run.
    pub(crate) fn lose_tail(&self, envelopes: u64) -> Result<()> {
        self.0.execute(
            "DELETE FROM envelope WHERE rseq > (
                SELECT max(0, s.rseq - ?1) FROM stream s WHERE s.id = envelope.stream)",
            [envelopes],
        )?;
        self.0.execute_batch(
            "UPDATE stream SET
                rseq = coalesce((SELECT max(rseq) FROM envelope WHERE stream = stream.id), 0),
                hash = coalesce((SELECT e.hash FROM envelope e WHERE e.stream = stream.id
                                 ORDER BY e.rseq DESC LIMIT 1), zeroblob(32));",
        )?;
        Ok(())
    }
}
