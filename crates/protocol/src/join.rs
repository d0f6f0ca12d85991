//! Accepting an invite to a calendar: what a joiner leaves at the relay for the owners.
//!
//! The invite's secret never gets there. It signs, for one calendar, the joiner's own account as its
//! log stands now: whoever reads that on the way can neither use it for itself nor again. How the
//! joiner is called is inside, sealed to the owner who invites.

use thiserror::Error;

use crate::boxes::ENCAPSULATED_BYTES;
use crate::codec::{CodecError, Reader, Writer};
use crate::defence::Defence;
use crate::ids::{AccountId, CalendarId, DeviceId, LinkHash, Signature, VerifyKey};
use crate::label::Purpose;
use crate::membership::{Accounts, CalendarLog, Invite, InviteState, LogView};
use crate::profile::PROFILE_BYTES_MAX;
use crate::signed::{Signer, verify};

/// Bytes of the text that is sealed: a profile behind its length, filled up with zeros.
pub const CARD_BYTES: usize = 512;
/// Bytes of an [`Acceptance`].
pub const ACCEPTANCE_BYTES: usize =
    HEAD_BYTES + Signature::LEN + ENCAPSULATED_BYTES + CARD_BYTES + 16;
const HEAD_BYTES: usize = 1 + 1 + 3 * 32 + (8 + 32) + 32 + 4;
const VERSION: u8 = 1;
const SUITE: u8 = 1;

const _: () = assert!(2 + PROFILE_BYTES_MAX <= CARD_BYTES);

/// Why an acceptance is none, or admits nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum JoinError {
    /// A field is cut off, or bytes follow the last.
    #[error("the acceptance has another length: {0}")]
    Length(#[from] CodecError),
    /// A version of the layout that this program does not know: update needed.
    #[error("version {0} of an acceptance: update needed")]
    Version(u8),
    /// A set of primitives that this program does not know: update needed.
    #[error("cipher suite {0}: update needed")]
    Suite(u8),
    /// Of another calendar than it is held against.
    #[error("the acceptance is for another calendar")]
    OtherCalendar,
    /// The invite does not exist, was used or was taken back.
    #[error("the invite is not open")]
    NotOpen,
    /// The invite's time is over.
    #[error("the invite is over")]
    Expired,
    /// The owner named as the one who invites is not.
    #[error("the invite is by another owner")]
    Inviter,
    /// The joiner is a member already.
    #[error("the account is a member already")]
    Member,
    /// The joiner's log is not at hand as far as it says: fetch it and try again.
    #[error("the log of the account is missing")]
    AccountMissing,
    /// The joiner's log contradicts what it says.
    #[error("the log of the account is another")]
    AccountFork,
    /// The secret of the invite did not sign this.
    #[error("the signature is not valid")]
    Signature,
}

/// What is public of an acceptance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acceptance {
    /// The calendar.
    pub calendar: CalendarId,
    /// Public key of the invite.
    pub invite: VerifyKey,
    /// Who asks to be admitted.
    pub account: AccountId,
    /// That account's log, as the joiner has it.
    pub view: LogView,
    /// The owner who invites, for whom the card is sealed.
    pub inviter: AccountId,
    /// Generation of that owner's key.
    pub puk_generation: u32,
}

impl Acceptance {
    /// The fields, in order: what the invite signs, and HPKE's `info` of the card.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        Writer::with_capacity(HEAD_BYTES)
            .u8(VERSION)
            .u8(SUITE)
            .bytes(self.calendar.as_bytes())
            .bytes(self.invite.as_bytes())
            .bytes(self.account.as_bytes())
            .u64(self.view.seq)
            .bytes(self.view.head.as_bytes())
            .bytes(self.inviter.as_bytes())
            .u32(self.puk_generation)
            .finish()
    }

    /// The record: these fields, signed by the invite's secret, and the sealed card.
    #[must_use]
    pub fn sign(&self, invite: &impl Signer, card: &SealedCard) -> Vec<u8> {
        let fields = self.to_bytes();
        let signature = invite.sign(Purpose::InviteAccept, &fields);
        Writer::with_capacity(ACCEPTANCE_BYTES)
            .bytes(&fields)
            .bytes(signature.as_bytes())
            .bytes(&*card.encapsulated)
            .bytes(&*card.ciphertext)
            .finish()
    }
}

/// How the joiner is called, sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedCard {
    /// The encapsulated key.
    pub encapsulated: Box<[u8; ENCAPSULATED_BYTES]>,
    /// The card and its tag.
    pub ciphertext: Box<[u8; CARD_BYTES + 16]>,
}

/// An acceptance as it came, its signature checked under the key it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedAcceptance {
    fields: Acceptance,
    card: SealedCard,
}

impl SignedAcceptance {
    /// The acceptance in these bytes, all of them, if the key it names signed it.
    pub fn parse(bytes: &[u8]) -> Result<Self, JoinError> {
        let mut reader = Reader::new(bytes);
        let [version, suite] = reader.array()?;
        if version != VERSION {
            return Err(JoinError::Version(version));
        }
        if suite != SUITE {
            return Err(JoinError::Suite(suite));
        }
        let fields = Acceptance {
            calendar: CalendarId::from_bytes(reader.array()?),
            invite: VerifyKey::from_bytes(reader.array()?),
            account: AccountId::from_bytes(reader.array()?),
            view: LogView {
                seq: reader.u64()?,
                head: LinkHash::from_bytes(reader.array()?),
            },
            inviter: AccountId::from_bytes(reader.array()?),
            puk_generation: reader.u32()?,
        };
        let signature = Signature::from_bytes(reader.array()?);
        let card = SealedCard {
            encapsulated: Box::new(reader.array()?),
            ciphertext: Box::new(reader.array()?),
        };
        reader.end()?;
        let body = fields.to_bytes();
        verify(Purpose::InviteAccept, &fields.invite, &body, &signature)
            .map_err(|_| JoinError::Signature)?;
        Ok(Self { fields, card })
    }

    /// What it says.
    #[must_use]
    pub const fn fields(&self) -> &Acceptance {
        &self.fields
    }

    /// The card.
    #[must_use]
    pub const fn card(&self) -> &SealedCard {
        &self.card
    }

    /// The invite that admits this joiner at `now_ms`: what a relay asks before it keeps an
    /// acceptance, and an owner's device before it shows one.
    pub fn judge<'a>(
        &self,
        log: &'a CalendarLog,
        accounts: &impl Accounts,
        now_ms: u64,
    ) -> Result<&'a Invite, JoinError> {
        let fields = &self.fields;
        if fields.calendar != log.id() {
            return Err(JoinError::OtherCalendar);
        }
        let invite = log.invite(&fields.invite).ok_or(JoinError::NotOpen)?;
        if invite.state != InviteState::Open && Defence::SingleUse.stands() {
            return Err(JoinError::NotOpen);
        }
        if now_ms >= invite.terms.expires_ms {
            return Err(JoinError::Expired);
        }
        if invite.inviter != fields.inviter {
            return Err(JoinError::Inviter);
        }
        if log.role(&fields.account).is_some() {
            return Err(JoinError::Member);
        }
        let account = accounts
            .account(&fields.account)
            .ok_or(JoinError::AccountMissing)?;
        if fields.view.seq > account.view().seq {
            return Err(JoinError::AccountMissing);
        }
        account
            .consistent(fields.view)
            .map_err(|_| JoinError::AccountFork)?;
        Ok(invite)
    }
}

/// What the invite's secret signs with [`Purpose::InviteLook`], so that a relay shows the calendar's
/// log to someone who is no member yet: for this connection and this device only.
#[must_use]
pub fn look_body(
    origin: &str,
    nonces: (&[u8; 32], &[u8; 32]),
    calendar: &CalendarId,
    account: &AccountId,
    device: &DeviceId,
) -> Option<Vec<u8>> {
    let auth = crate::auth::auth_body(origin, nonces.0, nonces.1, account, device)?;
    let body = Writer::with_capacity(auth.len() + 32).bytes(&auth);
    Some(body.bytes(calendar.as_bytes()).finish())
}
