//! The relay over a real socket: every message a client can send, mirrored by a file of its name.

mod account;
mod connection;
mod data_folder;
mod http;
mod key_box;
mod log;
mod pairing;
mod stream;
mod world;
