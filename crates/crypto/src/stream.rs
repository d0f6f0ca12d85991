//! A long file as sealed chunks, after the STREAM construction: ChaCha20-Poly1305, the chunk's
//! number and a mark of the last one in the nonce, and a key that the header is part of.
//!
//! A chunk opens at its place in its file and nowhere else; a file that was cut short has no last
//! chunk.

use almanac_protocol::defence::Defence;
use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::label::{BACKUP_PAYLOAD_KEY, derive};
use crate::secret::BackupSecret;

/// Bytes of a chunk before sealing.
pub const CHUNK_BYTES: usize = 64 * 1024;
/// Bytes of a sealed chunk that is full.
pub const SEALED_CHUNK_BYTES: usize = CHUNK_BYTES + 16;

/// Why a stream cannot be written or read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum StreamError {
    /// A chunk of a length that its place does not allow.
    #[error("a chunk of {0} bytes does not belong here")]
    Length(usize),
    /// A chunk after the last one.
    #[error("the stream is over")]
    Over,
    /// The chunk does not open: another key, header, place or byte.
    #[error("the chunk does not open")]
    Refused,
}

/// Which chunk of a stream one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChunkPlace {
    /// One that others follow: always full.
    Middle,
    /// The last one. It is empty only if it is also the first.
    Last,
}

/// Seals the chunks of one file, in order.
pub struct StreamSealer(Chunks);

impl StreamSealer {
    /// A stream under `secret` that belongs to `header`.
    #[must_use]
    pub fn new(secret: &BackupSecret, header: &[u8]) -> Self {
        Self(Chunks::new(secret, header))
    }

    /// The next chunk, sealed.
    pub fn seal(&mut self, chunk: &[u8], place: ChunkPlace) -> Result<Vec<u8>, StreamError> {
        let nonce = self.0.next(chunk.len(), place)?;
        self.0
            .cipher
            .encrypt(&nonce, chunk)
            .map_err(|_| StreamError::Length(chunk.len()))
    }
}

/// Opens the chunks of one file, in order. A file is whole once its last chunk has opened.
pub struct StreamOpener(Chunks);

impl StreamOpener {
    /// A stream under `secret` that belongs to `header`.
    #[must_use]
    pub fn new(secret: &BackupSecret, header: &[u8]) -> Self {
        Self(Chunks::new(secret, header))
    }

    /// The next chunk, opened.
    pub fn open(
        &mut self,
        sealed: &[u8],
        place: ChunkPlace,
    ) -> Result<Zeroizing<Vec<u8>>, StreamError> {
        let length = sealed
            .len()
            .checked_sub(16)
            .ok_or(StreamError::Length(sealed.len()))?;
        let nonce = self.0.next(length, place)?;
        let opened = self
            .0
            .cipher
            .decrypt(&nonce, sealed)
            .map_err(|_| StreamError::Refused)?;
        Ok(Zeroizing::new(opened))
    }
}

/// A whole stream at once.
pub fn seal_all(
    secret: &BackupSecret,
    header: &[u8],
    plaintext: &[u8],
) -> Result<Vec<u8>, StreamError> {
    let mut sealer = StreamSealer::new(secret, header);
    let mut sealed = Vec::with_capacity(plaintext.len() + 16);
    for (chunk, place) in places(plaintext, CHUNK_BYTES) {
        sealed.extend(sealer.seal(chunk, place)?);
    }
    Ok(sealed)
}

/// What [`seal_all`] sealed.
pub fn open_all(
    secret: &BackupSecret,
    header: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, StreamError> {
    let mut opener = StreamOpener::new(secret, header);
    let mut plaintext = Zeroizing::new(Vec::with_capacity(sealed.len()));
    for (chunk, place) in places(sealed, SEALED_CHUNK_BYTES) {
        plaintext.extend_from_slice(&opener.open(chunk, place)?);
    }
    Ok(plaintext)
}

impl std::fmt::Debug for StreamSealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StreamSealer")
            .field("chunks", &self.0.count)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for StreamOpener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StreamOpener")
            .field("chunks", &self.0.count)
            .finish_non_exhaustive()
    }
}

struct Chunks {
    cipher: ChaCha20Poly1305,
    count: u64,
    is_over: bool,
}

impl Chunks {
    fn new(secret: &BackupSecret, header: &[u8]) -> Self {
        let key = derive(BACKUP_PAYLOAD_KEY, &[secret.expose(), header]);
        Self {
            cipher: ChaCha20Poly1305::new((&*key).into()),
            count: 0,
            is_over: false,
        }
    }

    /// The nonce of the next chunk, if a chunk of this length may stand there.
    fn next(&mut self, length: usize, place: ChunkPlace) -> Result<Nonce, StreamError> {
        if self.is_over {
            return Err(StreamError::Over);
        }
        let fits = match place {
            ChunkPlace::Middle => length == CHUNK_BYTES,
            ChunkPlace::Last => length <= CHUNK_BYTES && (length > 0 || self.count == 0),
        };
        if !fits {
            return Err(StreamError::Length(length));
        }
        let [a, b, c, d, e, f, g, h] = self.count.to_be_bytes();
        let last = u8::from(place == ChunkPlace::Last);
        self.count = self.count.checked_add(1).ok_or(StreamError::Over)?;
        self.is_over = place == ChunkPlace::Last;
        if !Defence::ChunkOrder.stands() {
            return Ok(Nonce::default());
        }
        Ok(Nonce::from([0, 0, 0, a, b, c, d, e, f, g, h, last]))
    }
}

/// Chunks of `size` and their places; one empty last chunk when there is nothing.
fn places(bytes: &[u8], size: usize) -> impl Iterator<Item = (&[u8], ChunkPlace)> {
    let count = bytes.len().div_ceil(size).max(1);
    (1..=count)
        .zip(bytes.chunks(size).chain(std::iter::once(&[][..])))
        .map(move |(n, chunk)| {
            (
                chunk,
                if n == count {
                    ChunkPlace::Last
                } else {
                    ChunkPlace::Middle
                },
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> BackupSecret {
        BackupSecret::from_bytes([8; 32])
    }

    fn content(length: usize) -> Vec<u8> {
        (0..length)
            .map(|i| u8::try_from(i % 251).unwrap())
            .collect()
    }

    #[test]
    fn streams_of_every_edge_come_back() {
        for length in [
            0,
            1,
            CHUNK_BYTES - 1,
            CHUNK_BYTES,
            CHUNK_BYTES + 1,
            3 * CHUNK_BYTES,
        ] {
            let content = content(length);
            let sealed = seal_all(&secret(), b"header", &content).unwrap();
            let chunks = length.div_ceil(CHUNK_BYTES).max(1);
            assert_eq!(sealed.len(), length + 16 * chunks);
            let opened = open_all(&secret(), b"header", &sealed).unwrap();
            assert_eq!(*opened, content, "{length}");
        }
    }

    #[test]
    fn chunks_keep_their_place() {
        let sealed = seal_all(&secret(), b"header", &content(200_000)).unwrap();
        let open = |bytes: &[u8]| open_all(&secret(), b"header", bytes).map(|_| ());
        let one = SEALED_CHUNK_BYTES;
        let refused = Err(StreamError::Refused);
        assert_eq!(open_all(&secret(), b"HEADER", &sealed).map(|_| ()), refused);
        assert_eq!(open(&sealed[..2 * one]), refused);
        assert_eq!(
            open(&[&sealed[one..2 * one], &sealed[..one], &sealed[2 * one..]].concat()),
            refused
        );
        assert_eq!(open(&[&sealed[..], &sealed[..one]].concat()), refused);
        assert_eq!(open(&[&sealed[..one], &sealed[..]].concat()), refused);
        assert_eq!(open(&sealed[one..]), refused);
        assert_eq!(open(&[]), Err(StreamError::Length(0)));
    }

    #[test]
    fn nothing_follows_the_last_chunk() {
        let mut sealer = StreamSealer::new(&secret(), b"");
        assert_eq!(
            sealer.seal(b"short", ChunkPlace::Middle),
            Err(StreamError::Length(5))
        );
        assert!(sealer.seal(b"short", ChunkPlace::Last).is_ok());
        assert_eq!(
            sealer.seal(b"more", ChunkPlace::Last),
            Err(StreamError::Over)
        );
    }
}
