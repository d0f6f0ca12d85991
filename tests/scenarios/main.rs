//! Stories over real processes: a relay, two devices, and what may happen between them.

mod canary;
mod clone;
mod failures;
mod kills;
mod merge;
mod offline;
