//! What a relay has stored, read and rewritten by whoever runs it.

use almanac_protocol::envelope::EnvelopeHeader;
use almanac_protocol::ids::StreamHash;
use almanac_protocol::relay_chain;
use rusqlite::{Connection, params};

/// The bytes that an id's hexadecimal digits stand for.
pub(crate) fn id_bytes(hex: &str) -> [u8; 32] {
    let id: almanac_protocol::ids::CalendarId = hex.parse().unwrap();
    *id.as_bytes()
}

/// The envelopes of a calendar's main stream, after a number.
pub(crate) fn envelopes_after(db: &Connection, calendar: &[u8; 32], rseq: i64) -> Vec<Vec<u8>> {
    let after = "SELECT envelope.bytes FROM envelope JOIN stream ON stream.id = envelope.stream
                 WHERE stream.calendar = ?1 AND stream.kind = 1 AND envelope.rseq > ?2
                 ORDER BY envelope.rseq";
    let mut statement = db.prepare(after).unwrap();
    let rows = statement.query_map((calendar, rseq), |row| row.get(0));
    rows.unwrap().map(Result::unwrap).collect()
}

/// Number of the newest envelope of a calendar's main stream.
pub(crate) fn newest(db: &Connection, calendar: &[u8; 32]) -> i64 {
    let newest = "SELECT rseq FROM stream WHERE calendar = ?1 AND kind = 1";
    db.query_row(newest, [calendar], |row| row.get(0)).unwrap()
}

/// Takes envelopes out of a calendar's main stream, by their number from 0, and numbers the rest anew, as if
/// there had never been more.
pub(crate) fn thin(db: &Connection, calendar: &[u8; 32], mut is_kept: impl FnMut(usize) -> bool) {
    let all = "SELECT envelope.id, envelope.stream, envelope.bytes FROM envelope
               JOIN stream ON stream.id = envelope.stream
               WHERE stream.calendar = ?1 AND stream.kind = 1 ORDER BY envelope.rseq";
    let mut statement = db.prepare(all).unwrap();
    let rows = statement.query_map([calendar], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
    });
    let rows: Vec<(i64, i64, Vec<u8>)> = rows.unwrap().map(Result::unwrap).collect();
    let (mut rseq, mut hash) = (0_i64, StreamHash::from_bytes([0; 32]));
    for (at, (id, stream, bytes)) in rows.iter().enumerate() {
        if is_kept(at) {
            rseq += 1;
            hash = relay_chain::next(&hash, bytes);
            let moved = "UPDATE envelope SET rseq = ?2, hash = ?3 WHERE id = ?1";
            db.execute(moved, params![id, rseq, hash.as_bytes()])
                .unwrap();
        } else {
            db.execute("DELETE FROM envelope WHERE id = ?1", [id])
                .unwrap();
        }
        let ends = "UPDATE stream SET rseq = ?2, hash = ?3 WHERE id = ?1";
        db.execute(ends, params![stream, rseq, hash.as_bytes()])
            .unwrap();
    }
}

/// Appends an envelope to the stream of a calendar that it is of, as if its sender had been let in.
pub(crate) fn put_envelope(db: &Connection, calendar: &[u8; 32], bytes: &[u8]) {
    let (header, _) = EnvelopeHeader::parse(bytes).unwrap();
    let kind = header.address.stream().kind;
    put_envelope_into(db, (calendar, kind), bytes);
}

/// Appends an envelope to a stream of a calendar, wherever it belongs.
pub(crate) fn put_envelope_into(db: &Connection, (calendar, kind): (&[u8; 32], u8), bytes: &[u8]) {
    let (header, _) = EnvelopeHeader::parse(bytes).unwrap();
    let address = header.address;
    let (stream, rseq, hash): (i64, i64, Vec<u8>) = db
        .query_row(
            "SELECT id, rseq, hash FROM stream WHERE calendar = ?1 AND kind = ?2",
            (calendar, kind),
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .unwrap();
    db.execute(
        "INSERT OR IGNORE INTO author (device, incarnation) VALUES (?1, ?2)",
        params![address.device.as_bytes(), address.incarnation.as_bytes()],
    )
    .unwrap();
    let author: i64 = db
        .query_row(
            "SELECT id FROM author WHERE device = ?1 AND incarnation = ?2",
            params![address.device.as_bytes(), address.incarnation.as_bytes()],
            |row| row.get(0),
        )
        .unwrap();
    let before = StreamHash::from_slice(&hash).unwrap();
    let after = relay_chain::next(&before, bytes);
    db.execute(
        "INSERT INTO envelope (stream, rseq, author, kind, first_seq, arrived_ms, hash, bytes)
         VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7)",
        params![
            stream,
            rseq + 1,
            author,
            address.kind.number(),
            i64::try_from(address.first_seq).unwrap(),
            after.as_bytes(),
            bytes
        ],
    )
    .unwrap();
    db.execute(
        "UPDATE stream SET rseq = ?2, hash = ?3 WHERE id = ?1",
        params![stream, rseq + 1, after.as_bytes()],
    )
    .unwrap();
}
