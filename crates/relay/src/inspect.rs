//! Everything that a relay stores, for a person to see that there is nothing to read in it.

mod text;

use std::path::Path;

use almanac_protocol::envelope::{ENVELOPE_HEADER_BYTES, EnvelopeHeader};
use almanac_protocol::membership::Link;
use almanac_protocol::signed::Signed;
use rusqlite::{Connection, Row};
use serde::Serialize;

use crate::database::{self, DatabaseError};
use crate::relay::database_path;

/// Bytes of sealed content that are shown.
const SHOWN_BYTES: usize = 24;

/// Everything that a relay stores. Ids and hashes in hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Inventory {
    /// This life of the database.
    pub relay_epoch: String,
    /// Accounts, with their devices.
    pub accounts: Vec<Account>,
    /// Calendars, with their members.
    pub calendars: Vec<Calendar>,
    /// Membership logs.
    pub logs: Vec<Log>,
    /// Streams, with their envelopes.
    pub streams: Vec<Stream>,
    /// Sealed keys.
    pub boxes: Vec<KeyBox>,
    /// Invites.
    pub invites: Vec<Invite>,
    /// Who asks to be admitted to calendars.
    pub acceptances: Vec<Acceptance>,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Account {
    /// Its id.
    pub account: String,
    /// Bytes it stores.
    pub used_bytes: i64,
    /// When it registered, in milliseconds since 1970.
    pub created_ms: i64,
    /// Ids of its devices.
    pub devices: Vec<String>,
    /// Ids of devices that were revoked.
    pub former_devices: Vec<String>,
    /// Bytes of its second factor, by which codes are checked; 0 where there is none.
    pub second_factor_bytes: i64,
    /// Of a guest: the key of its own relay, on whose word its log is taken.
    pub home_key: Option<String>,
    /// A recovery kit that has proven its key: its id, and when it did, in milliseconds since 1970.
    pub recovering: Option<(String, i64)>,
}

/// A calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Calendar {
    /// Its id.
    pub calendar: String,
    /// Account that created it.
    pub owner: String,
    /// 1 calendar, 2 an account's private one.
    pub purpose: i64,
    /// Epoch in force.
    pub epoch: i64,
    /// Ids of the members' accounts, each with its role's number.
    pub members: Vec<(String, i64)>,
}

/// A membership log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Log {
    /// Its id.
    pub log: String,
    /// What its links do, first one first.
    pub links: Vec<LogLink>,
}

/// A link of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogLink {
    /// Its number.
    pub seq: i64,
    /// What it does.
    pub link_type: String,
    /// Its hash.
    pub hash: String,
    /// Its size.
    pub bytes: usize,
}

/// A stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stream {
    /// The calendar.
    pub calendar: String,
    /// 1 main, 2 free/busy.
    pub kind: i64,
    /// Number of the newest envelope.
    pub rseq: i64,
    /// Running hash after it.
    pub hash: String,
    /// Envelopes up to this number were dropped because a pack covers them.
    pub dropped_to: i64,
    /// The envelopes.
    pub envelopes: Vec<Envelope>,
    /// The packs, newest first.
    pub packs: Vec<Pack>,
}

/// A pack: all that is said of it; its chunks are sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pack {
    /// Its name.
    pub name: String,
    /// Number of the last envelope it covers.
    pub rseq: i64,
    /// Device that made it.
    pub device: String,
    /// When it was confirmed, in milliseconds since 1970; 0 while it is not.
    pub confirmed_ms: i64,
    /// Bytes of its manifest; none once a newer pack took its place.
    pub manifest_bytes: i64,
}

/// An envelope: all that its header says, and the beginning of what is sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Envelope {
    /// Its number.
    pub rseq: i64,
    /// When it came, in milliseconds since 1970.
    pub arrived_ms: i64,
    /// 1 own frames, 2 free/busy, 3 carried.
    pub kind: u8,
    /// Epoch under which it is sealed.
    pub epoch: u32,
    /// Device that sealed it.
    pub device: String,
    /// The device's incarnation.
    pub incarnation: String,
    /// Number of the first frame inside.
    pub first_seq: u64,
    /// Its size.
    pub bytes: usize,
    /// First bytes of the sealed part.
    pub sealed_start: String,
}

/// A sealed key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyBox {
    /// The log beside which it lies.
    pub log: String,
    /// Epoch or key generation.
    pub generation: i64,
    /// Account or device that can open it.
    pub recipient: String,
    /// Account that stored it.
    pub supplier: String,
    /// Its size.
    pub bytes: usize,
    /// Its last bytes, which are sealed.
    pub sealed_end: String,
}

/// An invite, of which only the hash is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Invite {
    /// Hash of the code.
    pub hash: String,
    /// Whether an account was created with it.
    pub is_used: bool,
}

/// A request to be admitted to a calendar; how its account is called is sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Acceptance {
    /// The calendar.
    pub calendar: String,
    /// Account that asks.
    pub account: String,
    /// When it came, in milliseconds since 1970.
    pub arrived_ms: i64,
    /// Its last bytes, which are sealed.
    pub sealed_end: String,
}

/// Reads everything that the relay of a data folder stores; it may run meanwhile.
pub fn inspect(data_dir: &Path) -> Result<Inventory, DatabaseError> {
    let connection = database::open_reader(&database_path(data_dir))?;
    // One snapshot for all tables.
    let snapshot = connection.unchecked_transaction()?;
    let inventory = Inventory {
        relay_epoch: database::identity::read(&snapshot)?.epoch.to_string(),
        accounts: accounts(&snapshot)?,
        calendars: calendars(&snapshot)?,
        logs: logs(&snapshot)?,
        streams: streams(&snapshot)?,
        boxes: boxes(&snapshot)?,
        invites: invites(&snapshot)?,
        acceptances: acceptances(&snapshot)?,
    };
    Ok(inventory)
}

fn accounts(connection: &Connection) -> rusqlite::Result<Vec<Account>> {
    let mut devices =
        connection.prepare("SELECT device FROM device WHERE account = ?1 ORDER BY device")?;
    let mut former = connection
        .prepare("SELECT device FROM former_device WHERE account = ?1 ORDER BY device")?;
    let mut holds =
        connection.prepare("SELECT device, begun_ms FROM recovery_hold WHERE account = ?1")?;
    let mut statement = connection.prepare(
        "SELECT account, used_bytes, created_ms, coalesce(length(record), 0), home_key
         FROM account LEFT JOIN second_factor USING (account)
         LEFT JOIN guest USING (account) ORDER BY created_ms",
    )?;
    let mut rows = statement.query(())?;
    let mut accounts = Vec::new();
    let id_of = |row: &Row<'_>| Ok(hex(&row.get::<_, Vec<u8>>(0)?));
    while let Some(row) = rows.next()? {
        let id: Vec<u8> = row.get(0)?;
        let devices = devices.query_map([&id], id_of)?;
        let former = former.query_map([&id], id_of)?;
        let mut holds = holds.query_map([&id], |row| Ok((id_of(row)?, row.get(1)?)))?;
        accounts.push(Account {
            account: hex(&id),
            used_bytes: row.get(1)?,
            created_ms: row.get(2)?,
            devices: devices.collect::<Result<_, _>>()?,
            former_devices: former.collect::<Result<_, _>>()?,
            second_factor_bytes: row.get(3)?,
            home_key: row.get::<_, Option<Vec<u8>>>(4)?.map(|key| hex(&key)),
            recovering: holds.next().transpose()?,
        });
    }
    Ok(accounts)
}

fn calendars(connection: &Connection) -> rusqlite::Result<Vec<Calendar>> {
    let mut members = connection
        .prepare("SELECT account, role FROM member WHERE calendar = ?1 ORDER BY account")?;
    let mut statement = connection
        .prepare("SELECT calendar, owner, purpose, epoch FROM calendar ORDER BY calendar")?;
    let mut rows = statement.query(())?;
    let mut calendars = Vec::new();
    while let Some(row) = rows.next()? {
        let id: Vec<u8> = row.get(0)?;
        let members = members.query_map([&id], |row| {
            Ok((hex(&row.get::<_, Vec<u8>>(0)?), row.get(1)?))
        })?;
        calendars.push(Calendar {
            calendar: hex(&id),
            owner: hex(&row.get::<_, Vec<u8>>(1)?),
            purpose: row.get(2)?,
            epoch: row.get(3)?,
            members: members.collect::<Result<_, _>>()?,
        });
    }
    Ok(calendars)
}

fn logs(connection: &Connection) -> rusqlite::Result<Vec<Log>> {
    let mut statement =
        connection.prepare("SELECT log, seq, hash, bytes FROM link ORDER BY kind, log, seq")?;
    let mut rows = statement.query(())?;
    let mut logs: Vec<Log> = Vec::new();
    while let Some(row) = rows.next()? {
        let log = hex(&row.get::<_, Vec<u8>>(0)?);
        let bytes: Vec<u8> = row.get(3)?;
        let link = LogLink {
            seq: row.get(1)?,
            link_type: link_type(&bytes),
            hash: hex(&row.get::<_, Vec<u8>>(2)?),
            bytes: bytes.len(),
        };
        match logs.last_mut().filter(|last| last.log == log) {
            Some(last) => last.links.push(link),
            None => logs.push(Log {
                log,
                links: vec![link],
            }),
        }
    }
    Ok(logs)
}

fn link_type(bytes: &[u8]) -> String {
    match Signed::<Link>::parse(bytes) {
        Ok(link) => format!("{:?}", link.link_type()),
        Err(error) => format!("unreadable: {error}"),
    }
}

fn streams(connection: &Connection) -> rusqlite::Result<Vec<Stream>> {
    let mut envelopes = connection
        .prepare("SELECT rseq, arrived_ms, bytes FROM envelope WHERE stream = ?1 ORDER BY rseq")?;
    let mut packs = connection.prepare(
        "SELECT name, rseq, device, confirmed_ms, length(manifest) FROM pack
         WHERE stream = ?1 ORDER BY rseq DESC, id DESC",
    )?;
    let mut statement = connection.prepare(
        "SELECT id, calendar, kind, rseq, hash, dropped_to FROM stream ORDER BY calendar, kind",
    )?;
    let mut rows = statement.query(())?;
    let mut streams = Vec::new();
    while let Some(row) = rows.next()? {
        let found = envelopes.query_map([row.get::<_, i64>(0)?], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get::<_, Vec<u8>>(2)?))
        })?;
        let mut shown = Vec::new();
        for found in found {
            let (rseq, arrived_ms, bytes) = found?;
            shown.extend(envelope(rseq, arrived_ms, &bytes));
        }
        streams.push(Stream {
            calendar: hex(&row.get::<_, Vec<u8>>(1)?),
            kind: row.get(2)?,
            rseq: row.get(3)?,
            hash: hex(&row.get::<_, Vec<u8>>(4)?),
            dropped_to: row.get(5)?,
            envelopes: shown,
            packs: packs
                .query_map([row.get::<_, i64>(0)?], pack)?
                .collect::<Result<_, _>>()?,
        });
    }
    Ok(streams)
}

fn pack(row: &Row<'_>) -> rusqlite::Result<Pack> {
    Ok(Pack {
        name: hex(&row.get::<_, Vec<u8>>(0)?),
        rseq: row.get(1)?,
        device: hex(&row.get::<_, Vec<u8>>(2)?),
        confirmed_ms: row.get(3)?,
        manifest_bytes: row.get(4)?,
    })
}

fn envelope(rseq: i64, arrived_ms: i64, bytes: &[u8]) -> Option<Envelope> {
    // What is no envelope was never stored, or was dropped because a pack covers it.
    let (header, _) = EnvelopeHeader::parse(bytes).ok()?;
    let address = header.address;
    let sealed = bytes.get(ENVELOPE_HEADER_BYTES..).unwrap_or_default();
    Some(Envelope {
        rseq,
        arrived_ms,
        kind: address.kind.number(),
        epoch: address.epoch,
        device: address.device.to_string(),
        incarnation: address.incarnation.to_string(),
        first_seq: address.first_seq,
        bytes: bytes.len(),
        sealed_start: hex(sealed.get(..SHOWN_BYTES).unwrap_or(sealed)),
    })
}

fn boxes(connection: &Connection) -> rusqlite::Result<Vec<KeyBox>> {
    let mut statement = connection.prepare(
        "SELECT log, generation, recipient, supplier, record FROM box
         ORDER BY log, generation, recipient, supplier",
    )?;
    let rows = statement.query_map((), |row| {
        let record: Vec<u8> = row.get(4)?;
        let sealed = record.len().saturating_sub(SHOWN_BYTES);
        Ok(KeyBox {
            log: hex(&row.get::<_, Vec<u8>>(0)?),
            generation: row.get(1)?,
            recipient: hex(&row.get::<_, Vec<u8>>(2)?),
            supplier: hex(&row.get::<_, Vec<u8>>(3)?),
            bytes: record.len(),
            sealed_end: hex(record.get(sealed..).unwrap_or_default()),
        })
    })?;
    rows.collect()
}

fn acceptances(connection: &Connection) -> rusqlite::Result<Vec<Acceptance>> {
    let mut statement = connection.prepare(
        "SELECT calendar, account, arrived_ms, record FROM acceptance
         ORDER BY calendar, arrived_ms, account",
    )?;
    let rows = statement.query_map((), |row| {
        let record: Vec<u8> = row.get(3)?;
        let sealed = record.len().saturating_sub(SHOWN_BYTES);
        Ok(Acceptance {
            calendar: hex(&row.get::<_, Vec<u8>>(0)?),
            account: hex(&row.get::<_, Vec<u8>>(1)?),
            arrived_ms: row.get(2)?,
            sealed_end: hex(record.get(sealed..).unwrap_or_default()),
        })
    })?;
    rows.collect()
}

fn invites(connection: &Connection) -> rusqlite::Result<Vec<Invite>> {
    let mut statement =
        connection.prepare("SELECT hash, used_ms > 0 FROM invite ORDER BY created_ms, hash")?;
    let rows = statement.query_map((), |row| {
        Ok(Invite {
            hash: hex(&row.get::<_, Vec<u8>>(0)?),
            is_used: row.get(1)?,
        })
    })?;
    rows.collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
            for digit in [byte >> 4, byte & 0xF] {
                text.extend(char::from_digit(u32::from(digit), 16));
            }
            text
        })
}
