//! A disk in memory that fails on demand, as SQLite sees disks.
//!
//! ```text
//! SQLite ─▶ vfs ─▶ state ─▶ content          what programs read: the newest bytes
//!                    └────▶ log ─▶ cut       what a power cut may leave of them
//! ```
//!
//! A [`Disk`] takes the place of a folder: whatever SQLite opens there lies in memory, and the
//! programs under test need not know. Invariants: what was synced is in every image of a power cut
//! after it; what was not may be lost, torn at a sector or kept, and nothing else appears. A disk
//! that lies about syncing does so only where a test asks for it. Leaves alone: other files than
//! SQLite's, and what else a computer loses with its power.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on ends with the reason"
)]

mod content;
mod cut;
mod dice;
mod disk;
mod fault;
mod file;
mod lock;
mod log;
mod mount;
mod shared_memory;
mod state;
mod vfs;

pub use cut::Cuts;
pub use dice::Dice;
pub use disk::Disk;
pub use fault::{Action, Fault, Lasts};
pub use log::{Counts, Promise, Recording};
pub use vfs::seed_randomness;
