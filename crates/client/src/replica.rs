//! This device's copy of calendars: what it writes, what it seals, and what it accepts.

pub(crate) mod author;
pub(crate) mod carry;
pub(crate) mod counted;
pub(crate) mod cuts;
pub(crate) mod devices;
pub(crate) mod documents;
pub(crate) mod echo;
pub(crate) mod free_busy;
pub(crate) mod heads;
pub(crate) mod held_against;
pub(crate) mod hydrated;
pub(crate) mod incarnation;
pub(crate) mod keys;
pub(crate) mod logs;
pub(crate) mod membership;
pub(crate) mod pack;
pub(crate) mod profiles;
pub(crate) mod receive;
pub(crate) mod rights;
mod row_json;
pub(crate) mod rows;
pub(crate) mod seal;
pub(crate) mod supply;
mod trail;
