//! The two state machines that speak over one connection, without socket, clock or database.
//!
//! Both keep one contract: `handle_*(now, …)` changes the state once and returns nothing;
//! `poll_output()` is drained to `Wait` before the next change.

pub mod client;
pub mod relay;
