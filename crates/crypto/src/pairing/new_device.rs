//! The side of the device that is being added.

use std::fmt;

use almanac_protocol::codec::Writer;
use almanac_protocol::codes::RoutingCode;
use almanac_protocol::label::Purpose;
use almanac_protocol::membership::possession_of_added_device;
use almanac_protocol::signed::Signer;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::code::{PairingCode, promise};
use super::{
    AccountBundle, PairingError, PairingResult, STEP_ACCOUNT, STEP_KEYS, STEP_PROMISE, begin,
};
use crate::keys::DeviceKeys;

/// A device with fresh keys that has reached the old one.
#[derive(Debug)]
pub struct NewDevice {
    keys: DeviceKeys,
    routing: RoutingCode,
}

impl NewDevice {
    /// A device that joined under `routing`.
    #[must_use]
    pub const fn new(keys: DeviceKeys, routing: RoutingCode) -> Self {
        Self { keys, routing }
    }

    /// Step 1: promises the keys.
    #[must_use]
    pub fn promise(self, rng: &mut impl CryptoRng) -> (NewDevicePromised, Vec<u8>) {
        let mut random = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut random[..]);
        let commit = promise(&self.keys.bundle().to_bytes(), &random);
        let step = Writer::default().u8(STEP_PROMISE).bytes(&commit).finish();
        (
            NewDevicePromised {
                device: self,
                random,
                commit,
            },
            step,
        )
    }
}

/// A device that waits for step 2.
pub struct NewDevicePromised {
    device: NewDevice,
    random: Zeroizing<[u8; 32]>,
    commit: [u8; 32],
}

impl fmt::Debug for NewDevicePromised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewDevicePromised")
            .field("device", &self.device)
            .finish_non_exhaustive()
    }
}

impl NewDevicePromised {
    /// Takes step 2 and answers with step 3, which shows the keys. The code is ready.
    pub fn reveal(self, step: &[u8]) -> Result<(NewDeviceRevealed, Vec<u8>), PairingError> {
        let mut reader = begin(step, STEP_ACCOUNT)?;
        let account = AccountBundle::read(&mut reader)?;
        let old_random = reader.array()?;
        reader.end()?;
        let keys = self.device.keys;
        let bundle = keys.bundle().to_bytes();
        let seq = account.view.seq.saturating_add(1);
        let body = possession_of_added_device(&account.account, seq, keys.bundle());
        let possession = keys.sign(Purpose::DevicePossession, &body);
        let code = PairingCode::new(
            &self.device.routing,
            (&account.to_bytes()?, &old_random),
            &self.commit,
            (&bundle, &self.random),
        );
        let step = Writer::default()
            .u8(STEP_KEYS)
            .bytes(&bundle)
            .bytes(possession.as_bytes())
            .bytes(&self.random[..])
            .finish();
        Ok((
            NewDeviceRevealed {
                keys,
                account,
                code,
            },
            step,
        ))
    }
}

/// A device that shows its code and waits for step 4.
#[derive(Debug)]
pub struct NewDeviceRevealed {
    keys: DeviceKeys,
    account: AccountBundle,
    code: PairingCode,
}

impl NewDeviceRevealed {
    /// The digits to show.
    #[must_use]
    pub const fn code(&self) -> &PairingCode {
        &self.code
    }

    /// What the old device said of the account. Only a log with this id, containing this head, is
    /// the account's.
    #[must_use]
    pub const fn account(&self) -> &AccountBundle {
        &self.account
    }

    /// Takes step 4: how it ended, and the keys that now belong to the account or to nothing.
    pub fn finish(
        self,
        step: &[u8],
    ) -> Result<(PairingResult, DeviceKeys, AccountBundle), PairingError> {
        Ok((PairingResult::parse(step)?, self.keys, self.account))
    }
}
