//! Streams of envelopes.

mod pull;
mod push;
mod subscribe;
