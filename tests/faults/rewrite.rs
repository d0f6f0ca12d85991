//! A relay's database, rewritten: envelopes left out or in another order, numbered and hashed as if
//! nothing had happened.

use std::path::Path;

use almanac_protocol::ids::StreamHash;
use almanac_protocol::relay_chain;
use rusqlite::{Connection, params};

/// One envelope of a stream.
#[derive(Clone)]
pub(crate) struct Stored {
    author: i64,
    /// The device that sealed it, hexadecimal.
    pub(crate) device: String,
    kind: i64,
    first_seq: i64,
    pub(crate) bytes: Vec<u8>,
}

/// Rewrites every stream: `edit` is given its envelopes in order.
pub(crate) fn streams(database: &Path, mut edit: impl FnMut(&mut Vec<Stored>)) {
    let db = Connection::open(database).unwrap();
    let ids: Vec<i64> = db
        .prepare("SELECT id FROM stream ORDER BY id")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    for id in ids {
        let mut envelopes = read(&db, id);
        edit(&mut envelopes);
        write(&db, id, &envelopes);
    }
}

/// Keeps back the newest link of every account's log.
pub(crate) fn without_newest_device(database: &Path) {
    let db = Connection::open(database).unwrap();
    let newest = "DELETE FROM link WHERE kind = 1 AND seq =
                  (SELECT max(seq) FROM link AS other WHERE other.log = link.log)";
    assert!(db.execute(newest, []).unwrap() > 0);
}

/// How many envelopes the relay has.
pub(crate) fn count(database: &Path) -> i64 {
    let db = Connection::open(database).unwrap();
    db.query_row("SELECT count(*) FROM envelope", [], |row| row.get(0))
        .unwrap()
}

fn read(db: &Connection, stream: i64) -> Vec<Stored> {
    let mut statement = db
        .prepare(
            "SELECT author, lower(hex(device)), kind, first_seq, bytes FROM envelope
             JOIN author ON author.id = envelope.author WHERE stream = ?1 ORDER BY rseq",
        )
        .unwrap();
    let rows = statement.query_map([stream], |row| {
        Ok(Stored {
            author: row.get(0)?,
            device: row.get(1)?,
            kind: row.get(2)?,
            first_seq: row.get(3)?,
            bytes: row.get(4)?,
        })
    });
    rows.unwrap().map(Result::unwrap).collect()
}

fn write(db: &Connection, stream: i64, envelopes: &[Stored]) {
    db.execute("DELETE FROM envelope WHERE stream = ?1", [stream])
        .unwrap();
    let mut hash = StreamHash::from_bytes([0; 32]);
    for (rseq, one) in (1_i64..).zip(envelopes) {
        hash = relay_chain::next(&hash, &one.bytes);
        db.execute(
            "INSERT INTO envelope (stream, rseq, author, kind, first_seq, arrived_ms, hash, bytes)
             VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7)",
            params![
                stream,
                rseq,
                one.author,
                one.kind,
                one.first_seq,
                hash.as_bytes(),
                one.bytes
            ],
        )
        .unwrap();
    }
    db.execute(
        "UPDATE stream SET rseq = ?2, hash = ?3 WHERE id = ?1",
        params![
            stream,
            i64::try_from(envelopes.len()).unwrap(),
            hash.as_bytes()
        ],
    )
    .unwrap();
}
