//! Linking a new device to an old one of the same person.
//!
//! The new device promises its keys before it sees the old one's random number, and the old one
//! reveals that number before it sees the keys: whoever stands between has one guess at nine
//! digits. The digits are typed into the old device, so a person cannot wave them through.
//!
//! ```text
//! new device                              old device
//! promise                ── step 1 ──▶
//!                        ◀── step 2 ──    account, head, random number
//! keys, random number    ── step 3 ──▶    promise kept?
//! shows 372 457 141                       is told 372 457 141
//!                        ◀── step 4 ──    added, or why not
//! ```
//!
//! Each state is consumed by its step: nothing can be tried twice.

mod code;
mod new_device;
mod old_device;

use almanac_protocol::auth::ORIGIN_BYTES_MAX;
use almanac_protocol::codec::{CodecError, Reader, Writer};
use almanac_protocol::ids::{AccountId, DeviceId, LinkHash};
use almanac_protocol::membership::{LinkError, LogView};
use thiserror::Error;

pub use code::PairingCode;
pub use new_device::{NewDevice, NewDevicePromised, NewDeviceRevealed};
pub use old_device::{AddedDevice, OldDevice, OldDeviceAsked, OldDeviceRevealed};

const STEP_PROMISE: u8 = 1;
const STEP_ACCOUNT: u8 = 2;
const STEP_KEYS: u8 = 3;
const STEP_RESULT: u8 = 4;

/// Why a linking is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PairingError {
    /// The step has another length.
    #[error("the step has another length: {0}")]
    Length(#[from] CodecError),
    /// Another step than the one that is next.
    #[error("step {found} where step {expected} is next")]
    Step {
        /// The step that is next.
        expected: u8,
        /// The step found.
        found: u8,
    },
    /// The origin is no text, or too long.
    #[error("the origin cannot be read")]
    Origin,
    /// The keys of the new device cannot be read, or are not those of a full device.
    #[error("the keys of the new device cannot be read: {0}")]
    Keys(#[from] LinkError),
    /// The new device shows other keys than it promised.
    #[error("the new device shows other keys than it promised")]
    Promise,
    /// The new device does not hold the keys it shows.
    #[error("the new device does not prove its keys")]
    Possession,
    /// Other digits than the new device shows.
    #[error("the digits are not those of the new device")]
    Code,
    /// A result that this version does not know.
    #[error("result {0}")]
    Result(u8),
}

/// What the old device says of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountBundle {
    /// The account.
    pub account: AccountId,
    /// The old device.
    pub device: DeviceId,
    /// The end of the account's log: the new device is added by the link after it.
    pub view: LogView,
    /// The relay to which the account belongs.
    pub origin: String,
}

impl AccountBundle {
    fn to_bytes(&self) -> Result<Vec<u8>, PairingError> {
        let origin = self.origin.as_bytes();
        let length = u16::try_from(origin.len())
            .ok()
            .filter(|length| usize::from(*length) <= ORIGIN_BYTES_MAX)
            .ok_or(PairingError::Origin)?;
        let bytes = Writer::default()
            .bytes(self.account.as_bytes())
            .bytes(self.device.as_bytes())
            .u64(self.view.seq)
            .bytes(self.view.head.as_bytes())
            .u16(length)
            .bytes(origin);
        Ok(bytes.finish())
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, PairingError> {
        let account = AccountId::from_bytes(reader.array()?);
        let device = DeviceId::from_bytes(reader.array()?);
        let view = LogView {
            seq: reader.u64()?,
            head: LinkHash::from_bytes(reader.array()?),
        };
        let length = usize::from(reader.u16()?);
        if length > ORIGIN_BYTES_MAX {
            return Err(PairingError::Origin);
        }
        let origin = str::from_utf8(reader.bytes(length)?).map_err(|_| PairingError::Origin)?;
        Ok(Self {
            account,
            device,
            view,
            origin: origin.to_owned(),
        })
    }
}

/// How a linking ended, in the old device's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PairingResult {
    /// The new device belongs to the account.
    Added,
    /// Other digits were typed.
    WrongDigits,
    /// The person stopped it, or the old device could not add it.
    Stopped,
}

impl PairingResult {
    /// Step 4.
    #[must_use]
    pub fn to_step(self) -> Vec<u8> {
        let result = match self {
            Self::Added => 1,
            Self::WrongDigits => 2,
            Self::Stopped => 3,
        };
        vec![STEP_RESULT, result]
    }

    fn parse(step: &[u8]) -> Result<Self, PairingError> {
        let mut reader = begin(step, STEP_RESULT)?;
        let result = match reader.u8()? {
            1 => Self::Added,
            2 => Self::WrongDigits,
            3 => Self::Stopped,
            other => return Err(PairingError::Result(other)),
        };
        reader.end()?;
        Ok(result)
    }
}

fn begin(step: &[u8], expected: u8) -> Result<Reader<'_>, PairingError> {
    let mut reader = Reader::new(step);
    let found = reader.u8()?;
    if found == expected {
        Ok(reader)
    } else {
        Err(PairingError::Step { expected, found })
    }
}

#[cfg(test)]
mod tests;
