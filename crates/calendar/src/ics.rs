//! Calendars as files (RFC 5545): read with tolerance, written with care.
//!
//! Reading never fails: what cannot be understood becomes a [`Problem`] beside the events, and what
//! is understood but not modelled travels along and is written back.

mod dates;
mod draft;
mod group;
mod lines;
mod people;
mod problem;
mod property;
mod read;
mod reminder;
mod text;
mod timezone;
mod tree;
mod write;
mod write_event;

pub use problem::{Problem, ProblemKind};
pub use read::{CalendarFile, read, read_file};
pub use write::write;

#[cfg(test)]
mod tests;
