//! Contexts into which secrets go, and the derivation they share.

use almanac_protocol::label::Context;
use zeroize::{Zeroize, Zeroizing};

pub(crate) const FREE_BUSY_SECRET: Context = Context::new("almanac 2026-11 free-busy secret");
pub(crate) const EPOCH_COMMITMENT: Context = Context::new("almanac 2026-11 epoch commitment");
pub(crate) const HISTORY_WRAP: Context = Context::new("almanac 2026-11 history wrap");
pub(crate) const CONTENT_KEY: Context = Context::new("almanac 2026-11 content key");
pub(crate) const NONCE_KEY: Context = Context::new("almanac 2026-11 nonce key");
pub(crate) const PACK_CHUNK: Context = Context::new("almanac 2026-11 pack chunk");
pub(crate) const PACK_NONCE: Context = Context::new("almanac 2026-11 pack nonce");
pub(crate) const PUK_COMMITMENT: Context = Context::new("almanac 2026-11 puk commitment");
pub(crate) const PUK_HISTORY_WRAP: Context = Context::new("almanac 2026-11 puk history wrap");
pub(crate) const RECOVERY_SIGNING_SEED: Context =
    Context::new("almanac 2026-11 recovery signing seed");
pub(crate) const RECOVERY_SEALING_SEED: Context =
    Context::new("almanac 2026-11 recovery sealing seed");
pub(crate) const INVITE_SIGNING_SEED: Context = Context::new("almanac 2026-11 invite signing seed");
pub(crate) const BACKUP_KEK: Context = Context::new("almanac 2026-11 backup kek");
pub(crate) const LINK_CODE: Context = Context::new("almanac 2026-11 link code");
pub(crate) const DATABASE_KEK: Context = Context::new("almanac 2026-11 database kek");
pub(crate) const DATABASE_SALT: Context = Context::new("almanac 2026-11 database salt");
pub(crate) const STORED_SECRET: Context = Context::new("almanac 2026-11 stored secret");
pub(crate) const BACKUP_PAYLOAD_KEY: Context = Context::new("almanac 2026-11 backup payload key");

/// [`almanac_protocol::label::hash`] for secrets: nothing of it stays in memory.
pub(crate) fn derive(context: Context, parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let mut hasher = blake3::Hasher::new_derive_key(context.name());
    for part in parts {
        hasher.update(&(part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    let mut key = Zeroizing::new([0; 32]);
    let mut output = hasher.finalize_xof();
    output.fill(&mut key[..]);
    output.zeroize();
    hasher.zeroize();
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_derivation_is_the_public_hash() {
        let parts: [&[u8]; 2] = [b"one", b"two"];
        assert_eq!(
            *derive(CONTENT_KEY, &parts),
            almanac_protocol::label::hash(CONTENT_KEY, &parts)
        );
    }
}
