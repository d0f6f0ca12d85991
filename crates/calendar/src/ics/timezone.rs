//! The zones of a file: which name means what.
//!
//! A name that is IANA's (after aliases and Windows names) means that zone, whatever the file's
//! own block says; any other name means the file's block; a name with neither is reported. A name
//! that is an offset (`GMT+0100`) means the block before the offset: blocks know summer time.

use std::collections::BTreeMap;

use super::tree::Component;
use crate::zone::custom::CustomZone;
use crate::zone::{Zone, is_offset};

/// The zones of a file.
#[derive(Debug, Default)]
pub(super) struct Zones<'a> {
    blocks: BTreeMap<String, &'a Component<'a>>,
    known: BTreeMap<String, Zone>,
    /// Names nobody knows, since last asked.
    unknown: Vec<String>,
}

impl<'a> Zones<'a> {
    /// Adds the blocks of a calendar.
    pub(super) fn add(&mut self, calendar: &'a Component<'a>) {
        for block in blocks(calendar) {
            if let Some(name) = block.first("TZID") {
                self.blocks.entry(plain(name.value())).or_insert(block);
            }
        }
    }

    /// What a name means in this file.
    pub(super) fn named(&mut self, name: &str) -> Zone {
        if let Some(zone) = self.known.get(name) {
            if !zone.is_known() {
                self.unknown.push(name.to_owned());
            }
            return zone.clone();
        }
        let block = || {
            let block = self.blocks.get(&plain(name))?;
            Some(Zone::custom(CustomZone::parse(&block.raw())?))
        };
        let zone = if is_offset(name) {
            block().or_else(|| Zone::resolve(name))
        } else {
            Zone::resolve(name).or_else(block)
        };
        let zone = zone.unwrap_or_else(|| {
            self.unknown.push(name.to_owned());
            Zone::named(name)
        });
        self.known.insert(name.to_owned(), zone.clone());
        zone
    }

    /// Names that were asked for and are nobody's, once.
    pub(super) fn take_unknown(&mut self) -> Vec<String> {
        if self.unknown.is_empty() {
            return Vec::new();
        }
        let mut names = std::mem::take(&mut self.unknown);
        names.sort();
        names.dedup();
        names
    }
}

/// The zones that a calendar describes.
pub(super) fn blocks<'a>(calendar: &'a Component<'a>) -> impl Iterator<Item = &'a Component<'a>> {
    let children = calendar.children.iter();
    children.filter(|child| child.name == "VTIMEZONE")
}

/// A name as it is compared: some programs escape commas in one place and not in the other.
pub(super) fn plain(name: &str) -> String {
    name.trim().trim_matches('"').replace('\\', "")
}
