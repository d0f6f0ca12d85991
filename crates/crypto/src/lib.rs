//! Secrets: keys, sealing, epochs, linking, and the slot that guards the database key.
//!
//! Pure: no input or output, no clock; randomness is an argument, so every byte can be reproduced
//! in a test. The relay must not be able to link this crate. Layouts are in `docs/protocol.md`.

pub mod backup;
pub mod database;
pub mod envelope;
pub mod epoch;
pub mod gate;
pub mod invite;
pub mod keep;
pub mod keys;
pub mod pack;
pub mod pairing;
pub mod passphrase;
pub mod puk;
pub mod recovery;
pub mod seal;
pub mod secret;
pub mod slot;
pub mod stream;

mod chunk;
mod cipher;
mod label;

#[cfg(test)]
mod testing;
