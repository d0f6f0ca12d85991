//! The client's database: SQLCipher, one writer, one file per table.
//!
//! Invariant: whatever a transaction of this crate committed survives a power cut, and a cursor is
//! never stored without the data it stands for. Knows shapes, not meanings: it cannot open a
//! secret, read an envelope or expand a rule. The only SQL of the client lives here.

mod author;
mod backup;
mod busy_block;
mod busy_frame;
mod busy_stream;
mod calendar;
mod change;
mod conflict;
mod cut;
mod error;
mod event;
mod failed_unlock;
mod finding;
mod frame;
mod heads;
mod link;
mod lost;
mod migrate;
mod occurrence;
mod outbox;
mod owed;
mod pack;
mod pages;
mod part;
mod person;
mod quarantine;
mod request;
mod rival;
mod search;
mod secret;
mod setting;
mod summary;
mod trail;
mod transaction;

mod undo;

pub use busy_block::BusyBlockRow;
pub use busy_stream::{BusyStale, BusyStreamRow};
pub use calendar::{CalendarRow, Cursor, Purpose};
pub use change::{ArrivedChange, ChangeRow};
pub use cut::{CountedChange, Counting};
pub use error::StoreError;
pub use event::{EventRow, EventVersion, Shown, Window};
pub use finding::{FindingKind, FindingRow};
pub use frame::{FrameRow, Sent};
pub use heads::{HeadsDue, HeadsRow, HeadsTold};
pub use link::WaitingLink;
pub use occurrence::{Clock, OnceRow};
pub use outbox::OutboxPlace;
pub use person::PersonRow;
pub use quarantine::{QuarantineReason, Quarantined, SetAside};
pub use request::{LedgerRoom, RequestRow, TrafficRow};
pub use search::{Column, Condition, Order, SearchRow, Shelf, Sought, Stretch, Term, Words};
pub use setting::Setting;
pub use transaction::{DatabaseKey, Room, Store, Transaction};
pub use undo::{UndoRow, UndoStepRow};
