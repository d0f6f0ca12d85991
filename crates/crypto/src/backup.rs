//! A backup file: sealed chunks under a secret that a passphrase opens, or the recovery kit, or
//! either.
//!
//! No device key is in it and no key that opens something at a relay: whoever restores enrols a new
//! device. What the chunks hold is judged like anything that comes from outside.

use almanac_protocol::boxes::ENCAPSULATED_BYTES;
use almanac_protocol::codec::{CodecError, Reader, Writer};
use almanac_protocol::ids::{AccountId, DeviceId};
use almanac_protocol::membership::{DeviceBundle, DeviceClass};
use rand_core::CryptoRng;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::cipher::{NONCE_BYTES, TAG_BYTES, open_secret, random_nonce, seal};
use crate::label::{BACKUP_KEK, derive};
use crate::passphrase::{Cost, CostError};
use crate::recovery::RecoveryKit;
use crate::seal::{SealError, open_bytes, seal_bytes};
use crate::secret::BackupSecret;
use crate::stream::{StreamOpener, StreamSealer};

/// Bytes before the first chunk.
pub const BACKUP_HEADER_BYTES: usize =
    LABEL_BYTES + NONCE_BYTES + WRAPPED_BYTES + ENCAPSULATED_BYTES + WRAPPED_BYTES;
const LABEL_BYTES: usize = 4 + 1 + 1 + 1 + 4 + 4 + 1 + 32 + 16 + 8 + 32 + 32;
const WRAPPED_BYTES: usize = 32 + TAG_BYTES;
const MAGIC: [u8; 4] = *b"ALbk";
const VERSION: u8 = 1;
const SUITE: u8 = 1;
const BY_PASSPHRASE: u8 = 1;
const BY_KIT: u8 = 2;
const INFO: &[u8] = b"almanac/box/backup/v1";

/// Why a backup is not made or does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BackupError {
    /// A field is cut off, or bytes follow the last.
    #[error("the head of the backup has another length: {0}")]
    Length(#[from] CodecError),
    /// The bytes do not begin like a backup.
    #[error("this is no backup")]
    Magic,
    /// A version of the layout that this program does not know: update needed.
    #[error("version {0} of a backup: update needed")]
    Version(u8),
    /// A set of primitives that this program does not know: update needed.
    #[error("cipher suite {0}: update needed")]
    Suite(u8),
    /// No way to open it, or one that is none, or fields of a way that is not there.
    #[error("the ways to open the backup do not fit")]
    Ways,
    /// A cost below what protects or above what is affordable. No work was done.
    #[error("the cost of the passphrase is out of bounds")]
    Cost,
    /// The backup opens in another way than was tried.
    #[error("the backup opens in another way")]
    OtherWay,
    /// The words are those of another kit than the one the backup was made for.
    #[error("the backup was made for another recovery kit")]
    OtherKit,
    /// The passphrase is another, or a byte is.
    #[error("the backup does not open")]
    Refused,
}

impl From<CostError> for BackupError {
    fn from(_: CostError) -> Self {
        Self::Cost
    }
}

impl From<SealError> for BackupError {
    fn from(_: SealError) -> Self {
        Self::Refused
    }
}

/// Which backup a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackupLabel {
    /// Random bytes that tell it from every other.
    pub id: [u8; 16],
    /// When it was made, ms since 1970: shown to people, never decided upon.
    pub created_ms: u64,
    /// Whose it is.
    pub account: AccountId,
}

/// How a backup can be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackupWays {
    /// By a passphrase, which costs this.
    pub passphrase: Option<Cost>,
    /// By the words of this kit.
    pub kit: Option<DeviceId>,
}

/// What shall open a new backup.
#[derive(Debug, Clone, Copy)]
pub enum BackupLock<'a> {
    /// A passphrase.
    Passphrase(&'a str, Cost),
    /// The recovery kit in force.
    Kit(&'a DeviceBundle),
    /// Either.
    Either(&'a str, Cost, &'a DeviceBundle),
    /// A passphrase that was typed once and is not kept, and the kit where there is one.
    Stretched(&'a StretchedPassphrase, Option<&'a DeviceBundle>),
}

/// What opens a backup.
#[derive(Debug, Clone, Copy)]
pub enum BackupUnlock<'a> {
    /// A passphrase, as typed.
    Passphrase(&'a str),
    /// What was made of the passphrase when it was typed.
    Stretched(&'a StretchedPassphrase),
    /// The recovery kit.
    Kit(&'a RecoveryKit),
}

/// A passphrase after the work that makes guessing dear: enough to make backups that it opens, while
/// nobody is there to type it. The passphrase itself cannot be had from it.
#[derive(Clone, PartialEq, Eq)]
pub struct StretchedPassphrase {
    cost: Cost,
    salt: [u8; 32],
    key: Zeroizing<[u8; 32]>,
}

impl StretchedPassphrase {
    /// Bytes of [`StretchedPassphrase::to_bytes`].
    pub const BYTES: usize = 4 + 4 + 1 + 32 + 32;

    /// Blocks for as long as the cost says.
    pub fn new(rng: &mut impl CryptoRng, text: &str, cost: Cost) -> Result<Self, BackupError> {
        let mut salt = [0; 32];
        rng.fill_bytes(&mut salt);
        let key = key(cost, text, &salt)?;
        Ok(Self { cost, salt, key })
    }

    /// Its bytes, to be wrapped before they are stored.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(Self::BYTES));
        bytes.extend(self.cost.memory_kib.to_be_bytes());
        bytes.extend(self.cost.passes.to_be_bytes());
        bytes.push(self.cost.lanes);
        bytes.extend(self.salt);
        bytes.extend(&self.key[..]);
        bytes
    }

    /// What [`StretchedPassphrase::to_bytes`] gave.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BackupError> {
        let mut reader = Reader::new(bytes);
        let cost = Cost {
            memory_kib: reader.u32()?,
            passes: reader.u32()?,
            lanes: reader.u8()?,
        };
        cost.check()?;
        let stretched = Self {
            cost,
            salt: reader.array()?,
            key: Zeroizing::new(reader.array()?),
        };
        reader.end()?;
        Ok(stretched)
    }
}

impl std::fmt::Debug for StretchedPassphrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StretchedPassphrase(..)")
    }
}

/// A backup that is about to be written.
#[derive(Debug)]
pub struct NewBackup {
    /// The first bytes of the file.
    pub header: Vec<u8>,
    /// Seals its chunks.
    pub sealer: StreamSealer,
    secret: BackupSecret,
}

impl NewBackup {
    /// Opens the chunks again, before anybody types or shows anything: to see whether what lies on
    /// the disk is what was written.
    #[must_use]
    pub fn opener(&self) -> StreamOpener {
        StreamOpener::new(&self.secret, &self.header)
    }
}

/// The head of a new backup, and what seals its chunks. Blocks for as long as the passphrase costs.
pub fn begin(
    rng: &mut impl CryptoRng,
    label: &BackupLabel,
    lock: BackupLock<'_>,
) -> Result<(Vec<u8>, StreamSealer), BackupError> {
    let new = begin_new(rng, label, lock)?;
    Ok((new.header, new.sealer))
}

/// The same, of a backup that is read back once it is written.
pub fn begin_new(
    rng: &mut impl CryptoRng,
    label: &BackupLabel,
    lock: BackupLock<'_>,
) -> Result<NewBackup, BackupError> {
    let kit = match lock {
        BackupLock::Passphrase(..) => None,
        BackupLock::Kit(bundle) | BackupLock::Either(_, _, bundle) => Some(bundle),
        BackupLock::Stretched(_, kit) => kit,
    };
    if kit.is_some_and(|kit| kit.class != DeviceClass::Recovery) {
        return Err(BackupError::Ways);
    }
    let secret = BackupSecret::random(rng);
    let passphrase = match lock {
        BackupLock::Passphrase(text, cost) | BackupLock::Either(text, cost, _) => {
            Some(StretchedPassphrase::new(rng, text, cost)?)
        }
        BackupLock::Stretched(stretched, _) => Some(stretched.clone()),
        BackupLock::Kit(_) => None,
    };
    let salt = passphrase.as_ref().map_or([0; 32], |way| way.salt);
    let ways = BackupWays {
        passphrase: passphrase.as_ref().map(|way| way.cost),
        kit: kit.map(DeviceBundle::device_id),
    };
    let head = label_bytes(label, &ways, &salt);
    let mut header = Writer::with_capacity(BACKUP_HEADER_BYTES).bytes(&head);
    header = match &passphrase {
        Some(way) => {
            let nonce = random_nonce(rng);
            let sealed = seal(&way.key, &nonce, &head, secret.expose());
            header.bytes(&nonce).bytes(&sealed)
        }
        None => header.bytes(&[0; NONCE_BYTES + WRAPPED_BYTES]),
    };
    header = match kit {
        Some(bundle) => {
            let info = [INFO, &head].concat();
            let sealed = seal_bytes(rng, &bundle.seal_key, &info, secret.expose())?;
            header.bytes(&*sealed.0).bytes(&sealed.1)
        }
        None => header.bytes(&[0; ENCAPSULATED_BYTES + WRAPPED_BYTES]),
    };
    let header = header.finish();
    let sealer = StreamSealer::new(&secret, &header);
    Ok(NewBackup {
        header,
        sealer,
        secret,
    })
}

/// Which backup this is and what to ask for, from its head alone. Nothing of it is proven yet.
pub fn look(header: &[u8]) -> Result<(BackupLabel, BackupWays), BackupError> {
    Head::parse(header).map(|head| (head.label, head.ways))
}

/// What opens the chunks of a backup. Blocks for as long as the passphrase costs.
pub fn open(header: &[u8], unlock: BackupUnlock<'_>) -> Result<StreamOpener, BackupError> {
    let head = Head::parse(header)?;
    let secret = match unlock {
        BackupUnlock::Passphrase(text) => {
            let cost = head.ways.passphrase.ok_or(BackupError::OtherWay)?;
            head.open_with(&*key(cost, text, &head.salt)?)?
        }
        BackupUnlock::Stretched(way) => {
            if head.ways.passphrase != Some(way.cost) || head.salt != way.salt {
                return Err(BackupError::OtherWay);
            }
            head.open_with(&way.key)?
        }
        BackupUnlock::Kit(kit) => {
            let expected = head.ways.kit.ok_or(BackupError::OtherWay)?;
            if kit.keys().device_id() != expected {
                return Err(BackupError::OtherKit);
            }
            let info = [INFO, head.bytes].concat();
            let seed = kit.keys().seal_seed();
            let opened = open_bytes(seed, &info, &head.encapsulated, head.sealed)?;
            let bytes: &[u8; 32] = opened
                .as_slice()
                .try_into()
                .map_err(|_| BackupError::Refused)?;
            Zeroizing::new(*bytes)
        }
    };
    Ok(StreamOpener::new(&BackupSecret::from(secret), header))
}

fn key(cost: Cost, text: &str, salt: &[u8; 32]) -> Result<Zeroizing<[u8; 32]>, BackupError> {
    let stretched = cost.stretch(text, salt)?;
    Ok(derive(BACKUP_KEK, &[&stretched[..]]))
}

fn label_bytes(label: &BackupLabel, ways: &BackupWays, salt: &[u8; 32]) -> Vec<u8> {
    let by_passphrase = ways.passphrase.map_or(0, |_| BY_PASSPHRASE);
    let by_kit = ways.kit.map_or(0, |_| BY_KIT);
    let cost = ways.passphrase.unwrap_or(Cost::NONE);
    let kit = ways.kit.unwrap_or(DeviceId::from_bytes([0; 32]));
    Writer::with_capacity(LABEL_BYTES)
        .bytes(&MAGIC)
        .u8(VERSION)
        .u8(SUITE)
        .u8(by_passphrase | by_kit)
        .u32(cost.memory_kib)
        .u32(cost.passes)
        .u8(cost.lanes)
        .bytes(salt)
        .bytes(&label.id)
        .u64(label.created_ms)
        .bytes(label.account.as_bytes())
        .bytes(kit.as_bytes())
        .finish()
}

struct Head<'a> {
    label: BackupLabel,
    ways: BackupWays,
    salt: [u8; 32],
    nonce: [u8; NONCE_BYTES],
    wrapped: &'a [u8],
    encapsulated: Box<[u8; ENCAPSULATED_BYTES]>,
    sealed: &'a [u8],
    bytes: &'a [u8],
}

impl<'a> Head<'a> {
    fn parse(header: &'a [u8]) -> Result<Self, BackupError> {
        let mut reader = Reader::new(header);
        if reader.array()? != MAGIC {
            return Err(BackupError::Magic);
        }
        let [version, suite, by] = reader.array()?;
        if version != VERSION {
            return Err(BackupError::Version(version));
        }
        if suite != SUITE {
            return Err(BackupError::Suite(suite));
        }
        let cost = Cost {
            memory_kib: reader.u32()?,
            passes: reader.u32()?,
            lanes: reader.u8()?,
        };
        let salt = reader.array()?;
        let label = BackupLabel {
            id: reader.array()?,
            created_ms: reader.u64()?,
            account: AccountId::from_bytes(reader.array()?),
        };
        let kit = DeviceId::from_bytes(reader.array()?);
        let ways = BackupWays {
            passphrase: (by & BY_PASSPHRASE != 0).then_some(cost),
            kit: (by & BY_KIT != 0).then_some(kit),
        };
        let head = Self {
            label,
            ways,
            salt,
            nonce: reader.array()?,
            wrapped: reader.bytes(WRAPPED_BYTES)?,
            encapsulated: Box::new(reader.array()?),
            sealed: reader.bytes(WRAPPED_BYTES)?,
            bytes: Reader::new(header).bytes(LABEL_BYTES)?,
        };
        reader.end()?;
        head.check(by)?;
        Ok(head)
    }

    fn open_with(&self, key: &[u8; 32]) -> Result<Zeroizing<[u8; 32]>, BackupError> {
        open_secret(key, &self.nonce, self.bytes, self.wrapped).map_err(|_| BackupError::Refused)
    }

    /// At least one way, none that is unknown, and zeros where there is no way. Costs are looked at
    /// before anything is spent.
    fn check(&self, by: u8) -> Result<(), BackupError> {
        if by == 0 || by & !(BY_PASSPHRASE | BY_KIT) != 0 {
            return Err(BackupError::Ways);
        }
        if label_bytes(&self.label, &self.ways, &self.salt) != self.bytes {
            return Err(BackupError::Ways);
        }
        if let Some(cost) = self.ways.passphrase {
            cost.check()?;
        } else if self.salt != [0; 32]
            || self.nonce != [0; NONCE_BYTES]
            || self.wrapped.iter().any(|byte| *byte != 0)
        {
            return Err(BackupError::Ways);
        }
        let sealed = self.encapsulated.iter().chain(self.sealed);
        if self.ways.kit.is_none() && sealed.copied().any(|byte| byte != 0) {
            return Err(BackupError::Ways);
        }
        Ok(())
    }
}
