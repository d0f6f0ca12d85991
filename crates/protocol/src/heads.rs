//! Heads: the body of a frame in which an author says what it has seen.
//!
//! Two devices that compare what they have seen find out what a relay kept back, and whether it
//! tells each of them another history. Lists are in strictly ascending order, so that the same
//! sight always has the same bytes.

use crate::chain::Author;
use crate::codec::{CodecError, Reader, Writer};
use crate::frame::{Frame, FrameError, FrameType};
use crate::ids::{DeviceId, FrameHash, Incarnation, LinkHash, LogId, RelayEpoch, StreamHash};
use crate::limits::FRAME_BODY_BYTES_MAX;
use crate::membership::LogView;
use crate::message::ChainHead;

/// Bytes before the list of logs.
const FIXED_BYTES: usize = 8 + RelayEpoch::LEN + 8 + StreamHash::LEN + 2 + 2;
const LOG_BYTES: usize = LogId::LEN + 8 + LinkHash::LEN;
const AUTHOR_BYTES: usize = DeviceId::LEN + Incarnation::LEN + 1 + 8 + FrameHash::LEN;

/// A place in a stream of one life of a relay, as a device was shown it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeenAt {
    /// The life of the relay's database; zeros before the first contact.
    pub relay_epoch: RelayEpoch,
    /// Number of the last envelope that was read.
    pub rseq: u64,
    /// Running hash after it.
    pub hash: StreamHash,
}

/// A membership log as a device has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeenLog {
    /// The log.
    pub log: LogId,
    /// Its end.
    pub view: LogView,
}

/// An author's chain as a device has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeenAuthor {
    /// The author.
    pub author: Author,
    /// Kind of the stream.
    pub kind: u8,
    /// The end of its chain.
    pub head: ChainHead,
}

/// What a device has seen of one calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heads {
    /// When it looked, ms since 1970: shown to people, never decided upon.
    pub time_ms: u64,
    /// How far the relay's stream was read.
    pub relay: SeenAt,
    /// The logs.
    pub logs: Vec<SeenLog>,
    /// The chains of everyone but the author of this frame in this life, whose own chain says it.
    pub authors: Vec<SeenAuthor>,
}

impl Heads {
    /// The body of a [`FrameType::Heads`] frame; refused when it exceeds a frame's body or its
    /// lists are not in order.
    pub fn to_body(&self) -> Result<Vec<u8>, FrameError> {
        let logs = self.logs.len().saturating_mul(LOG_BYTES);
        let authors = self.authors.len().saturating_mul(AUTHOR_BYTES);
        let size = FIXED_BYTES.saturating_add(logs).saturating_add(authors);
        if size > FRAME_BODY_BYTES_MAX {
            return Err(FrameError::TooLarge(size));
        }
        self.check_order()?;
        let count = |list: usize| u16::try_from(list).map_err(|_| FrameError::TooLarge(size));
        let mut writer = Writer::with_capacity(size)
            .u64(self.time_ms)
            .bytes(self.relay.relay_epoch.as_bytes())
            .u64(self.relay.rseq)
            .bytes(self.relay.hash.as_bytes())
            .u16(count(self.logs.len())?);
        for seen in &self.logs {
            writer = writer
                .bytes(seen.log.as_bytes())
                .u64(seen.view.seq)
                .bytes(seen.view.head.as_bytes());
        }
        writer = writer.u16(count(self.authors.len())?);
        for seen in &self.authors {
            writer = writer
                .bytes(seen.author.device.as_bytes())
                .bytes(seen.author.incarnation.as_bytes())
                .u8(seen.kind)
                .u64(seen.head.seq)
                .bytes(seen.head.hash.as_bytes());
        }
        Ok(writer.finish())
    }

    fn parse(body: &[u8]) -> Result<Self, FrameError> {
        let mut reader = Reader::new(body);
        let time_ms = reader.u64()?;
        let relay = SeenAt {
            relay_epoch: RelayEpoch::from_bytes(reader.array()?),
            rseq: reader.u64()?,
            hash: StreamHash::from_bytes(reader.array()?),
        };
        let logs = list(&mut reader, LOG_BYTES, |reader| {
            Ok(SeenLog {
                log: LogId::from_bytes(reader.array()?),
                view: LogView {
                    seq: reader.u64()?,
                    head: LinkHash::from_bytes(reader.array()?),
                },
            })
        })?;
        let authors = list(&mut reader, AUTHOR_BYTES, |reader| {
            Ok(SeenAuthor {
                author: Author {
                    device: DeviceId::from_bytes(reader.array()?),
                    incarnation: Incarnation::from_bytes(reader.array()?),
                },
                kind: reader.u8()?,
                head: ChainHead {
                    seq: reader.u64()?,
                    hash: FrameHash::from_bytes(reader.array()?),
                },
            })
        })?;
        reader.end()?;
        let heads = Self {
            time_ms,
            relay,
            logs,
            authors,
        };
        heads.check_order()?;
        Ok(heads)
    }

    fn check_order(&self) -> Result<(), FrameError> {
        let logs = self.logs.iter().map(|seen| seen.log);
        let authors = self.authors.iter().map(|seen| (seen.author, seen.kind));
        if logs.is_sorted_by(|a, b| a < b) && authors.is_sorted_by(|a, b| a < b) {
            Ok(())
        } else {
            Err(FrameError::Order)
        }
    }
}

impl Frame {
    /// What its author has seen.
    pub fn heads(&self) -> Result<Heads, FrameError> {
        if self.frame_type != FrameType::Heads {
            return Err(FrameError::NoHeads);
        }
        Heads::parse(&self.body)
    }
}

/// A counted list; its length is compared with what is there before anything is reserved.
fn list<'a, T>(
    reader: &mut Reader<'a>,
    item_bytes: usize,
    read: impl Fn(&mut Reader<'a>) -> Result<T, CodecError>,
) -> Result<Vec<T>, FrameError> {
    let count = usize::from(reader.u16()?);
    let mut items = Vec::with_capacity(count.min(reader.left() / item_bytes));
    for _ in 0..count {
        items.push(read(reader)?);
    }
    Ok(items)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::CHAIN_START;
    use crate::frame::testing::frame;

    fn author(device: u8) -> SeenAuthor {
        SeenAuthor {
            author: Author {
                device: DeviceId::from_bytes([device; 32]),
                incarnation: Incarnation::from_bytes([1; 8]),
            },
            kind: 1,
            head: ChainHead {
                seq: 7,
                hash: FrameHash::from_bytes([9; 32]),
            },
        }
    }

    fn heads() -> Heads {
        Heads {
            time_ms: 1_700_000_000_000,
            relay: SeenAt {
                relay_epoch: RelayEpoch::from_bytes([1; 16]),
                rseq: 12,
                hash: StreamHash::from_bytes([2; 32]),
            },
            logs: vec![SeenLog {
                log: LogId::from_bytes([3; 32]),
                view: LogView {
                    seq: 4,
                    head: LinkHash::from_bytes([5; 32]),
                },
            }],
            authors: vec![author(6), author(7)],
        }
    }

    fn framed(body: Vec<u8>) -> Frame {
        Frame {
            frame_type: FrameType::Heads,
            body,
            ..frame(1, CHAIN_START.hash)
        }
    }

    #[test]
    fn what_was_seen_survives_its_bytes() {
        let body = heads().to_body().unwrap();
        assert_eq!(body.len(), FIXED_BYTES + LOG_BYTES + 2 * AUTHOR_BYTES);
        assert_eq!(framed(body).heads(), Ok(heads()));
        assert_eq!(
            frame(1, CHAIN_START.hash).heads(),
            Err(FrameError::NoHeads),
            "a list of changes says nothing of heads"
        );
    }

    #[test]
    fn every_cut_and_every_addition_is_refused() {
        let body = heads().to_body().unwrap();
        for end in 0..body.len() {
            let cut = framed(body[..end].to_vec()).heads();
            assert!(cut.is_err(), "{end} bytes");
        }
        let longer = framed([&body[..], &[0]].concat()).heads();
        assert_eq!(
            longer,
            Err(FrameError::Length(CodecError::Trailing { left: 1 }))
        );
    }

    #[test]
    fn lists_have_one_order_and_no_repetition() {
        for authors in [vec![author(7), author(6)], vec![author(6), author(6)]] {
            let made = Heads { authors, ..heads() };
            assert_eq!(made.to_body(), Err(FrameError::Order));
        }
        // The same in bytes that someone else made.
        let mut body = heads().to_body().unwrap();
        let first = body.len() - 2 * AUTHOR_BYTES;
        body[first] = 8;
        assert_eq!(framed(body).heads(), Err(FrameError::Order));
    }
}
