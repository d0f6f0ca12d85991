//! `almanac-relay`, the server that stores what it cannot read.
//!
//! ```text
//! http ─▶ socket ─▶ protocol::session::relay      one task per connection
//!            │  ▲
//!            ▼  │ inbox
//!         mailbox: one writer, two readers ─▶ database (SQLite)
//!            └──▶ fanout ─▶ inboxes of those who follow
//! http ─▶ chunks (of packs) ─▶ database
//! ```
//!
//! Invariants: nothing is acknowledged before it is on the disk; nothing leaves for anyone whom
//! the logs do not let read it; no name, address or content reaches the log. Knows the protocol
//! and nothing else of ours: there is no key here that opens anything.

mod chunks;
mod clock;
mod database;
mod entropy;
mod fanout;
mod http;
mod inbox;
mod inspect;
mod mailbox;
mod pairing;
mod reject;
mod relay;
#[cfg(feature = "simulation")]
pub mod simulation;
mod socket;
mod tickets;

pub use database::DatabaseError;
pub use inspect::{Inventory, inspect};
pub use relay::{Options, Relay, StartError, create_invite, database_path};
