//! The relay over a real socket: every message a client can send, mirrored by a file of its name.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "whatever else the relay says fails the test"
)]

mod account;
mod connection;
mod data_folder;
mod http;
mod key_box;
mod log;
mod pack;
mod pairing;
mod recovery;
mod sharing;
mod stream;
mod world;
