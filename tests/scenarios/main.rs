//! Stories over real processes: a relay, two devices, and what may happen between them.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a story that cannot go on ends with the reason"
)]

mod activity;
mod backup;
mod canary;
mod certificates;
mod choices;
mod clone;
mod connected;
mod devices;
mod failures;
mod free_busy;
mod going;
mod kills;
mod large;
mod ledger;
mod lines;
mod lock;
mod merge;
mod offline;
mod recovery;
mod relays;
mod shared_profile;
mod sharing;
