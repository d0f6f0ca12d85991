//! Packs: a whole stream up to one number, for devices that come late.
//!
//! ```text
//! manifest (signed) ── names of chunks ──▶ chunk, chunk, chunk …   equal in size, sealed
//!                                            └── content: blocks of changes, then of frames
//! ```
//!
//! A pack is nothing to believe in. It holds the changes and, for every frame, all that cannot be
//! computed from them, so that the frames come out with their signatures, or not at all.
//! Leaves alone: the cipher of the chunks, and whether an author may write.

mod content;
mod order;

use thiserror::Error;

pub use content::{
    Block, ContentError, ContentReader, ContentWriter, PackedBody, PackedFrame, Start,
};
pub use order::{ControlOrder, Order, OrderError};

use crate::codec::{CodecError, Reader, Writer};
use crate::frame::STREAM_MAIN;
use crate::ids::{BlobName, CalendarId, DeviceId, RelayEpoch, Signature, StreamHash};
use crate::label::Purpose;
use crate::limits::{PACK_CHUNK_BYTES, PACK_CHUNKS_MAX};
use crate::message::{Position, Stream};
use crate::signed::{SignatureError, Signed, SignedBody, Signer, seal_with};

/// Bytes of a chunk that are content: the rest is nonce and tag.
pub const PACK_CHUNK_CONTENT_BYTES: usize = PACK_CHUNK_BYTES - 24 - 16;
/// Bytes of a manifest without names and signature.
pub const MANIFEST_HEADER_BYTES: usize = 144;
/// Bytes of the largest manifest.
pub const MANIFEST_BYTES_MAX: usize =
    MANIFEST_HEADER_BYTES + PACK_CHUNKS_MAX * BlobName::LEN + Signature::LEN;
const MAGIC: [u8; 4] = *b"ALpk";
const VERSION: u8 = 1;
const SUITE: u8 = 1;

/// Why bytes are no manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ManifestError {
    /// A field is cut off, or bytes follow the last.
    #[error("the manifest has another length: {0}")]
    Length(#[from] CodecError),
    /// The first bytes are not those of a manifest.
    #[error("the bytes are no manifest")]
    Magic,
    /// A version or suite that this program does not know: update needed.
    #[error("version {0} of a manifest: update needed")]
    Version(u8),
    /// A pack of another stream than a calendar's main one.
    #[error("a pack of stream kind {0}")]
    StreamKind(u8),
    /// The content does not fill its chunks, or there are too many or none.
    #[error("{chunks} chunks for {content_bytes} bytes")]
    Chunks {
        /// How many there are.
        chunks: usize,
        /// Bytes of content they should hold.
        content_bytes: u64,
    },
    /// The signature is not by the maker's key.
    #[error("the signature is not valid")]
    Signature,
}

impl From<SignatureError> for ManifestError {
    fn from(_: SignatureError) -> Self {
        Self::Signature
    }
}

/// What a pack is of, and who made it: bound to every chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackAddress {
    /// The epoch under which it is sealed.
    pub epoch: u32,
    /// The device that made it.
    pub device: DeviceId,
    /// The life of the relay's database in which the position counts.
    pub relay_epoch: RelayEpoch,
    /// Everything up to here is in the pack.
    pub position: Position,
}

impl PackAddress {
    /// The address as it stands in the manifest and beside every chunk.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        Writer::with_capacity(MANIFEST_HEADER_BYTES)
            .bytes(&MAGIC)
            .u8(VERSION)
            .u8(SUITE)
            .u8(self.position.stream.kind)
            .u8(0)
            .bytes(self.position.stream.calendar.as_bytes())
            .u32(self.epoch)
            .bytes(self.device.as_bytes())
            .bytes(self.relay_epoch.as_bytes())
            .u64(self.position.rseq)
            .bytes(self.position.hash.as_bytes())
            .finish()
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, ManifestError> {
        if reader.array()? != MAGIC {
            return Err(ManifestError::Magic);
        }
        for known in [VERSION, SUITE] {
            let found = reader.u8()?;
            if found != known {
                return Err(ManifestError::Version(found));
            }
        }
        let kind = reader.u8()?;
        if kind != STREAM_MAIN {
            return Err(ManifestError::StreamKind(kind));
        }
        if reader.u8()? != 0 {
            return Err(ManifestError::Magic);
        }
        let calendar = CalendarId::from_bytes(reader.array()?);
        Ok(Self {
            epoch: reader.u32()?,
            device: DeviceId::from_bytes(reader.array()?),
            relay_epoch: RelayEpoch::from_bytes(reader.array()?),
            position: Position {
                stream: Stream { calendar, kind },
                rseq: reader.u64()?,
                hash: StreamHash::from_bytes(reader.array()?),
            },
        })
    }
}

/// What a pack consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// What it is of.
    pub address: PackAddress,
    /// Bytes of content; the last chunk is filled up with zeros.
    pub content_bytes: u64,
    /// Its chunks, in the order of their content.
    pub chunks: Vec<BlobName>,
}

impl Manifest {
    /// The manifest with its signature; refused when nobody could read it.
    pub fn sign(&self, signer: &impl Signer) -> Result<Vec<u8>, ManifestError> {
        self.check()?;
        let count = u32::try_from(self.chunks.len()).map_err(|_| self.wrong_chunks())?;
        let writer = Writer::default()
            .bytes(&self.address.to_bytes())
            .u64(self.content_bytes)
            .u32(count);
        let body = self
            .chunks
            .iter()
            .fold(writer, |writer, name| writer.bytes(name.as_bytes()));
        Ok(seal_with(signer, Purpose::Pack, body.finish()))
    }

    /// Bytes of content in the chunk with this number.
    #[must_use]
    pub fn content_of(&self, number: usize) -> usize {
        let before = u64::try_from(number.saturating_mul(PACK_CHUNK_CONTENT_BYTES));
        let left = before.map_or(0, |before| self.content_bytes.saturating_sub(before));
        usize::try_from(left).map_or(PACK_CHUNK_CONTENT_BYTES, |left| {
            left.min(PACK_CHUNK_CONTENT_BYTES)
        })
    }

    fn check(&self) -> Result<(), ManifestError> {
        let needed = self
            .content_bytes
            .div_ceil(u64::try_from(PACK_CHUNK_CONTENT_BYTES).unwrap_or(u64::MAX));
        let is_right = (1..=PACK_CHUNKS_MAX).contains(&self.chunks.len())
            && u64::try_from(self.chunks.len()) == Ok(needed);
        if is_right {
            Ok(())
        } else {
            Err(self.wrong_chunks())
        }
    }

    fn wrong_chunks(&self) -> ManifestError {
        ManifestError::Chunks {
            chunks: self.chunks.len(),
            content_bytes: self.content_bytes,
        }
    }
}

impl SignedBody for Manifest {
    const PURPOSE: Purpose = Purpose::Pack;
    type Error = ManifestError;

    fn parse(bytes: &[u8]) -> Result<Self, ManifestError> {
        if bytes.len() > MANIFEST_BYTES_MAX {
            return Err(CodecError::Trailing {
                left: bytes.len() - MANIFEST_BYTES_MAX,
            }
            .into());
        }
        let mut reader = Reader::new(bytes);
        let address = PackAddress::read(&mut reader)?;
        let content_bytes = reader.u64()?;
        let count = usize::try_from(reader.u32()?).unwrap_or(usize::MAX);
        if count > PACK_CHUNKS_MAX {
            return Err(ManifestError::Chunks {
                chunks: count,
                content_bytes,
            });
        }
        let mut chunks = Vec::with_capacity(count);
        for _ in 0..count {
            chunks.push(BlobName::from_bytes(reader.array()?));
        }
        reader.end()?;
        let manifest = Self {
            address,
            content_bytes,
            chunks,
        };
        manifest.check()?;
        Ok(manifest)
    }

    fn too_short() -> ManifestError {
        ManifestError::Length(CodecError::Short { at: 0 })
    }

    fn signer(&self) -> DeviceId {
        self.address.device
    }
}

impl Signed<Manifest> {
    /// What the pack claims to be of.
    #[must_use]
    pub fn address(&self) -> PackAddress {
        self.unverified().address
    }
}

/// The name of a chunk or a manifest.
#[must_use]
pub fn blob_name(bytes: &[u8]) -> BlobName {
    BlobName::from_bytes(*blake3::hash(bytes).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signed::testing::TestSigner;

    fn manifest(chunks: usize) -> Manifest {
        Manifest {
            address: PackAddress {
                epoch: 3,
                device: DeviceId::from_bytes([2; 32]),
                relay_epoch: RelayEpoch::from_bytes([4; 16]),
                position: Position {
                    stream: Stream {
                        calendar: CalendarId::from_bytes([1; 32]),
                        kind: STREAM_MAIN,
                    },
                    rseq: 77,
                    hash: StreamHash::from_bytes([5; 32]),
                },
            },
            content_bytes: (chunks * PACK_CHUNK_CONTENT_BYTES) as u64 - 7,
            chunks: (0..chunks).map(|n| blob_name(&n.to_be_bytes())).collect(),
        }
    }

    #[test]
    fn a_manifest_survives_its_bytes() {
        let signer = TestSigner::new(1);
        let made = manifest(2);
        let bytes = made.sign(&signer).unwrap();
        assert_eq!(bytes.len(), MANIFEST_HEADER_BYTES + 64 + 64);
        let read = Signed::<Manifest>::parse(&bytes).unwrap();
        assert_eq!(read.address(), made.address);
        assert_eq!(read.verify(&signer.verify_key()).unwrap().into_body(), made);
        assert_eq!(made.content_of(0), PACK_CHUNK_CONTENT_BYTES);
        assert_eq!(made.content_of(1), PACK_CHUNK_CONTENT_BYTES - 7);
        assert_eq!(made.content_of(2), 0);
    }

    #[test]
    fn every_flipped_bit_of_a_manifest_is_noticed() {
        let signer = TestSigner::new(1);
        let bytes = manifest(1).sign(&signer).unwrap();
        for at in 0..bytes.len() {
            let mut bent = bytes.clone();
            bent[at] ^= 1;
            let verdict =
                Signed::<Manifest>::parse(&bent).and_then(|m| m.verify(&signer.verify_key()));
            assert!(verdict.is_err(), "byte {at}");
        }
    }

    #[test]
    fn content_fills_its_chunks_or_the_manifest_is_none() {
        let signer = TestSigner::new(1);
        for (chunks, content_bytes) in [
            (0, 0),
            (1, 0),
            (1, PACK_CHUNK_CONTENT_BYTES as u64 + 1),
            (2, PACK_CHUNK_CONTENT_BYTES as u64),
            (PACK_CHUNKS_MAX + 1, 1),
        ] {
            let made = Manifest {
                content_bytes,
                chunks: vec![blob_name(b""); chunks],
                ..manifest(1)
            };
            assert!(made.sign(&signer).is_err(), "{chunks} for {content_bytes}");
        }
    }
}
