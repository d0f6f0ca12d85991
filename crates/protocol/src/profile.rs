//! Profiles: how a person is called in one calendar, and in which colour.
//!
//! A profile is signed by a device of the person, for one calendar, so it can be carried by others:
//! who writes puts it into the calendar itself, as a frame; for who may only read, an owner does.
//! The relay never sees one.

use thiserror::Error;

use crate::codec::{CodecError, Reader, Writer};
use crate::frame::{Frame, FrameType};
use crate::ids::{AccountId, CalendarId, DeviceId, LinkHash, Signature};
use crate::label::Purpose;
use crate::membership::{Accounts, DeviceClass, LogView};
use crate::signed::{SignatureError, Signed, SignedBody, Signer, Verified, seal_with};

/// Bytes of the longest name.
pub const NAME_BYTES_MAX: usize = 128;
/// Bytes of the longest profile, signature included.
pub const PROFILE_BYTES_MAX: usize = FIXED_BYTES + NAME_BYTES_MAX + Signature::LEN;
const FIXED_BYTES: usize = 1 + 4 * 32 + 8 + 8 + 3 + 2;
const VERSION: u8 = 1;

/// Why bytes are no profile, or not one to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ProfileError {
    /// A field is cut off, or bytes follow the last.
    #[error("the profile has another length: {0}")]
    Length(#[from] CodecError),
    /// A version of the layout that this program does not know: update needed.
    #[error("version {0} of a profile: update needed")]
    Version(u8),
    /// No name, one that is too long, is no text, or would be shown as something else.
    #[error("the name cannot be shown")]
    Name,
    /// The frame is no profile.
    #[error("the frame is no profile")]
    NoProfile,
    /// For another calendar than it was found in.
    #[error("the profile is for another calendar")]
    OtherCalendar,
    /// Not by a device that its account had in the view it quotes, as far as the log is at hand.
    #[error("the profile is not by a device of its account")]
    Signer,
    /// The signature is not by that device.
    #[error("the signature is not valid")]
    Signature,
}

impl From<SignatureError> for ProfileError {
    fn from(_: SignatureError) -> Self {
        Self::Signature
    }
}

/// How a person is called in a calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The calendar.
    pub calendar: CalendarId,
    /// The person.
    pub account: AccountId,
    /// The device that signs.
    pub device: DeviceId,
    /// The account's log as that device had seen it.
    pub view: LogView,
    /// The highest counts: one more than the highest its author has seen.
    pub counter: u64,
    /// Red, green, blue.
    pub colour: [u8; 3],
    /// The name.
    pub name: String,
}

impl Profile {
    /// The profile with its signature: the body of a [`FrameType::Profile`] frame.
    pub fn sign(&self, signer: &impl Signer) -> Result<Vec<u8>, ProfileError> {
        check_name(&self.name)?;
        Ok(seal_with(signer, Purpose::Profile, self.to_bytes()))
    }

    fn to_bytes(&self) -> Vec<u8> {
        let length = u16::try_from(self.name.len()).expect("a name is bounded");
        Writer::with_capacity(PROFILE_BYTES_MAX)
            .u8(VERSION)
            .bytes(self.calendar.as_bytes())
            .bytes(self.account.as_bytes())
            .bytes(self.device.as_bytes())
            .u64(self.view.seq)
            .bytes(self.view.head.as_bytes())
            .u64(self.counter)
            .bytes(&self.colour)
            .u16(length)
            .bytes(self.name.as_bytes())
            .finish()
    }
}

impl SignedBody for Profile {
    const PURPOSE: Purpose = Purpose::Profile;
    type Error = ProfileError;

    fn parse(bytes: &[u8]) -> Result<Self, ProfileError> {
        let mut reader = Reader::new(bytes);
        let version = reader.u8()?;
        if version != VERSION {
            return Err(ProfileError::Version(version));
        }
        let (calendar, account) = (reader.array()?, reader.array()?);
        let device = DeviceId::from_bytes(reader.array()?);
        let view = LogView {
            seq: reader.u64()?,
            head: LinkHash::from_bytes(reader.array()?),
        };
        let (counter, colour) = (reader.u64()?, reader.array()?);
        let length = usize::from(reader.u16()?);
        let name = reader.bytes(length)?.to_vec();
        reader.end()?;
        let name = String::from_utf8(name).map_err(|_| ProfileError::Name)?;
        check_name(&name)?;
        Ok(Self {
            calendar: CalendarId::from_bytes(calendar),
            account: AccountId::from_bytes(account),
            device,
            view,
            counter,
            colour,
            name,
        })
    }

    fn too_short() -> ProfileError {
        ProfileError::Length(CodecError::Short { at: 0 })
    }

    fn signer(&self) -> DeviceId {
        self.device
    }
}

impl Frame {
    /// The profile it holds, not verified yet.
    pub fn profile(&self) -> Result<Signed<Profile>, ProfileError> {
        if self.frame_type != FrameType::Profile {
            return Err(ProfileError::NoProfile);
        }
        Signed::parse(&self.body)
    }
}

/// The profile, if it is for `calendar` and by a device its account had when it signed.
pub fn verify_profile(
    profile: Signed<Profile>,
    calendar: &CalendarId,
    accounts: &impl Accounts,
) -> Result<Verified<Profile>, ProfileError> {
    let body = profile.unverified();
    if body.calendar != *calendar {
        return Err(ProfileError::OtherCalendar);
    }
    let log = accounts
        .account(&body.account)
        .ok_or(ProfileError::Signer)?;
    if log.consistent(body.view).is_err() {
        return Err(ProfileError::Signer);
    }
    let device = log
        .device_at(&body.device, body.view.seq)
        .filter(|device| device.bundle.class == DeviceClass::Full)
        .ok_or(ProfileError::Signer)?;
    profile.verify(&device.bundle.sign_key)
}

/// The one of two profiles of an account that counts: the higher counter, then the higher device.
#[must_use]
pub fn newer(one: Verified<Profile>, other: Verified<Profile>) -> Verified<Profile> {
    let rank = |profile: &Verified<Profile>| {
        let body = profile.body();
        (body.counter, body.device, profile.bytes().to_vec())
    };
    if rank(&one) >= rank(&other) {
        one
    } else {
        other
    }
}

/// Something to read, and nothing that turns the text around it.
fn check_name(name: &str) -> Result<(), ProfileError> {
    let hides = |c: char| {
        c.is_control()
            || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
    };
    let fits = name.len() <= NAME_BYTES_MAX
        && !name.trim().is_empty()
        && name.trim() == name
        && !name.chars().any(hides);
    if fits {
        Ok(())
    } else {
        Err(ProfileError::Name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signed::testing::TestSigner;

    fn profile(name: &str, counter: u64) -> Profile {
        Profile {
            calendar: CalendarId::from_bytes([1; 32]),
            account: AccountId::from_bytes([2; 32]),
            device: DeviceId::from_bytes([3; 32]),
            view: LogView::NONE,
            counter,
            colour: [0x33, 0x66, 0x99],
            name: name.to_owned(),
        }
    }

    fn signed(name: &str, counter: u64) -> Verified<Profile> {
        let signer = TestSigner::new(1);
        let bytes = profile(name, counter).sign(&signer).unwrap();
        Signed::<Profile>::parse(&bytes)
            .unwrap()
            .verify(&signer.verify_key())
            .unwrap()
    }

    #[test]
    fn a_profile_survives_its_bytes() {
        let read = signed("Zoë Müller-Lüdenscheidt", 1);
        assert_eq!(read.body(), &profile("Zoë Müller-Lüdenscheidt", 1));
        let longest = "x".repeat(NAME_BYTES_MAX);
        assert_eq!(signed(&longest, 1).bytes().len(), PROFILE_BYTES_MAX);
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let signer = TestSigner::new(1);
        let bytes = profile("Ada", 1).sign(&signer).unwrap();
        for at in 0..bytes.len() {
            let mut bent = bytes.clone();
            bent[at] ^= 1;
            let read = Signed::<Profile>::parse(&bent);
            assert!(
                read.and_then(|p| p.verify(&signer.verify_key())).is_err(),
                "{at}"
            );
        }
    }

    #[test]
    fn a_name_is_text_that_shows_itself() {
        let signer = TestSigner::new(1);
        let long = "x".repeat(NAME_BYTES_MAX + 1);
        for name in ["", "  ", " Ada", "A\nda", "A\u{202E}da", "\u{200B}", &long] {
            let made = profile(name, 1).sign(&signer);
            assert_eq!(made, Err(ProfileError::Name), "{name:?}");
        }
        let mut bytes = profile("Ada", 1).to_bytes();
        let last = bytes.len() - 1;
        bytes[last] = 0xFF;
        assert_eq!(Profile::parse(&bytes), Err(ProfileError::Name));
    }

    #[test]
    fn the_newest_profile_counts_in_either_order() {
        let (old, new) = (signed("Ada", 1), signed("Ada L.", 2));
        assert_eq!(newer(old.clone(), new.clone()), new);
        assert_eq!(newer(new.clone(), old), new);
        let twin = signed("Ada B.", 2);
        assert_eq!(newer(new.clone(), twin.clone()), newer(twin, new));
    }
}
