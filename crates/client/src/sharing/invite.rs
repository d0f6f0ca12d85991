//! Inviting someone: a text for one person and one week, handed over outside the relay.

use almanac_crypto::invite::{CalendarInvite, INVITE_MS_MAX, invite_terms};
use almanac_crypto::secret::InviteSecret;
use almanac_protocol::membership::{Intent, Role};
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
}
