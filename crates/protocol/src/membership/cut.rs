//! Cuts: how far the frames of a device count that may no longer write.
//!
//! Whoever takes a right away says where each life of the device ends, by number and hash, as far
//! as it has counted until now. A life that is not listed counts for nothing; so frames that are
//! written later and dated back never count.

use super::error::LinkError;
use crate::codec::{Reader, Writer};
use crate::ids::{CalendarId, CutTag, DeviceId, FrameHash, Incarnation};
use crate::label::{Context, hash};
use crate::message::ChainHead;

/// Bytes of a [`CalendarCut`].
pub const CALENDAR_CUT_BYTES: usize = DeviceId::LEN + Incarnation::LEN + 8 + FrameHash::LEN;
/// Bytes of an [`AccountCut`].
pub const ACCOUNT_CUT_BYTES: usize = CutTag::LEN + Incarnation::LEN + 8 + FrameHash::LEN;

/// Where one life of a device ends in the main stream of the calendar whose log says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CalendarCut {
    /// The device.
    pub device: DeviceId,
    /// Its incarnation.
    pub incarnation: Incarnation,
    /// Its last frame that counts.
    pub head: ChainHead,
}

/// Where one life of a revoked device ends in the main stream of a calendar that is not named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountCut {
    /// Which calendar: [`cut_tag`].
    pub tag: CutTag,
    /// The incarnation.
    pub incarnation: Incarnation,
    /// Its last frame that counts.
    pub head: ChainHead,
}

/// The name of a device in a calendar, inside its account's log: members of one calendar do not
/// learn of the others.
#[must_use]
pub fn cut_tag(calendar: &CalendarId, device: &DeviceId) -> CutTag {
    let parts: [&[u8]; 2] = [calendar.as_bytes(), device.as_bytes()];
    let [tag @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = hash(Context::CUT_TAG, &parts);
    CutTag::from_bytes(tag)
}

pub(super) fn write_calendar_cuts(writer: Writer, cuts: &[CalendarCut]) -> Writer {
    let write = |writer: Writer, cut: &CalendarCut| {
        let writer = writer.bytes(cut.device.as_bytes());
        write_end(writer, cut.incarnation, cut.head)
    };
    cuts.iter().fold(writer.u16(count(cuts.len())), write)
}

pub(super) fn write_account_cuts(writer: Writer, cuts: &[AccountCut]) -> Writer {
    let write = |writer: Writer, cut: &AccountCut| {
        let writer = writer.bytes(cut.tag.as_bytes());
        write_end(writer, cut.incarnation, cut.head)
    };
    cuts.iter().fold(writer.u16(count(cuts.len())), write)
}

pub(super) fn read_calendar_cuts(reader: &mut Reader<'_>) -> Result<Vec<CalendarCut>, LinkError> {
    let cuts = read(reader, CALENDAR_CUT_BYTES, |reader| {
        let device = DeviceId::from_bytes(reader.array()?);
        let (incarnation, head) = read_end(reader)?;
        Ok(CalendarCut {
            device,
            incarnation,
            head,
        })
    })?;
    check_order(cuts, |cut| {
        (*cut.device.as_bytes(), cut.incarnation, cut.head.seq)
    })
}

pub(super) fn read_account_cuts(reader: &mut Reader<'_>) -> Result<Vec<AccountCut>, LinkError> {
    let cuts = read(reader, ACCOUNT_CUT_BYTES, |reader| {
        let tag = CutTag::from_bytes(reader.array()?);
        let (incarnation, head) = read_end(reader)?;
        Ok(AccountCut {
            tag,
            incarnation,
            head,
        })
    })?;
    check_order(cuts, |cut| {
        (*cut.tag.as_bytes(), cut.incarnation, cut.head.seq)
    })
}

fn count(length: usize) -> u16 {
    u16::try_from(length).expect("a link bounds its cuts")
}

fn write_end(writer: Writer, incarnation: Incarnation, head: ChainHead) -> Writer {
    writer
        .bytes(incarnation.as_bytes())
        .u64(head.seq)
        .bytes(head.hash.as_bytes())
}

fn read_end(reader: &mut Reader<'_>) -> Result<(Incarnation, ChainHead), LinkError> {
    let incarnation = Incarnation::from_bytes(reader.array()?);
    let head = ChainHead {
        seq: reader.u64()?,
        hash: FrameHash::from_bytes(reader.array()?),
    };
    Ok((incarnation, head))
}

/// A list behind its length, compared with what is there before anything is allocated.
fn read<T>(
    reader: &mut Reader<'_>,
    size: usize,
    one: impl Fn(&mut Reader<'_>) -> Result<T, LinkError>,
) -> Result<Vec<T>, LinkError> {
    let count = usize::from(reader.u16()?);
    let mut list = Reader::new(reader.bytes(count * size)?);
    (0..count).map(|_| one(&mut list)).collect()
}

/// Each life once, in ascending order, and none that ends before its first frame: that is what
/// leaving it out says.
fn check_order<T, K: Ord>(
    cuts: Vec<T>,
    key: impl Fn(&T) -> (K, Incarnation, u64),
) -> Result<Vec<T>, LinkError> {
    let mut before = None;
    for cut in &cuts {
        let (owner, incarnation, seq) = key(cut);
        let place = Some((owner, incarnation));
        if seq == 0 || before >= place {
            return Err(LinkError::Cuts);
        }
        before = place;
    }
    Ok(cuts)
}
