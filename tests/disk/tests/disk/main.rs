//! The client's database on a disk that fails: power cuts, no room, errors, damage.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "everything here is a test"
)]

mod costs;
mod damage;
mod database;
mod failing;
mod full;
mod habits;
mod power_cuts;
mod profile;
mod relay;
mod script;
mod sharing;
mod timeline;
