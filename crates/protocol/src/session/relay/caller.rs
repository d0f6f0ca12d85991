//! Who calls, and what its signature must cover.

use std::net::IpAddr;

use crate::auth::{ORIGIN_BYTES_MAX, auth_body};
use crate::ids::{AccountId, DeviceId, Signature, VerifyKey};
use crate::label::Purpose;
use crate::message::Hello;
use crate::signed::verify;

/// The addresses under which a relay lets itself be called.
///
/// The origin is part of what a device signs, so a challenge that another server passes on leads
/// to a signature that is worthless here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origins {
    /// Exactly these.
    Listed(Vec<String>),
    /// Any address of this machine: for a relay that only this machine can reach.
    Loopback,
}

impl Origins {
    /// Whether a device that was told to reach `origin` may mean this relay.
    #[must_use]
    pub fn accept(&self, origin: &str) -> bool {
        match self {
            Self::Listed(origins) => origins.iter().any(|listed| listed == origin),
            Self::Loopback => host(origin).is_some_and(is_loopback),
        }
    }
}

/// The host in `scheme://host[:port]`, without the brackets of IPv6.
fn host(origin: &str) -> Option<&str> {
    let (scheme, authority) = origin.split_once("://")?;
    if !matches!(scheme, "http" | "https" | "ws" | "wss") {
        return None;
    }
    if let Some(rest) = authority.strip_prefix('[') {
        let (host, port) = rest.split_once(']')?;
        return port_is_fine(port).then_some(host);
    }
    match authority.split_once(':') {
        Some((host, port)) => (!port.is_empty() && all_digits(port)).then_some(host),
        None => Some(authority),
    }
}

fn port_is_fine(port: &str) -> bool {
    port.is_empty()
        || port
            .strip_prefix(':')
            .is_some_and(|digits| !digits.is_empty() && all_digits(digits))
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// What a device signs to enter: origin, both nonces, account and device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The origin that the client was told to reach.
    pub origin: String,
    /// From HELLO.
    pub client_nonce: [u8; 32],
    /// From CHALLENGE.
    pub relay_nonce: [u8; 32],
    /// The account.
    pub account: AccountId,
    /// The device.
    pub device: DeviceId,
}

impl Proof {
    /// Whether `key` made this signature for exactly this connection.
    #[must_use]
    pub fn is_signed_by(&self, key: &VerifyKey, signature: &Signature) -> bool {
        auth_body(
            &self.origin,
            &self.client_nonce,
            &self.relay_nonce,
            &self.account,
            &self.device,
        )
        .is_some_and(|body| verify(Purpose::RelayAuth, key, &body, signature).is_ok())
    }
}

/// The first message, read.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) origin: String,
    pub(super) client_nonce: [u8; 32],
    /// Absent while a device is being linked.
    pub(super) identity: Option<(AccountId, DeviceId)>,
}

impl Caller {
    /// `None` when HELLO is not what it must be.
    pub(super) fn from_hello(hello: Hello) -> Option<Self> {
        let identity = match (hello.account, hello.device) {
            (Some(account), Some(device)) => Some((account, device)),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => return None,
        };
        if hello.origin.len() > ORIGIN_BYTES_MAX {
            return None;
        }
        let client_nonce = hello.client_nonce.as_slice().try_into().ok()?;
        Some(Self {
            origin: hello.origin,
            client_nonce,
            identity,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loopback_relay_is_called_by_any_address_of_its_machine() {
        for origin in [
            "http://127.0.0.1:8440",
            "http://127.9.9.9",
            "http://localhost:1",
            "https://LocalHost",
            "http://[::1]:8440",
            "ws://[::1]",
        ] {
            assert!(Origins::Loopback.accept(origin), "{origin}");
        }
        for origin in [
            "",
            "localhost",
            "http://example.org",
            "http://localhost.example.org",
            "http://127.0.0.1.example.org:80",
            "http://127.0.0.1@example.org",
            "http://127.0.0.1:80/path",
            "http://127.0.0.1:",
            "http://[::1",
            "http://[::2]",
            "file://localhost",
        ] {
            assert!(!Origins::Loopback.accept(origin), "{origin}");
        }
    }

    #[test]
    fn a_listed_origin_is_exact() {
        let origins = Origins::Listed(vec!["https://cal.example.org".into()]);
        assert!(origins.accept("https://cal.example.org"));
        assert!(!origins.accept("https://cal.example.org:443"));
        assert!(!origins.accept("http://127.0.0.1:8440"));
    }
}
