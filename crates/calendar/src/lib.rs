//! What a calendar means: events, rules of time, .ics, and an event as an Automerge document.
//!
//! Pure: no clock, no randomness, no IO. Time and ids are arguments, so that every answer can be
//! repeated. Nothing here knows of accounts, relays or windows.

pub mod birthday;
mod civil;
pub mod conference;
pub mod document;
pub mod edit;
pub mod event;
pub mod expand;
pub mod free_busy;
pub mod holiday;
pub mod ics;
pub mod ids;
pub mod length;
pub mod occurrence;
pub mod original;
pub mod quick_add;
pub mod reminder;
pub mod rule;
pub mod task;
mod text_form;
pub mod when;
pub mod zone;

pub use event::{Event, Override, Rules, Split};
pub use expand::expand;
pub use ids::EventId;
pub use length::Length;
pub use occurrence::Occurrence;
pub use original::OriginalStart;
pub use rule::Rule;
pub use when::{End, When};
pub use zone::Zone;
