//! Membership logs.

mod get;
mod put;
