//! Frames: what an author signs. One frame is one action of a person.
//!
//! A frame names the stream, its author, its place in the author's chain and the log heads the
//! author had seen; of Automerge changes it carries the hashes, the bytes travel beside it.

use thiserror::Error;

use crate::actor::actor;
use crate::codec::{CodecError, Reader, Writer};
use crate::ids::{
    CalendarId, ChangeHash, DeviceId, DocumentId, FrameHash, Incarnation, LinkHash, Signature,
};
use crate::label::{Context, Purpose, hash};
use crate::limits::FRAME_BODY_BYTES_MAX;
use crate::membership::LogView;
use crate::message::Stream;
use crate::signed::{SignatureError, Signed, SignedBody, Signer, Verified, seal_with};

/// Bytes before the body.
pub const FRAME_HEADER_BYTES: usize = 199;
/// [`Stream::kind`] of a calendar's main stream.
pub const STREAM_MAIN: u8 = 1;
/// [`Stream::kind`] of a calendar's free/busy stream.
pub const STREAM_FREE_BUSY: u8 = 2;
const VERSION: u8 = 1;
const CHANGE_ENTRY_BYTES: usize = DocumentId::LEN + ChangeHash::LEN;

/// Why bytes are no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FrameError {
    /// A field is cut off, or bytes follow the last.
    #[error("the frame has another length: {0}")]
    Length(#[from] CodecError),
    /// A body beyond [`FRAME_BODY_BYTES_MAX`].
    #[error("the body of the frame has {0} bytes")]
    TooLarge(usize),
    /// A version of the layout that this program does not know: update needed.
    #[error("version {0} of a frame: update needed")]
    Version(u8),
    /// A byte that is no kind of stream.
    #[error("stream kind {0}")]
    StreamKind(u8),
    /// Frames are numbered from 1.
    #[error("a frame has no number 0")]
    SeqZero,
    /// The signature is not by the author's key.
    #[error("the signature is not valid")]
    Signature,
    /// The frame is not a list of changes.
    #[error("the frame is not a list of changes")]
    NoChanges,
    /// The frame does not say what its author has seen.
    #[error("the frame does not say what its author has seen")]
    NoHeads,
    /// A list that is not in strictly ascending order.
    #[error("a list of the frame is not in order")]
    Order,
}

impl From<SignatureError> for FrameError {
    fn from(_: SignatureError) -> Self {
        Self::Signature
    }
}

/// What the body of a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameType {
    /// A list of Automerge changes.
    Changes,
    /// Busy times of days.
    FreeBusy,
    /// What the author has seen of logs and of other authors.
    Heads,
    /// The author's name and picture.
    Profile,
    /// A file.
    Attachment,
    /// Of a later version: stored and chained, not shown.
    Unknown(u8),
}

impl FrameType {
    /// The byte in the frame.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Changes => 1,
            Self::FreeBusy => 2,
            Self::Heads => 3,
            Self::Profile => 4,
            Self::Attachment => 5,
            Self::Unknown(number) => number,
        }
    }

    /// The type with this byte.
    #[must_use]
    pub const fn from_number(number: u8) -> Self {
        match number {
            1 => Self::Changes,
            2 => Self::FreeBusy,
            3 => Self::Heads,
            4 => Self::Profile,
            5 => Self::Attachment,
            other => Self::Unknown(other),
        }
    }
}

/// One Automerge change, as a frame lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListedChange {
    /// The document it belongs to.
    pub document: DocumentId,
    /// The change.
    pub hash: ChangeHash,
}

/// A frame without its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// What the body is.
    pub frame_type: FrameType,
    /// The stream it belongs to.
    pub stream: Stream,
    /// The device that signs.
    pub author: DeviceId,
    /// The author's incarnation.
    pub incarnation: Incarnation,
    /// Its number in the chain of author, incarnation and stream, from 1.
    pub seq: u64,
    /// Hash of the frame before it in that chain; zeros for number 1.
    pub prev: FrameHash,
    /// What the author had seen of the calendar's log.
    pub calendar_view: LogView,
    /// What the author had seen of its own account's log.
    pub account_view: LogView,
    /// What its type says.
    pub body: Vec<u8>,
}

impl Frame {
    /// The bytes that are signed.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        Writer::with_capacity(FRAME_HEADER_BYTES + self.body.len() + Signature::LEN)
            .u8(VERSION)
            .u8(self.frame_type.number())
            .bytes(self.stream.calendar.as_bytes())
            .u8(self.stream.kind)
            .bytes(self.author.as_bytes())
            .bytes(self.incarnation.as_bytes())
            .u64(self.seq)
            .bytes(self.prev.as_bytes())
            .u64(self.calendar_view.seq)
            .bytes(self.calendar_view.head.as_bytes())
            .u64(self.account_view.seq)
            .bytes(self.account_view.head.as_bytes())
            .tail(&self.body)
            .finish()
    }

    /// The frame with its signature; refused when nobody could read it.
    pub fn sign(&self, signer: &impl Signer) -> Result<Vec<u8>, FrameError> {
        self.check()?;
        Ok(seal_with(signer, Purpose::Frame, self.to_bytes()))
    }

    /// The Automerge actor in whose name the author makes changes.
    #[must_use]
    pub fn actor(&self) -> [u8; 16] {
        actor(&self.stream.calendar, &self.author, &self.incarnation)
    }

    /// The changes it lists.
    pub fn changes(&self) -> Result<Vec<ListedChange>, FrameError> {
        if self.frame_type != FrameType::Changes {
            return Err(FrameError::NoChanges);
        }
        parse_changes(&self.body)
    }

    fn check(&self) -> Result<(), FrameError> {
        if !matches!(self.stream.kind, STREAM_MAIN | STREAM_FREE_BUSY) {
            return Err(FrameError::StreamKind(self.stream.kind));
        }
        if self.seq == 0 {
            return Err(FrameError::SeqZero);
        }
        if self.body.len() > FRAME_BODY_BYTES_MAX {
            return Err(FrameError::TooLarge(self.body.len()));
        }
        Ok(())
    }
}

impl SignedBody for Frame {
    const PURPOSE: Purpose = Purpose::Frame;
    type Error = FrameError;

    fn parse(bytes: &[u8]) -> Result<Self, FrameError> {
        if bytes.len() > FRAME_HEADER_BYTES + FRAME_BODY_BYTES_MAX {
            return Err(FrameError::TooLarge(
                bytes.len().saturating_sub(FRAME_HEADER_BYTES),
            ));
        }
        let mut reader = Reader::new(bytes);
        let [version, frame_type] = reader.array()?;
        if version != VERSION {
            return Err(FrameError::Version(version));
        }
        let frame = Self {
            frame_type: FrameType::from_number(frame_type),
            stream: Stream {
                calendar: CalendarId::from_bytes(reader.array()?),
                kind: reader.u8()?,
            },
            author: DeviceId::from_bytes(reader.array()?),
            incarnation: Incarnation::from_bytes(reader.array()?),
            seq: reader.u64()?,
            prev: FrameHash::from_bytes(reader.array()?),
            calendar_view: read_view(&mut reader)?,
            account_view: read_view(&mut reader)?,
            body: reader.tail()?.to_vec(),
        };
        reader.end()?;
        frame.check()?;
        Ok(frame)
    }

    fn too_short() -> FrameError {
        FrameError::Length(CodecError::Short { at: 0 })
    }

    fn signer(&self) -> DeviceId {
        self.author
    }
}

impl Signed<Frame> {
    /// The stream the frame claims to belong to.
    #[must_use]
    pub fn stream(&self) -> Stream {
        self.unverified().stream
    }

    /// The incarnation it claims.
    #[must_use]
    pub fn incarnation(&self) -> Incarnation {
        self.unverified().incarnation
    }

    /// The number it claims.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.unverified().seq
    }

    /// What it claims its author had seen of its account's log.
    #[must_use]
    pub fn account_view(&self) -> LogView {
        self.unverified().account_view
    }
}

impl Verified<Frame> {
    /// The hash that the author's next frame names.
    #[must_use]
    pub fn hash(&self) -> FrameHash {
        frame_hash(self.bytes())
    }
}

/// The hash of a whole frame, signature included.
#[must_use]
pub fn frame_hash(bytes: &[u8]) -> FrameHash {
    FrameHash::from_bytes(hash(Context::FRAME_HASH, &[bytes]))
}

/// The body of a [`FrameType::Changes`] frame; refused when it exceeds a frame's body.
pub fn changes_body(changes: &[ListedChange]) -> Result<Vec<u8>, FrameError> {
    let size = 2 + changes.len().saturating_mul(CHANGE_ENTRY_BYTES);
    if size > FRAME_BODY_BYTES_MAX {
        return Err(FrameError::TooLarge(size));
    }
    let count = u16::try_from(changes.len()).map_err(|_| FrameError::TooLarge(size))?;
    let write = |writer: Writer, change: &ListedChange| {
        writer
            .bytes(change.document.as_bytes())
            .bytes(change.hash.as_bytes())
    };
    Ok(changes
        .iter()
        .fold(Writer::with_capacity(size).u16(count), write)
        .finish())
}

fn parse_changes(body: &[u8]) -> Result<Vec<ListedChange>, FrameError> {
    let mut reader = Reader::new(body);
    let count = usize::from(reader.u16()?);
    let wanted = count * CHANGE_ENTRY_BYTES;
    let left = reader.left();
    if left < wanted {
        return Err(CodecError::Short { at: body.len() }.into());
    }
    if left > wanted {
        return Err(CodecError::Trailing {
            left: left - wanted,
        }
        .into());
    }
    let mut changes = Vec::with_capacity(count);
    for _ in 0..count {
        changes.push(ListedChange {
            document: DocumentId::from_bytes(reader.array()?),
            hash: ChangeHash::from_bytes(reader.array()?),
        });
    }
    Ok(changes)
}

fn read_view(reader: &mut Reader<'_>) -> Result<LogView, CodecError> {
    Ok(LogView {
        seq: reader.u64()?,
        head: LinkHash::from_bytes(reader.array()?),
    })
}

#[cfg(test)]
pub(crate) mod testing {
    //! A frame for this crate's own tests.

    use super::*;

    pub(crate) fn frame(seq: u64, prev: FrameHash) -> Frame {
        Frame {
            frame_type: FrameType::Changes,
            stream: Stream {
                calendar: CalendarId::from_bytes([1; 32]),
                kind: STREAM_MAIN,
            },
            author: DeviceId::from_bytes([2; 32]),
            incarnation: Incarnation::from_bytes([3; 8]),
            seq,
            prev,
            calendar_view: LogView {
                seq: 4,
                head: LinkHash::from_bytes([5; 32]),
            },
            account_view: LogView {
                seq: 6,
                head: LinkHash::from_bytes([7; 32]),
            },
            body: changes_body(&[ListedChange {
                document: DocumentId::CALENDAR,
                hash: ChangeHash::from_bytes([8; 32]),
            }])
            .unwrap(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::testing::frame;
    use super::*;
    use crate::signed::testing::TestSigner;

    const START: FrameHash = FrameHash::from_bytes([0; 32]);

    #[test]
    fn a_frame_survives_its_bytes_and_gives_them_up_only_when_verified() {
        let (signer, other) = (TestSigner::new(1), TestSigner::new(2));
        let made = frame(1, START);
        let bytes = made.sign(&signer).unwrap();
        assert_eq!(bytes.len(), FRAME_HEADER_BYTES + 2 + 48 + 64);
        let read = Signed::<Frame>::parse(&bytes).unwrap();
        assert_eq!(read.signer(), made.author);
        assert_eq!(
            read.clone().verify(&other.verify_key()),
            Err(FrameError::Signature)
        );
        assert_eq!(read.verify(&signer.verify_key()).unwrap().into_body(), made);
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let signer = TestSigner::new(1);
        let bytes = frame(1, START).sign(&signer).unwrap();
        for at in 0..bytes.len() {
            let mut bent = bytes.clone();
            bent[at] ^= 1;
            let verdict =
                Signed::<Frame>::parse(&bent).and_then(|f| f.verify(&signer.verify_key()));
            assert!(verdict.is_err(), "byte {at}");
        }
    }

    #[test]
    fn a_list_of_another_length_is_refused() {
        let mut made = frame(1, START);
        assert_eq!(made.changes().map(|list| list.len()), Ok(1));
        made.body.push(0);
        assert_eq!(
            made.changes(),
            Err(FrameError::Length(CodecError::Trailing { left: 1 }))
        );
        made.body.truncate(20);
        assert!(matches!(
            made.changes(),
            Err(FrameError::Length(CodecError::Short { .. }))
        ));
        made.frame_type = FrameType::Heads;
        assert_eq!(made.changes(), Err(FrameError::NoChanges));
    }

    #[test]
    fn a_frame_that_nobody_could_read_is_not_signed() {
        let signer = TestSigner::new(1);
        assert_eq!(frame(0, START).sign(&signer), Err(FrameError::SeqZero));
        let mut made = frame(1, START);
        made.stream.kind = 3;
        assert_eq!(made.sign(&signer), Err(FrameError::StreamKind(3)));
        made.stream.kind = STREAM_MAIN;
        made.body = vec![0; FRAME_BODY_BYTES_MAX + 1];
        assert!(matches!(made.sign(&signer), Err(FrameError::TooLarge(_))));
    }
}
