//! Entering a relay: the account's own as one of its devices, any other as a guest.
//!
//! A guest's log is taken on the word of the account's own relay, so that one's voucher is kept here, and
//! a relay that keeps a calendar hears of devices that have come or left also while the own one is away.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "events that are not awaited all go the same way"
)]

use almanac_crypto::invite::CalendarInvite;
use almanac_protocol::join::look_body;
use almanac_protocol::label::Purpose;
use almanac_protocol::membership::link_hash;
use almanac_protocol::message::{Reason, Welcome};
use almanac_protocol::session::client::{Event, Invited};
use almanac_protocol::signed::Signer as _;
use almanac_protocol::voucher::Voucher;
use almanac_store::{Setting, Transaction};

use crate::client::{Client, Identity};
use crate::contacts::ContactReason;
use crate::error::{Error, ErrorCode, Result};
use crate::replica::logs;
use crate::sync::handshake::{self, Proof, end_of, prove, sign};
use crate::sync::{Connection, RelayAddress};

/// What a guest says of its account at the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Telling {
    /// Nothing that the relay has not heard.
    Nothing,
    /// The whole log, as far as the own relay vouches for it.
    Log,
}

/// The log of an account, and its own relay's word for it.
type Vouched = (Vec<Vec<u8>>, Vec<u8>);

impl Client {
    /// Enters the relay of this handle.
    pub(crate) async fn enter(
        &self,
        reason: ContactReason,
        telling: Telling,
    ) -> Result<(Connection, Welcome)> {
        if self.keeper().is_own() {
            return self.enter_own(reason).await;
        }
        let relay = self.address_of(self.keeper())?;
        if telling == Telling::Nothing
            && let Some(entered) = self.visit(&relay, reason, None, None).await?
        {
            return Ok(entered);
        }
        let log = self.vouched_log().await?;
        let entered = self.visit(&relay, reason, Some(log), None).await?;
        entered.ok_or_else(turned_away)
    }

    /// Enters the account's own relay.
    async fn enter_own(&self, reason: ContactReason) -> Result<(Connection, Welcome)> {
        let mut connection = self.connect(&self.relay()?, reason).await?;
        let welcome = prove(&mut connection, &self.identity().keys, &Proof::Known).await?;
        Ok((connection, welcome))
    }

    /// Enters the relay of an invite, which may never have heard of this account.
    pub(crate) async fn enter_invited(
        &self,
        invite: &CalendarInvite,
    ) -> Result<(Connection, Welcome)> {
        let relay = RelayAddress::parse(&invite.origin)?;
        let log = self.vouched_log().await?;
        let reason = ContactReason::Share;
        let entered = self.visit(&relay, reason, Some(log), Some(invite)).await?;
        entered.ok_or_else(turned_away)
    }

    /// Calls as a guest; `None` where the relay does not take what was said for a proof.
    async fn visit(
        &self,
        relay: &RelayAddress,
        reason: ContactReason,
        log: Option<Vouched>,
        invite: Option<&CalendarInvite>,
    ) -> Result<Option<(Connection, Welcome)>> {
        let mut connection = self.connect(relay, reason).await?;
        loop {
            match connection.next_event().await? {
                Event::Challenged {
                    relay_nonce, known, ..
                } => {
                    connection.relay_nonce = relay_nonce;
                    let signature = sign(&connection, &self.identity().keys, &relay_nonce)?;
                    let invited = invite.map(|invite| invited(&connection, invite));
                    let invited = invited.transpose()?;
                    if known {
                        // This account lives there too.
                        connection.session.handle_proof(signature);
                    } else {
                        let session = &mut connection.session;
                        session.handle_visit(log.clone(), signature, invited);
                    }
                }
                Event::Welcomed(welcome) => return Ok(Some((connection, welcome))),
                Event::Nacked(nack) if nack.reason == Reason::AuthFailed => {
                    connection.close().await;
                    return Ok(None);
                }
                Event::Nacked(nack) => return Err(refused(nack.reason)),
                event => end_of(&event)?,
            }
        }
    }

    /// The account's log as far as its own relay vouches for it, which is asked where its word is not here.
    async fn vouched_log(&self) -> Result<Vouched> {
        let identity = self.identity();
        let view = self.read(|tx| logs::view(tx, identity.account.into()))?;
        let kept = self.read(|tx| voucher(tx, identity))?;
        if kept.map(|(voucher, _)| voucher.view) != Some(view)
            && let Err(error) = self.ask_for_voucher().await
        {
            // An older word is better than none.
            tracing::debug!(code = ?error.code, "sync.not_vouched_for");
        }
        let (voucher, bytes) = self
            .read(|tx| voucher(tx, identity))?
            .ok_or_else(not_vouched_for)?;
        let mut links = self.read(|tx| Ok(tx.links(identity.account.into())?))?;
        links.truncate(usize::try_from(voucher.view.seq).map_or(0, |seq| seq + 1));
        Ok((links, bytes))
    }

    /// Asks the account's own relay where the account's log ends.
    async fn ask_for_voucher(&self) -> Result<()> {
        let (mut connection, _) = self.enter_own(ContactReason::Sync).await?;
        let asked = connection.session.get_voucher();
        let voucher = loop {
            match connection.next_event().await? {
                Event::Vouched { request, voucher } if request == asked => break voucher,
                Event::Nacked(nack) if nack.request == asked => {
                    return Err(handshake::refused(nack.reason));
                }
                event => end_of(&event)?,
            }
        };
        connection.close().await;
        self.keep_voucher(&voucher)
    }

    /// Keeps the own relay's word, if it is one and is about what is here.
    pub(crate) fn keep_voucher(&self, bytes: &[u8]) -> Result<()> {
        let identity = self.identity();
        self.store(|tx| {
            if judged(tx, identity, bytes)?.is_some() {
                tx.set(Setting::Voucher, bytes)?;
            }
            Ok(())
        })
    }
}

/// The word of the account's own relay that is kept here.
pub(crate) fn voucher(
    tx: &Transaction<'_>,
    identity: &Identity,
) -> Result<Option<(Voucher, Vec<u8>)>> {
    let Some(bytes) = tx.setting(Setting::Voucher)? else {
        return Ok(None);
    };
    let judged = judged(tx, identity, &bytes)?;
    Ok(judged.map(|voucher| (voucher, bytes)))
}

/// The voucher in these bytes, if it is about the account's log as it is here.
fn judged(tx: &Transaction<'_>, identity: &Identity, bytes: &[u8]) -> Result<Option<Voucher>> {
    let Ok(voucher) = Voucher::verify(bytes) else {
        return Ok(None);
    };
    let links = tx.links(identity.account.into())?;
    let link = usize::try_from(voucher.view.seq)
        .ok()
        .and_then(|seq| links.get(seq));
    let is_ours = voucher.account == identity.account
        && link.is_some_and(|link| link_hash(link) == voucher.view.head);
    Ok(is_ours.then_some(voucher))
}

/// The invite's word for this very connection.
pub(crate) fn invited(connection: &Connection, invite: &CalendarInvite) -> Result<Invited> {
    let caller = &connection.caller;
    let (account, device) = caller
        .identity
        .ok_or_else(|| Error::internal("a look without an account"))?;
    let nonces = (&caller.client_nonce, &connection.relay_nonce);
    let body = look_body(&caller.origin, nonces, &invite.calendar, &account, &device)
        .ok_or_else(|| Error::invalid("The address of the relay is too long."))?;
    let key = invite.key();
    Ok(Invited {
        calendar: invite.calendar,
        invite: key.verify_key(),
        signature: key.sign(Purpose::InviteLook, &body),
    })
}

fn not_vouched_for() -> Error {
    Error::new(
        ErrorCode::RelayUnreachable,
        "Your own relay has to be reached once before a calendar that another relay keeps can come. \
         Everything is saved on this device. Try again when your own relay answers.",
    )
}

fn turned_away() -> Error {
    Error::new(
        ErrorCode::RelayRefused,
        "It does not let you in any more. What you have of its calendars is safe on this device. Ask \
         their owner whether you are still a member, and for a new invite where you have changed your \
         own relay or it was set up anew.",
    )
}

fn refused(reason: Reason) -> Error {
    match reason {
        Reason::InviteInvalid => Error::new(
            ErrorCode::InviteInvalid,
            "This invite is not open: it was used, was taken back, or is over. Nothing was changed. \
             Ask the owner for a new one.",
        ),
        Reason::Quota => Error::new(
            ErrorCode::InviteInvalid,
            "Too many have come with this invite already. Nothing was changed. Ask the owner for a \
             new one, and whether they know who the others are.",
        ),
        reason => handshake::refused(reason),
    }
}
