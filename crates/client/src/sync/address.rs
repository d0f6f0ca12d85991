//! The address of a relay: what a person pastes, read strictly.
//!
//! Invariant: plain http and ws go to this computer only; everything else is TLS.

use url::{Host, Url};

use crate::error::{Error, Result};

/// Where a relay listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RelayAddress {
    host: String,
    port: u16,
    encrypted: bool,
}

impl RelayAddress {
    /// Reads `https://cal.example.org`, `wss://…`, or `http://127.0.0.1:8440` on this computer.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        let url = Url::parse(text).map_err(|_| unreadable(text))?;
        let encrypted = match url.scheme() {
            "https" | "wss" => true,
            "http" | "ws" => false,
            _ => return Err(unreadable(text)),
        };
        let host = url.host().ok_or_else(|| unreadable(text))?;
        if url.path() != "/" || url.query().is_some() || !url.username().is_empty() {
            return Err(unreadable(text));
        }
        if !encrypted && !is_loopback(&host) {
            return Err(Error::invalid(format!(
                "{text} would send everything over the network without TLS. Nothing was changed. \
                 Use the relay's https address; plain http is for a relay on this computer."
            )));
        }
        let port = url.port().unwrap_or(if encrypted { 443 } else { 80 });
        Ok(Self {
            host: host.to_string(),
            port,
            encrypted,
        })
    }

    /// The origin that the device signs: scheme, host, and the port where it is not the usual one.
    pub(crate) fn origin(&self) -> String {
        let (scheme, usual) = if self.encrypted {
            ("https", 443)
        } else {
            ("http", 80)
        };
        if self.port == usual {
            format!("{scheme}://{}", self.host)
        } else {
            format!("{scheme}://{}:{}", self.host, self.port)
        }
    }

    /// The address of its WebSocket.
    pub(crate) fn socket_url(&self) -> String {
        let scheme = if self.encrypted { "wss" } else { "ws" };
        format!("{scheme}://{}:{}/v1/socket", self.host, self.port)
    }

    /// Host and port as HTTP names them.
    pub(crate) fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// Host without brackets, as names are resolved and certificates checked.
    pub(crate) fn host(&self) -> &str {
        self.host.trim_start_matches('[').trim_end_matches(']')
    }

    /// The port.
    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// Whether TLS is spoken.
    pub(crate) const fn is_encrypted(&self) -> bool {
        self.encrypted
    }
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

fn unreadable(text: &str) -> Error {
    Error::invalid(format!(
        "{text} is not the address of a relay. It looks like https://calendar.example.org, or \
         http://127.0.0.1:8440 for one on this computer. Nothing was changed."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_no_usual_port_and_no_path() {
        for (text, origin) in [
            ("https://Cal.Example.org", "https://cal.example.org"),
            ("wss://cal.example.org:443/", "https://cal.example.org"),
            (
                "https://cal.example.org:8443",
                "https://cal.example.org:8443",
            ),
            (" http://127.0.0.1:8440 ", "http://127.0.0.1:8440"),
            ("ws://[::1]:9", "http://[::1]:9"),
            ("http://localhost", "http://localhost"),
        ] {
            assert_eq!(
                RelayAddress::parse(text).unwrap().origin(),
                origin,
                "{text}"
            );
        }
    }

    #[test]
    fn plain_text_never_leaves_this_computer() {
        for text in [
            "http://cal.example.org",
            "ws://10.0.0.1:80",
            "http://127.0.0.1.example.org",
        ] {
            let refused = RelayAddress::parse(text).unwrap_err();
            assert!(refused.message.contains("without TLS"), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_named() {
        for text in [
            "",
            "cal.example.org",
            "ftp://x",
            "https://x/path",
            "https://u@x",
            "https://",
        ] {
            assert!(RelayAddress::parse(text).is_err(), "{text}");
        }
    }
}
