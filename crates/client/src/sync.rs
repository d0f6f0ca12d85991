//! Bringing this device and the relay together: once, or for as long as the program runs.
//!
//! Editing never waits for anything here. What is written leaves as soon as the device has read its
//! own chain back from the relay; what arrives is stored together with its cursor.

mod address;
mod audit;
mod catch_up;
mod exchange;
mod following;
mod free_busy;
pub(crate) mod handshake;
mod head_at_once;
mod http;
pub(crate) mod live;
pub(crate) mod membership;
pub(crate) mod packs;
mod pull;
mod resume;
mod settle;
mod socket;
pub(crate) mod transport;
mod upload;

use std::time::Duration;

use almanac_protocol::backoff::Backoff;
use almanac_store::Setting;

pub(crate) use address::RelayAddress;
pub(crate) use catch_up::{position, start_over, stream};
pub(crate) use handshake::{Proof, end_of, prove};
pub(crate) use transport::{Connection, interrupted};

use crate::accounts::recovery::connection::pass_factor;
use crate::client::Client;
use crate::contacts::ContactReason;
use crate::entropy;
use crate::error::{Error, ErrorCode, Result};
use crate::replica::devices;
use crate::view::SyncStatus;
use exchange::Exchange;

/// How often a running sync looks for edits of other processes on the same profile.
const OTHER_PROCESS_LOOK: Duration = Duration::from_millis(100);

/// How long to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Until nothing is left to send or fetch.
    Once,
    /// Until the future is dropped: reconnects by itself.
    Watch,
}

impl Client {
    /// Sends what waits and fetches what is new.
    ///
    /// With [`Mode::Once`] a relay that cannot be reached is an error; with [`Mode::Watch`] it is
    /// tried again for ever, and only a missing relay is an error.
    pub async fn sync(&self, mode: Mode) -> Result<SyncStatus> {
        let mut backoff = Backoff::default();
        loop {
            // It may be another one since the last attempt.
            let relay = self.relay()?;
            self.end_if_revoked()?;
            let run = self.connect_and_exchange(&relay, mode, &mut backoff).await;
            match (run, mode) {
                (Ok(()), Mode::Once) => {
                    // What needs a person's attention is still to be said when all else is done.
                    if !self.has_trouble() {
                        self.now_idle();
                    }
                    return self.status();
                }
                (Err(error), _) if error.code == ErrorCode::Locked => return Err(error),
                (Err(error), Mode::Once) => {
                    self.now_failed(&error);
                    return Err(error);
                }
                (Err(error), Mode::Watch) if error.code == ErrorCode::DeviceRevoked => {
                    self.now_failed(&error);
                    return Err(error);
                }
                (Ok(()), Mode::Watch) => self.now_connecting(),
                (Err(error), Mode::Watch) => {
                    tracing::debug!(code = ?error.code, "sync.interrupted");
                    self.now_failed(&error);
                }
            }
            let [jitter] = entropy::bytes();
            tokio::time::sleep(backoff.next_wait(jitter)).await;
        }
    }

    /// Shows the relay a code of the second factor on the next connection: a relay that has lost a part of
    /// the account's log asks for one before it takes it back.
    pub fn show_code(&self, code: &str) {
        self.live().code = Some(code.to_owned());
    }

    /// Sets the relay and creates the account there with an invite; everything that was written
    /// before is sent.
    pub async fn use_relay(&self, url: &str, invite: &str) -> Result<()> {
        let relay = RelayAddress::parse(url)?;
        handshake::register(self, &relay, invite).await?;
        self.store(|tx| {
            let before = tx.setting(Setting::Relay)?;
            if before.is_some_and(|before| before != relay.origin().as_bytes()) {
                catch_up::start_over(tx, self.identity())?;
            }
            tx.set(Setting::Relay, relay.origin().as_bytes())?;
            let account = self.identity().account.into();
            if let Some((seq, _)) = tx.last_link(account)? {
                tx.links_sent(account, seq)?;
            }
            Ok(())
        })?;
        self.announce_status();
        Ok(())
    }

    /// The relay of this profile.
    pub(crate) fn relay(&self) -> Result<RelayAddress> {
        let url = self
            .read(|tx| Ok(tx.setting(Setting::Relay)?))?
            .ok_or_else(|| {
                Error::new(
                    ErrorCode::NoRelay,
                    "No relay is set up: everything stays on this device. Set one up with \
                 `almanac relay use URL --invite CODE`.",
                )
            })?;
        RelayAddress::parse(&String::from_utf8_lossy(&url))
    }

    /// Says so where another device has revoked this one.
    pub(crate) fn end_if_revoked(&self) -> Result<()> {
        let identity = self.identity();
        if self.read(|tx| devices::is_revoked(tx, identity))? {
            let error = devices::revoked();
            self.now_failed(&error);
            return Err(error);
        }
        Ok(())
    }

    async fn connect_and_exchange(
        &self,
        relay: &RelayAddress,
        mode: Mode,
        backoff: &mut Backoff,
    ) -> Result<()> {
        let mut is_first = true;
        loop {
            self.now_connecting();
            let identity = self.identity();
            let mut connection = self.connect(relay, ContactReason::Sync).await?;
            let welcome = prove(&mut connection, &identity.keys, &Proof::Known).await?;
            let code = self.live().code.take();
            if let Some(code) = code {
                pass_factor(&mut connection, &code).await?;
            }
            self.now_connected();
            let mut exchange = Exchange::new(self, connection, relay);
            let ended = exchange.run(&welcome, mode).await;
            if exchange.got_through() {
                backoff.succeeded();
            }
            // A device that was revoked is let in once more, to read that.
            let is_turned_away = exchange.is_turned_away() && std::mem::take(&mut is_first);
            if is_turned_away && ended.is_err() {
                continue;
            }
            ended?;
            exchange.close().await;
            return Ok(());
        }
    }
}
