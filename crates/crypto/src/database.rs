//! The key of the database in the form SQLCipher takes: raw key and salt, so that opening costs no
//! derivation of its own.

use std::fmt::Write;

use zeroize::Zeroizing;

use crate::label::{DATABASE_SALT, derive};
use crate::secret::DatabaseKey;

/// SQLCipher's salt, which stands in the clear at the beginning of the file.
#[must_use]
pub fn database_salt(key: &DatabaseKey) -> [u8; 16] {
    let [salt @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] =
        *derive(DATABASE_SALT, &[key.expose()]);
    salt
}

/// The value of `PRAGMA key`, between double quotes: `x'`, 64 digits of key, 32 of salt, `'`.
#[must_use]
pub fn raw_key_text(key: &DatabaseKey) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(2 + 64 + 32 + 1));
    text.push_str("x'");
    for byte in key.expose().iter().chain(&database_salt(key)) {
        write!(text, "{byte:02x}").expect("a String takes every character");
    }
    text.push('\'');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_key_then_salt() {
        let key = DatabaseKey::from_bytes([0xAB; 32]);
        let text = raw_key_text(&key);
        assert_eq!(text.len(), 99);
        assert!(text.starts_with(&format!("x'{}", "ab".repeat(32))));
        assert!(text.ends_with('\''));
        assert_ne!(
            database_salt(&key),
            database_salt(&DatabaseKey::from_bytes([0xAC; 32]))
        );
    }
}
