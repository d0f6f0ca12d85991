//! What stands before a link that adds a device or recovers an account.
//!
//! ```text
//! key proven ──▶ second factor, if one is set ──▶ a recovery kit waits a day ──▶ link
//! ```

use crate::defence::Defence;
use crate::membership::{DeviceClass, LinkType};

/// Milliseconds that a recovery kit waits.
pub const HOLD_MS: u64 = 24 * 60 * 60 * 1000;
/// Milliseconds after that for which it may sign; then it waits again.
pub const HOLD_OPEN_MS: u64 = 7 * 24 * 60 * 60 * 1000;

/// A recovery that has begun. It belongs to the kit, not to a link: whoever appends other links
/// meanwhile does not make it wait longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold {
    /// When the kit first proved its key, ms since 1970.
    pub begun_ms: u64,
    /// When a device of the account agreed.
    pub approved_ms: Option<u64>,
}

/// What a hold says now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldState {
    /// Not yet.
    Waiting {
        /// When it opens, ms since 1970.
        until_ms: u64,
    },
    /// The kit may sign.
    Open {
        /// Until when.
        until_ms: u64,
    },
    /// It was not used in time: the kit begins again.
    Over,
}

impl Hold {
    /// The hold of a kit that proves its key at `now_ms`: the one before, unless it is over.
    #[must_use]
    pub fn begin(before: Option<Self>, now_ms: u64) -> Self {
        match before {
            Some(hold) if hold.state(now_ms) != HoldState::Over => hold,
            Some(_) | None => Self {
                begun_ms: now_ms,
                approved_ms: None,
            },
        }
    }

    /// A device of the account agrees. Once it has, another's word changes nothing.
    #[must_use]
    pub fn approve(self, now_ms: u64) -> Self {
        Self {
            approved_ms: self.approved_ms.or(Some(now_ms)),
            ..self
        }
    }

    /// What it says at `now_ms`.
    #[must_use]
    pub fn state(&self, now_ms: u64) -> HoldState {
        let hold_ms = if Defence::RecoveryHold.stands() {
            HOLD_MS
        } else {
            0
        };
        let waited = self.begun_ms.saturating_add(hold_ms);
        let open = self
            .approved_ms
            .map_or(waited, |approved| approved.min(waited));
        let until_ms = open.saturating_add(HOLD_OPEN_MS);
        if now_ms < open {
            HoldState::Waiting { until_ms: open }
        } else if now_ms < until_ms {
            HoldState::Open { until_ms }
        } else {
            HoldState::Over
        }
    }
}

/// What a relay knows of a connection whose device has proven its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gate {
    /// The class of the device.
    pub class: DeviceClass,
    /// Whether the account has a second factor that this connection has not passed.
    pub factor_due: bool,
    /// The account's hold, for a recovery kit.
    pub hold: Option<Hold>,
}

/// What is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// A code.
    SecondFactor,
    /// Time, or a device that agrees.
    Hold {
        /// When it opens, ms since 1970.
        until_ms: u64,
    },
    /// The kit has proven its key too long ago: it connects again.
    Over,
}

impl Gate {
    /// Whether a link of this type may be appended to the account's log at `now_ms`. Who revokes a
    /// device or renews the key from a device is not asked for a code: that takes nothing from
    /// anyone, and must go quickly.
    pub fn admits(&self, link_type: LinkType, now_ms: u64) -> Result<(), Refusal> {
        let is_kit = self.class == DeviceClass::Recovery;
        let adds = matches!(link_type, LinkType::AddDevice | LinkType::ReplaceRecovery);
        if self.factor_due && (is_kit || adds) {
            return Err(Refusal::SecondFactor);
        }
        if !is_kit {
            return Ok(());
        }
        match self.hold.map(|hold| hold.state(now_ms)) {
            Some(HoldState::Open { .. }) => Ok(()),
            Some(HoldState::Waiting { until_ms }) => Err(Refusal::Hold { until_ms }),
            Some(HoldState::Over) | None => Err(Refusal::Over),
        }
    }

    /// Whether the second factor may be set, changed or taken away: by a device, never by a kit.
    pub fn admits_factor(&self) -> Result<(), Refusal> {
        if self.factor_due || self.class == DeviceClass::Recovery {
            Err(Refusal::SecondFactor)
        } else {
            Ok(())
        }
    }
}
