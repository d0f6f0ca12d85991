//! A whole calendar without a window: commands and queries in, views and notices out.
//!
//! The window and the command line know only this crate. Everything works with no relay and no
//! network; what is written then is sent when a relay is set up and reached. The only places that
//! read the clock, the system's randomness and the keychain are `clock.rs`, `entropy.rs` and
//! `keychain.rs`.

mod accounts;
mod activity;
mod agenda;
mod anchor;
mod authors;
mod backup;
mod calendars;
mod changes;
mod client;
mod clock;
mod colors;
mod command;
mod conflicts;
mod contacts;
mod entropy;
mod erase;
mod error;
mod events;
mod exit;
mod expand_file;
mod export;
mod failed_unlocks;
mod find_time;
mod findings;
mod free_busy;
mod history;
mod holidays;
mod import;
mod keeper;
mod keychain;
mod ledger;
mod lock;
mod occurrences;
mod place;
mod profile;
mod quick;
mod reminders;
mod repair;
mod replica;
mod rule_words;
mod search;
mod sharing;
#[cfg(feature = "simulation")]
pub mod simulation;
mod strength;
mod sync;
mod tasks;
mod trash;
mod undo;
mod value_words;
mod view;

pub use accounts::devices::DeviceDetails;
pub use accounts::link::{Confirming, Linking, join_account, link_device};
pub use accounts::recovery::RecoveryView;
pub use accounts::recovery::factor::MakingFactor;
pub use accounts::recovery::kit::{KitState, MakingKit};
pub use accounts::recovery::words::{Recovered, recover};
pub use accounts::revoke::RevokeWord;
pub use accounts::window_link::{LinkOffer, LinkedAside, link_aside};
pub use activity::{ActivityKind, ActivityView};
pub use authors::SignatureView;
pub use backup::{
    BackupKey, BackupList, BackupMade, BackupProof, BackupTerms, BackupView, EditBackups,
    RestoreKind, Restored, Trial, restore_backup,
};
pub use changes::{ChangeView, OthersChanges};
pub use client::Client;
pub use command::{
    CreateEvent, Done, EditCalendar, EditEvent, EventDetails, ImportFile, ImportReport,
    ProblemView, RemoveEvent, ScopeInput,
};
pub use conflicts::{ConflictValue, ConflictView, Keep};
pub use contacts::{Contact, contacts};
pub use erase::{Backups, Erased, ErasedAtRelay, erase_here};
pub use error::{Error, ErrorCode, Result};
pub use events::times::{TimesInput, system_zone_name, when_from_people};
pub use events::{EventSheet, JoinView};
pub use exit::ExitReport;
pub use expand_file::{ExpandedFile, expand_file};
pub use findings::{Finding, FindingKindView, Freshness, SetAsideView, SyncDetails};
pub use free_busy::{BusyKindView, BusyQuery, BusyStretch, FreeStretch};
pub use history::{FieldEdit, HistoryEntry};
pub use holidays::{HolidayKind, HolidayView, holidays};
pub use keeper::Elsewhere;
pub use ledger::{
    LedgerContent, LedgerEntry, LedgerMessage, OpenedChange, OpenedEnvelope, OpenedFrame,
};
pub use lock::{
    IDLE_MINUTES, LockStatus, Presence, ask_to_lock, check_passphrase, lock_status, set_lock,
};
pub use place::default_profile;
pub use profile::{Unlock, exists};
pub use quick::{ChipView, QuickInput, QuickProblem, QuickView};
pub use reminders::{RingView, SnoozeUntil};
pub use repair::RepairReport;
pub use search::{
    Excerpt, FoundField, MatchKind, SearchKind, SearchMatch, SearchQuery, SearchResults, TextRange,
};
pub use sharing::{
    Admission, Asking, AskingView, AwaitedView, CompanyView, Invitation, InvitationView,
    InviteAddress, InviteView, MemberRole, MemberView, MembersView, OpenInviteView, PeopleView,
    PersonView, SharedView,
};
pub use sync::Mode;
pub use sync::packs::PackTerms;
pub use tasks::{AddTask, Completion, EditTask, TaskSheet, TaskState, TaskView, Tasks};
pub use trash::TrashedEvent;
pub use undo::{Action, Verb};
pub use view::*;
