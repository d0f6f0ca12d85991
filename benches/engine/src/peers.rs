//! The peers that are Rust crates. Each does what its documentation shows, in the way that is
//! fastest for it.

pub(crate) mod calcard;
pub(crate) mod ical_rs;
pub(crate) mod rrule;
