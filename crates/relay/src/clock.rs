//! The one place where the relay reads the calendar time; nothing of the protocol depends on it.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970; 0 for a clock before that.
pub(crate) fn now_ms() -> i64 {
    #[cfg(feature = "simulation")]
    if let Some(around) = crate::simulation::around() {
        return around.now_ms();
    }
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|elapsed| i64::try_from(elapsed.as_millis()).ok())
        .unwrap_or(0)
}

/// What waiting is measured by: the runtime's clock, which a test may stop. It never goes back.
pub(crate) fn elapsed() -> Instant {
    tokio::time::Instant::now().into_std()
}
