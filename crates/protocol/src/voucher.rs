//! An account's own relay says where the account's log ends, so that another relay, whose guest the
//! account is, takes no link that the own one has refused.
//!
//! Links prove who signed them, not that there is no other in their place. Only the relay that takes
//! the links of an account one after the other, and asks for the second factor, can say that.

use thiserror::Error;

use crate::codec::{CodecError, Reader, Writer};
use crate::ids::{AccountId, LinkHash, Signature, VerifyKey};
use crate::label::Purpose;
use crate::membership::LogView;
use crate::signed::{SignatureError, verify};

const VERSION: u8 = 1;

/// Bytes of a voucher, its signature included.
pub const VOUCHER_BYTES: usize = 169;

/// Bytes that are no voucher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum VoucherError {
    /// Too few or too many.
    #[error("{0}")]
    Length(#[from] CodecError),
    /// Of a version that is not known here.
    #[error("the voucher has version {0}")]
    Version(u8),
    /// The relay that it names did not sign it.
    #[error("{0}")]
    Signature(#[from] SignatureError),
}

/// Where the log of an account ends, by the word of the account's own relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Voucher {
    /// The account.
    pub account: AccountId,
    /// The last link of its log.
    pub view: LogView,
    /// The key of the relay whose word it is.
    pub relay: VerifyKey,
}

impl Voucher {
    /// The bytes that the relay signs, for [`Purpose::Voucher`].
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        Writer::default()
            .u8(VERSION)
            .bytes(self.account.as_bytes())
            .u64(self.view.seq)
            .bytes(self.view.head.as_bytes())
            .bytes(self.relay.as_bytes())
            .finish()
    }

    /// The voucher in these bytes, if the relay that it names has signed it.
    pub fn verify(bytes: &[u8]) -> Result<Self, VoucherError> {
        let (body, signature) = bytes
            .split_last_chunk::<{ Signature::LEN }>()
            .ok_or(CodecError::Short { at: 0 })?;
        let mut reader = Reader::new(body);
        let version = reader.u8()?;
        if version != VERSION {
            return Err(VoucherError::Version(version));
        }
        let voucher = Self {
            account: AccountId::from_bytes(reader.array()?),
            view: LogView {
                seq: reader.u64()?,
                head: LinkHash::from_bytes(reader.array()?),
            },
            relay: VerifyKey::from_bytes(reader.array()?),
        };
        reader.end()?;
        let signature = Signature::from_bytes(*signature);
        verify(Purpose::Voucher, &voucher.relay, body, &signature)?;
        Ok(voucher)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signed::testing::TestSigner;
    use crate::signed::{Signer as _, seal_with};

    #[test]
    fn a_voucher_is_the_word_of_one_relay_about_one_end() {
        let relay = TestSigner::new(1);
        let voucher = Voucher {
            account: AccountId::from_bytes([2; 32]),
            view: LogView {
                seq: 7,
                head: LinkHash::from_bytes([3; 32]),
            },
            relay: relay.verify_key(),
        };
        let bytes = seal_with(&relay, Purpose::Voucher, voucher.to_bytes());
        assert_eq!(bytes.len(), VOUCHER_BYTES);
        assert_eq!(Voucher::verify(&bytes), Ok(voucher));
        for at in 0..bytes.len() {
            let mut bent = bytes.clone();
            bent[at] ^= 1;
            assert!(Voucher::verify(&bent).is_err(), "byte {at}");
        }
        assert!(Voucher::verify(&bytes[1..]).is_err());
        assert!(Voucher::verify(&[]).is_err());
    }

    #[test]
    fn another_relay_cannot_sign_in_its_name() {
        let (relay, other) = (TestSigner::new(1), TestSigner::new(2));
        let voucher = Voucher {
            account: AccountId::from_bytes([2; 32]),
            view: LogView::NONE,
            relay: relay.verify_key(),
        };
        let bytes = seal_with(&other, Purpose::Voucher, voucher.to_bytes());
        assert!(matches!(
            Voucher::verify(&bytes),
            Err(VoucherError::Signature(_))
        ));
    }
}
