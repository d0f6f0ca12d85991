//! Using the words: a new device of an account whose others are gone, and revoking those.

use std::path::Path;

use almanac_crypto::keys::DeviceKeys;
use almanac_crypto::pairing::AccountBundle;
use almanac_crypto::recovery::RecoveryKit;
use almanac_crypto::seal::{open_puk_box, seal_puk_box};
use almanac_protocol::ids::LogId;
use almanac_protocol::label::Purpose;
use almanac_protocol::membership::{AccountLog, possession_of_added_device};
use almanac_protocol::signed::Signer as _;

use super::connection::{open_kit, pass_factor, put_link};
use super::kit::told;
use crate::accounts::create::check_name;
use crate::accounts::devices::find;
use crate::accounts::link::{Begun, move_in};
use crate::accounts::request::{boxes, done, links};
use crate::accounts::revoke::RevokeWord;
use crate::client::Client;
use crate::clock;
use crate::contacts::ContactReason;
use crate::entropy::SystemEntropy;
use crate::error::{Error, ErrorCode, Result};
use crate::findings::instant;
use crate::ledger::recorder::Recorder;
use crate::profile::{self, Unlock};
use crate::sync::{Connection, RelayAddress};
use crate::view::DeviceView;

/// Links of others that may come first before a person is asked to try again.
const ATTEMPTS: usize = 5;

/// What became of the words.
#[derive(Debug)]
pub enum Recovered {
    /// The relay makes them wait; nothing was made on this computer. The same words again, after that.
    Waits {
        /// Until when, RFC 3339 in UTC, by this computer's clock.
        until: String,
    },
    /// This computer is a device of the account.
    Done(Client),
}

/// Makes a profile in `folder` as a new device of the account that these words open.
pub async fn recover(
    folder: &Path,
    url: &str,
    typed: &str,
    name: &str,
    code: Option<&str>,
    unlock: &Unlock,
) -> Result<Recovered> {
    check_name(name)?;
    let relay = RelayAddress::parse(url)?;
    let kit = RecoveryKit::from_words(typed).map_err(told)?;
    if profile::exists(folder) {
        return Err(Error::new(
            ErrorCode::AlreadyExists,
            "There is a profile here already. Nothing was changed. Choose another folder with \
             --profile.",
        ));
    }
    let recorder = Recorder::without_profile(relay.origin(), ContactReason::Devices);
    let (mut connection, recovery) = open_kit(&relay, &kit, recorder).await?;
    if recovery.wait_ms > 0 {
        connection.close().await;
        let until = instant(clock::now_ms().saturating_add(recovery.wait_ms));
        return Ok(Recovered::Waits { until });
    }
    if recovery.factor_due {
        let code = code.ok_or_else(code_missing)?;
        pass_factor(&mut connection, code).await?;
    }
    let fresh = profile::create(folder, unlock)?;
    let keys = DeviceKeys::generate(&mut SystemEntropy);
    let account = enrol(&mut connection, &kit, &keys, recovery.account.into()).await?;
    let begun = Begun {
        keys,
        account,
        recorder: connection.close().await,
    };
    let client = move_in(fresh, &relay, begun, name).await?;
    // The device is part of the account whether or not this first sync gets through.
    if let Err(error) = client.sync_own().await {
        tracing::info!(code = ?error.code, "recovery.first_sync_failed");
    }
    Ok(Recovered::Done(client))
}

/// The kit adds the new device and seals the account's key for it.
async fn enrol(
    connection: &mut Connection,
    kit: &RecoveryKit,
    keys: &DeviceKeys,
    id: LogId,
) -> Result<AccountBundle> {
    for _ in 0..ATTEMPTS {
        let mut log = AccountLog::from_links(&links(connection, id).await?).map_err(contradicts)?;
        let is_ours = LogId::from(log.id()) == id
            && log.recovery().map(|kit| kit.id) == Some(kit.keys().device_id());
        if !is_ours {
            return Err(contradicts("an account of which this is no kit"));
        }
        let records = boxes(connection, id).await?;
        let seed = records
            .iter()
            .find_map(|record| open_puk_box(&log, kit.keys(), record).ok())
            .ok_or_else(keyless)?;
        let head = log.view().head;
        let bundle = keys.bundle();
        let body = possession_of_added_device(&log.id(), log.count(), bundle);
        let possession = keys.sign(Purpose::DevicePossession, &body);
        let link = log
            .add_device(kit.keys(), bundle, &possession, clock::now_ms())
            .map_err(Error::internal)?;
        log.append(&link).map_err(Error::internal)?;
        if !put_link(connection, id, head, link).await? {
            continue;
        }
        let record = seal_puk_box(&mut SystemEntropy, &log, &keys.device_id(), &seed)
            .map_err(Error::internal)?;
        let request = connection.session.put_box(id, record);
        done(connection, request).await?;
        return Ok(AccountBundle {
            account: log.id(),
            device: keys.device_id(),
            view: log.view(),
            origin: connection.caller.origin.clone(),
        });
    }
    Err(Error::new(
        ErrorCode::NotAllowed,
        "Other devices changed the account again and again at the same moment. Nothing was changed. \
         Try again.",
    ))
}

impl Client {
    /// Revokes a device with the words of the recovery kit, which stands above every device.
    pub async fn revoke_device_with_kit(
        &self,
        who: &str,
        reason: RevokeWord,
        typed: &str,
        code: Option<&str>,
    ) -> Result<DeviceView> {
        let kit = RecoveryKit::from_words(typed).map_err(told)?;
        let identity = self.identity();
        for _ in 0..ATTEMPTS {
            self.sync_own().await?;
            let (device, view) = self.read(|tx| find(tx, identity, who))?;
            let (mut connection, _) = self.open_own_kit(&kit).await?;
            if let Some(code) = code {
                pass_factor(&mut connection, code).await?;
            }
            let taken = self
                .offer_revocation(&mut connection, kit.keys(), device, reason.into())
                .await?;
            connection.close().await;
            if taken {
                self.sync_own().await?;
                return Ok(view);
            }
        }
        Err(Error::new(
            ErrorCode::NotAllowed,
            "Other devices changed the account again and again at the same moment. The device was \
             not revoked. Try again.",
        ))
    }
}

fn code_missing() -> Error {
    Error::new(
        ErrorCode::SecondFactorDue,
        "The words are right, and the wait is over. This account has a second factor: a code of your \
         authenticator, or one of the ten on paper, is missing. Nothing was changed. Run the same \
         command with `--code CODE`.",
    )
}

fn keyless() -> Error {
    Error::new(
        ErrorCode::RelayRefused,
        "The relay has no key of the account for this kit. Nothing was changed. Connect one of the \
         account's devices once, if there is any left, and try again.",
    )
}

fn contradicts(what: impl std::fmt::Display) -> Error {
    tracing::warn!(%what, "recovery.relay_contradicts");
    Error::new(
        ErrorCode::RelayContradicts,
        "The relay shows something else under the name of this account. Nothing was changed. Ask \
         whoever runs the relay.",
    )
}
