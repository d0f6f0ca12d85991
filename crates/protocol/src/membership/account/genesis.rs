//! The first link of an account's log.

use super::super::device::DeviceBundle;
use super::super::error::LinkError;
use super::super::link::{Link, LinkType};
use super::super::position::LogView;
use super::super::puk_section::{read_puk, write_puk};
use super::PukGeneration;
use crate::codec::{Reader, Writer};
use crate::ids::{AccountId, LinkHash, LogId, Signature};
use crate::signed::Signer;

/// What the first link of an account says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountGenesis {
    /// 32 random bytes: they make the account's id unlinkable, and stand for the id in commitments,
    /// which must exist before it does.
    pub salt: [u8; 32],
    /// The first device.
    pub bundle: DeviceBundle,
    /// Its proof over [`possession_of_first_device`].
    pub possession: Signature,
    /// The account's first key.
    pub puk: PukGeneration,
}

impl AccountGenesis {
    /// The first link, signed by the device it announces.
    #[must_use]
    pub fn build(&self, signer: &impl Signer, time_ms: u64) -> Vec<u8> {
        let payload = Writer::default()
            .bytes(&self.salt)
            .bytes(&self.bundle.to_bytes())
            .bytes(self.possession.as_bytes());
        let payload = write_puk(payload, &self.puk).finish();
        let link = Link {
            link_type: LinkType::AccountGenesis,
            log: LogId::from_bytes([0; 32]),
            seq: 0,
            prev: LinkHash::from_bytes([0; 32]),
            device: self.bundle.device_id(),
            account: AccountId::from_bytes([0; 32]),
            view: LogView::NONE,
            time_ms,
            payload,
        };
        link.sign(signer)
    }

    pub(super) fn parse(payload: &[u8]) -> Result<Self, LinkError> {
        let mut reader = Reader::new(payload);
        let genesis = Self {
            salt: reader.array()?,
            bundle: DeviceBundle::read(&mut reader)?,
            possession: Signature::from_bytes(reader.array()?),
            puk: read_puk(&mut reader)?,
        };
        reader.end()?;
        Ok(genesis)
    }
}
