//! What relays, copies and backups do to devices: one story for each fault, with nothing lost.
//!
//! Real clients and a real relay in one process, over loopback. The relay's database is stopped,
//! copied, put back and rewritten as an operator, an accident or an attacker would.

#![expect(
    clippy::unwrap_used,
    reason = "a story that cannot go on ends with the reason"
)]

mod copies;
mod deceit;
mod loss;
mod packs;
mod rewrite;
mod stage;
