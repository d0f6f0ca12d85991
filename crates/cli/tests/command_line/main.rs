//! The program as scripts meet it: exit statuses, and standard output that is one JSON value.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "what a test runs on may stop the test"
)]

mod arguments;
mod calendars;
mod device;
mod events;
mod files;
mod history;
mod profile;
mod quick;
mod relay;
mod search;
mod series;
mod tasks;
mod trash;
mod undo;
