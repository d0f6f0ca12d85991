//! Bringing this device and the relay together: once, or for as long as the program runs.
//!
//! Editing never waits for anything here. What is written leaves as soon as the device has read its
//! own chain back from the relay; what arrives is stored together with its cursor.

mod address;
mod audit;
mod catch_up;
mod door;
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
pub(crate) mod visiting;

use std::collections::BTreeSet;
use std::time::Duration;

use almanac_protocol::backoff::Backoff;
use almanac_protocol::ids::CalendarId;
use almanac_store::Setting;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

pub(crate) use address::RelayAddress;
pub(crate) use catch_up::{
    position, read_anew, start_calendar_over, start_everything_over, start_over, stream,
};
pub(crate) use handshake::{Proof, end_of, prove};
pub(crate) use transport::{Connection, interrupted};
pub(crate) use visiting::Telling;

use crate::accounts::recovery::connection::pass_factor;
use crate::client::Client;
use crate::contacts::ContactReason;
use crate::entropy;
use crate::error::{Error, ErrorCode, Result};
use crate::keeper::{self, Keeper};
use crate::replica::devices;
use crate::view::SyncStatus;
use exchange::Exchange;

/// How often a running sync looks for edits of other processes on the same profile.
const OTHER_PROCESS_LOOK: Duration = Duration::from_millis(100);
/// How often it is looked whether another relay keeps something of this person by now.
const OTHERS_LOOK: Duration = Duration::from_secs(1);
/// How often in a row another relay is told of the account's log before it has its pause.
const TELLINGS_MAX: u32 = 4;

/// How long to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Until nothing is left to send or fetch.
    Once,
    /// Until the future is dropped: reconnects by itself.
    Watch,
}

impl Client {
    /// Sends what waits and fetches what is new, at every relay that keeps something of this person.
    ///
    /// With [`Mode::Once`] a relay that cannot be reached is an error, once the others have had their
    /// turn; with [`Mode::Watch`] it is tried again for ever, and only a missing relay is an error.
    pub async fn sync(&self, mode: Mode) -> Result<SyncStatus> {
        self.relay()?;
        match mode {
            Mode::Once => {
                let own = self.sync_with(&Keeper::Own).await;
                let others = self.sync_with_others().await;
                own?;
                others?;
            }
            Mode::Watch => self.stay_connected().await?,
        }
        self.status()
    }

    /// The same at the account's own relay. What others keep is looked at too, and has no say.
    pub(crate) async fn sync_own(&self) -> Result<()> {
        let own = self.sync_with(&Keeper::Own).await;
        if let Err(error) = self.sync_with_others().await {
            tracing::debug!(code = ?error.code, "sync.interrupted");
        }
        own
    }

    /// The same at the relay that keeps a calendar.
    pub(crate) async fn sync_calendar(&self, id: CalendarId) -> Result<()> {
        self.sync_with(&self.keeper_of(id)?).await
    }

    /// The same at one relay.
    pub(crate) async fn sync_with(&self, keeper: &Keeper) -> Result<()> {
        let client = self.at(keeper);
        client.address_of(keeper)?;
        client.end_if_revoked()?;
        let run = client
            .connect_and_exchange(Mode::Once, &mut Backoff::default())
            .await;
        match &run {
            // What needs a person's attention is still to be said when all else is done.
            Ok(()) if !client.has_trouble() => client.now_idle(),
            Err(error) if error.code != ErrorCode::Locked => client.now_failed(error),
            Ok(()) | Err(_) => {}
        }
        run
    }

    /// The same at every relay other than the own one; gives the first error.
    async fn sync_with_others(&self) -> Result<()> {
        let identity = self.identity();
        let mut ended = Ok(());
        for origin in self.read(|tx| keeper::others(tx, identity))? {
            let keeper = Keeper::Other(origin);
            let run = self.sync_with(&keeper).await;
            ended = ended.and(run.map_err(|error| keeper.says(error)));
        }
        ended
    }

    /// Stays connected with every relay, each for itself: one that cannot be reached holds up nobody.
    async fn stay_connected(&self) -> Result<()> {
        let own = self.at(&Keeper::Own);
        tokio::select! {
            // In this order a run is the same whenever its inputs are.
            biased;
            ended = own.stay() => ended,
            ended = self.stay_with_others() => ended,
        }
    }

    /// Stays connected with all relays other than the own one, also with those that come to be some.
    async fn stay_with_others(&self) -> Result<()> {
        let mut known = BTreeSet::new();
        let mut stays = FuturesUnordered::new();
        let mut look = tokio::time::interval(OTHERS_LOOK);
        loop {
            let identity = self.identity();
            for origin in self.read(|tx| keeper::others(tx, identity))? {
                if known.insert(origin.clone()) {
                    let client = self.at(&Keeper::Other(origin.clone()));
                    stays.push(async move { (origin, client.stay().await) });
                }
            }
            tokio::select! {
                biased;
                Some((origin, ended)) = stays.next() => {
                    known.remove(&origin);
                    ended?;
                }
                _ = look.tick() => {}
            }
        }
    }

    /// Stays connected with one relay: reconnects by itself, as long as it keeps anything.
    async fn stay(&self) -> Result<()> {
        let mut backoff = Backoff::default();
        loop {
            self.address_of(self.keeper())?;
            self.end_if_revoked()?;
            if !self.is_kept_there()? {
                self.forget_standing();
                return Ok(());
            }
            match self.connect_and_exchange(Mode::Watch, &mut backoff).await {
                Ok(()) => self.now_connecting(),
                Err(error) if error.code == ErrorCode::Locked => return Err(error),
                Err(error) if error.code == ErrorCode::DeviceRevoked => {
                    self.now_failed(&error);
                    return Err(error);
                }
                Err(error) => {
                    tracing::debug!(code = ?error.code, "sync.interrupted");
                    self.now_failed(&error);
                }
            }
            let [jitter] = entropy::bytes();
            tokio::time::sleep(backoff.next_wait(jitter)).await;
        }
    }

    /// Whether the relay of this handle still keeps something of this person.
    fn is_kept_there(&self) -> Result<bool> {
        let identity = self.identity();
        match self.keeper() {
            Keeper::Own => Ok(true),
            Keeper::Other(origin) => {
                let others = self.read(|tx| keeper::others(tx, identity))?;
                Ok(others.contains(origin))
            }
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
                // What others keep stays where it is.
                catch_up::start_over(tx, self.identity(), &Keeper::Own)?;
                tx.unset(Setting::Voucher)?;
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

    /// Connects with the relay of this handle and exchanges what there is.
    async fn connect_and_exchange(&self, mode: Mode, backoff: &mut Backoff) -> Result<()> {
        // It may be another one since the last attempt.
        let relay = self.address_of(self.keeper())?;
        self.settle_keepers()?;
        let mut is_first = true;
        let (mut telling, mut tellings) = (Telling::Nothing, 0);
        loop {
            self.now_connecting();
            let reason = match self.keeper() {
                Keeper::Own => ContactReason::Sync,
                Keeper::Other(_) => ContactReason::Visit,
            };
            let (mut connection, welcome) = self.enter(reason, telling).await?;
            let code = self.code_for_this_relay();
            if let Some(code) = code {
                pass_factor(&mut connection, &code).await?;
            }
            self.now_connected();
            let mut exchange = Exchange::new(self, connection, &relay);
            let ended = exchange.run(&welcome, mode).await;
            if exchange.got_through() {
                backoff.succeeded();
            }
            // A relay whose guest this account is hears of its devices at the door.
            if exchange.has_more_to_tell() && tellings < TELLINGS_MAX {
                (telling, tellings) = (Telling::Log, tellings + 1);
                continue;
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

    /// A code of the second factor is for the account's own relay alone.
    fn code_for_this_relay(&self) -> Option<String> {
        if self.keeper().is_own() {
            self.live().code.take()
        } else {
            None
        }
    }
}
