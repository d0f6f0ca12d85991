//! The world of the stories: a relay and devices as real processes, and a person at each.
//!
//! Everything runs on loopback with a folder of its own, and ends with the test. Profiles are
//! protected by a passphrase, so that no keychain is needed; the desktop stories have a real one.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a story that cannot go on ends with the reason"
)]

mod binaries;
mod device;
mod port;
mod proxy;
mod relay;

pub use binaries::{almanac, build, relay as relay_program};
pub use device::{Device, Linking, Run, Typing, Watch};
pub use port::steady_port;
pub use proxy::{Proxy, Towards, Weather};
pub use relay::RelayProcess;

use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A folder with a relay and devices in it.
#[derive(Debug)]
pub struct World {
    folder: TempDir,
}

impl World {
    /// An empty world.
    #[must_use]
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder for the story"),
        }
    }

    /// The folder in which everything of this world lies.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Starts a relay.
    #[must_use]
    pub fn relay(&self) -> RelayProcess {
        RelayProcess::start(self.path("relay"))
    }

    /// A device that has no profile yet.
    #[must_use]
    pub fn device(&self, name: &str) -> Device {
        Device::new(self.path(name), name)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name.replace([' ', '\''], "-"))
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}
