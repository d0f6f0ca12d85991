//! What changes an account after its first link: the payloads, and the links that carry them.

use super::super::cut::{AccountCut, read_account_cuts, write_account_cuts};
use super::super::device::DeviceBundle;
use super::super::error::LinkError;
use super::super::link::{Link, LinkType};
use super::super::puk_section::PukSection;
use super::AccountLog;
use crate::codec::{Reader, Writer};
use crate::ids::{AccountId, DeviceId, LinkHash, Signature};
use crate::signed::Signer;

/// Why a device was revoked. Shown to people, never decided upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevokeReason {
    /// It is no longer used.
    Retired,
    /// Nobody knows where it is.
    Lost,
    /// Someone else has it.
    Stolen,
    /// A word of a later version.
    Other(u8),
}

impl RevokeReason {
    /// The byte in the link.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Retired => 1,
            Self::Lost => 2,
            Self::Stolen => 3,
            Self::Other(number) => number,
        }
    }

    /// The reason with this byte.
    #[must_use]
    pub const fn from_number(number: u8) -> Self {
        match number {
            1 => Self::Retired,
            2 => Self::Lost,
            3 => Self::Stolen,
            other => Self::Other(other),
        }
    }
}

/// What a link says that revokes a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revoke {
    /// The device.
    pub device: DeviceId,
    /// Why.
    pub reason: RevokeReason,
    /// Where its lives end, ascending by tag and incarnation.
    pub cuts: Vec<AccountCut>,
    /// The account's new key.
    pub rotation: PukSection,
}

impl Revoke {
    /// The payload of the link.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let head = Writer::default()
            .bytes(self.device.as_bytes())
            .u8(self.reason.number());
        write_account_cuts(head, &self.cuts)
            .bytes(&self.rotation.to_bytes())
            .finish()
    }

    /// The payload in these bytes, all of them.
    pub fn parse(payload: &[u8]) -> Result<Self, LinkError> {
        let mut reader = Reader::new(payload);
        Ok(Self {
            device: DeviceId::from_bytes(reader.array()?),
            reason: RevokeReason::from_number(reader.u8()?),
            cuts: read_account_cuts(&mut reader)?,
            rotation: PukSection::parse(reader.bytes(reader.left())?)?,
        })
    }
}

/// What a link says that puts another recovery kit in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplaceRecovery {
    /// The new kit, of class 3.
    pub bundle: DeviceBundle,
    /// Its proof over [`possession_of_added_device`](super::super::possession_of_added_device).
    pub possession: Signature,
    /// A second device and its signature over [`co_sign_body`]. `None` when the old kit signs the
    /// link, or the only device of the account.
    pub consent: Option<(DeviceId, Signature)>,
    /// The account's new key: the old kit knew the one before.
    pub rotation: PukSection,
}

impl ReplaceRecovery {
    /// The payload of the link.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let nobody = (
            DeviceId::from_bytes([0; 32]),
            Signature::from_bytes([0; 64]),
        );
        let (device, signature) = self.consent.unwrap_or(nobody);
        Writer::default()
            .bytes(&self.bundle.to_bytes())
            .bytes(self.possession.as_bytes())
            .bytes(device.as_bytes())
            .bytes(signature.as_bytes())
            .bytes(&self.rotation.to_bytes())
            .finish()
    }

    /// The payload in these bytes, all of them.
    pub fn parse(payload: &[u8]) -> Result<Self, LinkError> {
        let mut reader = Reader::new(payload);
        let bundle = DeviceBundle::read(&mut reader)?;
        let possession = Signature::from_bytes(reader.array()?);
        let device = DeviceId::from_bytes(reader.array()?);
        let signature = Signature::from_bytes(reader.array()?);
        let rotation = PukSection::parse(reader.bytes(reader.left())?)?;
        let is_nobody = device == DeviceId::from_bytes([0; 32]);
        if is_nobody && signature != Signature::from_bytes([0; 64]) {
            return Err(LinkError::Consent);
        }
        Ok(Self {
            bundle,
            possession,
            consent: (!is_nobody).then_some((device, signature)),
            rotation,
        })
    }
}

/// What a second device signs with [`Purpose::CoSign`](crate::label::Purpose::CoSign): this kit, at
/// this place of this log.
#[must_use]
pub fn co_sign_body(
    account: &AccountId,
    seq: u64,
    prev: &LinkHash,
    bundle: &DeviceBundle,
) -> Vec<u8> {
    Writer::default()
        .bytes(account.as_bytes())
        .u64(seq)
        .bytes(prev.as_bytes())
        .bytes(&bundle.to_bytes())
        .finish()
}

impl AccountLog {
    /// The link that adds `bundle`, to be signed by a device in force. `possession` is over
    /// [`possession_of_added_device`](super::super::possession_of_added_device) with the number of
    /// the next link.
    pub fn add_device(
        &self,
        signer: &impl Signer,
        bundle: &DeviceBundle,
        possession: &Signature,
        time_ms: u64,
    ) -> Result<Vec<u8>, LinkError> {
        let payload = Writer::default()
            .bytes(&bundle.to_bytes())
            .bytes(possession.as_bytes())
            .finish();
        self.next(signer, LinkType::AddDevice, payload, time_ms)
    }

    /// The link that revokes a device, to be signed by a more senior one, by itself or by the
    /// recovery kit.
    pub fn revoke(
        &self,
        signer: &impl Signer,
        revoke: &Revoke,
        time_ms: u64,
    ) -> Result<Vec<u8>, LinkError> {
        self.next(signer, LinkType::Revoke, revoke.to_bytes(), time_ms)
    }

    /// The link that renews the account's key, to be signed by a device in force.
    pub fn rotate_puk(
        &self,
        signer: &impl Signer,
        rotation: &PukSection,
        time_ms: u64,
    ) -> Result<Vec<u8>, LinkError> {
        self.next(signer, LinkType::RotatePuk, rotation.to_bytes(), time_ms)
    }

    /// The link that puts another recovery kit in force.
    pub fn replace_recovery(
        &self,
        signer: &impl Signer,
        replace: &ReplaceRecovery,
        time_ms: u64,
    ) -> Result<Vec<u8>, LinkError> {
        self.next(
            signer,
            LinkType::ReplaceRecovery,
            replace.to_bytes(),
            time_ms,
        )
    }

    fn next(
        &self,
        signer: &impl Signer,
        link_type: LinkType,
        payload: Vec<u8>,
        time_ms: u64,
    ) -> Result<Vec<u8>, LinkError> {
        let link = Link {
            link_type,
            log: self.id().into(),
            seq: self.count(),
            prev: self.view().head,
            device: self.device_of(signer)?.id,
            account: self.id(),
            view: self.view(),
            time_ms,
            payload,
        };
        Ok(link.sign(signer))
    }
}
