//! Sharing calendars: inviting, asking to be admitted, admitting, roles and removal.
//!
//! ```text
//! owner    share ─▶ text, handed over outside the relay          admit ─▶ member, key
//! joiner             look ─▶ whose calendar, which role ─▶ ask ──┘
//! ```
//!
//! Who is a member is decided by links that the relay takes one after the other, so all of this needs
//! the network, unlike everything that is written into a calendar.

mod change;
mod compared;
mod invite;
mod join;
mod members;
mod people;

use almanac_calendar::document::calendar::CalendarFacts;
use almanac_protocol::ids::{AccountId, CalendarId};
use almanac_protocol::membership::Role;
use almanac_protocol::safety_number::SafetyNumber;
use almanac_store::Transaction;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use self::invite::{InviteView, OpenInviteView};
pub use self::join::{Invitation, InvitationView};
pub use self::members::{Asking, AskingView, MemberView, MembersView};
pub use self::people::{
    Admission, AwaitedView, CompanyView, InviteAddress, PeopleView, PersonView, SharedView,
};
use crate::client::{Client, Identity};
use crate::error::{Error, Result};
use crate::events::times::zone_or_system;
use crate::replica::documents;

/// Under which name a person's own name stands among the settings of the account.
const NAME: &str = "name";

/// What a member may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum MemberRole {
    /// Sees when someone is busy, nothing else.
    FreeBusy,
    /// Reads.
    Viewer,
    /// Writes.
    Editor,
    /// Says who is a member.
    Owner,
}

impl MemberRole {
    /// What an owner may give to others, the least first.
    pub const OFFERED: &[Self] = &[Self::FreeBusy, Self::Viewer, Self::Editor, Self::Owner];
}

impl From<Role> for MemberRole {
    fn from(role: Role) -> Self {
        match role {
            Role::FreeBusy => Self::FreeBusy,
            Role::Viewer => Self::Viewer,
            Role::Editor => Self::Editor,
            Role::Owner => Self::Owner,
        }
    }
}

impl From<MemberRole> for Role {
    fn from(role: MemberRole) -> Self {
        match role {
            MemberRole::FreeBusy => Self::FreeBusy,
            MemberRole::Viewer => Self::Viewer,
            MemberRole::Editor => Self::Editor,
            MemberRole::Owner => Self::Owner,
        }
    }
}

impl Client {
    /// Says in which zone the whole days of a calendar lie, if nobody has: whoever tells when its people are
    /// busy has to come to the same.
    fn settle_zone(&self, id: CalendarId) -> Result<()> {
        let facts = self.read(|tx| documents::facts(tx, id))?;
        if facts.zone.is_some() {
            return Ok(());
        }
        let facts = CalendarFacts {
            zone: Some(zone_or_system(None)?),
            ..facts
        };
        self.write(|work| documents::set_facts(work, id, &facts))
    }

    /// How this person is called in shared calendars; sets it where `name` says it anew.
    pub(crate) fn own_name(&self, name: Option<&str>) -> Result<String> {
        let known = self.read(|tx| stored_name(tx, self.identity()))?;
        let Some(name) = name.map(str::trim) else {
            return known.ok_or_else(|| {
                Error::invalid(
                    "Say how the others will see you, with --as NAME. Nothing was changed. It is \
                     asked for once; the relay does not see it.",
                )
            });
        };
        if name.is_empty() || name.len() > almanac_protocol::profile::NAME_BYTES_MAX {
            return Err(Error::invalid(
                "A name has 1 to 128 bytes, which is some forty to a hundred letters. Nothing was \
                 changed.",
            ));
        }
        if known.as_deref() != Some(name) {
            let text = serde_json::to_string(name).map_err(Error::internal)?;
            self.write(|work| {
                documents::edit_private(work, |private| {
                    private.settings.insert(NAME.to_owned(), text);
                })
            })?;
        }
        Ok(name.to_owned())
    }
}

fn stored_name(tx: &Transaction<'_>, identity: &Identity) -> Result<Option<String>> {
    let settings = documents::private(tx, identity.private)?.settings;
    let text = settings.get(NAME);
    Ok(text.and_then(|text| serde_json::from_str(text).ok()))
}

/// The sixty digits that two people compare once.
fn safety(identity: &Identity, other: &AccountId) -> String {
    SafetyNumber::of(&identity.account, other).to_string()
}
