//! Invites to a calendar: a text that introduces two people to each other.
//!
//! It is handed over outside the relay, pasted or read from a picture. It names the relay, the
//! calendar, who invites and a place in the calendar's log, and carries a secret with which one
//! account can ask to be admitted. It holds no key of the calendar: whoever finds it can ask, and an
//! owner says no.

use std::fmt;
use std::str::FromStr;

use almanac_protocol::auth::ORIGIN_BYTES_MAX;
use almanac_protocol::codec::{CodecError, Reader, Writer};
use almanac_protocol::codes::{base32, from_base32};
use almanac_protocol::ids::{AccountId, CalendarId, LinkHash, Signature, VerifyKey};
use almanac_protocol::join::{Acceptance, CARD_BYTES, JoinError, SealedCard, SignedAcceptance};
use almanac_protocol::label::{Context, Purpose, hash};
use almanac_protocol::membership::{
    AccountLog, Accounts, CalendarLog, Invite, InviteState, InviteTerms, LinkError, LogView, Role,
};
use almanac_protocol::profile::{Profile, ProfileError, verify_profile};
use almanac_protocol::safety_number::SafetyNumber;
use almanac_protocol::signed::{Signed, Signer, Verified, signature_body};
use ed25519_dalek::{Signer as _, SigningKey};
use rand_core::CryptoRng;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::keys::DeviceKeys;
use crate::label::{INVITE_SIGNING_SEED, derive};
use crate::puk::PukSeeds;
use crate::seal::{SealError, open_bytes, seal_bytes};
use crate::secret::InviteSecret;

/// Milliseconds for which an invite is open at most, as owners make them: a week.
pub const INVITE_MS_MAX: u64 = 7 * 24 * 60 * 60 * 1000;
const PREFIX: &str = "ALM1";
const CHECK_BYTES: usize = 4;
const VERSION: u8 = 1;
const JOIN_INFO: &[u8] = b"almanac/box/join/v1";

/// Why an invite is none, or leads nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InviteError {
    /// The text is no invite, or not all of it.
    #[error("this is no invite, or not all of it")]
    Text,
    /// An invite of a later version: update needed.
    #[error("version {0} of an invite: update needed")]
    Version(u8),
    /// The log is not that of the calendar, or is not the one the owner had.
    #[error("the calendar's log is not the one that the invite names")]
    Log(#[from] LinkError),
    /// The invite is not open in the log, or by another owner.
    #[error("the invite is not open")]
    NotOpen,
    /// The invite's time is over.
    #[error("the invite is over")]
    Expired,
    /// The acceptance is not right.
    #[error(transparent)]
    Join(#[from] JoinError),
    /// The card could not be sealed or opened.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The card holds no profile of the joiner for this calendar.
    #[error(transparent)]
    Profile(#[from] ProfileError),
}

impl From<CodecError> for InviteError {
    fn from(_: CodecError) -> Self {
        Self::Text
    }
}

/// What INVITE says of a new secret: open for `open_ms` from `now_ms` on, a week at most.
#[must_use]
pub fn invite_terms(secret: &InviteSecret, role: Role, now_ms: u64, open_ms: u64) -> InviteTerms {
    InviteTerms {
        key: InviteKey::new(secret).verify_key(),
        role,
        expires_ms: now_ms.saturating_add(open_ms.min(INVITE_MS_MAX)),
    }
}

/// What the text says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarInvite {
    /// Where the relay is reached.
    pub origin: String,
    /// The calendar.
    pub calendar: CalendarId,
    /// The secret.
    pub secret: InviteSecret,
    /// The owner who invites.
    pub inviter: AccountId,
    /// The calendar's log as that owner had it, the invite's own link or a later one.
    pub view: LogView,
}

impl CalendarInvite {
    /// The one form of the text, which is also what its picture holds: upper-case letters and
    /// digits, which pictures hold most of.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        let bytes = Zeroizing::new(self.to_bytes());
        Zeroizing::new(format!("{PREFIX}{}", *Zeroizing::new(base32(&bytes))))
    }

    /// The key pair of the secret.
    #[must_use]
    pub fn key(&self) -> InviteKey {
        InviteKey::new(&self.secret)
    }

    /// The invite in the calendar's log, when a joiner has read that: of this calendar, containing
    /// what the owner had, and still open.
    pub fn found_in<'a>(
        &self,
        log: &'a CalendarLog,
        now_ms: u64,
    ) -> Result<&'a Invite, InviteError> {
        if log.id() != self.calendar {
            return Err(InviteError::Log(LinkError::Log));
        }
        log.extends(self.view)?;
        let invite = log
            .invite(&self.key().verify_key())
            .filter(|invite| invite.inviter == self.inviter)
            .filter(|invite| invite.state == InviteState::Open)
            .ok_or(InviteError::NotOpen)?;
        if now_ms < invite.terms.expires_ms {
            Ok(invite)
        } else {
            Err(InviteError::Expired)
        }
    }

    fn to_bytes(&self) -> Vec<u8> {
        let length = u16::try_from(self.origin.len()).expect("an origin is bounded");
        let bytes = Writer::default()
            .u8(VERSION)
            .bytes(self.calendar.as_bytes())
            .bytes(self.secret.expose())
            .bytes(self.inviter.as_bytes())
            .u64(self.view.seq)
            .bytes(self.view.head.as_bytes())
            .u16(length)
            .bytes(self.origin.as_bytes())
            .finish();
        let check = check(&bytes);
        [bytes, check.to_vec()].concat()
    }
}

impl FromStr for CalendarInvite {
    type Err = InviteError;

    /// Reads the text as it comes out of mails and chats: lower case, spaces and line breaks in it.
    fn from_str(text: &str) -> Result<Self, InviteError> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let (prefix, rest) = text
            .split_at_checked(PREFIX.len())
            .ok_or(InviteError::Text)?;
        let is_long = rest.len() > 2 * (256 + ORIGIN_BYTES_MAX);
        if is_long || !prefix.eq_ignore_ascii_case(PREFIX) {
            return Err(InviteError::Text);
        }
        let bytes = Zeroizing::new(from_base32(rest).ok_or(InviteError::Text)?);
        let (body, found) = bytes
            .split_last_chunk::<CHECK_BYTES>()
            .ok_or(InviteError::Text)?;
        if check(body) != *found {
            return Err(InviteError::Text);
        }
        let mut reader = Reader::new(body);
        let version = reader.u8()?;
        if version != VERSION {
            return Err(InviteError::Version(version));
        }
        let calendar = CalendarId::from_bytes(reader.array()?);
        let secret = InviteSecret::from_bytes(reader.array()?);
        let inviter = AccountId::from_bytes(reader.array()?);
        let view = LogView {
            seq: reader.u64()?,
            head: LinkHash::from_bytes(reader.array()?),
        };
        let length = usize::from(reader.u16()?);
        let origin = std::str::from_utf8(reader.bytes(length)?).map_err(|_| InviteError::Text)?;
        reader.end()?;
        if length > ORIGIN_BYTES_MAX {
            return Err(InviteError::Text);
        }
        Ok(Self {
            origin: origin.to_owned(),
            calendar,
            secret,
            inviter,
            view,
        })
    }
}

/// The key pair of an invite: its public half stands in the log.
pub struct InviteKey(SigningKey);

impl InviteKey {
    /// The key pair of this secret.
    #[must_use]
    pub fn new(secret: &InviteSecret) -> Self {
        let seed = derive(INVITE_SIGNING_SEED, &[secret.expose()]);
        Self(SigningKey::from_bytes(&seed))
    }
}

impl Signer for InviteKey {
    fn verify_key(&self) -> VerifyKey {
        VerifyKey::from_bytes(self.0.verifying_key().to_bytes())
    }

    fn sign(&self, purpose: Purpose, body: &[u8]) -> Signature {
        Signature::from_bytes(self.0.sign(&signature_body(purpose, body)).to_bytes())
    }
}

impl fmt::Debug for InviteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InviteKey(..)")
    }
}

/// How the joiner wants to be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Card<'a> {
    /// The name.
    pub name: &'a str,
    /// Red, green, blue.
    pub colour: [u8; 3],
}

/// The acceptance that the joiner leaves at the relay: for its own account and nobody else's, its
/// card sealed to the owner who invites.
pub fn accept(
    rng: &mut impl CryptoRng,
    invite: &CalendarInvite,
    inviter: &AccountLog,
    joiner: (&AccountLog, &DeviceKeys),
    card: Card<'_>,
) -> Result<Vec<u8>, InviteError> {
    let (account, keys) = joiner;
    if inviter.id() != invite.inviter {
        return Err(InviteError::NotOpen);
    }
    let key = invite.key();
    let profile = Profile {
        calendar: invite.calendar,
        account: account.id(),
        device: keys.device_id(),
        view: account.view(),
        counter: 1,
        colour: card.colour,
        name: card.name.to_owned(),
    };
    let acceptance = Acceptance {
        calendar: invite.calendar,
        invite: key.verify_key(),
        account: account.id(),
        view: account.view(),
        inviter: inviter.id(),
        puk_generation: inviter.puk_now().generation,
    };
    let signed = profile.sign(keys)?;
    let length = u16::try_from(signed.len()).map_err(|_| ProfileError::Name)?;
    let mut text = Writer::with_capacity(CARD_BYTES)
        .u16(length)
        .bytes(&signed)
        .finish();
    text.resize(CARD_BYTES, 0);
    let info = [JOIN_INFO, &acceptance.to_bytes()].concat();
    let recipient = &inviter.puk_now().seal_key;
    let (encapsulated, ciphertext) = seal_bytes(rng, recipient, &info, &text)?;
    let ciphertext = ciphertext.try_into().map_err(|_| SealError::Recipient)?;
    let card = SealedCard {
        encapsulated,
        ciphertext: Box::new(ciphertext),
    };
    Ok(acceptance.sign(&key, &card))
}

/// Who asks to be admitted, as an owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The account.
    pub account: AccountId,
    /// The account's log as the joiner has it: what MEMBER quotes at least.
    pub view: LogView,
    /// The invite, which MEMBER uses up.
    pub invite: VerifyKey,
    /// What would be given.
    pub role: Role,
    /// When the invite is over.
    pub expires_ms: u64,
    /// How the joiner is called: to the owner who invited alone.
    pub profile: Option<Verified<Profile>>,
    /// What both compare once.
    pub safety: SafetyNumber,
}

/// Who asks, by an acceptance that the relay has kept; `owner` is the reader, with the seeds of its
/// account.
pub fn candidate(
    log: &CalendarLog,
    accounts: &impl Accounts,
    owner: (&AccountId, &PukSeeds),
    acceptance: &[u8],
    now_ms: u64,
) -> Result<Candidate, InviteError> {
    let acceptance = SignedAcceptance::parse(acceptance)?;
    let invite = acceptance.judge(log, accounts, now_ms)?;
    let fields = acceptance.fields();
    let profile = if fields.inviter == *owner.0 {
        Some(open_card(&acceptance, accounts, owner.1)?)
    } else {
        None
    };
    Ok(Candidate {
        account: fields.account,
        view: fields.view,
        invite: fields.invite,
        role: invite.terms.role,
        expires_ms: invite.terms.expires_ms,
        profile,
        safety: SafetyNumber::of(owner.0, &fields.account),
    })
}

fn open_card(
    acceptance: &SignedAcceptance,
    accounts: &impl Accounts,
    seeds: &PukSeeds,
) -> Result<Verified<Profile>, InviteError> {
    let fields = acceptance.fields();
    let seed = seeds
        .generation(fields.puk_generation)
        .ok_or(SealError::NotAddressed)?;
    let info = [JOIN_INFO, &fields.to_bytes()].concat();
    let card = acceptance.card();
    let text = open_bytes(seed.expose(), &info, &card.encapsulated, &*card.ciphertext)?;
    let mut reader = Reader::new(&text);
    let length = usize::from(reader.u16().map_err(ProfileError::from)?);
    let signed = reader.bytes(length).map_err(ProfileError::from)?;
    let profile = verify_profile(Signed::parse(signed)?, &fields.calendar, accounts)?;
    if profile.body().account == fields.account {
        Ok(profile)
    } else {
        Err(ProfileError::Signer.into())
    }
}

fn check(bytes: &[u8]) -> [u8; CHECK_BYTES] {
    let [a, b, c, d, ..] = hash(Context::INVITE_CHECK, &[bytes]);
    [a, b, c, d]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::testing::Ada;

    /// Whoever has the text can ask for another account, and put its own name there: the owner is not
    /// shown one person's name beside another's account.
    #[test]
    fn a_card_is_of_the_account_that_asks() {
        let (mut ada, eve, bob) = (Ada::new(1), Ada::new(2), Ada::new(3));
        let secret = InviteSecret::from_bytes([7; 32]);
        let terms = invite_terms(&secret, Role::Editor, 0, 10);
        let link = ada.calendar.open_invite(&ada.keys, &ada.account, &terms, 0);
        ada.calendar.append(&link.unwrap(), &ada.account).unwrap();
        let invite = CalendarInvite {
            origin: "https://relay.example".to_owned(),
            calendar: ada.calendar.id(),
            secret,
            inviter: ada.account.id(),
            view: ada.calendar.view(),
        };
        let logs = [&ada.account, &eve.account, &bob.account];
        let accounts: BTreeMap<_, _> = logs.map(|log| (log.id(), log.clone())).into();
        let seeds = PukSeeds::open(&ada.account, ada.puk.clone()).unwrap();
        let owner = (&ada.account.id(), &seeds);
        for (account, is_hers) in [(&eve.account, true), (&bob.account, false)] {
            let fields = Acceptance {
                calendar: invite.calendar,
                invite: invite.key().verify_key(),
                account: account.id(),
                view: account.view(),
                inviter: ada.account.id(),
                puk_generation: 1,
            };
            let profile = Profile {
                calendar: invite.calendar,
                account: eve.account.id(),
                device: eve.keys.device_id(),
                view: eve.account.view(),
                counter: 1,
                colour: [0; 3],
                name: "Eve".to_owned(),
            };
            let signed = profile.sign(&eve.keys).unwrap();
            let length = u16::try_from(signed.len()).unwrap();
            let mut text = [&length.to_be_bytes()[..], &signed].concat();
            text.resize(CARD_BYTES, 0);
            let info = [JOIN_INFO, &fields.to_bytes()].concat();
            let recipient = &ada.account.puk_now().seal_key;
            let (encapsulated, sealed) = seal_bytes(&mut ada.rng, recipient, &info, &text).unwrap();
            let card = SealedCard {
                encapsulated,
                ciphertext: Box::new(sealed.try_into().unwrap()),
            };
            let bytes = fields.sign(&invite.key(), &card);
            let seen = candidate(&ada.calendar, &accounts, owner, &bytes, 1);
            assert_eq!(seen.is_ok(), is_hers);
        }
    }
}
