//! Sealing and opening envelopes: XChaCha20-Poly1305 under a key of the sender's own, the whole
//! header as associated data, padded and never compressed.

use almanac_protocol::defence::Defence;
use almanac_protocol::envelope::{
    EnvelopeAddress, EnvelopeError, EnvelopeHeader, FrameWithChanges, NONCE_BYTES, TAG_BYTES,
    decode_body, encode_body,
};
use almanac_protocol::message::Stream;
use rand_core::CryptoRng;
use thiserror::Error;
use zeroize::{Zeroize, Zeroizing};

use crate::epoch::EpochKeys;
use crate::label::{CONTENT_KEY, NONCE_KEY, derive};

/// Why an envelope could not be sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum OpenError {
    /// The layout outside or inside is not ours.
    #[error(transparent)]
    Layout(#[from] EnvelopeError),
    /// The envelope belongs to another stream than the one asked for.
    #[error("the envelope belongs to another stream")]
    OtherStream,
    /// No secret of this epoch is held: fetch the log and the boxes.
    #[error("no secret of epoch {0}")]
    Epoch(u32),
    /// The cipher refuses: another key, or a byte is not what was sealed.
    #[error("the envelope does not open")]
    Cipher,
}

/// The envelope of `frames`. Its address says who seals what for which epoch.
pub fn seal(
    rng: &mut impl CryptoRng,
    keys: &EpochKeys,
    address: &EnvelopeAddress,
    frames: &[FrameWithChanges],
) -> Result<Vec<u8>, OpenError> {
    let plaintext = Zeroizing::new(encode_body(frames)?);
    decode_body(address, &plaintext)?;
    let key = subkey(keys, address, CONTENT_KEY)?;
    let nonce = nonce(
        rng,
        &*subkey(keys, address, NONCE_KEY)?,
        address,
        &plaintext,
    );
    let body_bytes = u32::try_from(plaintext.len() + TAG_BYTES)
        .map_err(|_| EnvelopeError::TooLarge(plaintext.len()))?;
    let mut envelope = EnvelopeHeader {
        address: *address,
        nonce,
        body_bytes,
    }
    .to_bytes();
    let sealed = content::seal(&key, &nonce, &envelope, &plaintext);
    envelope.extend_from_slice(&sealed);
    Ok(envelope)
}

/// The header and the frames of an envelope that came as one of `requested`: nothing in the
/// relay's answer chooses the stream. The frames still have to be verified one by one.
pub fn open(
    keys: &EpochKeys,
    requested: Stream,
    envelope: &[u8],
) -> Result<(EnvelopeHeader, Vec<FrameWithChanges>), OpenError> {
    let (header, sealed) = EnvelopeHeader::parse(envelope)?;
    if header.address.stream() != requested && Defence::RequestedStream.stands() {
        return Err(OpenError::OtherStream);
    }
    let key = subkey(keys, &header.address, CONTENT_KEY)?;
    let plaintext = content::open(&key, &header.nonce, &header.to_bytes(), sealed)
        .map_err(|_| OpenError::Cipher)?;
    let frames = decode_body(&header.address, &plaintext)?;
    Ok((header, frames))
}

/// A key of one sender in one stream and epoch: two devices never share a nonce space.
fn subkey(
    keys: &EpochKeys,
    address: &EnvelopeAddress,
    context: almanac_protocol::label::Context,
) -> Result<Zeroizing<[u8; 32]>, OpenError> {
    if keys.calendar() != address.calendar {
        return Err(OpenError::OtherStream);
    }
    let epoch = address.epoch;
    let secret = keys
        .content(address.kind, epoch)
        .ok_or(OpenError::Epoch(epoch))?;
    let parts: [&[u8]; 5] = [
        secret,
        address.calendar.as_bytes(),
        &[address.kind.number()],
        &epoch.to_be_bytes(),
        address.device.as_bytes(),
    ];
    Ok(derive(context, &parts))
}

/// Random and bound to what is sealed: a random source that has died, or a machine that was
/// copied, shows that two plaintexts are equal and nothing more.
fn nonce(
    rng: &mut impl CryptoRng,
    key: &[u8; 32],
    address: &EnvelopeAddress,
    plaintext: &[u8],
) -> [u8; NONCE_BYTES] {
    let mut random = [0; 32];
    rng.fill_bytes(&mut random);
    let mut hasher = blake3::Hasher::new_keyed(key);
    hasher.update(&random);
    if Defence::HedgedNonce.stands() {
        hasher.update(&address.to_bytes()).update(plaintext);
    }
    let mut nonce = [0; NONCE_BYTES];
    hasher.finalize_xof().fill(&mut nonce);
    hasher.zeroize();
    nonce
}

#[cfg(not(feature = "identity-cipher"))]
use crate::cipher as content;

#[cfg(all(feature = "identity-cipher", not(debug_assertions)))]
compile_error!("`identity-cipher` leaves everything readable and is for one test alone");

/// A cipher that encrypts nothing. With it the search for planted plaintext at the relay must find
/// something; lengths and tags are as always, so that everything else goes on working.
#[cfg(feature = "identity-cipher")]
pub(crate) mod content {
    use almanac_protocol::envelope::{NONCE_BYTES, TAG_BYTES};
    use subtle::ConstantTimeEq;
    use zeroize::Zeroizing;

    use crate::cipher::Refused;

    pub(crate) fn seal(
        key: &[u8; 32],
        nonce: &[u8; NONCE_BYTES],
        aad: &[u8],
        plaintext: &[u8],
    ) -> Vec<u8> {
        [plaintext, &tag(key, nonce, aad, plaintext)].concat()
    }

    pub(crate) fn open(
        key: &[u8; 32],
        nonce: &[u8; NONCE_BYTES],
        aad: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Refused> {
        let (plaintext, found) = sealed.split_last_chunk::<TAG_BYTES>().ok_or(Refused)?;
        if bool::from(tag(key, nonce, aad, plaintext).ct_eq(found)) {
            Ok(Zeroizing::new(plaintext.to_vec()))
        } else {
            Err(Refused)
        }
    }

    fn tag(
        key: &[u8; 32],
        nonce: &[u8; NONCE_BYTES],
        aad: &[u8],
        plaintext: &[u8],
    ) -> [u8; TAG_BYTES] {
        let mut hasher = blake3::Hasher::new_keyed(key);
        hasher
            .update(nonce)
            .update(&(aad.len() as u64).to_be_bytes())
            .update(aad);
        hasher.update(plaintext);
        let mut tag = [0; TAG_BYTES];
        hasher.finalize_xof().fill(&mut tag);
        tag
    }
}

#[cfg(test)]
mod tests {
    use almanac_protocol::envelope::{ENVELOPE_HEADER_BYTES, EnvelopeKind};
    use almanac_protocol::ids::ChangeHash;

    use super::*;
    use crate::seal::EpochGrant;
    use crate::testing::Ada;

    fn sealed(ada: &mut Ada) -> (EpochKeys, Stream, FrameWithChanges, Vec<u8>) {
        let keys = EpochKeys::open(&ada.calendar, 1, EpochGrant::Full(ada.secret.clone())).unwrap();
        let frame = ada.frame(1, &[ChangeHash::from_bytes([1; 32])]);
        let address = EnvelopeAddress {
            kind: EnvelopeKind::Own,
            calendar: frame.stream.calendar,
            epoch: 1,
            device: frame.author,
            incarnation: frame.incarnation,
            first_seq: 1,
        };
        let bytes = frame.sign(&ada.keys).unwrap();
        let content = FrameWithChanges {
            frame: bytes,
            changes: vec![b"a change".to_vec()],
        };
        let one = std::slice::from_ref(&content);
        let envelope = seal(&mut ada.rng, &keys, &address, one).unwrap();
        (keys, frame.stream, content, envelope)
    }

    #[test]
    fn an_envelope_opens_for_the_stream_asked_for() {
        let (keys, stream, content, envelope) = sealed(&mut Ada::new(1));
        assert_eq!(envelope.len(), ENVELOPE_HEADER_BYTES + 512 + 16);
        let (header, frames) = open(&keys, stream, &envelope).unwrap();
        assert_eq!((header.address.first_seq, frames), (1, vec![content]));
        let other = Stream { kind: 2, ..stream };
        assert_eq!(
            open(&keys, other, &envelope).err(),
            Some(OpenError::OtherStream)
        );
        let other = Stream {
            calendar: Ada::new(2).calendar.id(),
            ..stream
        };
        assert_eq!(
            open(&keys, other, &envelope).err(),
            Some(OpenError::OtherStream)
        );
    }

    #[test]
    fn every_byte_of_an_envelope_matters() {
        let (keys, stream, _, envelope) = sealed(&mut Ada::new(1));
        for at in 0..envelope.len() {
            let mut bent = envelope.clone();
            bent[at] ^= 1;
            assert!(open(&keys, stream, &bent).is_err(), "byte {at}");
        }
        for end in 0..envelope.len() {
            assert!(
                open(&keys, stream, &envelope[..end]).is_err(),
                "{end} bytes"
            );
        }
    }

    #[test]
    fn what_nobody_could_open_is_not_sealed() {
        let mut ada = Ada::new(1);
        let (keys, _, content, envelope) = sealed(&mut ada);
        let (header, _) = EnvelopeHeader::parse(&envelope).unwrap();
        let wrong = EnvelopeAddress {
            first_seq: 2,
            ..header.address
        };
        let one = std::slice::from_ref(&content);
        let made = seal(&mut ada.rng, &keys, &wrong, one);
        assert_eq!(made, Err(OpenError::Layout(EnvelopeError::Promise)));
        let later = EnvelopeAddress {
            epoch: 2,
            ..header.address
        };
        assert_eq!(
            seal(&mut ada.rng, &keys, &later, one),
            Err(OpenError::Epoch(2))
        );
    }
}
