//! The side of the device that adds another.

use almanac_protocol::codec::Writer;
use almanac_protocol::codes::RoutingCode;
use almanac_protocol::ids::Signature;
use almanac_protocol::label::Purpose;
use almanac_protocol::membership::{
    DeviceBundle, DeviceClass, LinkError, possession_of_added_device,
};
use almanac_protocol::signed::verify;
use rand_core::CryptoRng;
use subtle::ConstantTimeEq;

use super::code::{PairingCode, promise};
use super::{AccountBundle, PairingError, STEP_ACCOUNT, STEP_KEYS, STEP_PROMISE, begin};

/// A device that has opened a routing code and waits for step 1.
#[derive(Debug)]
pub struct OldDevice {
    account: AccountBundle,
    routing: RoutingCode,
}

impl OldDevice {
    /// A device that waits under `routing` and will say this of its account.
    #[must_use]
    pub const fn new(account: AccountBundle, routing: RoutingCode) -> Self {
        Self { account, routing }
    }

    /// Takes step 1 and answers with step 2: the account and a random number.
    pub fn reveal(
        self,
        rng: &mut impl CryptoRng,
        step: &[u8],
    ) -> Result<(OldDeviceRevealed, Vec<u8>), PairingError> {
        let mut reader = begin(step, STEP_PROMISE)?;
        let commit = reader.array()?;
        reader.end()?;
        let mut random = [0; 32];
        rng.fill_bytes(&mut random);
        let bundle = self.account.to_bytes()?;
        let step = Writer::default()
            .u8(STEP_ACCOUNT)
            .bytes(&bundle)
            .bytes(&random)
            .finish();
        Ok((
            OldDeviceRevealed {
                device: self,
                commit,
                random,
            },
            step,
        ))
    }
}

/// A device that waits for step 3.
#[derive(Debug)]
pub struct OldDeviceRevealed {
    device: OldDevice,
    commit: [u8; 32],
    random: [u8; 32],
}

impl OldDeviceRevealed {
    /// Takes step 3. The keys must be those that were promised, and be held by who shows them.
    pub fn ask(self, step: &[u8]) -> Result<OldDeviceAsked, PairingError> {
        let mut reader = begin(step, STEP_KEYS)?;
        let bundle_bytes = reader.bytes(DeviceBundle::LEN)?;
        let possession = Signature::from_bytes(reader.array()?);
        let new_random = reader.array()?;
        reader.end()?;
        let kept = promise(bundle_bytes, &new_random);
        if !bool::from(kept.as_slice().ct_eq(self.commit.as_slice())) {
            return Err(PairingError::Promise);
        }
        let bundle = DeviceBundle::parse(bundle_bytes)?;
        if bundle.class != DeviceClass::Full {
            return Err(LinkError::DeviceClass(bundle.class.number()).into());
        }
        let account = &self.device.account;
        let seq = account.view.seq.saturating_add(1);
        let body = possession_of_added_device(&account.account, seq, &bundle);
        verify(
            Purpose::DevicePossession,
            &bundle.sign_key,
            &body,
            &possession,
        )
        .map_err(|_| PairingError::Possession)?;
        let code = PairingCode::new(
            &self.device.routing,
            (&account.to_bytes()?, &self.random),
            &self.commit,
            (bundle_bytes, &new_random),
        );
        Ok(OldDeviceAsked {
            added: AddedDevice { bundle, possession },
            code,
        })
    }
}

/// A device that waits for the digits. It never shows them.
#[derive(Debug)]
pub struct OldDeviceAsked {
    added: AddedDevice,
    code: PairingCode,
}

impl OldDeviceAsked {
    /// The one attempt: what to add, if the digits are those of the new device.
    pub fn confirm(self, typed: &str) -> Result<AddedDevice, PairingError> {
        if self.code.matches(typed) {
            Ok(self.added)
        } else {
            Err(PairingError::Code)
        }
    }
}

/// A device whose keys a person has confirmed: what ADD_DEVICE needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddedDevice {
    /// Its keys.
    pub bundle: DeviceBundle,
    /// Its proof for the link after the one the old device named.
    pub possession: Signature,
}
