//! Erasing at the relay: an order signed by this device, the relay's receipt, and a second look to see
//! that it no longer knows the account.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "events that are not awaited all go the same way"
)]

use std::fs;
use std::path::{Path, PathBuf};

use almanac_protocol::erasure::{EraseOrder, EraseReceipt, order_hash};
use almanac_protocol::ids::VerifyKey;
use almanac_protocol::session::client::Event;
use almanac_store::Setting;
use serde::Serialize;
use serde_json::json;
use ts_rs::TS;

use crate::accounts::request;
use crate::client::Client;
use crate::contacts::ContactReason;
use crate::error::{Error, ErrorCode, Result};
use crate::findings::instant;
use crate::keeper::Keeper;
use crate::sync::{self, Connection, Proof, RelayAddress, end_of, prove};

/// What a relay has erased, by its own word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ErasedAtRelay {
    /// The relay.
    pub relay: String,
    /// When, by its clock, RFC 3339 in UTC.
    pub time: String,
    /// Calendars that are gone there, the private one among them.
    pub calendars: u32,
    /// Calendars that stay there, because other people are in them.
    pub kept: u32,
    /// Sealed envelopes that are gone there.
    pub envelopes: u64,
    /// Bytes that are gone there.
    pub bytes: u64,
    /// The file with the relay's signed receipt.
    pub receipt: String,
}

impl Client {
    /// Has the relay erase everything of this account, and keeps its receipt in the profile's folder.
    /// What is on this device stays, and no relay is set up any more.
    pub async fn erase_at_relay(&self) -> Result<ErasedAtRelay> {
        let relay = self.relay()?;
        let identity = self.identity();
        let mut connection = self.connect(&relay, ContactReason::Erase).await?;
        let welcome = prove(&mut connection, &identity.keys, &Proof::Known).await?;
        let order = EraseOrder {
            relay_epoch: welcome.relay_epoch,
            account: identity.account,
            device: identity.device,
        };
        let order = order.sign(&identity.keys);
        let asked = connection.session.erase_account(order.clone());
        let signed = receipt(&mut connection, asked).await?;
        connection.close().await;
        let key = self.forgotten_by(&relay).await?;
        let receipt = EraseReceipt::verify(&signed, &key).map_err(|_| contradicts())?;
        let is_ours = receipt.account == identity.account
            && receipt.relay_epoch == welcome.relay_epoch
            && receipt.order == order_hash(&order);
        if !is_ours {
            return Err(contradicts());
        }
        let path = self.keep_receipt(&relay, &key, &receipt, [&order, &signed])?;
        self.store(|tx| {
            sync::start_over(tx, identity, &Keeper::Own)?;
            tx.unset(Setting::Voucher)?;
            Ok(tx.unset(Setting::Relay)?)
        })?;
        self.announce_status();
        Ok(ErasedAtRelay {
            relay: relay.origin().to_owned(),
            time: instant(receipt.time_ms),
            calendars: receipt.calendars,
            kept: receipt.kept,
            envelopes: receipt.envelopes,
            bytes: receipt.bytes,
            receipt: path.display().to_string(),
        })
    }

    /// Asks the relay whether it knows this account: it must not. Gives the relay's key.
    async fn forgotten_by(&self, relay: &RelayAddress) -> Result<VerifyKey> {
        let mut connection = self.connect(relay, ContactReason::Erase).await?;
        loop {
            match connection.next_event().await? {
                Event::Challenged {
                    relay_key, known, ..
                } => {
                    connection.close().await;
                    return if known {
                        Err(contradicts())
                    } else {
                        Ok(relay_key)
                    };
                }
                event => end_of(&event)?,
            }
        }
    }

    fn keep_receipt(
        &self,
        relay: &RelayAddress,
        key: &VerifyKey,
        receipt: &EraseReceipt,
        [order, signed]: [&[u8]; 2],
    ) -> Result<PathBuf> {
        let folder = self.profile_folder()?;
        let path = folder.join(format!("erased-{}.json", receipt.time_ms));
        let text = json!({
            "relay": relay.origin(),
            "relayKey": hex(key.as_bytes()),
            "account": receipt.account.to_string(),
            "time": instant(receipt.time_ms),
            "order": hex(order),
            "receipt": hex(signed),
        });
        let text = serde_json::to_string_pretty(&text).map_err(Error::internal)?;
        write(&path, &text)?;
        Ok(path)
    }
}

async fn receipt(connection: &mut Connection, asked: u64) -> Result<Vec<u8>> {
    loop {
        match connection.next_event().await? {
            Event::Erased { request, receipt } if request == asked => return Ok(receipt),
            Event::Nacked(nack) if nack.request == asked => {
                return Err(request::refused(nack.reason));
            }
            event => end_of(&event)?,
        }
    }
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).map_err(|error| {
        Error::new(
            ErrorCode::DiskFull,
            format!(
                "The relay has erased your account, but its receipt could not be written to {} \
                 ({error}).",
                path.display()
            ),
        )
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn contradicts() -> Error {
    Error::new(
        ErrorCode::RelayContradicts,
        "The relay says that it has erased your account, and its receipt or what it shows now says \
         otherwise. Everything is still on this device. Ask whoever runs the relay to erase it.",
    )
}
