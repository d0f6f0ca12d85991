//! The log of an account: its devices, and the key to which calendars seal their secrets.

use super::device::{
    DeviceBundle, DeviceClass, SealKey, possession_of_added_device, possession_of_first_device,
    read_seal_key,
};
use super::error::LinkError;
use super::link::{Link, LinkType};
use super::position::{Appended, LinkChain, LogView};
use crate::codec::{Reader, Writer};
use crate::ids::{AccountId, DeviceId, LinkHash, LogId, Signature};
use crate::label::Purpose;
use crate::signed::{Signed, Signer, verify};

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
            .bytes(self.possession.as_bytes())
            .u32(self.puk.generation)
            .bytes(self.puk.seal_key.as_bytes())
            .bytes(&self.puk.commit)
            .finish();
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

    fn parse(payload: &[u8]) -> Result<Self, LinkError> {
        let mut reader = Reader::new(payload);
        let genesis = Self {
            salt: reader.array()?,
            bundle: DeviceBundle::read(&mut reader)?,
            possession: Signature::from_bytes(reader.array()?),
            puk: PukGeneration {
                generation: reader.u32()?,
                seal_key: read_seal_key(&mut reader)?,
                commit: reader.array()?,
            },
        };
        reader.end()?;
        Ok(genesis)
    }
}

/// A device of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// Its keys.
    pub bundle: DeviceBundle,
    /// Number of the link that added it: a smaller number is a more senior device.
    pub since_seq: u64,
}

/// The state of an account's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountLog {
    chain: LinkChain,
    salt: [u8; 32],
    devices: Vec<Device>,
    puk: Vec<PukGeneration>,
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
        check_possession(&fields.bundle, &possession, &fields.possession)?;
        Ok(Self {
            chain: LinkChain::begin(&link),
            salt: fields.salt,
            devices: vec![Device {
                id,
                bundle: fields.bundle,
                since_seq: 0,
            }],
            puk: vec![fields.puk],
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
            let same = self.chain.hash(0) == Some(super::link::link_hash(bytes));
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

    /// The link that adds `bundle`, to be signed by a device of this log. `possession` is over
    /// [`possession_of_added_device`] with the number of the next link.
    pub fn add_device(
        &self,
        signer: &impl Signer,
        bundle: &DeviceBundle,
        possession: &Signature,
        time_ms: u64,
    ) -> Result<Vec<u8>, LinkError> {
        let device = self.device_of(signer)?.id;
        let payload = Writer::default()
            .bytes(&bundle.to_bytes())
            .bytes(possession.as_bytes());
        let link = Link {
            link_type: LinkType::AddDevice,
            log: self.chain.id(),
            seq: self.chain.next_seq(),
            prev: self.view().head,
            device,
            account: self.id(),
            view: self.view(),
            time_ms,
            payload: payload.finish(),
        };
        Ok(link.sign(signer))
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

    /// The devices, the most senior first.
    #[must_use]
    pub fn devices(&self) -> &[Device] {
        &self.devices
    }

    /// The device with this id.
    #[must_use]
    pub fn device(&self, id: &DeviceId) -> Option<&Device> {
        self.devices.iter().find(|device| device.id == *id)
    }

    /// The device with this id, if it counted when the log ended with link `seq`.
    #[must_use]
    pub fn device_at(&self, id: &DeviceId, seq: u64) -> Option<&Device> {
        self.device(id).filter(|device| device.since_seq <= seq)
    }

    /// The device of this log that `signer` signs for.
    pub fn device_of(&self, signer: &impl Signer) -> Result<&Device, LinkError> {
        let key = signer.verify_key();
        let found = self
            .devices
            .iter()
            .find(|device| device.bundle.sign_key == key);
        found.ok_or(LinkError::Signature)
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

    fn apply(&mut self, link: &Link) -> Result<(), LinkError> {
        if link.link_type != LinkType::AddDevice {
            let (kind, link_type) = (link.link_type.kind(), link.link_type.number());
            return if link.link_type.is_readable() {
                Err(LinkError::Kind)
            } else {
                Err(LinkError::UpdateNeeded { kind, link_type })
            };
        }
        let mut reader = Reader::new(&link.payload);
        let bundle = DeviceBundle::read(&mut reader)?;
        let proof = Signature::from_bytes(reader.array()?);
        reader.end()?;
        if bundle.class != DeviceClass::Full {
            return Err(LinkError::DeviceClass(bundle.class.number()));
        }
        let id = bundle.device_id();
        let is_known = |device: &Device| {
            device.id == id
                || device.bundle.sign_key == bundle.sign_key
                || device.bundle.seal_key == bundle.seal_key
        };
        if self.devices.iter().any(is_known) {
            return Err(LinkError::DeviceKnown(id));
        }
        let possession = possession_of_added_device(&self.id(), link.seq, &bundle);
        check_possession(&bundle, &possession, &proof)?;
        self.devices.push(Device {
            id,
            bundle,
            since_seq: link.seq,
        });
        Ok(())
    }
}

fn check_possession(
    bundle: &DeviceBundle,
    body: &[u8],
    proof: &Signature,
) -> Result<(), LinkError> {
    verify(Purpose::DevicePossession, &bundle.sign_key, body, proof)
        .map_err(|_| LinkError::Possession)
}
