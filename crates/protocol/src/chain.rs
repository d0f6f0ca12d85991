//! The chains of frames of one stream, one for each author: device and incarnation.
//!
//! A chain has no gaps, so its last number says everything about it. Judging is pure; frames are
//! stored by whoever asks.

use std::collections::BTreeMap;

use crate::defence::Defence;
use crate::frame::Frame;
use crate::ids::{DeviceId, FrameHash, Incarnation};
use crate::message::{ChainHead, Stream};
use crate::signed::Verified;

/// One author of a stream: a device in one of its lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Author {
    /// The device.
    pub device: DeviceId,
    /// Its incarnation.
    pub incarnation: Incarnation,
}

impl Author {
    /// The author of a frame.
    #[must_use]
    pub const fn of(frame: &Frame) -> Self {
        Self {
            device: frame.author,
            incarnation: frame.incarnation,
        }
    }
}

/// What a verified frame is to a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The next of the chain.
    New,
    /// In the chain already, byte for byte.
    Duplicate,
    /// Frames before it are missing, from this number on.
    Gap {
        /// Number of the first frame that is missing.
        missing_from: u64,
    },
    /// Another frame of the same author has this number: both are proof against the author.
    Fork {
        /// The number.
        seq: u64,
        /// The frame in the chain.
        known: FrameHash,
        /// The frame at hand.
        other: FrameHash,
    },
    /// The next by its number, but it builds on a frame that is not in the chain: its author has
    /// signed two frames under the number before.
    WrongPrev {
        /// The frame in the chain under the number before.
        known: FrameHash,
        /// The frame it claims to build on.
        claimed: FrameHash,
    },
    /// Of another stream: nothing is learnt from it.
    OtherStream,
}

/// No frame yet.
pub const CHAIN_START: ChainHead = ChainHead {
    seq: 0,
    hash: FrameHash::from_bytes([0; 32]),
};

/// Judges a frame against the head of its chain. `stored` is the hash of what stands under the
/// frame's number, asked only of numbers up to the head's.
#[must_use]
pub fn judge(
    head: ChainHead,
    frame: &Verified<Frame>,
    stored: impl FnOnce(u64) -> Option<FrameHash>,
) -> Verdict {
    if !Defence::Chain.stands() {
        return Verdict::New;
    }
    let seq = frame.body().seq;
    if seq <= head.seq {
        let other = frame.hash();
        return match stored(seq) {
            Some(known) if known != other => Verdict::Fork { seq, known, other },
            Some(_) => Verdict::Duplicate,
            None => Verdict::Gap { missing_from: seq },
        };
    }
    let missing_from = head.seq.saturating_add(1);
    if seq != missing_from {
        return Verdict::Gap { missing_from };
    }
    if frame.body().prev == head.hash {
        Verdict::New
    } else {
        Verdict::WrongPrev {
            known: head.hash,
            claimed: frame.body().prev,
        }
    }
}

/// The chains of one stream, held in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chains {
    stream: Stream,
    hashes: BTreeMap<Author, Vec<FrameHash>>,
}

impl Chains {
    /// A stream of which nothing was received.
    #[must_use]
    pub const fn new(stream: Stream) -> Self {
        Self {
            stream,
            hashes: BTreeMap::new(),
        }
    }

    /// Judges a frame and, if it is the next of its chain, takes it in.
    pub fn accept(&mut self, frame: &Verified<Frame>) -> Verdict {
        if frame.body().stream != self.stream {
            return Verdict::OtherStream;
        }
        let author = Author::of(frame.body());
        let verdict = judge(self.head(&author), frame, |seq| self.hash(&author, seq));
        if verdict == Verdict::New {
            self.hashes.entry(author).or_default().push(frame.hash());
        }
        verdict
    }

    /// The end of an author's chain.
    #[must_use]
    pub fn head(&self, author: &Author) -> ChainHead {
        let hashes = self.hashes.get(author).map_or(&[][..], Vec::as_slice);
        hashes.last().map_or(CHAIN_START, |hash| ChainHead {
            seq: hashes.len() as u64,
            hash: *hash,
        })
    }

    /// The ends of all chains, by author.
    pub fn heads(&self) -> impl Iterator<Item = (Author, ChainHead)> + '_ {
        self.hashes
            .keys()
            .map(|author| (*author, self.head(author)))
    }

    fn hash(&self, author: &Author, seq: u64) -> Option<FrameHash> {
        let place = usize::try_from(seq.checked_sub(1)?).ok()?;
        self.hashes.get(author)?.get(place).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::testing::frame;
    use crate::ids::CalendarId;
    use crate::signed::testing::TestSigner;
    use crate::signed::{Signed, Signer};

    fn signed(frame: &Frame) -> Verified<Frame> {
        let signer = TestSigner::new(1);
        let bytes = frame.sign(&signer).unwrap();
        Signed::<Frame>::parse(&bytes)
            .unwrap()
            .verify(&signer.verify_key())
            .unwrap()
    }

    #[test]
    fn a_chain_grows_by_its_next_frame_only() {
        let one = signed(&frame(1, CHAIN_START.hash));
        let two = signed(&frame(2, one.hash()));
        let three = signed(&frame(3, two.hash()));
        let mut chains = Chains::new(one.body().stream);
        assert_eq!(chains.accept(&two), Verdict::Gap { missing_from: 1 });
        assert_eq!(chains.accept(&one), Verdict::New);
        assert_eq!(chains.accept(&three), Verdict::Gap { missing_from: 2 });
        assert_eq!(chains.accept(&two), Verdict::New);
        assert_eq!(chains.accept(&one), Verdict::Duplicate);
        assert_eq!(chains.accept(&three), Verdict::New);
        let head = chains.head(&Author::of(three.body()));
        assert_eq!(
            head,
            ChainHead {
                seq: 3,
                hash: three.hash()
            }
        );
    }

    #[test]
    fn two_frames_under_one_number_are_proof() {
        let one = signed(&frame(1, CHAIN_START.hash));
        let mut changed = frame(1, CHAIN_START.hash);
        changed.body = vec![0, 0];
        let other = signed(&changed);
        let mut chains = Chains::new(one.body().stream);
        assert_eq!(chains.accept(&one), Verdict::New);
        let fork = Verdict::Fork {
            seq: 1,
            known: one.hash(),
            other: other.hash(),
        };
        assert_eq!(chains.accept(&other), fork);
        let on_other = signed(&frame(2, other.hash()));
        let wrong = Verdict::WrongPrev {
            known: one.hash(),
            claimed: other.hash(),
        };
        assert_eq!(chains.accept(&on_other), wrong);
    }

    #[test]
    fn a_frame_of_another_stream_teaches_nothing() {
        let one = signed(&frame(1, CHAIN_START.hash));
        let elsewhere = Stream {
            calendar: CalendarId::from_bytes([9; 32]),
            kind: 1,
        };
        let mut chains = Chains::new(elsewhere);
        assert_eq!(chains.accept(&one), Verdict::OtherStream);
        assert_eq!(chains.heads().count(), 0);
    }
}
