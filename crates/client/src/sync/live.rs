//! What is known of the relay right now, and the words for it.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "every other error needs a person"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use almanac_protocol::ids::CalendarId;
use almanac_store::Setting;

use crate::client::Client;
use crate::clock::now_ms;
use crate::error::{Error, ErrorCode, Result};
use crate::findings::standing;
use crate::keeper::Keeper;
use crate::replica::{devices, logs};
use crate::sync::audit::KEY_PATIENCE;
use crate::sync::packs::PackTerms;
use crate::view::{Notice, SyncState, SyncStatus};

/// What is said while a pack is being read.
const VERIFYING: &str = "Verifying history… What you see can be used meanwhile.";

/// The state of the connection.
#[derive(Debug)]
pub(crate) struct Live {
    /// Of the account's own relay.
    own: Standing,
    /// Of relays that keep calendars of others.
    others: BTreeMap<Keeper, Standing>,
    /// How long a key is waited for that another device has begun.
    pub(crate) key_patience: Duration,
    /// A code of the second factor for the next connection.
    pub(crate) code: Option<String>,
    /// When packs are made and taken.
    pub(crate) pack_terms: PackTerms,
    /// How far calendars had been read when their packs were last looked at.
    pub(crate) packs_looked_at: BTreeMap<CalendarId, u64>,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            own: Standing::default(),
            others: BTreeMap::new(),
            key_patience: KEY_PATIENCE,
            code: None,
            pack_terms: PackTerms::default(),
            packs_looked_at: BTreeMap::new(),
        }
    }
}

/// The state of the connection with one relay.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Standing {
    phase: Phase,
    message: Option<String>,
}

/// The relays to which an edit may leave as it is made.
#[derive(Debug, Default)]
pub(crate) struct Uploading(BTreeSet<Keeper>);

impl Uploading {
    /// Whether an edit of a calendar that this relay keeps may be sealed as it is made.
    pub(crate) fn contains(&self, keeper: &Keeper) -> bool {
        self.0.contains(keeper)
    }
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Not connected, and not trying.
    #[default]
    Idle,
    /// Reaching the relay.
    Connecting,
    /// Connected; own chains are being read back.
    CatchingUp,
    /// Connected, and edits may leave.
    Uploading,
    /// The last attempt failed.
    Offline,
    /// Something needs attention.
    Trouble,
}

impl Live {
    /// Where an edit may be sealed as it is made.
    pub(crate) fn uploading(&self) -> Uploading {
        let all = std::iter::once((&Keeper::Own, &self.own)).chain(&self.others);
        let connected = all.filter(|(_, standing)| standing.phase == Phase::Uploading);
        Uploading(connected.map(|(keeper, _)| keeper.clone()).collect())
    }

    fn of(&mut self, keeper: &Keeper) -> &mut Standing {
        match keeper {
            Keeper::Own => &mut self.own,
            Keeper::Other(_) => self.others.entry(keeper.clone()).or_default(),
        }
    }

    /// The state as a person sees it, and the words for it: what is wrong with another relay is said where
    /// nothing is wrong with the own one.
    fn summary(&self) -> Standing {
        if self.own.message.is_some() {
            return self.own.clone();
        }
        let troubled = |phase| {
            let mut others = self.others.values();
            others.find(move |other| other.phase == phase)
        };
        match (troubled(Phase::Trouble), troubled(Phase::Offline)) {
            (Some(trouble), _) => trouble.clone(),
            // What is kept elsewhere waits; all the rest goes on.
            (None, Some(offline)) => Standing {
                phase: self.own.phase,
                message: offline.message.clone(),
            },
            (None, None) => self.own.clone(),
        }
    }
}

impl Client {
    /// Where sync stands.
    pub fn status(&self) -> Result<SyncStatus> {
        let (own, Standing { phase, message }) = {
            let live = self.live();
            (live.own.phase, live.summary())
        };
        let identity = self.identity();
        self.read(|tx| {
            let outbox = tx.unsent_count()?;
            let relay = tx
                .setting(Setting::Relay)?
                .and_then(|url| String::from_utf8(url).ok());
            let is_revoked = devices::is_revoked(tx, identity)?;
            let state = match (relay.is_some(), phase) {
                _ if is_revoked => SyncState::Trouble,
                (false, _) => SyncState::Local,
                (true, Phase::Connecting | Phase::CatchingUp) => SyncState::Connecting,
                (true, Phase::Offline) => SyncState::Offline,
                (true, Phase::Trouble) => SyncState::Trouble,
                (true, Phase::Idle | Phase::Uploading) if outbox > 0 => SyncState::Sending,
                (true, Phase::Idle | Phase::Uploading) => SyncState::UpToDate,
            };
            let devices = logs::account(tx, identity)?.devices().len();
            let message = match tx.packs_in_reading()? {
                _ if is_revoked => Some(devices::revoked().message),
                0 => message,
                _ => message.or_else(|| Some(VERIFYING.to_owned())),
            };
            Ok(SyncStatus {
                // Without a relay nothing waits: this device is where it all stays.
                outbox: if relay.is_some() { outbox } else { 0 },
                quarantined: tx.quarantine_count()?,
                to_know: standing(tx, now_ms())?.len() as u64,
                streams: tx.calendars()?.len() as u64,
                connected: matches!(own, Phase::CatchingUp | Phase::Uploading),
                devices: devices as u64,
                relay,
                state,
                message,
            })
        })
    }

    /// Whether something needs attention, connected or not.
    pub(crate) fn has_trouble(&self) -> bool {
        self.live().of(self.keeper()).phase == Phase::Trouble
    }

    /// Whether edits leave over this handle's connection.
    pub(crate) fn is_uploading(&self) -> bool {
        self.live().of(self.keeper()).phase == Phase::Uploading
    }

    /// Whether there are connections with other relays beside the own one's.
    pub(crate) fn has_others(&self) -> bool {
        !self.live().others.is_empty()
    }

    /// Nothing is kept there any more.
    pub(crate) fn forget_standing(&self) {
        self.live().others.remove(self.keeper());
        self.announce_status();
    }

    pub(crate) fn now_connecting(&self) {
        self.stand(Phase::Connecting, None);
    }

    pub(crate) fn now_connected(&self) {
        self.stand(Phase::CatchingUp, None);
    }

    pub(crate) fn now_uploading(&self) {
        self.stand(Phase::Uploading, None);
    }

    pub(crate) fn now_idle(&self) {
        self.stand(Phase::Idle, None);
    }

    pub(crate) fn now_failed(&self, error: &Error) {
        let phase = match error.code {
            ErrorCode::RelayUnreachable | ErrorCode::NotARelay => Phase::Offline,
            _ => Phase::Trouble,
        };
        let message = self.keeper().says(error.clone()).message;
        self.stand(phase, Some(message));
    }

    /// Tells listeners where sync stands.
    pub(crate) fn announce_status(&self) {
        if let Ok(status) = self.status() {
            self.tell(&Notice::Sync { status });
        }
    }

    fn stand(&self, phase: Phase, message: Option<String>) {
        if self.is_quiet() {
            return;
        }
        let changed = {
            let mut live = self.live();
            let standing = live.of(self.keeper());
            let entered = Standing { phase, message };
            let changed = *standing != entered;
            *standing = entered;
            changed
        };
        if changed {
            self.announce_status();
        }
    }
}
