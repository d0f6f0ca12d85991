//! Calendars as files (RFC 5545): read with tolerance, written with care.
//!
//! Reading never fails: what cannot be understood becomes a [`Problem`] beside the events, and what
//! is understood but not modelled travels along and is written back.
//!
//! There are three depths. [`parse`] gives components that borrow from the file, and typed events
//! on them that borrow too; [`read`] gives events of their own; [`read_file`] gives everything, so
//! that [`write_file`] can write the file back with nothing lost.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of all names of properties each reader knows a few; what it does not know it keeps"
)]

mod busy;
mod draft;
mod draft_when;
mod group;
mod lines;
mod name;
mod out;
mod people;
mod problem;
mod property;
mod read;
mod reminder;
mod split;
mod task;
mod text;
mod times;
mod timezone;
mod tree;
mod vevent;
mod write;
mod write_event;
mod write_zone;

pub use busy::FreeBusy;
pub use lines::Line;
pub use problem::{Problem, ProblemKind};
pub use read::{CalendarFile, Components, parse, read, read_file};
pub use times::{Period, PeriodEnd, Time};
pub use tree::Component;
pub use vevent::Vevent;
pub use write::{Splits, write, write_file, write_with};

#[cfg(test)]
mod tests;
