//! Sealing a secret to a person or a device: HPKE base mode with X-Wing (RFC 9180), the suite of
//! age's post-quantum recipients.
//!
//! A box has no sender: anyone can seal to anyone. What makes a secret genuine is the commitment
//! in a signed link, and what ties a box to its place is `info`, which the opener builds from its
//! own logs and never from the record.

use almanac_protocol::boxes::{
    BoxError, ENCAPSULATED_BYTES, EpochBox, EpochBoxAddress, PukBox, PukBoxAddress, Sealed,
};
use almanac_protocol::defence::Defence;
use almanac_protocol::ids::{AccountId, DeviceId};
use almanac_protocol::membership::{AccountLog, Accounts, CalendarLog, Device, SealKey};
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::XWing;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::epoch::{commitments, free_busy_commitment, free_busy_secret};
use crate::keys::DeviceKeys;
use crate::puk::puk_commitment;
use crate::secret::{EpochSecret, FreeBusySecret, PukSeed};

const EPOCH_INFO: &[u8] = b"almanac/box/epoch/v1";
const PUK_INFO: &[u8] = b"almanac/box/puk/v1";

/// Why a secret could not be sealed or a box not be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SealError {
    /// The record is no box.
    #[error(transparent)]
    Record(#[from] BoxError),
    /// The recipient's public key is none.
    #[error("the recipient's key is not valid")]
    Recipient,
    /// The log has no such epoch, or does not seal it for this account, or has no such device.
    #[error("the log does not seal for this recipient")]
    NotAddressed,
    /// The record is for someone or something else than asked for.
    #[error("the box is for another recipient")]
    OtherAddress,
    /// The box does not open: another key, place or byte.
    #[error("the box does not open")]
    Cipher,
    /// The box opens to a secret that the log has not committed to.
    #[error("the box does not hold the secret of the log")]
    Commitment,
}

/// What a member is given of an epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EpochGrant {
    /// Both streams.
    Full(EpochSecret),
    /// The free/busy stream.
    FreeBusy(FreeBusySecret),
}

/// Whom the log seals an epoch for: generation and role are those of its rotation section, or of
/// the link that admitted or raised the member while the epoch was in force.
pub fn epoch_box_address(
    log: &CalendarLog,
    epoch: u32,
    account: &AccountId,
) -> Result<EpochBoxAddress, SealError> {
    let epoch_of_log = log.epoch(epoch).ok_or(SealError::NotAddressed)?;
    let member = epoch_of_log
        .addressee(account)
        .ok_or(SealError::NotAddressed)?;
    Ok(EpochBoxAddress {
        calendar: log.id(),
        epoch,
        account: *account,
        puk_generation: member.puk_generation,
        role: member.role,
    })
}

/// The box that gives `account` the secret of an epoch of `log`, to be stored beside the log.
/// `recipient` is the account's key of the generation that the log names.
pub fn seal_epoch_box(
    rng: &mut impl CryptoRng,
    log: &CalendarLog,
    epoch: u32,
    account: &AccountId,
    recipient: &SealKey,
    secret: &EpochSecret,
) -> Result<Vec<u8>, SealError> {
    let address = epoch_box_address(log, epoch, account)?;
    check_epoch(log, epoch, secret)?;
    let info = info(EPOCH_INFO, &address.to_bytes());
    let sealed = if address.role.can_read() {
        seal(rng, recipient, &info, secret.expose())?
    } else {
        seal(rng, recipient, &info, free_busy_secret(secret).expose())?
    };
    Ok(EpochBox { address, sealed }.to_bytes())
}

/// The boxes of the epoch in force, one for each member: what follows a link that begins an epoch.
/// The logs of all members are at hand.
pub fn seal_epoch_boxes(
    rng: &mut impl CryptoRng,
    log: &CalendarLog,
    accounts: &impl Accounts,
    secret: &EpochSecret,
) -> Result<Vec<Vec<u8>>, SealError> {
    let epoch = log.epoch_now();
    let number = epoch.section.epoch;
    let mut boxes = Vec::with_capacity(epoch.addressees().len());
    for member in epoch.addressees() {
        let account = accounts.account(&member.account);
        let key = account.and_then(|account| account.puk_generation(member.puk_generation));
        let key = &key.ok_or(SealError::Recipient)?.seal_key;
        boxes.push(seal_epoch_box(
            rng,
            log,
            number,
            &member.account,
            key,
            secret,
        )?);
    }
    Ok(boxes)
}

/// What the box gives of an epoch of `log`. `puk` is the account's seed of the generation that the
/// log names.
pub fn open_epoch_box(
    log: &CalendarLog,
    epoch: u32,
    account: &AccountId,
    puk: &PukSeed,
    record: &[u8],
) -> Result<EpochGrant, SealError> {
    let address = epoch_box_address(log, epoch, account)?;
    let found = EpochBox::parse(record)?;
    if found.address != address && Defence::BoxAddress.stands() {
        return Err(SealError::OtherAddress);
    }
    let info = info(EPOCH_INFO, &address.to_bytes());
    let secret = open(puk.expose(), &info, &found.sealed)?;
    if address.role.can_read() {
        let secret = EpochSecret::from(secret);
        check_epoch(log, epoch, &secret)?;
        return Ok(EpochGrant::Full(secret));
    }
    let secret = FreeBusySecret::from(secret);
    let section = &log.epoch(epoch).ok_or(SealError::NotAddressed)?.section;
    let commitment = free_busy_commitment(&secret, log.salt(), epoch);
    check(&commitment, &section.commit_free_busy)?;
    Ok(EpochGrant::FreeBusy(secret))
}

/// The box that gives `device` the seed of its account's key, to be stored beside the log.
pub fn seal_puk_box(
    rng: &mut impl CryptoRng,
    log: &AccountLog,
    device: &DeviceId,
    puk: &PukSeed,
) -> Result<Vec<u8>, SealError> {
    let address = puk_box_address(log, device)?;
    check_puk(log, puk)?;
    let recipient = &in_force(log, device)?.bundle.seal_key;
    let info = info(PUK_INFO, &address.to_bytes());
    let sealed = seal(rng, recipient, &info, puk.expose())?;
    Ok(PukBox { address, sealed }.to_bytes())
}

/// The boxes of the key in force, one for each device and the recovery kit: what follows a link that
/// renews the key.
pub fn seal_puk_boxes(
    rng: &mut impl CryptoRng,
    log: &AccountLog,
    puk: &PukSeed,
) -> Result<Vec<Vec<u8>>, SealError> {
    log.in_force()
        .map(|device| seal_puk_box(rng, log, &device.id, puk))
        .collect()
}

/// The seed of the account's key, from the box that is sealed for the device of `keys`.
pub fn open_puk_box(
    log: &AccountLog,
    keys: &DeviceKeys,
    record: &[u8],
) -> Result<PukSeed, SealError> {
    let address = puk_box_address(log, &keys.device_id())?;
    let found = PukBox::parse(record)?;
    if found.address != address && Defence::BoxAddress.stands() {
        return Err(SealError::OtherAddress);
    }
    let info = info(PUK_INFO, &address.to_bytes());
    let seed = PukSeed::from(open(keys.seal_seed(), &info, &found.sealed)?);
    check_puk(log, &seed)?;
    Ok(seed)
}

/// The public half of an X-Wing seed.
pub(crate) fn public_key(seed: &[u8; 32]) -> SealKey {
    let secret = <XWing as Kem>::PrivateKey::from_bytes(seed).expect("any 32 bytes are a seed");
    let public = XWing::sk_to_pk(&secret).to_bytes();
    let bytes = public
        .as_slice()
        .try_into()
        .expect("an X-Wing public key has 1216 bytes");
    SealKey::from_bytes(bytes)
}

fn puk_box_address(log: &AccountLog, device: &DeviceId) -> Result<PukBoxAddress, SealError> {
    in_force(log, device)?;
    let puk_generation = log.puk_now().generation;
    Ok(PukBoxAddress {
        account: log.id(),
        puk_generation,
        device: *device,
    })
}

/// A device that has left is sealed nothing more.
fn in_force<'a>(log: &'a AccountLog, device: &DeviceId) -> Result<&'a Device, SealError> {
    let found = log.in_force().find(|known| known.id == *device);
    found.ok_or(SealError::NotAddressed)
}

/// What a box is bound to: its kind and its address.
fn info(kind: &[u8], address: &[u8]) -> Vec<u8> {
    if !Defence::BoxAddress.stands() {
        return kind.to_vec();
    }
    [kind, address].concat()
}

fn seal(
    rng: &mut impl CryptoRng,
    recipient: &SealKey,
    info: &[u8],
    secret: &[u8; 32],
) -> Result<Sealed, SealError> {
    let (encapsulated, ciphertext) = seal_bytes(rng, recipient, info, secret)?;
    let ciphertext = ciphertext.try_into().map_err(|_| SealError::Recipient)?;
    Ok(Sealed {
        encapsulated,
        ciphertext,
    })
}

fn open(seed: &[u8; 32], info: &[u8], sealed: &Sealed) -> Result<Zeroizing<[u8; 32]>, SealError> {
    let plaintext = open_bytes(seed, info, &sealed.encapsulated, &sealed.ciphertext)?;
    let bytes: &[u8; 32] = plaintext
        .as_slice()
        .try_into()
        .map_err(|_| SealError::Cipher)?;
    Ok(Zeroizing::new(*bytes))
}

/// As [`seal`], for a text of any length.
pub(crate) fn seal_bytes(
    rng: &mut impl CryptoRng,
    recipient: &SealKey,
    info: &[u8],
    text: &[u8],
) -> Result<(Box<[u8; ENCAPSULATED_BYTES]>, Vec<u8>), SealError> {
    let key = <XWing as Kem>::PublicKey::from_bytes(recipient.as_bytes())
        .map_err(|_| SealError::Recipient)?;
    let (encapsulated, ciphertext) = hpke::single_shot_seal_with_rng::<
        ChaCha20Poly1305,
        HkdfSha256,
        XWing,
    >(&OpModeS::Base, &key, info, text, b"", rng)
    .map_err(|_| SealError::Recipient)?;
    let encapsulated: [u8; ENCAPSULATED_BYTES] = encapsulated
        .to_bytes()
        .as_slice()
        .try_into()
        .map_err(|_| SealError::Recipient)?;
    Ok((Box::new(encapsulated), ciphertext))
}

/// As [`open`], for a text of any length.
pub(crate) fn open_bytes(
    seed: &[u8; 32],
    info: &[u8],
    encapsulated: &[u8; ENCAPSULATED_BYTES],
    ciphertext: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let key = <XWing as Kem>::PrivateKey::from_bytes(seed).map_err(|_| SealError::Cipher)?;
    let encapsulated =
        <XWing as Kem>::EncappedKey::from_bytes(encapsulated).map_err(|_| SealError::Cipher)?;
    hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, XWing>(
        &OpModeR::Base,
        &key,
        &encapsulated,
        info,
        ciphertext,
        b"",
    )
    .map(Zeroizing::new)
    .map_err(|_| SealError::Cipher)
}

/// Both commitments: an owner who showed the free/busy readers another face would be seen here.
fn check_epoch(log: &CalendarLog, epoch: u32, secret: &EpochSecret) -> Result<(), SealError> {
    let section = &log.epoch(epoch).ok_or(SealError::NotAddressed)?.section;
    let (main, free_busy) = commitments(secret, log.salt(), epoch);
    check(&main, &section.commit_main)?;
    check(&free_busy, &section.commit_free_busy)
}

fn check_puk(log: &AccountLog, seed: &PukSeed) -> Result<(), SealError> {
    let puk = log.puk_now();
    check(
        &puk_commitment(seed, log.salt(), puk.generation),
        &puk.commit,
    )
}

fn check(found: &[u8; 32], expected: &[u8; 32]) -> Result<(), SealError> {
    let is_same = bool::from(found.as_slice().ct_eq(expected.as_slice()));
    if is_same || !Defence::Commitment.stands() {
        Ok(())
    } else {
        Err(SealError::Commitment)
    }
}

#[cfg(test)]
mod tests;
