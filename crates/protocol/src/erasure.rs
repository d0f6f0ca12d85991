//! Erasing an account at a relay: the order, signed by a device, and the relay's receipt.
//!
//! The order is worth nothing at another relay or in another life of this one. The receipt is the
//! relay's word, under its own key, for what is gone: it can be shown to others, and it proves what was
//! promised, not what a dishonest relay has kept.

use crate::codec::{CodecError, Reader, Writer};
use crate::ids::{AccountId, DeviceId, RelayEpoch, Signature, VerifyKey};
use crate::label::{Context, Purpose, hash};
use crate::pack::OrderError;
use crate::signed::{SignedBody, Signer, seal_with, verify};

const VERSION: u8 = 1;
/// The number of the order, after CONFIRM and DROP.
const ERASE: u8 = 3;

/// The order to erase an account, without its signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EraseOrder {
    /// The life of the relay's database for which it holds.
    pub relay_epoch: RelayEpoch,
    /// The account.
    pub account: AccountId,
    /// The device that orders it.
    pub device: DeviceId,
}

impl EraseOrder {
    /// The order with its signature.
    #[must_use]
    pub fn sign(&self, signer: &impl Signer) -> Vec<u8> {
        let body = Writer::default()
            .u8(VERSION)
            .u8(ERASE)
            .bytes(self.relay_epoch.as_bytes())
            .bytes(self.account.as_bytes())
            .bytes(self.device.as_bytes());
        seal_with(signer, Purpose::RelayControl, body.finish())
    }
}

impl SignedBody for EraseOrder {
    const PURPOSE: Purpose = Purpose::RelayControl;
    type Error = OrderError;

    fn parse(bytes: &[u8]) -> Result<Self, OrderError> {
        let mut reader = Reader::new(bytes);
        let version = reader.u8()?;
        if version != VERSION {
            return Err(OrderError::Version(version));
        }
        let order = reader.u8()?;
        if order != ERASE {
            return Err(OrderError::Kind(order));
        }
        let order = Self {
            relay_epoch: RelayEpoch::from_bytes(reader.array()?),
            account: AccountId::from_bytes(reader.array()?),
            device: DeviceId::from_bytes(reader.array()?),
        };
        reader.end()?;
        Ok(order)
    }

    fn too_short() -> OrderError {
        OrderError::Length(CodecError::Short { at: 0 })
    }

    fn signer(&self) -> DeviceId {
        self.device
    }
}

/// How a relay names the order that it has followed.
#[must_use]
pub fn order_hash(order: &[u8]) -> [u8; 32] {
    hash(Context::ERASE_ORDER, &[order])
}

/// What a relay says it has erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EraseReceipt {
    /// The life of its database.
    pub relay_epoch: RelayEpoch,
    /// The account.
    pub account: AccountId,
    /// The order that it followed.
    pub order: [u8; 32],
    /// When, ms since 1970, by the relay's clock.
    pub time_ms: u64,
    /// Calendars that are gone, the private one among them.
    pub calendars: u32,
    /// Calendars that stay, because others are in them.
    pub kept: u32,
    /// Envelopes that are gone.
    pub envelopes: u64,
    /// Bytes of envelopes and packs that are gone.
    pub bytes: u64,
}

impl EraseReceipt {
    /// The bytes that the relay signs, for [`Purpose::Erased`].
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        Writer::default()
            .u8(VERSION)
            .bytes(self.relay_epoch.as_bytes())
            .bytes(self.account.as_bytes())
            .bytes(&self.order)
            .u64(self.time_ms)
            .u32(self.calendars)
            .u32(self.kept)
            .u64(self.envelopes)
            .u64(self.bytes)
            .finish()
    }

    /// The receipt in these bytes, if the relay of this key has signed it.
    pub fn verify(bytes: &[u8], relay: &VerifyKey) -> Result<Self, OrderError> {
        let (body, signature) = bytes
            .split_last_chunk::<{ Signature::LEN }>()
            .ok_or(OrderError::Length(CodecError::Short { at: 0 }))?;
        verify(
            Purpose::Erased,
            relay,
            body,
            &Signature::from_bytes(*signature),
        )?;
        let mut reader = Reader::new(body);
        let version = reader.u8()?;
        if version != VERSION {
            return Err(OrderError::Version(version));
        }
        let receipt = Self {
            relay_epoch: RelayEpoch::from_bytes(reader.array()?),
            account: AccountId::from_bytes(reader.array()?),
            order: reader.array()?,
            time_ms: reader.u64()?,
            calendars: reader.u32()?,
            kept: reader.u32()?,
            envelopes: reader.u64()?,
            bytes: reader.u64()?,
        };
        reader.end()?;
        Ok(receipt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signed::Signed;
    use crate::signed::testing::TestSigner;

    fn order() -> EraseOrder {
        EraseOrder {
            relay_epoch: RelayEpoch::from_bytes([1; 16]),
            account: AccountId::from_bytes([2; 32]),
            device: DeviceId::from_bytes([3; 32]),
        }
    }

    #[test]
    fn an_order_is_for_one_relay_and_one_account() {
        let signer = TestSigner::new(1);
        let bytes = order().sign(&signer);
        let read = Signed::<EraseOrder>::parse(&bytes).unwrap();
        let key = signer.verify_key();
        assert_eq!(read.verify(&key).unwrap().into_body(), order());
        for at in 0..bytes.len() {
            let mut bent = bytes.clone();
            bent[at] ^= 1;
            let verdict = Signed::<EraseOrder>::parse(&bent).and_then(|o| o.verify(&key));
            assert!(verdict.is_err(), "byte {at}");
        }
    }

    #[test]
    fn a_receipt_is_the_word_of_one_relay() {
        let (relay, other) = (TestSigner::new(1), TestSigner::new(2));
        let receipt = EraseReceipt {
            relay_epoch: RelayEpoch::from_bytes([1; 16]),
            account: AccountId::from_bytes([2; 32]),
            order: order_hash(&order().sign(&other)),
            time_ms: 7,
            calendars: 2,
            kept: 1,
            envelopes: 30,
            bytes: 40_000,
        };
        let bytes = seal_with(&relay, Purpose::Erased, receipt.to_bytes());
        assert_eq!(
            EraseReceipt::verify(&bytes, &relay.verify_key()),
            Ok(receipt)
        );
        assert!(EraseReceipt::verify(&bytes, &other.verify_key()).is_err());
        for at in 0..bytes.len() {
            let mut bent = bytes.clone();
            bent[at] ^= 1;
            assert!(EraseReceipt::verify(&bent, &relay.verify_key()).is_err());
        }
    }
}
