//! The log of an account: its devices, its recovery kit, and the key to which calendars seal their
//! secrets.
//!
//! A device that is revoked stays known, because what it signed before stays signed; it is no
//! longer in force. Whoever revokes renews the account's key in the same link.

mod changes;
mod genesis;
mod rules;

pub use changes::{ReplaceRecovery, Revoke, RevokeReason, co_sign_body};
pub use genesis::AccountGenesis;

use super::cut::AccountCut;
use super::device::{DeviceBundle, DeviceClass, SealKey, possession_of_first_device};
use super::error::LinkError;
use super::link::{Link, LinkType, link_hash};
use super::position::{Appended, LinkChain, LogView};
use super::rotation::HistoryWrap;
use crate::ids::{AccountId, DeviceId};
use crate::signed::{Signed, Signer};

/// A generation of the account's key (the per-user key): what calendars seal to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PukGeneration {
    /// Its number, from 1.
    pub generation: u32,
    /// The public half.
    pub seal_key: SealKey,
    /// Commitment to the seed of the secret half.
    pub commit: [u8; 32],
}

/// A device of an account, or its recovery kit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// Its keys.
    pub bundle: DeviceBundle,
    /// Number of the link that added it: a smaller number is a more senior device.
    pub since_seq: u64,
    /// Number of the link from which on it counts no more.
    pub until_seq: Option<u64>,
}

/// A device that was revoked, and how far its frames count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// The device.
    pub device: DeviceId,
    /// Number of the link.
    pub seq: u64,
    /// Why: shown to people, never decided upon.
    pub reason: RevokeReason,
    /// Where its lives end; one that is not listed counts for nothing.
    pub cuts: Vec<AccountCut>,
}

/// Where a generation of the key comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct PukOrigin {
    seq: u64,
    maker: DeviceId,
    history: HistoryWrap,
}

/// The state of an account's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountLog {
    chain: LinkChain,
    salt: [u8; 32],
    devices: Vec<Device>,
    recovery: Option<Device>,
    gone: Vec<Device>,
    revocations: Vec<Revocation>,
    puk: Vec<PukGeneration>,
    puk_origins: Vec<PukOrigin>,
}

impl AccountLog {
    /// The log that a first link begins.
    pub fn begin(genesis: &[u8]) -> Result<Self, LinkError> {
        let signed = Signed::<Link>::parse(genesis)?;
        let link = signed.unverified();
        if link.link_type != LinkType::AccountGenesis || !link.begins_a_log() {
            return Err(LinkError::Genesis);
        }
        if link.account != AccountId::from_bytes([0; 32]) || link.view != LogView::NONE {
            return Err(LinkError::Genesis);
        }
        let fields = AccountGenesis::parse(&link.payload)?;
        let id = fields.bundle.device_id();
        if id != link.device {
            return Err(LinkError::Signer(link.device));
        }
        if fields.bundle.class != DeviceClass::Full {
            return Err(LinkError::DeviceClass(fields.bundle.class.number()));
        }
        if fields.puk.generation != 1 {
            return Err(LinkError::PukGeneration {
                expected: 1,
                found: fields.puk.generation,
            });
        }
        let link = signed.verify(&fields.bundle.sign_key)?;
        let possession = possession_of_first_device(&fields.salt, &fields.bundle);
        rules::check_possession(&fields.bundle, &possession, &fields.possession)?;
        Ok(Self {
            chain: LinkChain::begin(&link),
            salt: fields.salt,
            devices: vec![Device {
                id,
                bundle: fields.bundle,
                since_seq: 0,
                until_seq: None,
            }],
            recovery: None,
            gone: Vec::new(),
            revocations: Vec::new(),
            puk: vec![fields.puk],
            puk_origins: vec![PukOrigin {
                seq: 0,
                maker: id,
                history: HistoryWrap::NONE,
            }],
        })
    }

    /// The log that these links are, the first one first.
    pub fn from_links<L: AsRef<[u8]>>(
        links: impl IntoIterator<Item = L>,
    ) -> Result<Self, LinkError> {
        let mut links = links.into_iter();
        let mut log = Self::begin(links.next().ok_or(LinkError::Genesis)?.as_ref())?;
        for link in links {
            log.append(link.as_ref())?;
        }
        Ok(log)
    }

    /// Takes the next link, if every rule allows it.
    pub fn append(&mut self, bytes: &[u8]) -> Result<Appended, LinkError> {
        let signed = Signed::<Link>::parse(bytes)?;
        let link = signed.unverified();
        if link.link_type == LinkType::AccountGenesis {
            let same = self.chain.hash(0) == Some(link_hash(bytes));
            return if same {
                Ok(Appended::Known)
            } else {
                Err(LinkError::Genesis)
            };
        }
        self.chain.reaches(link)?;
        let view = LogView {
            seq: link.seq.checked_sub(1).ok_or(LinkError::Genesis)?,
            head: link.prev,
        };
        if link.account != self.id() || link.view != view {
            return Err(LinkError::Signer(link.device));
        }
        let signer = self
            .device_at(&link.device, view.seq)
            .ok_or(LinkError::Signer(link.device))?;
        let key = signer.bundle.sign_key;
        let link = signed.verify(&key)?;
        if self.chain.place(&link)? == Appended::Known {
            return Ok(Appended::Known);
        }
        self.apply(link.body())?;
        self.chain.push(bytes);
        Ok(Appended::New)
    }

    /// The account's id.
    #[must_use]
    pub fn id(&self) -> AccountId {
        AccountId::from_bytes(*self.chain.id().as_bytes())
    }

    /// The genesis salt: what stands for the id in the commitments to the account's key.
    #[must_use]
    pub const fn salt(&self) -> &[u8; 32] {
        &self.salt
    }

    /// The end of the log: what a frame or link of this account quotes, and what a client pins.
    #[must_use]
    pub const fn view(&self) -> LogView {
        self.chain.view()
    }

    /// Number of links.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.chain.next_seq()
    }

    /// The devices in force that write, the most senior first, never empty.
    #[must_use]
    pub fn devices(&self) -> &[Device] {
        &self.devices
    }

    /// The recovery kit in force: a device that signs links of this log and nothing else.
    #[must_use]
    pub const fn recovery(&self) -> Option<&Device> {
        self.recovery.as_ref()
    }

    /// Everyone whom a new key of the account is sealed for: the devices in force, the most senior
    /// first, then the recovery kit.
    pub fn in_force(&self) -> impl Iterator<Item = &Device> {
        self.devices.iter().chain(&self.recovery)
    }

    /// The devices that were revoked, kits left out.
    pub fn former_devices(&self) -> impl Iterator<Item = &Device> {
        let gone = self.gone.iter();
        gone.filter(|device| device.bundle.class == DeviceClass::Full)
    }

    /// The device with this id, also one that was revoked or a kit that was replaced.
    #[must_use]
    pub fn device(&self, id: &DeviceId) -> Option<&Device> {
        self.ever().find(|device| device.id == *id)
    }

    /// The device that the link with this number added, also one that was revoked since.
    #[must_use]
    pub fn added_by(&self, seq: u64) -> Option<&Device> {
        self.ever().find(|device| device.since_seq == seq)
    }

    /// The device with this id, if it counted when the log ended with link `seq`.
    #[must_use]
    pub fn device_at(&self, id: &DeviceId, seq: u64) -> Option<&Device> {
        self.device(id).filter(|device| {
            device.since_seq <= seq && device.until_seq.is_none_or(|end| seq < end)
        })
    }

    /// The device in force that `signer` signs for.
    pub fn device_of(&self, signer: &impl Signer) -> Result<&Device, LinkError> {
        let key = signer.verify_key();
        let found = self.in_force().find(|device| device.bundle.sign_key == key);
        found.ok_or(LinkError::Signature)
    }

    /// The devices that were revoked, in the order of their links.
    #[must_use]
    pub fn revocations(&self) -> &[Revocation] {
        &self.revocations
    }

    /// How a device was revoked.
    #[must_use]
    pub fn revocation(&self, device: &DeviceId) -> Option<&Revocation> {
        self.revocations
            .iter()
            .find(|revocation| revocation.device == *device)
    }

    /// The generations of the account's key, oldest first, never empty.
    #[must_use]
    pub fn puk(&self) -> &[PukGeneration] {
        &self.puk
    }

    /// The generation of the account's key in force.
    #[must_use]
    pub fn puk_now(&self) -> &PukGeneration {
        self.puk
            .last()
            .expect("a genesis brings the first generation")
    }

    /// The generation with this number.
    #[must_use]
    pub fn puk_generation(&self, number: u32) -> Option<&PukGeneration> {
        self.puk.get(usize::try_from(number.checked_sub(1)?).ok()?)
    }

    /// The generation that was in force when the log ended with link `seq`.
    #[must_use]
    pub fn puk_at(&self, seq: u64) -> &PukGeneration {
        let begun = self
            .puk_origins
            .iter()
            .take_while(|origin| origin.seq <= seq)
            .count();
        self.puk
            .get(begun.saturating_sub(1))
            .unwrap_or_else(|| self.puk_now())
    }

    /// The older seed of a generation under its own; `None` for generations that do not exist.
    #[must_use]
    pub fn puk_history(&self, number: u32) -> Option<&HistoryWrap> {
        let place = usize::try_from(number.checked_sub(1)?).ok()?;
        self.puk_origins.get(place).map(|origin| &origin.history)
    }

    /// Whether the key in force was made by a device that has left: it knows the seed, so the first
    /// device that sees this renews the key.
    #[must_use]
    pub fn is_puk_stale(&self) -> bool {
        let maker = self.puk_origins.last().map(|origin| origin.maker);
        !self.in_force().any(|device| Some(device.id) == maker)
    }

    /// Whether someone's view is of this log: [`LinkError::Fork`] when it contradicts it,
    /// [`LinkError::Seq`] when it lies beyond the end and the log must be fetched.
    pub fn consistent(&self, view: LogView) -> Result<(), LinkError> {
        self.chain.consistent(view)
    }

    /// Whether `claimed` may replace this log: it goes on where this one ends.
    pub fn reload_ok(&self, claimed: &Self) -> Result<(), LinkError> {
        self.chain.reload_ok(&claimed.chain)
    }

    /// Whether this log contains what was pinned: [`LinkError::Rollback`] or [`LinkError::Fork`].
    pub fn extends(&self, pin: LogView) -> Result<(), LinkError> {
        self.chain.extends(pin)
    }

    /// Every device and kit there ever was: those in force, then those that have left.
    pub fn ever(&self) -> impl Iterator<Item = &Device> {
        self.in_force().chain(&self.gone)
    }
}
