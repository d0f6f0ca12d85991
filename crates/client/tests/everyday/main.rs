//! A client without relay and network, as a person uses it every day.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "what a test runs on may stop the test"
)]

mod calendars;
mod device;
mod events;
mod files;
mod search;
mod series;
mod trash;
mod undo;
mod views;
