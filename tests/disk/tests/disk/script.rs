//! A person's week in short: what the client is told while the disk records.
//!
//! Every step ends in an acknowledgement: a command that has returned, or a transaction of the store
//! that has. Among the steps are the moves of the database itself: closing, opening, bringing the WAL
//! into the file and beginning it again.

use almanac_client::{AddTask, Client, EditCalendar, EditEvent, ImportFile, RemoveEvent};
use almanac_disk::{Fault, Promise};
use almanac_protocol::ids::{
    CalendarId, ChangeHash, DeviceId, DocumentId, FrameHash, Incarnation, RelayEpoch, StreamHash,
};
use almanac_store::{ChangeRow, Cursor, FrameRow, OutboxPlace, Purpose, Sent, Store};

use crate::database::{FILE, connect, store_key};
use crate::profile::{Profile, event};
use crate::timeline::Timeline;

/// A week on a disk, and what was acknowledged when.
pub(crate) fn week(promise: Promise, lies: bool) -> (Profile, Timeline) {
    let (profile, client) = Profile::create(promise);
    if lies {
        profile.disk.fail(Fault::LyingSync);
    }
    let mut week = Timeline::begin(&profile.disk);
    let mut client = client;
    for round in 0..3 {
        plan(&client, &mut week, round);
        checkpoint(&profile, &mut week);
        receive(&profile, &mut week, round);
        change(&client, &mut week, round);
        drop(client);
        week.acknowledge("closed");
        client = profile.open().unwrap();
        week.acknowledge("opened");
    }
    drop(client);
    week.acknowledge("closed at the end");
    (profile, week)
}

fn plan(client: &Client, week: &mut Timeline, round: u8) {
    for number in 0..4 {
        let mut input = event(&format!("event {round}.{number}"), "2026-11-23T09:00");
        if number == 1 {
            input.notes = "A long note that reaches over several pages. ".repeat(200);
        }
        if number == 2 {
            input.rule = Some("FREQ=WEEKLY;COUNT=10".into());
        }
        client.create(input).unwrap();
        week.acknowledge("an event");
    }
    client.add_calendar(&format!("Club {round}"), None).unwrap();
    week.acknowledge("a calendar");
    let file = club(&format!("Club {round}"), round);
    assert_eq!(client.import(file).unwrap().imported, 12);
    week.acknowledge("an import");
}

/// A file of twelve matches for a calendar.
pub(crate) fn club(calendar: &str, round: u8) -> ImportFile {
    let events = (0..12).map(|number| {
        format!(
            "BEGIN:VEVENT\r\nUID:{round}-{number}@example.org\r\nDTSTAMP:20261101T000000Z\r\n\
             DTSTART:20261124T1{}0000Z\r\nSUMMARY:match {round}.{number}\r\nEND:VEVENT\r\n",
            number % 10
        )
    });
    let text = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n{}END:VCALENDAR\r\n",
        events.collect::<String>()
    );
    ImportFile {
        calendar: calendar.into(),
        name: "club.ics".into(),
        bytes: text.into_bytes(),
    }
}

fn change(client: &Client, week: &mut Timeline, round: u8) {
    let done = client
        .create(event(&format!("moved {round}"), "2026-11-25T11:00"))
        .unwrap();
    week.acknowledge("an event to change");
    let id = done.event.unwrap();
    let edit = EditEvent {
        event: id.clone(),
        title: Some(format!("renamed {round}")),
        notes: Some("moved to the other room".into()),
        ..EditEvent::default()
    };
    let done = client.edit(edit).unwrap();
    week.acknowledge("an edit");
    client.undo(done.undo.unwrap()).unwrap();
    week.acknowledge("an undo");
    let remove = RemoveEvent {
        event: id.clone(),
        ..RemoveEvent::default()
    };
    client.remove_part(&remove).unwrap();
    week.acknowledge("a removal");
    client.restore(&id).unwrap();
    week.acknowledge("a restoral");
    let task = AddTask {
        title: format!("water the plants {round}"),
        ..AddTask::default()
    };
    client.add_task(task).unwrap();
    week.acknowledge("a task");
    let edit = EditCalendar {
        calendar: format!("Club {round}"),
        name: Some(format!("Club of {round}")),
        ..EditCalendar::default()
    };
    client.edit_calendar(edit).unwrap();
    week.acknowledge("a calendar's name");
}

/// Brings the WAL into the database, so that the next write begins it again.
fn checkpoint(profile: &Profile, week: &mut Timeline) {
    let connection = connect(&profile.disk, &profile.key()).unwrap();
    let (busy, in_log, moved): (i64, i64, i64) = connection
        .query_row("PRAGMA wal_checkpoint(RESTART)", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .unwrap();
    assert_eq!((busy, in_log), (0, moved), "nobody is in the way");
    week.acknowledge("a checkpoint");
}

/// What comes from the relay, as the replica stores it: frames, changes and the cursor at once, then
/// an envelope of own frames. Done by another process on the same profile.
fn receive(profile: &Profile, week: &mut Timeline, round: u8) {
    let mut store = Store::open(&profile.disk.path(FILE), &store_key(&profile.key())).unwrap();
    for page in 0..3 {
        let first = u64::from(round) * 12 + page * 4 + 1;
        receive_page(&mut store, first).unwrap();
        week.acknowledge("a page of the relay");
    }
    seal(&mut store).unwrap();
    week.acknowledge("an envelope");
}

/// The author of what comes from the relay.
pub(crate) const OTHER: DeviceId = DeviceId::from_bytes([9; 32]);

/// Stores four frames of another device and the cursor behind them.
pub(crate) fn receive_page(store: &mut Store, first: u64) -> Result<(), almanac_store::StoreError> {
    store.write(|tx| {
        let calendar = calendar(&tx.calendars()?);
        for seq in first..first + 4 {
            let mark = u8::try_from(seq % 251).unwrap_or_default();
            tx.put_frame(&FrameRow {
                calendar,
                device: OTHER,
                incarnation: Incarnation::from_bytes([1; 8]),
                seq,
                hash: FrameHash::from_bytes([mark; 32]),
                bytes: vec![mark; 180],
                sent: Sent::AtRelay,
            })?;
            tx.put_change(&ChangeRow {
                calendar,
                document: DocumentId::from_bytes([mark; 16]),
                hash: ChangeHash::from_bytes([mark; 32]),
                bytes: vec![mark; 700],
            })?;
        }
        let cursor = Cursor {
            rseq: first + 3,
            hash: StreamHash::from_bytes([1; 32]),
            relay_epoch: Some(RelayEpoch::from_bytes([2; 16])),
        };
        tx.set_cursor(calendar, &cursor)
    })
}

/// Puts the frames that wait into envelopes, as happens before they are sent.
fn seal(store: &mut Store) -> Result<(), almanac_store::StoreError> {
    store.write(|tx| {
        for row in tx.calendars()? {
            let waiting = tx.waiting_frames(row.id)?;
            let (Some(first), Some(last)) = (waiting.first(), waiting.last()) else {
                continue;
            };
            let place = OutboxPlace {
                calendar: row.id,
                incarnation: first.incarnation,
                first_seq: first.seq,
                last_seq: last.seq,
            };
            tx.put_outbox(&place, &[0xEE; 1024])?;
            tx.mark_frames(
                row.id,
                first.incarnation,
                first.seq..=last.seq,
                Sent::Sealed,
            )?;
        }
        Ok(())
    })
}

fn calendar(rows: &[almanac_store::CalendarRow]) -> CalendarId {
    let shown = rows.iter().filter(|row| row.purpose == Purpose::Calendar);
    shown.map(|row| row.id).min().unwrap()
}
