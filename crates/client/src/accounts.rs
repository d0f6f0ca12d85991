//! Who this device is: how an account begins, how a calendar begins, how a device joins.

pub(crate) mod calendar;
pub(crate) mod create;
pub(crate) mod devices;
pub(crate) mod link;
pub(crate) mod recovery;
pub(crate) mod request;
pub(crate) mod revoke;
pub(crate) mod window_link;
