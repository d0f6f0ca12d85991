//! Inviting someone: a text for one person and one week, handed over outside the relay, which can be
//! taken back until it was used.

use almanac_crypto::invite::{CalendarInvite, INVITE_MS_MAX, invite_terms};
use almanac_crypto::secret::InviteSecret;
use almanac_protocol::ids::{CalendarId, VerifyKey};
use almanac_protocol::membership::{Intent, Invite, InviteState, Role};
use serde::Serialize;
use ts_rs::TS;

use super::MemberRole;
use super::change::not_allowed;
use crate::agenda::wall_clock;
use crate::client::Client;
use crate::clock;
use crate::entropy::SystemEntropy;
use crate::error::{Error, Result};
use crate::replica::{logs, profiles};
use crate::view::Moment;

/// An invite that was just opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct InviteView {
    /// What to hand over. It holds no key of the calendar: who has it can ask to be admitted, once.
    pub text: String,
    /// What it offers.
    pub role: MemberRole,
    /// When it is over, ms since 1970.
    pub expires_ms: u64,
    /// The same on the wall clock of this device.
    pub until: Moment,
}

/// An invite that nobody was let in by yet, as owners see it. The text itself is nowhere but with those
/// who were given it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct OpenInviteView {
    /// Its id, which says nothing about the text.
    pub id: String,
    /// What it offers.
    pub role: MemberRole,
    /// The owner who made it; empty for this person and where the name has not come.
    pub by: String,
    /// When it is over, ms since 1970.
    pub expires_ms: u64,
    /// The same on the wall clock of this device.
    pub until: Moment,
}

impl Client {
    /// Opens an invite to a calendar of this person. `name` is how the others will see them; it is
    /// remembered.
    pub async fn share(
        &self,
        calendar: &str,
        role: MemberRole,
        name: Option<&str>,
    ) -> Result<InviteView> {
        let (identity, id) = (self.identity(), self.find_calendar(calendar)?);
        let relay = self.address_of(&self.keeper_of(id)?)?;
        if self.read(|tx| logs::own_role(tx, identity, id))? != Some(Role::Owner) {
            return Err(not_allowed());
        }
        let name = self.own_name(name)?;
        self.store(|tx| profiles::tell(tx, identity, id, &name))?;
        if role == MemberRole::FreeBusy {
            self.settle_zone(id)?;
        }
        let secret = InviteSecret::random(&mut SystemEntropy);
        let terms = invite_terms(&secret, role.into(), clock::now_ms(), INVITE_MS_MAX);
        self.change_log(id, Intent::Invite(terms), |tx| {
            let log = logs::calendar(tx, identity, id)?;
            let account = logs::account(tx, identity)?;
            log.open_invite(&identity.keys, &account, &terms, clock::now_ms())
                .map_err(Error::internal)
        })
        .await?;
        let invite = CalendarInvite {
            origin: relay.origin(),
            calendar: id,
            secret,
            inviter: identity.account,
            view: self.read(|tx| logs::view(tx, id.into()))?,
        };
        Ok(InviteView {
            text: invite.to_text().to_string(),
            role,
            expires_ms: terms.expires_ms,
            until: wall_clock(terms.expires_ms),
        })
    }

    /// The invites to a calendar of this person that are open, the first to end first. Those who decide
    /// nothing are shown none.
    pub(super) fn open_invites(&self, id: CalendarId) -> Result<Vec<OpenInviteView>> {
        let (identity, now_ms) = (self.identity(), clock::now_ms());
        if !self.is_owner(id)? {
            return Ok(Vec::new());
        }
        self.read(|tx| {
            let names = profiles::names(tx, id)?;
            let log = logs::calendar(tx, identity, id)?;
            let is_open = |invite: &&Invite| {
                invite.state == InviteState::Open && invite.terms.expires_ms > now_ms
            };
            let mut open: Vec<&Invite> = log.invites().filter(is_open).collect();
            open.sort_by_key(|invite| invite.terms.expires_ms);
            let by = |invite: &Invite| {
                let others = (invite.inviter != identity.account).then_some(&invite.inviter);
                others.and_then(|owner| names.get(owner)).cloned()
            };
            let view = |invite: &Invite| OpenInviteView {
                id: invite.terms.key.to_string(),
                role: invite.terms.role.into(),
                by: by(invite).unwrap_or_default(),
                expires_ms: invite.terms.expires_ms,
                until: wall_clock(invite.terms.expires_ms),
            };
            Ok(open.into_iter().map(view).collect())
        })
    }

    /// Takes an invite back: whoever has the text can no longer ask with it. `invite` is its id, or the
    /// beginning of it.
    pub async fn take_back(&self, calendar: &str, invite: &str) -> Result<()> {
        let (identity, id) = (self.identity(), self.find_calendar(calendar)?);
        if !self.is_owner(id)? {
            return Err(not_allowed());
        }
        self.sync_calendar(id).await?;
        let wanted = invite.trim().to_lowercase();
        let open = self.open_invites(id)?.into_iter();
        let mut open = open.filter(|one| wanted.len() >= 4 && one.id.starts_with(&wanted));
        let (Some(found), None) = (open.next(), open.next()) else {
            return Err(Error::not_found(
                "No open invite is the one you mean. Nothing was changed. It may have been used or \
                 taken back already, or be over.",
            ));
        };
        let key: VerifyKey = found.id.parse().map_err(Error::internal)?;
        self.change_log(id, Intent::EndInvite(key), |tx| {
            let log = logs::calendar(tx, identity, id)?;
            let account = logs::account(tx, identity)?;
            log.end_invite(&identity.keys, &account, &key, clock::now_ms())
                .map_err(Error::internal)
        })
        .await
    }
}
