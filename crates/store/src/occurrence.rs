//! Table `occurrence`: what happens once, in order of time, so that a month is one stretch of rows.
//!
//! A row lies in a lane by how far it reaches from its start: to find what touches a window, each
//! lane is read from as long before the window as its rows can reach. Whole days and floating
//! times are stored as if their wall clock were that of UTC; they are read with a day's margin, and
//! whoever asked decides by their own zone.

use almanac_protocol::ids::{CalendarId, DocumentId};
use rusqlite::{Row, params};

use crate::error::StoreError;
use crate::event::{EventRow, Window};
use crate::transaction::Transaction;

/// Seconds of a day.
const DAY_S: i64 = 86_400;
/// How far rows of the first lanes reach; those of the last reach any distance.
const REACH_S: [i64; 2] = [DAY_S, 32 * DAY_S];
/// The most a clock is away from UTC.
const CLOCK_S: i64 = DAY_S;

/// The clock on which something is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// Whole days, the same on every wall.
    Days,
    /// The wall clock of whoever looks.
    Floating,
    /// That of a zone.
    Zoned,
}

/// What views draw of an event that happens once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnceRow {
    /// The clock it is written down on.
    pub clock: Clock,
    /// Start: a Unix second, or of days and floating times the wall clock as if in UTC.
    pub start_s: i64,
    /// First second after, read the same way.
    pub end_s: i64,
    /// The wall clock of the start as it was written, as if in UTC.
    pub local_s: i64,
    /// Name of its zone; empty where there is none.
    pub zone: String,
    /// 0 confirmed, 1 tentative, 2 cancelled.
    pub status: u8,
    /// 0 takes the time it stands in, 1 does not.
    pub busy: u8,
    /// Its own colour; empty where there is none.
    pub color: String,
    /// Title.
    pub title: String,
    /// Place.
    pub place: String,
}

impl OnceRow {
    /// The lane of this row: days and floating times never lie in the first, which is read without
    /// a margin.
    pub(crate) const fn lane(&self) -> i64 {
        let [short, long] = REACH_S;
        let lasts = self.end_s - self.start_s;
        if matches!(self.clock, Clock::Zoned) && lasts <= short {
            0
        } else if lasts <= long {
            1
        } else {
            2
        }
    }
}

impl Transaction<'_> {
    pub(crate) fn put_once(
        &self,
        event: &EventRow,
        id: i64,
        row: &OnceRow,
    ) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "INSERT INTO occurrence (calendar, lane, start_s, event, document, end_s, local_s,
                 clock, zone, status, busy, color, title, place)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
            )?
            .execute(params![
                event.calendar.as_bytes().as_slice(),
                row.lane(),
                row.start_s,
                id,
                event.document.as_bytes().as_slice(),
                row.end_s,
                row.local_s,
                number(row.clock),
                row.zone,
                row.status,
                row.busy,
                row.color,
                row.title,
                row.place,
            ])?;
        Ok(())
    }

    pub(crate) fn remove_once(
        &self,
        calendar: CalendarId,
        lane: i64,
        start_s: i64,
        event: i64,
    ) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "DELETE FROM occurrence
                 WHERE calendar = ?1 AND lane = ?2 AND start_s = ?3 AND event = ?4",
            )?
            .execute(params![
                calendar.as_bytes().as_slice(),
                lane,
                start_s,
                event
            ])?;
        Ok(())
    }

    /// What happens once and may touch the window, in any zone.
    pub fn once_in(
        &self,
        calendar: CalendarId,
        window: Window,
    ) -> Result<Vec<(DocumentId, OnceRow)>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT document, start_s, end_s, local_s, clock, zone, status, busy, color, title,
             place FROM occurrence
             WHERE calendar = ?1 AND lane = ?2 AND start_s >= ?3 AND start_s < ?4 AND end_s >= ?5",
        )?;
        let mut found = Vec::new();
        let reaches = REACH_S.into_iter().map(Some).chain([None]);
        for (lane, reach_s) in (0_i64..).zip(reaches) {
            let margin_s = if lane == 0 { 0 } else { CLOCK_S };
            let from_s = window.from_s.saturating_sub(margin_s);
            let earliest_s = reach_s.map_or(i64::MIN, |reach_s| from_s.saturating_sub(reach_s));
            let key = params![
                calendar.as_bytes().as_slice(),
                lane,
                earliest_s,
                window.to_s.saturating_add(margin_s),
                from_s
            ];
            for row in statement.query_map(key, read)? {
                found.push(row?);
            }
        }
        Ok(found)
    }
}

const fn number(clock: Clock) -> i64 {
    match clock {
        Clock::Days => 0,
        Clock::Floating => 1,
        Clock::Zoned => 2,
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<(DocumentId, OnceRow)> {
    let clock: i64 = row.get(4)?;
    let once = OnceRow {
        clock: match clock {
            0 => Clock::Days,
            1 => Clock::Floating,
            _ => Clock::Zoned,
        },
        start_s: row.get(1)?,
        end_s: row.get(2)?,
        local_s: row.get(3)?,
        zone: row.get(5)?,
        status: row.get(6)?,
        busy: row.get(7)?,
        color: row.get(8)?,
        title: row.get(9)?,
        place: row.get(10)?,
    };
    Ok((DocumentId::from_bytes(row.get(0)?), once))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Shown;
    use crate::event::tests::row;
    use crate::transaction::tests::scratch;

    fn once(clock: Clock, start_s: i64, end_s: i64) -> OnceRow {
        OnceRow {
            clock,
            start_s,
            end_s,
            local_s: start_s,
            zone: String::new(),
            status: 0,
            busy: 0,
            color: String::new(),
            title: "Lunch".into(),
            place: String::new(),
        }
    }

    /// Whether a row is among those that may touch the days from the tenth up to the twelfth.
    fn check(clock: Clock, days: std::ops::Range<i64>, is_found: bool) {
        let (_folder, mut store) = scratch();
        let event = row(1);
        let shown = Shown::Once(once(clock, days.start * DAY_S, days.end * DAY_S));
        store.write(|tx| tx.put_event(&event, &shown)).unwrap();
        let window = Window {
            from_s: 10 * DAY_S,
            to_s: 12 * DAY_S,
        };
        let found = store.read(|tx| tx.once_in(event.calendar, window)).unwrap();
        assert_eq!(!found.is_empty(), is_found, "{clock:?} {days:?}");
    }

    #[test]
    fn what_may_touch_the_window_is_found_however_long_it_is() {
        for clock in [Clock::Zoned, Clock::Floating, Clock::Days] {
            check(clock, 10..11, true);
            check(clock, 1..11, true);
            check(clock, -100..11, true);
            check(clock, -100..1_000, true);
            check(clock, 14..15, false);
            check(clock, 7..8, false);
            check(clock, -100..5, false);
        }
        check(Clock::Days, 9..10, true);
        check(Clock::Floating, 12..13, true);
        check(Clock::Zoned, 12..13, false);
    }

    #[test]
    fn an_event_that_moves_leaves_nothing_behind() {
        let (_folder, mut store) = scratch();
        let (event, all) = (
            row(1),
            Window {
                from_s: -1_000_000,
                to_s: 1_000_000_000,
            },
        );
        let mut put = |shown: &Shown, trashed| {
            let event = EventRow {
                trashed,
                ..event.clone()
            };
            store
                .write(|tx| {
                    tx.put_event(&event, shown)?;
                    tx.once_in(event.calendar, all)
                })
                .unwrap()
        };
        let (here, there) = (
            once(Clock::Zoned, 0, 60),
            once(Clock::Days, DAY_S, 9 * DAY_S),
        );
        let found = |rows: Vec<(DocumentId, OnceRow)>| -> Vec<OnceRow> {
            rows.into_iter().map(|(_, row)| row).collect()
        };
        let mut check = |row: &OnceRow| {
            let rows = found(put(&Shown::Once(row.clone()), false));
            assert_eq!(rows, std::slice::from_ref(row));
        };
        check(&here);
        check(&there);
        assert_eq!(found(put(&Shown::Once(there), true)), []);
        assert_eq!(found(put(&Shown::Once(here.clone()), false)), [here]);
        assert_eq!(found(put(&Shown::Computed, false)), []);
    }
}
