//! Waiting for something to become true, with a deadline instead of a guess at how long it takes.

use std::time::{Duration, Instant};

/// Long enough for a loaded machine; reached only when something is broken.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(40);

/// Looks again and again until there is an answer.
///
/// # Panics
/// When there is none within [`PATIENCE`]; the message says what was awaited.
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = look() {
            return answer;
        }
        assert!(
            Instant::now() < deadline,
            "waited {PATIENCE:?} in vain for {what}"
        );
        std::thread::park_timeout(PAUSE);
    }
}
