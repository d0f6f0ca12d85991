//! Free/busy frames: when a calendar's people are busy, and nothing else.
//!
//! The body of a [`FrameType::FreeBusy`] frame lists days. Each is computed anew as a whole, by
//! whichever writer changed it, so of a day the highest version counts. Times are in UTC and rounded
//! outward to quarters of an hour; what touches or overlaps is merged. There is one form for one
//! day, and no id of an event in it.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::codec::{CodecError, Reader, Writer};
use crate::frame::{Frame, FrameType};
use crate::ids::DeviceId;
use crate::limits::FRAME_BODY_BYTES_MAX;

/// Minutes to which times are rounded.
pub const FREE_BUSY_STEP_MINUTES: u16 = 15;
const DAY_MINUTES: u16 = 24 * 60;

/// Why a body is no list of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FreeBusyError {
    /// A field is cut off, or bytes follow the last.
    #[error("the list of days has another length: {0}")]
    Length(#[from] CodecError),
    /// More than a frame holds.
    #[error("the list of days has {0} bytes")]
    TooLarge(usize),
    /// The frame is no list of days.
    #[error("the frame is no list of days")]
    NoFreeBusy,
    /// A byte that is no state.
    #[error("state {0}")]
    State(u8),
    /// Days or spans out of order, not rounded, empty or not merged.
    #[error("the days are not in their one form")]
    Form,
}

/// How busy someone is. A higher state hides a lower one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BusyState {
    /// Perhaps.
    Tentative,
    /// Busy.
    Busy,
    /// Not there at all.
    Away,
}

impl BusyState {
    /// The byte in the frame.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Busy => 1,
            Self::Tentative => 2,
            Self::Away => 3,
        }
    }

    /// The state that a byte says.
    pub const fn from_number(number: u8) -> Result<Self, FreeBusyError> {
        match number {
            1 => Ok(Self::Busy),
            2 => Ok(Self::Tentative),
            3 => Ok(Self::Away),
            other => Err(FreeBusyError::State(other)),
        }
    }
}

/// A span of a day, in minutes from its beginning, the end excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BusySpan {
    /// First minute.
    pub start: u16,
    /// The minute after the last, at most 1440.
    pub end: u16,
    /// How busy.
    pub state: BusyState,
}

/// A day as one device computed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusyDay {
    /// Days since 1970-01-01, UTC.
    pub day: i32,
    /// The highest counts: one more than the highest its author has seen of this day.
    pub version: u64,
    /// When someone is busy, in order; none is a free day.
    pub spans: Vec<BusySpan>,
}

impl BusyDay {
    /// The one form of a day on which these spans are busy: rounded outward, the highest state
    /// where they overlap, merged where they touch.
    #[must_use]
    pub fn new(day: i32, version: u64, spans: &[BusySpan]) -> Self {
        let mut slots = [None; (DAY_MINUTES / FREE_BUSY_STEP_MINUTES) as usize];
        for span in spans {
            let first = usize::from(span.start / FREE_BUSY_STEP_MINUTES);
            let end = usize::from(span.end.min(DAY_MINUTES).div_ceil(FREE_BUSY_STEP_MINUTES));
            for slot in slots.iter_mut().take(end).skip(first) {
                *slot = (*slot).max(Some(span.state));
            }
        }
        let mut merged: Vec<BusySpan> = Vec::new();
        for (place, state) in (0_u16..).zip(slots) {
            let Some(state) = state else { continue };
            let start = place * FREE_BUSY_STEP_MINUTES;
            let end = start + FREE_BUSY_STEP_MINUTES;
            match merged.last_mut() {
                Some(last) if last.end == start && last.state == state => last.end = end,
                Some(_) | None => merged.push(BusySpan { start, end, state }),
            }
        }
        Self {
            day,
            version,
            spans: merged,
        }
    }
}

/// The body of a frame with these days, ascending and each in its one form.
pub fn free_busy_body(days: &[BusyDay]) -> Result<Vec<u8>, FreeBusyError> {
    check(days)?;
    let count = u16::try_from(days.len()).map_err(|_| FreeBusyError::TooLarge(days.len()))?;
    let mut writer = Writer::default().u16(count);
    for day in days {
        let spans = u8::try_from(day.spans.len()).map_err(|_| FreeBusyError::Form)?;
        let [a, b, c, d] = day.day.to_be_bytes();
        writer = writer.bytes(&[a, b, c, d]).u64(day.version).u8(spans);
        for span in &day.spans {
            writer = writer.u16(span.start).u16(span.end).u8(span.state.number());
        }
    }
    let body = writer.finish();
    if body.len() > FRAME_BODY_BYTES_MAX {
        return Err(FreeBusyError::TooLarge(body.len()));
    }
    Ok(body)
}

impl Frame {
    /// The days it lists.
    pub fn free_busy(&self) -> Result<Vec<BusyDay>, FreeBusyError> {
        if self.frame_type != FrameType::FreeBusy {
            return Err(FreeBusyError::NoFreeBusy);
        }
        parse(&self.body)
    }
}

/// Of every day the one that counts: the highest version, then the highest device. The order of
/// what comes does not matter.
#[must_use]
pub fn busy_days(
    listed: impl IntoIterator<Item = (DeviceId, BusyDay)>,
) -> BTreeMap<i32, (DeviceId, BusyDay)> {
    let mut days: BTreeMap<i32, (DeviceId, BusyDay)> = BTreeMap::new();
    for (device, day) in listed {
        let rank = (day.version, device);
        let known = days
            .get(&day.day)
            .map(|(device, day)| (day.version, *device));
        if known.is_none_or(|known| rank > known) {
            days.insert(day.day, (device, day));
        }
    }
    days
}

fn parse(body: &[u8]) -> Result<Vec<BusyDay>, FreeBusyError> {
    let mut reader = Reader::new(body);
    let count = usize::from(reader.u16()?);
    let mut days = Vec::new();
    for _ in 0..count {
        let day = i32::from_be_bytes(reader.array()?);
        let version = reader.u64()?;
        let spans = usize::from(reader.u8()?);
        let mut read = Vec::new();
        for _ in 0..spans {
            read.push(BusySpan {
                start: reader.u16()?,
                end: reader.u16()?,
                state: BusyState::from_number(reader.u8()?)?,
            });
        }
        days.push(BusyDay {
            day,
            version,
            spans: read,
        });
    }
    reader.end()?;
    check(&days)?;
    Ok(days)
}

/// Days ascend, and each is what [`BusyDay::new`] makes of it.
fn check(days: &[BusyDay]) -> Result<(), FreeBusyError> {
    let ascends = days
        .iter()
        .zip(days.iter().skip(1))
        .all(|(one, next)| one.day < next.day);
    let is_formed = |day: &BusyDay| {
        let is_span = |span: &BusySpan| span.start < span.end && span.end <= DAY_MINUTES;
        day.spans.iter().all(is_span) && BusyDay::new(day.day, day.version, &day.spans) == *day
    };
    if ascends && days.iter().all(is_formed) {
        Ok(())
    } else {
        Err(FreeBusyError::Form)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::testing::frame;
    use crate::ids::FrameHash;

    fn span(start: u16, end: u16, state: BusyState) -> BusySpan {
        BusySpan { start, end, state }
    }

    fn in_frame(body: Vec<u8>) -> Frame {
        Frame {
            frame_type: FrameType::FreeBusy,
            body,
            ..frame(1, FrameHash::from_bytes([0; 32]))
        }
    }

    #[test]
    fn times_are_rounded_outward_and_merged() {
        let day = BusyDay::new(
            20_000,
            1,
            &[
                span(9 * 60 + 5, 9 * 60 + 50, BusyState::Busy),
                span(10 * 60, 11 * 60, BusyState::Busy),
                span(10 * 60 + 30, 10 * 60 + 31, BusyState::Away),
                span(10 * 60 + 30, 12 * 60, BusyState::Tentative),
                span(1_439, 2_000, BusyState::Busy),
            ],
        );
        let expected = [
            span(540, 630, BusyState::Busy),
            span(630, 645, BusyState::Away),
            span(645, 660, BusyState::Busy),
            span(660, 720, BusyState::Tentative),
            span(1_425, 1_440, BusyState::Busy),
        ];
        assert_eq!(day.spans, expected);
    }

    #[test]
    fn days_survive_their_body() {
        let busy = [span(0, 1_440, BusyState::Away)];
        let days = [BusyDay::new(-3, 9, &[]), BusyDay::new(20_000, 1, &busy)];
        let body = free_busy_body(&days).unwrap();
        assert_eq!(body.len(), 2 + 2 * 13 + 5);
        assert_eq!(in_frame(body.clone()).free_busy(), Ok(days.to_vec()));
        for end in 0..body.len() {
            assert!(in_frame(body[..end].to_vec()).free_busy().is_err(), "{end}");
        }
        assert!(in_frame([&body[..], &[0]].concat()).free_busy().is_err());
        let mut other = in_frame(body);
        other.frame_type = FrameType::Changes;
        assert_eq!(other.free_busy(), Err(FreeBusyError::NoFreeBusy));
    }

    #[test]
    fn a_day_has_one_form() {
        let day = |spans: &[BusySpan]| {
            let day = BusyDay {
                day: 1,
                version: 1,
                spans: spans.to_vec(),
            };
            free_busy_body(&[day])
        };
        let busy = BusyState::Busy;
        let form = Err(FreeBusyError::Form);
        assert_eq!(day(&[span(5, 20, busy)]), form);
        assert_eq!(day(&[span(30, 30, busy)]), form);
        assert_eq!(day(&[span(30, 15, busy)]), form);
        assert_eq!(day(&[span(0, 1_455, busy)]), form);
        assert_eq!(day(&[span(0, 15, busy), span(15, 30, busy)]), form);
        assert_eq!(day(&[span(30, 45, busy), span(0, 15, busy)]), form);
        let twice = [BusyDay::new(1, 1, &[]), BusyDay::new(1, 2, &[])];
        assert_eq!(free_busy_body(&twice), form);
        let mut body = free_busy_body(&[BusyDay::new(1, 1, &[span(0, 15, busy)])]).unwrap();
        let last = body.len() - 1;
        body[last] = 4;
        assert_eq!(in_frame(body).free_busy(), Err(FreeBusyError::State(4)));
    }

    #[test]
    fn of_a_day_the_highest_version_counts_in_any_order() {
        let device = |byte| DeviceId::from_bytes([byte; 32]);
        let listed = [
            (device(1), BusyDay::new(1, 2, &[])),
            (device(2), BusyDay::new(1, 1, &[])),
            (
                device(3),
                BusyDay::new(1, 2, &[span(0, 15, BusyState::Busy)]),
            ),
            (device(1), BusyDay::new(2, 1, &[])),
        ];
        let expected = busy_days(listed.clone());
        assert_eq!(expected[&1].0, device(3));
        assert_eq!(expected.len(), 2);
        let mut turned = listed;
        turned.reverse();
        assert_eq!(busy_days(turned), expected);
    }
}
