//! Signatures: one body for each purpose, strict verification, and types that keep their content
//! to themselves until it is verified.

use ed25519_dalek::VerifyingKey;
use thiserror::Error;

use crate::defence::Defence;
use crate::ids::{DeviceId, Signature, VerifyKey};
use crate::label::Purpose;

/// A signature that its key did not make over these bytes for this purpose, or a key that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the signature is not valid")]
pub struct SignatureError;

/// A device's signing half: all that this crate needs of a secret, without holding it.
pub trait Signer {
    /// The key under which others verify.
    fn verify_key(&self) -> VerifyKey;

    /// The signature over [`signature_body`] of `purpose` and `body`.
    fn sign(&self, purpose: Purpose, body: &[u8]) -> Signature;
}

/// The bytes that enter the signature: the purpose's domain, then the body.
#[must_use]
pub fn signature_body(purpose: Purpose, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(32 + body.len());
    if Defence::SignaturePurpose.stands() {
        bytes.extend_from_slice(&purpose.domain());
    }
    bytes.extend_from_slice(body);
    bytes
}

/// Checks a signature strictly: weak keys and a second encoding of a signature are refused
/// (RFC 8032, section 5.1.7, with the cofactorless equation).
pub fn verify(
    purpose: Purpose,
    key: &VerifyKey,
    body: &[u8],
    signature: &Signature,
) -> Result<(), SignatureError> {
    if !Defence::Signature.stands() {
        return Ok(());
    }
    let key = VerifyingKey::from_bytes(key.as_bytes()).map_err(|_| SignatureError)?;
    let signature = ed25519_dalek::Signature::from_bytes(signature.as_bytes());
    let body = signature_body(purpose, body);
    let verified = if Defence::StrictSignature.stands() {
        key.verify_strict(&body, &signature)
    } else {
        loosely(&key, &body, &signature)
    };
    verified.map_err(|_| SignatureError)
}

/// What other programs do, and nothing that ships.
fn loosely(
    key: &VerifyingKey,
    body: &[u8],
    signature: &ed25519_dalek::Signature,
) -> Result<(), ed25519_dalek::SignatureError> {
    ed25519_dalek::Verifier::verify(key, body, signature)
}

/// What stands before a signature, with a layout of its own.
pub trait SignedBody: Sized {
    /// What the signature is for.
    const PURPOSE: Purpose;
    /// Why bytes are not such a body.
    type Error: From<SignatureError>;

    /// The body in `bytes`, all of them, without the signature.
    fn parse(bytes: &[u8]) -> Result<Self, Self::Error>;

    /// The error for fewer bytes than a signature has.
    fn too_short() -> Self::Error;

    /// The device that claims to have signed.
    fn signer(&self) -> DeviceId;
}

/// A body with its signature, read but not verified: it names its signer and nothing more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed<T> {
    body: T,
    bytes: Vec<u8>,
    signature: Signature,
}

impl<T: SignedBody> Signed<T> {
    /// Reads the body and the 64 bytes of signature after it.
    pub fn parse(bytes: &[u8]) -> Result<Self, T::Error> {
        let (body, signature) = bytes.split_last_chunk::<64>().ok_or_else(T::too_short)?;
        Ok(Self {
            body: T::parse(body)?,
            bytes: bytes.to_vec(),
            signature: Signature::from_bytes(*signature),
        })
    }

    /// The device that claims to have signed: whose key to verify with.
    #[must_use]
    pub fn signer(&self) -> DeviceId {
        self.body.signer()
    }

    /// The body, if `key` signed it.
    pub fn verify(self, key: &VerifyKey) -> Result<Verified<T>, T::Error> {
        let body = self
            .bytes
            .len()
            .checked_sub(Signature::LEN)
            .and_then(|n| self.bytes.get(..n));
        verify(
            T::PURPOSE,
            key,
            body.ok_or_else(T::too_short)?,
            &self.signature,
        )?;
        Ok(Verified {
            body: self.body,
            bytes: self.bytes,
        })
    }

    /// The body before anyone has vouched for it: only to find the key that does.
    pub(crate) fn unverified(&self) -> &T {
        &self.body
    }
}

/// A body whose signature holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified<T> {
    body: T,
    bytes: Vec<u8>,
}

impl<T> Verified<T> {
    /// What was signed.
    #[must_use]
    pub fn body(&self) -> &T {
        &self.body
    }

    /// The bytes as received, signature included.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The body, without the proof.
    #[must_use]
    pub fn into_body(self) -> T {
        self.body
    }
}

/// The signed form of `body`: the bytes with the signature behind them.
#[must_use]
pub(crate) fn seal_with(signer: &impl Signer, purpose: Purpose, mut body: Vec<u8>) -> Vec<u8> {
    let signature = signer.sign(purpose, &body);
    body.extend_from_slice(signature.as_bytes());
    body
}

#[cfg(test)]
pub(crate) mod testing {
    //! A signer for this crate's own tests.

    use ed25519_dalek::{Signer as _, SigningKey};

    use super::*;

    pub(crate) struct TestSigner(SigningKey);

    impl TestSigner {
        pub(crate) fn new(seed: u8) -> Self {
            Self(SigningKey::from_bytes(&[seed; 32]))
        }
    }

    impl Signer for TestSigner {
        fn verify_key(&self) -> VerifyKey {
            VerifyKey::from_bytes(self.0.verifying_key().to_bytes())
        }

        fn sign(&self, purpose: Purpose, body: &[u8]) -> Signature {
            Signature::from_bytes(self.0.sign(&signature_body(purpose, body)).to_bytes())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::testing::TestSigner;
    use super::*;

    #[test]
    fn a_signature_holds_for_one_purpose_and_one_body() {
        let signer = TestSigner::new(1);
        let key = signer.verify_key();
        for made_for in Purpose::ALL {
            let signature = signer.sign(made_for, b"body");
            for read_as in Purpose::ALL {
                let verdict = verify(read_as, &key, b"body", &signature);
                assert_eq!(
                    verdict.is_ok(),
                    made_for == read_as,
                    "{made_for:?} as {read_as:?}"
                );
            }
            assert_eq!(
                verify(made_for, &key, b"bodY", &signature),
                Err(SignatureError)
            );
        }
    }

    #[test]
    fn a_key_of_small_order_verifies_nothing() {
        let mut identity = [0; 32];
        identity[0] = 1;
        let mut signature = [0; 64];
        signature[0] = 1;
        let key = VerifyKey::from_bytes(identity);
        let signature = Signature::from_bytes(signature);
        assert_eq!(
            verify(Purpose::Frame, &key, b"anything", &signature),
            Err(SignatureError)
        );
    }
}
