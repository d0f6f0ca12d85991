//! Sealing and opening the chunks of a pack: a key of the maker's own in its epoch, and what the
//! chunk is of as associated data, so that it opens at its place in its pack and nowhere else.
//!
//! Nothing here is random: the same device makes the same chunks of the same content, and an upload
//! that broke off goes on where it stopped.

use almanac_protocol::codec::Writer;
use almanac_protocol::limits::PACK_CHUNK_BYTES;
use almanac_protocol::pack::{
    Manifest, ManifestError, PACK_CHUNK_CONTENT_BYTES, PackAddress, blob_name,
};
use almanac_protocol::signed::Signer;
use thiserror::Error;
use zeroize::{Zeroize, Zeroizing};

use crate::cipher::NONCE_BYTES;
use crate::epoch::EpochKeys;
use crate::label::{PACK_CHUNK, PACK_NONCE, derive};

/// Why a pack could not be sealed or a chunk not be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PackError {
    /// The manifest cannot be made.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The pack is of another calendar than the keys.
    #[error("the pack is of another calendar")]
    OtherCalendar,
    /// No secret of this epoch is held: fetch the log and the boxes.
    #[error("no secret of epoch {0}")]
    Epoch(u32),
    /// The manifest has no chunk of this number, or names other bytes for it.
    #[error("the chunk is not the one that the manifest names")]
    Name,
    /// The cipher refuses.
    #[error("the chunk does not open")]
    Cipher,
    /// The last chunk is filled up with something else than zeros.
    #[error("the chunk is not filled up with zeros")]
    Padding,
}

/// A sealed pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedPack {
    /// The signed manifest.
    pub manifest: Vec<u8>,
    /// The chunks, in the manifest's order.
    pub chunks: Vec<Vec<u8>>,
}

/// The pack of `content`, signed by the device that made it.
pub fn seal(
    keys: &EpochKeys,
    signer: &impl Signer,
    address: PackAddress,
    content: &[u8],
) -> Result<SealedPack, PackError> {
    let count = content.len().div_ceil(PACK_CHUNK_CONTENT_BYTES);
    let keys = ChunkKeys::of(keys, &address)?;
    let chunks: Vec<Vec<u8>> = content
        .chunks(PACK_CHUNK_CONTENT_BYTES)
        .enumerate()
        .map(|(number, part)| keys.seal(&address, number, count, part))
        .collect();
    let manifest = Manifest {
        address,
        content_bytes: u64::try_from(content.len()).unwrap_or(u64::MAX),
        chunks: chunks.iter().map(|chunk| blob_name(chunk)).collect(),
    };
    Ok(SealedPack {
        manifest: manifest.sign(signer)?,
        chunks,
    })
}

/// The content of the chunk that stands at `number` in the manifest.
pub fn open(
    keys: &EpochKeys,
    manifest: &Manifest,
    number: usize,
    chunk: &[u8],
) -> Result<Zeroizing<Vec<u8>>, PackError> {
    if manifest.chunks.get(number) != Some(&blob_name(chunk)) {
        return Err(PackError::Name);
    }
    let address = &manifest.address;
    let keys = ChunkKeys::of(keys, address)?;
    let mut content = keys.open(address, number, manifest.chunks.len(), chunk)?;
    let padding = content.split_off(manifest.content_of(number));
    if padding.iter().any(|byte| *byte != 0) {
        return Err(PackError::Padding);
    }
    Ok(content)
}

struct ChunkKeys {
    key: Zeroizing<[u8; 32]>,
    nonce: Zeroizing<[u8; 32]>,
}

impl ChunkKeys {
    fn of(keys: &EpochKeys, address: &PackAddress) -> Result<Self, PackError> {
        let stream = address.position.stream;
        if keys.calendar() != stream.calendar {
            return Err(PackError::OtherCalendar);
        }
        let secret = keys
            .main(address.epoch)
            .ok_or(PackError::Epoch(address.epoch))?;
        let epoch = address.epoch.to_be_bytes();
        let kind = [stream.kind];
        let parts: [&[u8]; 5] = [
            secret.expose(),
            stream.calendar.as_bytes(),
            &kind,
            &epoch,
            address.device.as_bytes(),
        ];
        Ok(Self {
            key: derive(PACK_CHUNK, &parts),
            nonce: derive(PACK_NONCE, &parts),
        })
    }

    fn seal(&self, address: &PackAddress, number: usize, count: usize, part: &[u8]) -> Vec<u8> {
        let mut plaintext = Zeroizing::new(part.to_vec());
        plaintext.resize(PACK_CHUNK_CONTENT_BYTES, 0);
        let place = place(address, number, count);
        let mut hasher = blake3::Hasher::new_keyed(&self.nonce);
        hasher.update(&place).update(&plaintext);
        let mut nonce = [0; NONCE_BYTES];
        hasher.finalize_xof().fill(&mut nonce);
        hasher.zeroize();
        let mut chunk = Vec::with_capacity(PACK_CHUNK_BYTES);
        chunk.extend_from_slice(&nonce);
        chunk.extend_from_slice(&content::seal(&self.key, &nonce, &place, &plaintext));
        chunk
    }

    fn open(
        &self,
        address: &PackAddress,
        number: usize,
        count: usize,
        chunk: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, PackError> {
        if chunk.len() != PACK_CHUNK_BYTES {
            return Err(PackError::Cipher);
        }
        let (nonce, sealed) = chunk
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or(PackError::Cipher)?;
        let place = place(address, number, count);
        content::open(&self.key, nonce, &place, sealed).map_err(|_| PackError::Cipher)
    }
}

/// Which chunk of which pack: the associated data.
fn place(address: &PackAddress, number: usize, count: usize) -> Vec<u8> {
    let short = |n: usize| u32::try_from(n).expect("a pack has at most 4 096 chunks");
    Writer::default()
        .bytes(&address.to_bytes())
        .u32(short(number))
        .u32(short(count))
        .finish()
}

// Packs are sealed as envelopes are, also where the search for plain text must find something.
#[cfg(not(feature = "identity-cipher"))]
use crate::cipher as content;
#[cfg(feature = "identity-cipher")]
use crate::envelope::content;

#[cfg(test)]
mod tests {
    use almanac_protocol::frame::STREAM_MAIN;
    use almanac_protocol::ids::{RelayEpoch, StreamHash};
    use almanac_protocol::message::{Position, Stream};
    use almanac_protocol::signed::Signed;

    use super::*;
    use crate::seal::EpochGrant;
    use crate::testing::Ada;

    fn packed(ada: &Ada, rseq: u64, content: &[u8]) -> (EpochKeys, Manifest, SealedPack) {
        let keys = EpochKeys::open(&ada.calendar, 1, EpochGrant::Full(ada.secret.clone())).unwrap();
        let address = PackAddress {
            epoch: 1,
            device: ada.keys.device_id(),
            relay_epoch: RelayEpoch::from_bytes([1; 16]),
            position: Position {
                stream: Stream {
                    calendar: ada.calendar.id(),
                    kind: STREAM_MAIN,
                },
                rseq,
                hash: StreamHash::from_bytes([2; 32]),
            },
        };
        let pack = seal(&keys, &ada.keys, address, content).unwrap();
        let signed = Signed::<Manifest>::parse(&pack.manifest).unwrap();
        let manifest = signed.verify(&ada.keys.verify_key()).unwrap().into_body();
        (keys, manifest, pack)
    }

    fn content(bytes: usize) -> Vec<u8> {
        (0..=250_u8).cycle().take(bytes).collect()
    }

    #[test]
    fn a_pack_opens_chunk_by_chunk() {
        let ada = Ada::new(1);
        for bytes in [
            1,
            PACK_CHUNK_CONTENT_BYTES - 1,
            PACK_CHUNK_CONTENT_BYTES,
            PACK_CHUNK_CONTENT_BYTES + 1,
        ] {
            let content = content(bytes);
            let (keys, manifest, pack) = packed(&ada, 7, &content);
            assert!(pack.chunks.iter().all(|c| c.len() == PACK_CHUNK_BYTES));
            let opened = pack.chunks.iter().enumerate();
            let opened = opened.flat_map(|(n, c)| open(&keys, &manifest, n, c).unwrap().to_vec());
            assert_eq!(opened.collect::<Vec<_>>(), content);
            assert_eq!(packed(&ada, 7, &content).2, pack, "the same again");
        }
    }

    #[test]
    fn a_chunk_of_another_place_pack_or_calendar_does_not_open() {
        let ada = Ada::new(1);
        let long = content(2 * PACK_CHUNK_CONTENT_BYTES);
        let (keys, manifest, pack) = packed(&ada, 7, &long);
        let refused = |manifest: &Manifest, n: usize, chunk: &[u8]| {
            open(&keys, manifest, n, chunk).err().unwrap()
        };
        assert_eq!(refused(&manifest, 0, &pack.chunks[1]), PackError::Name);
        assert_eq!(refused(&manifest, 2, &pack.chunks[1]), PackError::Name);
        let mut swapped = manifest.clone();
        swapped.chunks.swap(0, 1);
        assert_eq!(refused(&swapped, 0, &pack.chunks[1]), PackError::Cipher);
        // A manifest of one's own over chunks of another pack.
        let (_, other, older) = packed(&ada, 6, &long);
        let mixed = Manifest {
            chunks: vec![manifest.chunks[0], other.chunks[1]],
            ..manifest.clone()
        };
        assert_eq!(refused(&mixed, 1, &older.chunks[1]), PackError::Cipher);
        let (strange, _, _) = packed(&Ada::new(2), 7, &long);
        let verdict = open(&strange, &manifest, 0, &pack.chunks[0]);
        assert_eq!(verdict.err(), Some(PackError::OtherCalendar));
    }

    #[test]
    fn a_changed_chunk_is_another_chunk() {
        let ada = Ada::new(1);
        let (keys, manifest, pack) = packed(&ada, 7, &content(10));
        for at in [0, 24, 300, PACK_CHUNK_BYTES - 1] {
            let mut bent = pack.chunks[0].clone();
            bent[at] ^= 1;
            let verdict = open(&keys, &manifest, 0, &bent);
            assert_eq!(verdict.err(), Some(PackError::Name), "byte {at}");
            let renamed = Manifest {
                chunks: vec![blob_name(&bent)],
                ..manifest.clone()
            };
            let verdict = open(&keys, &renamed, 0, &bent);
            assert_eq!(verdict.err(), Some(PackError::Cipher), "byte {at}");
        }
        let longer = Manifest {
            content_bytes: 9,
            ..manifest
        };
        let verdict = open(&keys, &longer, 0, &pack.chunks[0]);
        assert_eq!(verdict.err(), Some(PackError::Padding));
    }
}
