//! Routing codes.

mod join;
