//! Streams of envelopes.

mod pull;
mod push;
mod resume;
mod subscribe;
