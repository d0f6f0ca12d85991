//! Epochs of a calendar: a secret for each, a commitment to it in the log, and the way from a
//! newer secret to the older ones.

use std::collections::BTreeMap;

use almanac_protocol::codec::Writer;
use almanac_protocol::defence::Defence;
use almanac_protocol::envelope::EnvelopeKind;
use almanac_protocol::frame::{STREAM_FREE_BUSY, STREAM_MAIN};
use almanac_protocol::ids::CalendarId;
use almanac_protocol::membership::{
    CalendarLog, HISTORY_WRAP_BYTES, HistoryWrap, Member, RotationSection,
};
use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::cipher::{NONCE_BYTES, open_secret, random_nonce, seal};
use crate::label::{EPOCH_COMMITMENT, FREE_BUSY_SECRET, HISTORY_WRAP, derive};
use crate::seal::EpochGrant;
use crate::secret::{EpochSecret, FreeBusySecret};

/// Why the secrets of a calendar could not be made or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum EpochError {
    /// The log has no such epoch.
    #[error("the log has no epoch {0}")]
    Unknown(u32),
    /// The secret is not the one the log has committed to.
    #[error("the secret of epoch {0} is not that of the log")]
    Commitment(u32),
    /// The way from this epoch to the one before does not open.
    #[error("the history of epoch {0} does not open")]
    History(u32),
}

/// The secret of the free/busy stream. There is no way back.
#[must_use]
pub fn free_busy_secret(secret: &EpochSecret) -> FreeBusySecret {
    if !Defence::OneWayFreeBusy.stands() {
        return FreeBusySecret::from_bytes(*secret.expose());
    }
    derive(FREE_BUSY_SECRET, &[secret.expose()]).into()
}

/// The secret and the rotation section of a calendar's first epoch. The salt is that of the
/// genesis which will carry the section.
#[must_use]
pub fn first_epoch(
    rng: &mut impl CryptoRng,
    salt: &[u8; 32],
    owner: Member,
) -> (EpochSecret, RotationSection) {
    let secret = EpochSecret::random(rng);
    let (commit_main, commit_free_busy) = commitments(&secret, salt, 1);
    let section = RotationSection {
        epoch: 1,
        commit_main,
        commit_free_busy,
        history_main: HistoryWrap::NONE,
        history_free_busy: HistoryWrap::NONE,
        members: vec![owner],
    };
    (secret, section)
}

/// The secret and the rotation section of the epoch after the newest of `log`, whose secret is
/// `newest`.
pub fn next_epoch(
    rng: &mut impl CryptoRng,
    log: &CalendarLog,
    newest: &EpochSecret,
    members: Vec<Member>,
) -> Result<(EpochSecret, RotationSection), EpochError> {
    check_main(log, log.epoch_now().section.epoch, newest)?;
    next_epoch_over_gap(rng, log, newest, members)
}

/// The same where the secret in force is lost: whoever made it has left it to nobody. `held` is the
/// newest that is left, and the new one leads back to it.
pub fn next_epoch_over_gap(
    rng: &mut impl CryptoRng,
    log: &CalendarLog,
    held: &EpochSecret,
    members: Vec<Member>,
) -> Result<(EpochSecret, RotationSection), EpochError> {
    let before = log.epoch_now().section.epoch;
    newest_of(before, |epoch| check_main(log, epoch, held))
        .ok_or(EpochError::Commitment(before))?;
    let epoch = before.checked_add(1).ok_or(EpochError::Unknown(before))?;
    let secret = if Defence::FreshEpoch.stands() {
        EpochSecret::random(rng)
    } else {
        held.clone()
    };
    let (commit_main, commit_free_busy) = commitments(&secret, log.salt(), epoch);
    let (new, old) = (free_busy_secret(&secret), free_busy_secret(held));
    let id = log.id();
    let section = RotationSection {
        epoch,
        commit_main,
        commit_free_busy,
        history_main: wrap(rng, &id, epoch, STREAM_MAIN, secret.expose(), held.expose()),
        history_free_busy: wrap(
            rng,
            &id,
            epoch,
            STREAM_FREE_BUSY,
            new.expose(),
            old.expose(),
        ),
        members,
    };
    Ok((secret, section))
}

/// The secrets of one calendar that a member holds.
#[derive(Debug, Clone)]
pub struct EpochKeys {
    calendar: CalendarId,
    main: BTreeMap<u32, EpochSecret>,
    free_busy: BTreeMap<u32, FreeBusySecret>,
}

impl EpochKeys {
    /// The secrets of `epoch` and of every epoch before it, from what a box gave for `epoch`.
    /// Each is compared with its commitment.
    pub fn open(log: &CalendarLog, epoch: u32, grant: EpochGrant) -> Result<Self, EpochError> {
        let mut keys = Self {
            calendar: log.id(),
            main: BTreeMap::new(),
            free_busy: BTreeMap::new(),
        };
        match grant {
            EpochGrant::Full(secret) => {
                check_main(log, epoch, &secret)?;
                let (mut number, mut secret) = (epoch, secret);
                while let Some(older) = older_main(log, number, &secret)? {
                    // The one before, or, where that was lost, the newest before it that was not.
                    let before = number.saturating_sub(1);
                    let place = newest_of(before, |place| check_main(log, place, &older));
                    keys.put_main(number, secret);
                    (number, secret) = (place.ok_or(EpochError::Commitment(before))?, older);
                }
                keys.put_main(number, secret);
            }
            EpochGrant::FreeBusy(secret) => {
                check_free_busy(log, epoch, &secret)?;
                let (mut number, mut secret) = (epoch, secret);
                while let Some(older) = older_free_busy(log, number, &secret)? {
                    let before = number.saturating_sub(1);
                    let place = newest_of(before, |place| check_free_busy(log, place, &older));
                    keys.free_busy.insert(number, secret);
                    (number, secret) = (place.ok_or(EpochError::Commitment(before))?, older);
                }
                keys.free_busy.insert(number, secret);
            }
        }
        Ok(keys)
    }

    fn put_main(&mut self, epoch: u32, secret: EpochSecret) {
        self.free_busy.insert(epoch, free_busy_secret(&secret));
        self.main.insert(epoch, secret);
    }

    /// The calendar.
    #[must_use]
    pub const fn calendar(&self) -> CalendarId {
        self.calendar
    }

    /// The secret of the main stream in an epoch.
    #[must_use]
    pub fn main(&self, epoch: u32) -> Option<&EpochSecret> {
        self.main.get(&epoch)
    }

    /// The secret of the free/busy stream in an epoch.
    #[must_use]
    pub fn free_busy(&self, epoch: u32) -> Option<&FreeBusySecret> {
        self.free_busy.get(&epoch)
    }

    /// The newest epoch of which a secret is held.
    #[must_use]
    pub fn newest(&self) -> u32 {
        self.free_busy
            .last_key_value()
            .map_or(0, |(epoch, _)| *epoch)
    }

    pub(crate) fn content(&self, kind: EnvelopeKind, epoch: u32) -> Option<&[u8; 32]> {
        match kind {
            EnvelopeKind::Own | EnvelopeKind::Carried => self.main(epoch).map(EpochSecret::expose),
            EnvelopeKind::FreeBusy => self.free_busy(epoch).map(FreeBusySecret::expose),
        }
    }
}

/// The commitments to the secrets of both streams. The genesis salt stands for the calendar's id,
/// which is the hash of the link that carries the first commitments.
pub(crate) fn commitments(
    secret: &EpochSecret,
    salt: &[u8; 32],
    epoch: u32,
) -> ([u8; 32], [u8; 32]) {
    let main = commitment(secret.expose(), salt, epoch, STREAM_MAIN);
    (
        main,
        free_busy_commitment(&free_busy_secret(secret), salt, epoch),
    )
}

pub(crate) fn free_busy_commitment(
    secret: &FreeBusySecret,
    salt: &[u8; 32],
    epoch: u32,
) -> [u8; 32] {
    commitment(secret.expose(), salt, epoch, STREAM_FREE_BUSY)
}

fn commitment(secret: &[u8; 32], salt: &[u8; 32], epoch: u32, kind: u8) -> [u8; 32] {
    *derive(
        EPOCH_COMMITMENT,
        &[secret, salt, &epoch.to_be_bytes(), &[kind]],
    )
}

fn check_main(log: &CalendarLog, epoch: u32, secret: &EpochSecret) -> Result<(), EpochError> {
    let section = &log.epoch(epoch).ok_or(EpochError::Unknown(epoch))?.section;
    let (main, free_busy) = commitments(secret, log.salt(), epoch);
    let same = main.ct_eq(&section.commit_main) & free_busy.ct_eq(&section.commit_free_busy);
    if bool::from(same) || !Defence::Commitment.stands() {
        Ok(())
    } else {
        Err(EpochError::Commitment(epoch))
    }
}

fn check_free_busy(
    log: &CalendarLog,
    epoch: u32,
    secret: &FreeBusySecret,
) -> Result<(), EpochError> {
    let section = &log.epoch(epoch).ok_or(EpochError::Unknown(epoch))?.section;
    let same = free_busy_commitment(secret, log.salt(), epoch).ct_eq(&section.commit_free_busy);
    if bool::from(same) {
        Ok(())
    } else {
        Err(EpochError::Commitment(epoch))
    }
}

/// The newest epoch up to `last` that a secret turns out to be of.
fn newest_of(last: u32, check: impl Fn(u32) -> Result<(), EpochError>) -> Option<u32> {
    (1..=last).rev().find(|epoch| check(*epoch).is_ok())
}

fn older_main(
    log: &CalendarLog,
    epoch: u32,
    secret: &EpochSecret,
) -> Result<Option<EpochSecret>, EpochError> {
    let section = &log.epoch(epoch).ok_or(EpochError::Unknown(epoch))?.section;
    let id = log.id();
    let older = unwrap(
        &id,
        epoch,
        STREAM_MAIN,
        secret.expose(),
        &section.history_main,
    )?;
    Ok(older.map(EpochSecret::from))
}

fn older_free_busy(
    log: &CalendarLog,
    epoch: u32,
    secret: &FreeBusySecret,
) -> Result<Option<FreeBusySecret>, EpochError> {
    let section = &log.epoch(epoch).ok_or(EpochError::Unknown(epoch))?.section;
    let id = log.id();
    let older = unwrap(
        &id,
        epoch,
        STREAM_FREE_BUSY,
        secret.expose(),
        &section.history_free_busy,
    )?;
    Ok(older.map(FreeBusySecret::from))
}

fn wrap(
    rng: &mut impl CryptoRng,
    calendar: &CalendarId,
    epoch: u32,
    kind: u8,
    newer: &[u8; 32],
    older: &[u8; 32],
) -> HistoryWrap {
    let nonce = random_nonce(rng);
    let key = derive(HISTORY_WRAP, &[newer]);
    let sealed = seal(&key, &nonce, &wrap_aad(calendar, epoch, kind), older);
    let mut bytes = [0; HISTORY_WRAP_BYTES];
    for (byte, part) in bytes.iter_mut().zip(nonce.iter().chain(&sealed)) {
        *byte = *part;
    }
    HistoryWrap::from_bytes(bytes)
}

/// The secret of the epoch before, or `None` in the first.
fn unwrap(
    calendar: &CalendarId,
    epoch: u32,
    kind: u8,
    newer: &[u8; 32],
    wrap: &HistoryWrap,
) -> Result<Option<Zeroizing<[u8; 32]>>, EpochError> {
    if epoch == 1 {
        return Ok(None);
    }
    let (nonce, sealed) = wrap
        .as_bytes()
        .split_first_chunk::<NONCE_BYTES>()
        .ok_or(EpochError::History(epoch))?;
    let key = derive(HISTORY_WRAP, &[newer]);
    open_secret(&key, nonce, &wrap_aad(calendar, epoch, kind), sealed)
        .map(Some)
        .map_err(|_| EpochError::History(epoch))
}

fn wrap_aad(calendar: &CalendarId, epoch: u32, kind: u8) -> Vec<u8> {
    Writer::default()
        .bytes(calendar.as_bytes())
        .u32(epoch)
        .u8(kind)
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Ada;

    /// A calendar of three epochs, and its secrets.
    fn three_epochs() -> (Ada, Vec<EpochSecret>) {
        let mut ada = Ada::new(1);
        let mut secrets = vec![ada.secret.clone()];
        for _ in 0..2 {
            let newest = secrets.last().unwrap();
            let member = ada.member();
            let (secret, section) =
                next_epoch(&mut ada.rng, &ada.calendar, newest, vec![member]).unwrap();
            let link = ada
                .calendar
                .rotate(&ada.keys, &ada.account, &section, 3)
                .unwrap();
            ada.calendar.append(&link, &ada.account).unwrap();
            secrets.push(secret);
        }
        (ada, secrets)
    }

    #[test]
    fn the_newest_secret_opens_all_older() {
        let (ada, secrets) = three_epochs();
        let grant = EpochGrant::Full(secrets[2].clone());
        let keys = EpochKeys::open(&ada.calendar, 3, grant).unwrap();
        for (number, secret) in (1..).zip(&secrets) {
            assert_eq!(keys.main(number), Some(secret));
            assert_eq!(keys.free_busy(number), Some(&free_busy_secret(secret)));
        }
        assert_eq!((keys.newest(), keys.main(4)), (3, None));
    }

    #[test]
    fn a_lost_secret_is_passed_over_and_the_older_ones_are_reached() {
        let (mut ada, secrets) = three_epochs();
        // The third was left to nobody: what is held is the second.
        let member = ada.member();
        let (fourth, section) =
            next_epoch_over_gap(&mut ada.rng, &ada.calendar, &secrets[1], vec![member]).unwrap();
        let link = ada
            .calendar
            .rotate(&ada.keys, &ada.account, &section, 4)
            .unwrap();
        ada.calendar.append(&link, &ada.account).unwrap();
        let keys = EpochKeys::open(&ada.calendar, 4, EpochGrant::Full(fourth.clone())).unwrap();
        assert_eq!(keys.main(4), Some(&fourth));
        assert!(keys.main(3).is_none() && keys.free_busy(3).is_none());
        assert_eq!(keys.main(2), Some(&secrets[1]));
        assert_eq!(keys.main(1), Some(&secrets[0]));
        let grant = EpochGrant::FreeBusy(free_busy_secret(&fourth));
        let keys = EpochKeys::open(&ada.calendar, 4, grant).unwrap();
        assert!(keys.free_busy(3).is_none());
        assert_eq!(keys.free_busy(1), Some(&free_busy_secret(&secrets[0])));
        let strange = EpochSecret::from_bytes([9; 32]);
        let wrong = next_epoch_over_gap(&mut ada.rng, &ada.calendar, &strange, vec![member]);
        assert_eq!(wrong.err(), Some(EpochError::Commitment(4)));
    }

    #[test]
    fn an_older_secret_opens_nothing_newer() {
        let (ada, secrets) = three_epochs();
        let keys = EpochKeys::open(&ada.calendar, 2, EpochGrant::Full(secrets[1].clone())).unwrap();
        assert_eq!((keys.newest(), keys.main(3)), (2, None));
        let wrong = EpochKeys::open(&ada.calendar, 3, EpochGrant::Full(secrets[1].clone()));
        assert_eq!(wrong.err(), Some(EpochError::Commitment(3)));
    }

    #[test]
    fn free_busy_leads_back_and_never_up() {
        let (ada, secrets) = three_epochs();
        let grant = EpochGrant::FreeBusy(free_busy_secret(&secrets[2]));
        let keys = EpochKeys::open(&ada.calendar, 3, grant).unwrap();
        assert_eq!(keys.free_busy(1), Some(&free_busy_secret(&secrets[0])));
        assert!((1..=3).all(|epoch| keys.main(epoch).is_none()));
        let up = EpochSecret::from_bytes(*free_busy_secret(&secrets[2]).expose());
        let wrong = EpochKeys::open(&ada.calendar, 3, EpochGrant::Full(up));
        assert_eq!(wrong.err(), Some(EpochError::Commitment(3)));
    }

    #[test]
    fn a_rotation_starts_from_the_secret_of_the_log() {
        let (mut ada, secrets) = three_epochs();
        let member = ada.member();
        let wrong = next_epoch(&mut ada.rng, &ada.calendar, &secrets[1], vec![member]);
        assert_eq!(wrong.err(), Some(EpochError::Commitment(3)));
        let none = EpochKeys::open(&ada.calendar, 0, EpochGrant::Full(secrets[2].clone()));
        assert_eq!(none.err(), Some(EpochError::Unknown(0)));
    }
}
