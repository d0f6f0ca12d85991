//! Revoking a device: one link that takes it out, says how far what it wrote counts, and gives the
//! account a new key that it does not have.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "events and refusals that are not awaited all go the same way"
)]

use almanac_crypto::keys::DeviceKeys;
use almanac_protocol::defence::Defence;
use almanac_protocol::ids::DeviceId;
use almanac_protocol::membership::{LinkError, RevokeReason};
use almanac_protocol::message::Reason;
use almanac_protocol::session::client::Event;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::accounts::devices::find;
use crate::client::Client;
use crate::clock;
use crate::contacts::ContactReason;
use crate::error::{Error, ErrorCode, Result};
use crate::replica::{devices, logs};
use crate::sync::{Connection, Proof, end_of, prove};
use crate::view::DeviceView;

/// Links of others that may come first before a person is asked to try again.
const ATTEMPTS: usize = 5;

/// Why a device is revoked: shown to the other devices, never decided upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum RevokeWord {
    /// It is no longer used.
    Retired,
    /// Nobody knows where it is.
    Lost,
    /// Someone else has it.
    Stolen,
}

impl From<RevokeWord> for RevokeReason {
    fn from(word: RevokeWord) -> Self {
        match word {
            RevokeWord::Retired => Self::Retired,
            RevokeWord::Lost => Self::Lost,
            RevokeWord::Stolen => Self::Stolen,
        }
    }
}

impl Client {
    /// The device of the account with this name, id or beginning of an id.
    pub fn find_device(&self, who: &str) -> Result<DeviceView> {
        let identity = self.identity();
        self.read(|tx| find(tx, identity, who))
            .map(|(_, view)| view)
    }

    /// Revokes a device. What it wrote so far stays, as far as this device has read it; what it writes
    /// from now on counts nowhere, and it is given no key any more.
    pub async fn revoke_device(&self, who: &str, reason: RevokeWord) -> Result<DeviceView> {
        // Everything it has sent so far is read first: what is not here would not count.
        self.sync_own().await?;
        let identity = self.identity();
        let (device, view) = self.read(|tx| find(tx, identity, who))?;
        for _ in 0..ATTEMPTS {
            let relay = self.relay()?;
            let mut connection = self.connect(&relay, ContactReason::Devices).await?;
            prove(&mut connection, &identity.keys, &Proof::Known).await?;
            let taken = self
                .offer_revocation(&mut connection, &identity.keys, device, reason.into())
                .await?;
            connection.close().await;
            // The key for the others, and new keys of the calendars, leave now.
            let synced = self.sync_own().await;
            if taken && device == identity.device {
                return Ok(view);
            }
            synced?;
            if taken {
                // The relay's word is not enough: it is revoked where the log that it shows says so.
                let log = self.read(|tx| logs::account(tx, identity))?;
                let is_shown = log.revocation(&device).is_some() || !Defence::ReadBack.stands();
                return is_shown.then_some(view).ok_or_else(not_shown);
            }
            self.read(|tx| find(tx, identity, who))?;
        }
        Err(changed_meanwhile())
    }

    /// Has the relay take the link that revokes a device, signed by these keys. Gives whether it was
    /// taken; no when another link came first.
    pub(crate) async fn offer_revocation(
        &self,
        connection: &mut Connection,
        keys: &DeviceKeys,
        device: DeviceId,
        reason: RevokeReason,
    ) -> Result<bool> {
        let identity = self.identity();
        let (head, link) = self.store(|tx| {
            let log = logs::account(tx, identity)?;
            let revoke = devices::revocation(tx, identity, device, reason)?;
            let link = log
                .revoke(keys, &revoke, clock::now_ms())
                .map_err(Error::internal)?;
            let mut after = (*log).clone();
            after.append(&link).map_err(told)?;
            Ok((log.view().head, link))
        })?;
        let asked = connection
            .session
            .put_link(identity.account.into(), Some(head), link);
        loop {
            match connection.next_event().await? {
                Event::Acked { request, .. } if request == asked => return Ok(true),
                Event::Nacked(nack) if nack.request == asked => {
                    return match nack.reason {
                        Reason::Conflict => Ok(false),
                        reason => Err(refused(reason)),
                    };
                }
                event => end_of(&event)?,
            }
        }
    }
}

/// Why a link would not hold, before anything is sent.
fn told(error: LinkError) -> Error {
    match error {
        LinkError::Seniority(_) => Error::new(
            ErrorCode::NotAllowed,
            "This device was added later than the one you want to revoke, so that whoever takes it \
             away from you cannot lock you out. Nothing was changed. Revoke it on a device that \
             stands above it in `almanac device list`, or with the words of your recovery kit: \
             `almanac device revoke NAME --with-kit`.",
        ),
        LinkError::LastDevice => Error::new(
            ErrorCode::NotAllowed,
            "This is the only device of your account: without it nobody could open your calendars. \
             Nothing was changed. Link another device first.",
        ),
        error => Error::internal(error),
    }
}

fn not_shown() -> Error {
    Error::new(
        ErrorCode::RelayContradicts,
        "The relay says that it took this, and does not show it: the device is not revoked. Whoever has it \
         can still read what you write. Ask whoever runs the relay, and try again.",
    )
}

fn changed_meanwhile() -> Error {
    Error::new(
        ErrorCode::NotAllowed,
        "Other devices changed the account again and again at the same moment. The device was not \
         revoked. Look at `almanac device list` and try again.",
    )
}

fn refused(reason: Reason) -> Error {
    Error::new(
        ErrorCode::RelayRefused,
        format!(
            "The relay did not take this change ({reason:?}). The device was not revoked. Try again; \
             if it stays this way, ask whoever runs the relay."
        ),
    )
}
