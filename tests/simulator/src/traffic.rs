//! What crossed the network: counted by what it moves, and searched for plain text.

use std::collections::BTreeMap;

use almanac_protocol::message::Message;
use memchr::memmem::Finder;

use crate::link::Way;

/// What every text that a person of these worlds writes contains, and nothing else does.
pub const CANARY: &str = "sesame";

/// Messages of one world so far.
#[derive(Debug, Clone)]
pub(crate) struct Traffic {
    /// All of them.
    pub(crate) messages: u64,
    /// Those that bring content, links or keys to the relay, or content to a device, by the number
    /// of their kind.
    pub(crate) moving: BTreeMap<u8, u64>,
    /// Envelopes that were handed to devices.
    pub(crate) envelopes: u64,
    /// Those in which the canary was read.
    pub(crate) spoken: u64,
    finder: Finder<'static>,
    digest: blake3::Hasher,
}

/// Numbers of messages that move something: see docs/protocol.md.
mod kind {
    pub(super) const ENVELOPES: u8 = 9;
    pub(super) const PUSH: u8 = 10;
    pub(super) const LINK_PUT: u8 = 17;
    pub(super) const BOX_PUT: u8 = 20;
}

impl Default for Traffic {
    fn default() -> Self {
        Self {
            messages: 0,
            moving: BTreeMap::new(),
            envelopes: 0,
            spoken: 0,
            finder: Finder::new(CANARY),
            digest: blake3::Hasher::new(),
        }
    }
}

impl Traffic {
    /// A digest of all of them.
    pub(crate) fn digest(&self) -> [u8; 32] {
        *self.digest.finalize().as_bytes()
    }

    pub(crate) fn note(&mut self, way: Way, message: &[u8]) {
        self.messages += 1;
        self.digest.update(message);
        if let Some(kind) = message.first() {
            let moves = match way {
                Way::Up => matches!(*kind, kind::PUSH | kind::LINK_PUT | kind::BOX_PUT),
                Way::Down => *kind == kind::ENVELOPES,
            };
            if moves {
                *self.moving.entry(*kind).or_default() += 1;
            }
            if *kind == kind::ENVELOPES
                && let Ok(Message::Envelopes(page)) = Message::decode(message)
            {
                self.envelopes += u64::try_from(page.envelopes.len()).unwrap_or(0);
            }
        }
        self.spoken += u64::from(self.finder.find(message).is_some());
    }
}
