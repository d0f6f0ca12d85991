//! The items of a backup's content and their bytes: `kind 1 ‖ length 4 ‖ body`.

use super::{ContentError, ITEM_BYTES_MAX};
use crate::codec::{Reader, Writer};
use crate::ids::{AccountId, CalendarId, DeviceId, LogId};

const VERSION: u8 = 1;
/// Bytes before the body of an item.
pub(super) const HEADER_BYTES: usize = 5;

/// Whose backup it is, and where it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// The account.
    pub account: AccountId,
    /// The device that made it. None of its keys are in the backup.
    pub device: DeviceId,
    /// The account's private calendar.
    pub private: CalendarId,
    /// When it was made, ms since 1970: shown to people, never decided upon.
    pub made_ms: u64,
    /// What its person calls the device.
    pub device_name: String,
    /// The relay it used; empty where it used none.
    pub relay: String,
}

/// What stands between a calendar and its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Frames, those that contradict others among them.
    pub frames: u64,
    /// Changes, as often as they stand there.
    pub changes: u64,
    /// What the calendar holds, as [`StateDigest`](super::StateDigest) says it.
    pub digest: [u8; 32],
}

/// One item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// The first one.
    Start(Start),
    /// The next link of a log, from its genesis on. Logs of accounts come before those of calendars.
    Link {
        /// The log.
        log: LogId,
        /// The signed link.
        bytes: Vec<u8>,
    },
    /// A sealed key: of the account for its recovery kit, or of a calendar for the account.
    Box {
        /// The log it belongs to.
        log: LogId,
        /// The record.
        record: Vec<u8>,
    },
    /// What follows is of this calendar.
    Calendar(CalendarId),
    /// A signed frame.
    Frame {
        /// How many changes follow: all that it lists, or none where they are not here.
        changes: u16,
        /// The signed frame.
        bytes: Vec<u8>,
    },
    /// The next change that the frame before lists.
    Change(Vec<u8>),
    /// Nothing more of the calendar.
    CalendarEnd(Tally),
    /// The last item.
    End {
        /// How many items stand before it.
        items: u64,
    },
}

impl Item {
    pub(super) const fn kind(&self) -> u8 {
        match self {
            Self::Start(_) => 1,
            Self::Link { .. } => 2,
            Self::Box { .. } => 3,
            Self::Calendar(_) => 4,
            Self::Frame { .. } => 5,
            Self::Change(_) => 6,
            Self::CalendarEnd(_) => 7,
            Self::End { .. } => 8,
        }
    }

    /// Appends the item's bytes; refused where nobody could read it.
    pub fn write(&self, out: &mut Vec<u8>) -> Result<(), ContentError> {
        let body = self.body()?;
        let length = u32::try_from(body.len()).map_err(|_| ContentError::TooLarge(body.len()))?;
        if body.len() > ITEM_BYTES_MAX {
            return Err(ContentError::TooLarge(body.len()));
        }
        out.push(self.kind());
        out.extend(length.to_be_bytes());
        out.extend(body);
        Ok(())
    }

    fn body(&self) -> Result<Vec<u8>, ContentError> {
        let writer = Writer::default();
        Ok(match self {
            Self::Start(start) => start.write(writer)?,
            Self::Link { log, bytes } => writer.bytes(log.as_bytes()).bytes(bytes),
            Self::Box { log, record } => writer.bytes(log.as_bytes()).bytes(record),
            Self::Calendar(calendar) => writer.bytes(calendar.as_bytes()),
            Self::Frame { changes, bytes } => writer.u16(*changes).bytes(bytes),
            Self::Change(bytes) => writer.bytes(bytes),
            Self::CalendarEnd(tally) => writer
                .u64(tally.frames)
                .u64(tally.changes)
                .bytes(&tally.digest),
            Self::End { items } => writer.u64(*items),
        }
        .finish())
    }

    pub(super) fn parse(kind: u8, body: &[u8]) -> Result<Self, ContentError> {
        let mut reader = Reader::new(body);
        let rest = |reader: &mut Reader<'_>| {
            let left = reader.left();
            reader.bytes(left).map(<[u8]>::to_vec)
        };
        let item = match kind {
            1 => Self::Start(Start::read(&mut reader)?),
            2 => Self::Link {
                log: LogId::from_bytes(reader.array()?),
                bytes: rest(&mut reader)?,
            },
            3 => Self::Box {
                log: LogId::from_bytes(reader.array()?),
                record: rest(&mut reader)?,
            },
            4 => Self::Calendar(CalendarId::from_bytes(reader.array()?)),
            5 => Self::Frame {
                changes: reader.u16()?,
                bytes: rest(&mut reader)?,
            },
            6 => Self::Change(rest(&mut reader)?),
            7 => Self::CalendarEnd(Tally {
                frames: reader.u64()?,
                changes: reader.u64()?,
                digest: reader.array()?,
            }),
            8 => Self::End {
                items: reader.u64()?,
            },
            other => return Err(ContentError::Kind(other)),
        };
        reader.end()?;
        Ok(item)
    }
}

impl Start {
    fn write(&self, writer: Writer) -> Result<Writer, ContentError> {
        let mut writer = writer
            .u8(VERSION)
            .bytes(self.account.as_bytes())
            .bytes(self.device.as_bytes())
            .bytes(self.private.as_bytes())
            .u64(self.made_ms);
        for text in [&self.device_name, &self.relay] {
            let length =
                u16::try_from(text.len()).map_err(|_| ContentError::TooLarge(text.len()))?;
            writer = writer.u16(length).bytes(text.as_bytes());
        }
        Ok(writer)
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, ContentError> {
        let version = reader.u8()?;
        if version != VERSION {
            return Err(ContentError::Version(version));
        }
        Ok(Self {
            account: AccountId::from_bytes(reader.array()?),
            device: DeviceId::from_bytes(reader.array()?),
            private: CalendarId::from_bytes(reader.array()?),
            made_ms: reader.u64()?,
            device_name: text(reader)?,
            relay: text(reader)?,
        })
    }
}

fn text(reader: &mut Reader<'_>) -> Result<String, ContentError> {
    let length = usize::from(reader.u16()?);
    let bytes = reader.bytes(length)?;
    let text = std::str::from_utf8(bytes).map_err(|_| ContentError::Text)?;
    Ok(text.to_owned())
}
