//! Worlds of devices and relays on one thread, decided by one number, checked against the laws.
//!
//! ```text
//! seed ──▶ script ──▶ World ─ devices   real clients on real encrypted databases
//!                           ─ relay     real sessions, writer and database, no threads
//!                           ─ network   in memory; delays, breaks, doubles, swaps, bends
//!                           ─ Model     what people did, and what is therefore owed
//!                      heal ──▶ laws L1 … L8
//! ```
//!
//! Everything that a client or a relay could ask of the system (time, randomness, keychain, network)
//! comes from the seed, and one thread does everything in one order: the same seed makes the same
//! world. Disks do not fail here; the power-cut tests are about that.

mod action;
mod around;
mod chance;
mod device;
mod happen;
mod laws;
mod ledger;
mod link;
mod model;
mod relays;
mod run;
mod script;
mod template;
mod traffic;
mod weather;
mod world;

use anyhow::Result;
use tokio::runtime::{Builder, Runtime};

pub use action::{Action, read_script};
pub use chance::Chance;
pub use laws::{Broken, LAWS};
pub use relays::Fall;
pub use run::{Failure, Outcome, run, shrink};
pub use script::script;
pub use template::DEVICES;
pub use traffic::CANARY;
pub use world::World;

/// Under which every device reaches the relay.
pub(crate) const ORIGIN: &str = "http://127.0.0.1:8440";

/// A runtime of one thread whose clock jumps to whatever is next.
pub(crate) fn runtime() -> Result<Runtime> {
    Ok(Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()?)
}
