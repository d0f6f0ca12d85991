//! What the network does to one device's messages.

use std::time::Duration;

/// What happens to messages between a device and the relay it believes to speak to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Weather {
    /// Whether the relay can be reached at all.
    pub(crate) reachable: bool,
    /// Which of the relays answers.
    pub(crate) relay: usize,
    /// Milliseconds that a message takes, at least and at most.
    pub(crate) delay_ms: (u64, u64),
    /// A proxy that hands on what it has gathered, all at once, every so many milliseconds.
    pub(crate) gathers_ms: u64,
    /// Of a hundred messages, so many arrive twice.
    pub(crate) doubled: u64,
    /// Of a hundred messages, so many arrive after the one behind them.
    pub(crate) swapped: u64,
    /// Of a hundred messages of the relay, so many have a bit that is wrong.
    pub(crate) bent: u64,
    /// Of a hundred messages, so many are repeated from long ago.
    pub(crate) late: u64,
    /// Nothing arrives any more, and nobody is told.
    pub(crate) is_silent: bool,
    /// Messages until the connection breaks, in either direction.
    pub(crate) fuse: Option<u64>,
    /// The largest message that passes; larger ones break the connection.
    pub(crate) bytes_max: usize,
    /// Nothing of the relay's is read.
    pub(crate) is_wedged: bool,
}

impl Default for Weather {
    fn default() -> Self {
        Self {
            reachable: true,
            relay: 0,
            delay_ms: (0, 3),
            gathers_ms: 0,
            doubled: 0,
            swapped: 0,
            bent: 0,
            late: 0,
            is_silent: false,
            fuse: None,
            bytes_max: usize::MAX,
            is_wedged: false,
        }
    }
}

impl Weather {
    /// How long a message is on its way, given a number to choose by.
    pub(crate) fn delay(&self, chosen: u64) -> Duration {
        let (least, most) = self.delay_ms;
        Duration::from_millis(least + chosen % (most.saturating_sub(least) + 1))
    }
}
