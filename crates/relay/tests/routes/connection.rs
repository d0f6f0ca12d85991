//! What holds for every connection.

mod malformed;
mod slow;
