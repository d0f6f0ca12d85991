//! One change of who may do what: signed on the newest head, and signed anew when someone else's link
//! came first and nothing of what the person saw has changed.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "events and refusals that are not awaited all go the same way"
)]

use almanac_crypto::epoch::next_epoch;
use almanac_protocol::defence::Defence;
use almanac_protocol::ids::{AccountId, CalendarId};
use almanac_protocol::membership::{Accounts as _, Intent, IntentVerdict, MemberChange, Role};
use almanac_protocol::message::Reason;
use almanac_protocol::session::client::Event;
use almanac_store::Transaction;

use crate::client::{Client, Identity};
use crate::clock;
use crate::contacts::ContactReason;
use crate::entropy::SystemEntropy;
use crate::error::{Error, ErrorCode, Result};
use crate::replica::{keys, logs, rights};
use crate::sync::{Telling, end_of};

/// Links of others that may come first before a person is asked to try again.
const ATTEMPTS: usize = 5;

impl Client {
    /// Has the relay take a link. Everything that follows from it (keys for the members, what counts)
    /// follows when it is read back, also should this program end before.
    pub(super) async fn change_log(
        &self,
        id: CalendarId,
        intent: Intent,
        link: impl Fn(&Transaction<'_>) -> Result<Vec<u8>>,
    ) -> Result<()> {
        let identity = self.identity();
        for _ in 0..ATTEMPTS {
            self.sync_calendar(id).await?;
            let log = self.read(|tx| logs::calendar(tx, identity, id))?;
            match intent.after(&log, &identity.account) {
                IntentVerdict::Again => {}
                IntentVerdict::Done => return Ok(()),
                IntentVerdict::Ask => return Err(changed_meanwhile()),
                IntentVerdict::Forbidden => return Err(not_allowed()),
            }
            let link = self.store(&link)?;
            if self.offer(id, log.view().head, link).await? {
                self.sync_calendar(id).await?;
                let log = self.read(|tx| logs::calendar(tx, identity, id))?;
                // The relay's word is not enough: what was decided stands in the log that it shows, or
                // it is in force nowhere.
                return match intent.after(&log, &identity.account) {
                    IntentVerdict::Again if Defence::ReadBack.stands() => Err(not_shown()),
                    _ => Ok(()),
                };
            }
        }
        Err(changed_meanwhile())
    }

    /// Gives whether the relay took the link; no when another one came first.
    async fn offer(
        &self,
        id: CalendarId,
        head: almanac_protocol::ids::LinkHash,
        link: Vec<u8>,
    ) -> Result<bool> {
        let keeper = self.at(&self.keeper_of(id)?);
        let (mut connection, _) = keeper.enter(ContactReason::Share, Telling::Nothing).await?;
        let asked = connection.session.put_link(id.into(), Some(head), link);
        let taken = loop {
            let event = connection.next_event().await?;
            match &event {
                Event::Acked { request, .. } if *request == asked => break Ok(true),
                Event::Nacked(nack) if nack.request == asked => {
                    break match nack.reason {
                        Reason::Conflict => Ok(false),
                        reason => Err(refused(reason)),
                    };
                }
                event => end_of(event)?,
            }
        };
        connection.close().await;
        taken
    }

    /// Gives an account another role, or none. What takes something away begins a new epoch in the same
    /// link, and says how far what they wrote counts.
    pub(super) async fn change_role(
        &self,
        id: CalendarId,
        account: AccountId,
        (from, to): (Option<Role>, Option<Role>),
        invite: Option<almanac_protocol::ids::VerifyKey>,
    ) -> Result<()> {
        let identity = self.identity();
        let intent = Intent::Role {
            account,
            from,
            to,
            invite,
        };
        self.change_log(id, intent, |tx| {
            let change = member_change(tx, identity, id, account, to)?;
            let change = MemberChange { invite, ..change };
            let log = logs::calendar(tx, identity, id)?;
            let own = logs::account(tx, identity)?;
            log.change_member(&identity.keys, &own, &change, clock::now_ms())
                .map_err(Error::internal)
        })
        .await
    }
}

fn member_change(
    tx: &Transaction<'_>,
    identity: &Identity,
    id: CalendarId,
    account: AccountId,
    role: Option<Role>,
) -> Result<MemberChange> {
    let (log, people) = logs::judged(tx, identity, id)?;
    let before = log.role(&account);
    let view = match people.account(&account) {
        Some(theirs) => theirs.view(),
        // Of someone who is to be admitted, the calendar's log says nothing yet.
        None => logs::view(tx, account.into())?,
    };
    let could_write = before.is_some_and(Role::can_write);
    let cuts = if could_write && !role.is_some_and(Role::can_write) {
        rights::cuts_of(tx, identity, id, account)?
    } else {
        Vec::new()
    };
    let rotation = if role < before {
        let newest = keys::secret_now(tx, identity, &log)?.ok_or_else(keyless)?;
        let members = log
            .next_members(Some((account, role)), &*people)
            .map_err(Error::internal)?;
        let (secret, section) =
            next_epoch(&mut SystemEntropy, &log, &newest, members).map_err(Error::internal)?;
        keys::prepare_epoch(tx, identity, &section, &secret)?;
        Some(section)
    } else {
        None
    };
    Ok(MemberChange {
        account,
        role,
        view,
        invite: None,
        cuts,
        rotation,
    })
}

fn keyless() -> Error {
    Error::new(
        ErrorCode::RelayRefused,
        "What this calendar was newly locked with has not come yet. Nothing was changed. Try again when \
         another member was online.",
    )
}

fn not_shown() -> Error {
    Error::new(
        ErrorCode::RelayContradicts,
        "The relay says that it took this change of the members, and does not show it: it is not in force. \
         Whoever you wanted to remove can still read this calendar. Do not write into it what they should \
         not see, and ask whoever runs the relay.",
    )
}

fn changed_meanwhile() -> Error {
    Error::new(
        ErrorCode::NotAllowed,
        "Another owner changed the members of this calendar at the same moment. Nothing of yours \
         was changed. Look who they are now, and decide again.",
    )
}

pub(super) fn not_allowed() -> Error {
    Error::new(
        ErrorCode::NotAllowed,
        "Only an owner of a calendar says who its members are, one owner stays, and nobody removes \
         themselves. Nothing was changed.",
    )
}

fn refused(reason: Reason) -> Error {
    Error::new(
        ErrorCode::RelayRefused,
        format!(
            "The relay did not take this change of the members ({reason:?}). Nothing was changed. \
             Try again; if it stays this way, ask whoever runs the relay."
        ),
    )
}
