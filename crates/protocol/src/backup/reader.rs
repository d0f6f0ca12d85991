//! Reading a backup's content as its chunks open, item by item, and whether each stands in its place.

use super::item::HEADER_BYTES;
use super::{ContentError, FRAME_CHANGES_BYTES_MAX, ITEM_BYTES_MAX, Item, Tally};
use crate::ids::CalendarId;

/// Where the reader is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Before,
    Links,
    Boxes,
    Between,
    Inside,
    After,
}

/// Reads the items of one backup.
#[derive(Debug)]
pub struct ItemReader {
    /// Bytes of an item that has not come whole.
    left: Vec<u8>,
    place: Place,
    items: u64,
    /// The last calendar: they ascend.
    calendar: Option<CalendarId>,
    frames: u64,
    changes: u64,
    /// Changes of the frame before that have still to come, and how many bytes they may have.
    due: u16,
    room: usize,
}

impl Default for ItemReader {
    fn default() -> Self {
        Self {
            left: Vec::new(),
            place: Place::Before,
            items: 0,
            calendar: None,
            frames: 0,
            changes: 0,
            due: 0,
            room: 0,
        }
    }
}

impl ItemReader {
    /// The items that are whole with these bytes.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<Vec<Item>, ContentError> {
        self.left.extend_from_slice(bytes);
        let mut items = Vec::new();
        let mut read = 0;
        while let Some((kind, body)) = next(self.left.get(read..).unwrap_or_default())? {
            let item = Item::parse(kind, body)?;
            read += HEADER_BYTES + body.len();
            self.judge(&item)?;
            self.items += 1;
            items.push(item);
        }
        self.left.drain(..read);
        if self.place == Place::After && !self.left.is_empty() {
            return Err(ContentError::End);
        }
        Ok(items)
    }

    /// Checks that the last item has come and nothing is left.
    pub fn finish(self) -> Result<(), ContentError> {
        if self.place == Place::After && self.left.is_empty() {
            Ok(())
        } else {
            Err(ContentError::End)
        }
    }

    fn judge(&mut self, item: &Item) -> Result<(), ContentError> {
        let misplaced = ContentError::Order(item.kind());
        if self.due > 0 && !matches!(item, Item::Change(_)) {
            return Err(ContentError::Count);
        }
        self.place = match (item, self.place) {
            (_, Place::After) => return Err(ContentError::End),
            (Item::Start(_), Place::Before) | (Item::Link { .. }, Place::Links) => Place::Links,
            (Item::Box { .. }, Place::Links | Place::Boxes) => Place::Boxes,
            (Item::Calendar(id), Place::Links | Place::Boxes | Place::Between) => {
                if self.calendar.is_some_and(|last| last >= *id) {
                    return Err(misplaced);
                }
                self.calendar = Some(*id);
                (self.frames, self.changes) = (0, 0);
                Place::Inside
            }
            (Item::Frame { changes, .. }, Place::Inside) => {
                self.frames += 1;
                (self.due, self.room) = (*changes, FRAME_CHANGES_BYTES_MAX);
                Place::Inside
            }
            (Item::Change(bytes), Place::Inside) if self.due > 0 => {
                let room = self.room.checked_sub(bytes.len());
                self.room = room.ok_or(ContentError::TooLarge(bytes.len()))?;
                self.due -= 1;
                self.changes += 1;
                Place::Inside
            }
            (Item::CalendarEnd(tally), Place::Inside) => {
                let Tally {
                    frames, changes, ..
                } = *tally;
                if (frames, changes) != (self.frames, self.changes) {
                    return Err(ContentError::Count);
                }
                Place::Between
            }
            (Item::End { items }, Place::Links | Place::Boxes | Place::Between) => {
                if *items != self.items {
                    return Err(ContentError::Count);
                }
                Place::After
            }
            _ => return Err(misplaced),
        };
        Ok(())
    }
}

/// The first item of these bytes, if all of it is there.
fn next(bytes: &[u8]) -> Result<Option<(u8, &[u8])>, ContentError> {
    let Some((&[kind, a, b, c, d], rest)) = bytes.split_first_chunk::<HEADER_BYTES>() else {
        return Ok(None);
    };
    let length = u32::from_be_bytes([a, b, c, d]);
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if length > ITEM_BYTES_MAX {
        return Err(ContentError::TooLarge(length));
    }
    Ok(rest.get(..length).map(|body| (kind, body)))
}
