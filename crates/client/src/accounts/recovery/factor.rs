//! The second factor: an authenticator on another device, and ten codes on paper. The relay asks for one
//! before a device is added and before the recovery kit signs anything.
//!
//! It stops thieves, not the relay. What the authenticator knows is shown once and kept nowhere here.

use almanac_protocol::second_factor::{
    FactorTerms, ONE_TIME_CODES, OneTimeCode, TOTP_SECRET_BYTES, TotpSecret,
};
use zeroize::Zeroizing;

use super::connection::{answered, pass_factor, refused};
use crate::client::Client;
use crate::clock;
use crate::contacts::ContactReason;
use crate::entropy;
use crate::error::Result;
use crate::findings::instant;
use crate::replica::documents;
use crate::sync::{Proof, prove};

/// Under which name the account's devices tell each other since when codes are asked for.
pub(super) const FACTOR: &str = "second factor since";
/// RFC 4648, section 6: what authenticators read.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A second factor that was made and not tried yet.
#[derive(Debug)]
pub struct MakingFactor {
    client: Client,
    secret: TotpSecret,
    codes: [OneTimeCode; ONE_TIME_CODES],
}

impl Client {
    /// Makes a second factor. It is worth nothing before a code of it was shown to the relay.
    #[must_use]
    pub fn make_second_factor(&self) -> MakingFactor {
        MakingFactor {
            client: self.clone(),
            secret: TotpSecret::from_bytes(entropy::bytes::<TOTP_SECRET_BYTES>()),
            codes: std::array::from_fn(|_| OneTimeCode::from_random(entropy::bytes())),
        }
    }

    /// Takes the second factor away, with one of its codes.
    pub async fn remove_second_factor(&self, code: &str) -> Result<()> {
        self.sync_own().await?;
        self.put_factor(Vec::new(), "", Some(code), "").await
    }

    async fn put_factor(
        &self,
        terms: Vec<u8>,
        code: &str,
        before: Option<&str>,
        since: &str,
    ) -> Result<()> {
        let (identity, relay) = (self.identity(), self.relay()?);
        let mut connection = self.connect(&relay, ContactReason::Devices).await?;
        prove(&mut connection, &identity.keys, &Proof::Known).await?;
        if let Some(before) = before {
            pass_factor(&mut connection, before).await?;
        }
        let asked = connection.session.set_factor(terms, code);
        let done = answered(&mut connection, asked).await?;
        connection.close().await;
        done.map_err(|nack| refused(&nack))?;
        self.write(|work| {
            documents::edit_private(work, |private| {
                private.settings.insert(FACTOR.to_owned(), since.to_owned());
            })
        })?;
        self.sync_own().await
    }
}

impl MakingFactor {
    /// What an authenticator is given by hand.
    #[must_use]
    pub fn secret(&self) -> Zeroizing<String> {
        Zeroizing::new(base32(self.secret.expose()))
    }

    /// The same as an address, for a picture or a program.
    #[must_use]
    pub fn uri(&self) -> Zeroizing<String> {
        Zeroizing::new(format!(
            "otpauth://totp/Almanac?secret={}&issuer=Almanac&algorithm=SHA1&digits=6&period=30",
            *self.secret()
        ))
    }

    /// Ten codes for when the authenticator is lost, each good once.
    #[must_use]
    pub fn codes(&self) -> Vec<String> {
        self.codes.iter().map(ToString::to_string).collect()
    }

    /// Has the relay ask for it from now on. `code` is what the authenticator shows; `before` one of the
    /// factor so far, where there is one.
    pub async fn confirm(&self, code: &str, before: Option<&str>) -> Result<()> {
        let account = self.client.identity().account;
        self.client.sync_own().await?;
        let terms = FactorTerms {
            secret: self.secret.clone(),
            codes: std::array::from_fn(|n| {
                self.codes
                    .get(n)
                    .map(|code| code.hash(&account))
                    .unwrap_or_default()
            }),
        };
        let since = instant(clock::now_ms());
        self.client
            .put_factor(terms.to_bytes(), code, before, &since)
            .await
    }
}

fn base32(bytes: &[u8]) -> String {
    let mut text = String::new();
    for group in bytes.chunks(5) {
        let mut five = [0; 8];
        for (place, byte) in five.iter_mut().skip(3).zip(group) {
            *place = *byte;
        }
        let number = u64::from_be_bytes(five);
        for place in (0..8).rev() {
            let digit = usize::try_from((number >> (place * 5)) & 31).unwrap_or_default();
            text.push(BASE32.get(digit).copied().map_or('A', char::from));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base32;

    /// RFC 4648, section 10, where the length is one of whole groups.
    #[test]
    fn base32_is_that_of_the_rfc() {
        assert_eq!(base32(b"fooba"), "MZXW6YTB");
        assert_eq!(
            base32(b"12345678901234567890"),
            "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        );
    }
}
