//! Orders to a relay about a pack: signed, and worth nothing at another relay.

use thiserror::Error;

use crate::codec::{CodecError, Reader, Writer};
use crate::ids::{BlobName, CalendarId, DeviceId, RelayEpoch};
use crate::label::Purpose;
use crate::message::Stream;
use crate::signed::{SignatureError, SignedBody, Signer, seal_with};

const VERSION: u8 = 1;

/// Why bytes are no order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum OrderError {
    /// A field is cut off, or bytes follow the last.
    #[error("the order has another length: {0}")]
    Length(#[from] CodecError),
    /// A version that this program does not know: update needed.
    #[error("version {0} of an order: update needed")]
    Version(u8),
    /// A byte that is no order.
    #[error("order {0}")]
    Kind(u8),
    /// The signature is not by the sender's key.
    #[error("the signature is not valid")]
    Signature,
}

impl From<SignatureError> for OrderError {
    fn from(_: SignatureError) -> Self {
        Self::Signature
    }
}

/// What the relay is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The pack is complete.
    Confirm,
    /// Envelopes that the pack covers need not be kept.
    Drop,
}

impl Order {
    const fn number(self) -> u8 {
        match self {
            Self::Confirm => 1,
            Self::Drop => 2,
        }
    }

    const fn from_number(number: u8) -> Result<Self, OrderError> {
        match number {
            1 => Ok(Self::Confirm),
            2 => Ok(Self::Drop),
            other => Err(OrderError::Kind(other)),
        }
    }
}

/// An order without its signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ControlOrder {
    /// What is to be done.
    pub order: Order,
    /// The life of the relay's database for which it holds.
    pub relay_epoch: RelayEpoch,
    /// The stream.
    pub stream: Stream,
    /// The device that orders it.
    pub device: DeviceId,
    /// The pack.
    pub pack: BlobName,
}

impl ControlOrder {
    /// The order with its signature.
    #[must_use]
    pub fn sign(&self, signer: &impl Signer) -> Vec<u8> {
        let body = Writer::default()
            .u8(VERSION)
            .u8(self.order.number())
            .bytes(self.relay_epoch.as_bytes())
            .bytes(self.stream.calendar.as_bytes())
            .u8(self.stream.kind)
            .bytes(self.device.as_bytes())
            .bytes(self.pack.as_bytes());
        seal_with(signer, Purpose::RelayControl, body.finish())
    }
}

impl SignedBody for ControlOrder {
    const PURPOSE: Purpose = Purpose::RelayControl;
    type Error = OrderError;

    fn parse(bytes: &[u8]) -> Result<Self, OrderError> {
        let mut reader = Reader::new(bytes);
        let version = reader.u8()?;
        if version != VERSION {
            return Err(OrderError::Version(version));
        }
        let order = Self {
            order: Order::from_number(reader.u8()?)?,
            relay_epoch: RelayEpoch::from_bytes(reader.array()?),
            stream: Stream {
                calendar: CalendarId::from_bytes(reader.array()?),
                kind: reader.u8()?,
            },
            device: DeviceId::from_bytes(reader.array()?),
            pack: BlobName::from_bytes(reader.array()?),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signed::Signed;
    use crate::signed::testing::TestSigner;

    #[test]
    fn an_order_is_for_one_relay_one_stream_and_one_pack() {
        let signer = TestSigner::new(1);
        let made = ControlOrder {
            order: Order::Confirm,
            relay_epoch: RelayEpoch::from_bytes([1; 16]),
            stream: Stream {
                calendar: CalendarId::from_bytes([2; 32]),
                kind: 1,
            },
            device: DeviceId::from_bytes([3; 32]),
            pack: BlobName::from_bytes([4; 32]),
        };
        let bytes = made.sign(&signer);
        let read = Signed::<ControlOrder>::parse(&bytes).unwrap();
        assert_eq!(read.verify(&signer.verify_key()).unwrap().into_body(), made);
        for at in 0..bytes.len() {
            let mut bent = bytes.clone();
            bent[at] ^= 1;
            let verdict =
                Signed::<ControlOrder>::parse(&bent).and_then(|o| o.verify(&signer.verify_key()));
            assert!(verdict.is_err(), "byte {at}");
        }
    }
}
