//! The running hash of a stream at the relay: a client that names a number and a hash learns at
//! once whether the relay still holds the history it was told before.

use crate::ids::StreamHash;
use crate::label::{Context, hash};

/// BLAKE3 of an envelope: what NACK(TAKEN) names and what the running hash takes in.
#[must_use]
pub fn envelope_hash(envelope: &[u8]) -> [u8; 32] {
    *blake3::hash(envelope).as_bytes()
}

/// The running hash after `envelope`; `previous` is zeros before the first.
#[must_use]
pub fn next(previous: &StreamHash, envelope: &[u8]) -> StreamHash {
    let parts: [&[u8]; 2] = [previous.as_bytes(), &envelope_hash(envelope)];
    StreamHash::from_bytes(hash(Context::RELAY_CHAIN, &parts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_envelopes_is_in_the_hash() {
        let start = StreamHash::from_bytes([0; 32]);
        let one_two = next(&next(&start, b"one"), b"two");
        assert_ne!(one_two, next(&next(&start, b"two"), b"one"));
        assert_eq!(one_two, next(&next(&start, b"one"), b"two"));
    }
}
