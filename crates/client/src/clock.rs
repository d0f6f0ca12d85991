//! The only place of the client that reads the clock of the system.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;

/// Milliseconds since 1970; 0 on a clock that stands before it. Shown to people, decides nothing.
#[must_use]
pub(crate) fn now_ms() -> u64 {
    #[cfg(feature = "simulation")]
    if let Some(around) = crate::simulation::around() {
        return around.now_ms();
    }
    let elapsed = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}

/// The same as a moment.
#[must_use]
pub(crate) fn now() -> Timestamp {
    let now_ms = i64::try_from(now_ms()).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(now_ms).unwrap_or_default()
}

/// What waiting is measured by: the runtime's clock, which a test may stop. It never goes back.
#[must_use]
pub(crate) fn elapsed() -> Instant {
    tokio::time::Instant::now().into_std()
}
