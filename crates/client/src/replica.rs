//! This device's copy of calendars: what it writes, what it seals, and what it accepts.

pub(crate) mod author;
pub(crate) mod documents;
pub(crate) mod incarnation;
pub(crate) mod keys;
pub(crate) mod logs;
pub(crate) mod receive;
mod row_json;
pub(crate) mod rows;
pub(crate) mod seal;
