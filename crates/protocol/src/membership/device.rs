//! What is public of a device: its class and its two keys, and the proof that it holds them.

use std::fmt;

use super::error::LinkError;
use crate::codec::{CodecError, Reader, Writer};
use crate::ids::{AccountId, DeviceId, VerifyKey};
use crate::label::{Context, hash};

/// An X-Wing public key: what secrets are sealed to.
#[derive(Clone, PartialEq, Eq)]
pub struct SealKey(Box<[u8; Self::LEN]>);

impl SealKey {
    /// Length in bytes.
    pub const LEN: usize = 1216;

    /// The key that these bytes are.
    #[must_use]
    pub fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(Box::new(bytes))
    }

    /// The bytes of the key.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, ..] = *self.0;
        write!(f, "SealKey({a:02x}{b:02x}{c:02x}{d:02x}..)")
    }
}

/// What a device may sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceClass {
    /// Links and frames.
    Full,
    /// Links of its account only: the recovery kit.
    Recovery,
}

impl DeviceClass {
    /// The byte in a bundle.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Full => 1,
            Self::Recovery => 3,
        }
    }

    /// The class with this number.
    pub const fn from_number(number: u8) -> Result<Self, LinkError> {
        match number {
            1 => Ok(Self::Full),
            3 => Ok(Self::Recovery),
            other => Err(LinkError::DeviceClass(other)),
        }
    }
}

/// A device as its account's log announces it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceBundle {
    /// What it may sign.
    pub class: DeviceClass,
    /// The key that verifies its signatures.
    pub sign_key: VerifyKey,
    /// The key to which secrets for it are sealed.
    pub seal_key: SealKey,
}

impl DeviceBundle {
    /// Length in bytes.
    pub const LEN: usize = 1 + VerifyKey::LEN + SealKey::LEN;

    /// The id of the device: the hash of both keys, so that neither can be exchanged.
    #[must_use]
    pub fn device_id(&self) -> DeviceId {
        let parts: [&[u8]; 2] = [self.sign_key.as_bytes(), self.seal_key.as_bytes()];
        DeviceId::from_bytes(hash(Context::DEVICE_ID, &parts))
    }

    /// Class, signing key, sealing key.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        Writer::with_capacity(Self::LEN)
            .u8(self.class.number())
            .bytes(self.sign_key.as_bytes())
            .bytes(self.seal_key.as_bytes())
            .finish()
    }

    /// The bundle in these bytes, all of them.
    pub fn parse(bytes: &[u8]) -> Result<Self, LinkError> {
        let mut reader = Reader::new(bytes);
        let bundle = Self::read(&mut reader)?;
        reader.end()?;
        Ok(bundle)
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, LinkError> {
        Ok(Self {
            class: DeviceClass::from_number(reader.u8()?)?,
            sign_key: VerifyKey::from_bytes(reader.array()?),
            seal_key: read_seal_key(reader)?,
        })
    }
}

pub(super) fn read_seal_key(reader: &mut Reader<'_>) -> Result<SealKey, CodecError> {
    reader.array().map(SealKey::from_bytes)
}

/// What the first device of an account signs with
/// [`Purpose::DevicePossession`](crate::label::Purpose::DevicePossession).
#[must_use]
pub fn possession_of_first_device(salt: &[u8; 32], bundle: &DeviceBundle) -> Vec<u8> {
    Writer::default()
        .bytes(salt)
        .bytes(&bundle.to_bytes())
        .finish()
}

/// What a device signs that is added by link `seq` of an account's log.
#[must_use]
pub fn possession_of_added_device(account: &AccountId, seq: u64, bundle: &DeviceBundle) -> Vec<u8> {
    Writer::default()
        .bytes(account.as_bytes())
        .u64(seq)
        .bytes(&bundle.to_bytes())
        .finish()
}
