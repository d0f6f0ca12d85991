//! What a device signs to prove itself to a relay. Origin and both nonces are inside, so a
//! challenge that another server passes on is answered with a signature that fails here.

use crate::codec::Writer;
use crate::ids::{AccountId, DeviceId};

/// Bytes of a nonce in HELLO and CHALLENGE.
pub const NONCE_BYTES: usize = 32;
/// Bytes of an origin, scheme and port included; a host name has at most 253.
pub const ORIGIN_BYTES_MAX: usize = 512;

/// The body of a signature with [`Purpose::RelayAuth`](crate::label::Purpose::RelayAuth), or
/// `None` when the origin is longer than [`ORIGIN_BYTES_MAX`].
#[must_use]
pub fn auth_body(
    origin: &str,
    client_nonce: &[u8; NONCE_BYTES],
    relay_nonce: &[u8; NONCE_BYTES],
    account: &AccountId,
    device: &DeviceId,
) -> Option<Vec<u8>> {
    let length = u16::try_from(origin.len())
        .ok()
        .filter(|n| usize::from(*n) <= ORIGIN_BYTES_MAX)?;
    let body = Writer::with_capacity(2 + origin.len() + 4 * 32)
        .u16(length)
        .bytes(origin.as_bytes())
        .bytes(client_nonce)
        .bytes(relay_nonce)
        .bytes(account.as_bytes())
        .bytes(device.as_bytes());
    Some(body.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origin_and_nonces_cannot_trade_bytes() {
        let (account, device) = (
            AccountId::from_bytes([1; 32]),
            DeviceId::from_bytes([2; 32]),
        );
        let body = |origin: &str| auth_body(origin, &[3; 32], &[4; 32], &account, &device);
        assert_ne!(body("https://a.example"), body("https://b.example"));
        assert_eq!(
            body("https://a.example").map(|b| b.len()),
            Some(2 + 17 + 128)
        );
        assert_eq!(body(&"x".repeat(ORIGIN_BYTES_MAX + 1)), None);
    }
}
