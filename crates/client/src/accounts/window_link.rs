//! Linking from windows: one line of text goes from the old device to the new one, and the new one may
//! already have a profile that nobody has used yet.
//!
//! ```text
//! old   line ──────────▶ new    nine digits ──────────▶ old
//!                        └▶ a profile beside the untouched one, then in its place
//! ```
//!
//! Invariant: what was there before is only given up when the new device is part of the account and
//! nothing was ever written here.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use almanac_protocol::codes::RoutingCode;
use almanac_store::{Purpose, Setting};
use serde::Serialize;
use ts_rs::TS;

use crate::accounts::link::{Linking, link_device};
use crate::client::Client;
use crate::erase::{Backups, erase_here};
use crate::error::{Error, ErrorCode, Result};
use crate::profile::{self, Unlock};
use crate::sync::RelayAddress;

/// What the folder of a device that is being linked ends in.
const ASIDE: &str = ".linking";
/// What the folder of the untouched profile ends in until it is erased.
const BEFORE: &str = ".before-linking";

/// What to take to a new device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct LinkOffer {
    /// One line: where to meet, and under which code.
    pub text: String,
    /// Whether the account asks for a code of its second factor before it takes the device in.
    pub asks_code: bool,
}

impl Linking {
    /// The line that the new device is given, as [`link_aside`] reads it.
    pub fn offer(&self, client: &Client) -> Result<LinkOffer> {
        let relay = client.relay()?.origin();
        Ok(LinkOffer {
            text: format!("{relay} {}", self.routing()),
            asks_code: client.recovery()?.second_factor_since.is_some(),
        })
    }
}

impl Client {
    /// Whether nobody has used this profile: no relay, no other device, nothing but the first calendar
    /// with nothing in it.
    pub fn is_untouched(&self) -> Result<bool> {
        self.read(|tx| {
            let calendars = tx.calendars()?.into_iter();
            let own: Vec<_> = calendars
                .filter(|row| row.purpose == Purpose::Calendar)
                .collect();
            let mut is_empty = own.len() <= 1;
            for row in own {
                is_empty &= tx.events(row.id)?.is_empty();
            }
            let is_alone = tx.setting(Setting::Relay)?.is_none();
            Ok(is_empty && is_alone)
        })
    }
}

impl Client {
    /// Refuses where something is here that nobody else has.
    pub fn check_untouched(&self) -> Result<()> {
        if self.is_untouched()? {
            return Ok(());
        }
        Err(Error::new(
            ErrorCode::AlreadyExists,
            "There is a calendar on this computer already, and linking would put another in its \
             place. Nothing was changed.",
        ))
    }
}

/// A device of the account, beside the profile whose place it is to take.
#[derive(Debug)]
pub struct LinkedAside {
    folder: PathBuf,
    client: Client,
}

/// Links this computer with the line that another device shows, in a folder beside `folder`. `show` is
/// given the nine digits to type there.
pub async fn link_aside(
    folder: &Path,
    line: &str,
    name: &str,
    unlock: &Unlock,
    show: impl FnOnce(&str),
) -> Result<LinkedAside> {
    let (relay, routing) = read_line(line)?;
    let aside = beside(folder, ASIDE);
    if profile::exists(&aside) {
        // Of an earlier attempt that ended before its profile came to its place.
        erase_here(&aside, unlock, Backups::Erase)?;
    }
    let client = link_device(&aside, &relay, &routing, name, unlock, show).await?;
    Ok(LinkedAside {
        folder: folder.to_owned(),
        client,
    })
}

impl LinkedAside {
    /// Puts it in the place of a profile that nobody has used, which is erased. Nothing may use that one
    /// any more.
    pub fn take_the_place_of(self, before: &Client, unlock: &Unlock) -> Result<()> {
        let Self { folder, client } = self;
        let (aside, old) = (beside(&folder, ASIDE), beside(&folder, BEFORE));
        client.close();
        if let Err(error) = before.check_untouched() {
            erase_here(&aside, unlock, Backups::Erase)?;
            return Err(error);
        }
        before.close();
        let swap = || -> std::io::Result<()> {
            fs::rename(&folder, &old)?;
            fs::rename(&aside, &folder)
        };
        swap().map_err(|error| {
            Error::new(
                ErrorCode::DiskFull,
                format!(
                    "The calendars are on this computer, in {}, but could not be put in their place \
                     ({error}). Nothing was lost. Close Almanac and give that folder the name of the \
                     usual one.",
                    aside.display()
                ),
            )
        })?;
        if let Err(error) = erase_here(&old, unlock, Backups::Erase) {
            // It holds nothing that anybody wrote.
            tracing::warn!(code = ?error.code, "link.before_stays");
        }
        Ok(())
    }
}

fn beside(folder: &Path, mark: &str) -> PathBuf {
    let mut name = OsString::from(folder.file_name().unwrap_or_default());
    name.push(mark);
    folder.with_file_name(name)
}

/// The address and the code in a line, also where the whole command of a terminal was pasted.
fn read_line(line: &str) -> Result<(String, String)> {
    let mut words = line.split_whitespace();
    let relay = words.clone().find(|word| RelayAddress::parse(word).is_ok());
    let routing = words.find(|word| word.parse::<RoutingCode>().is_ok());
    match (relay, routing) {
        (Some(relay), Some(routing)) => Ok((relay.to_owned(), routing.to_owned())),
        _ => Err(Error::invalid(
            "This is not the line that your other device shows, or not all of it. Nothing was \
             changed. It is an address and eight letters and digits, such as https://cal.example.org \
             KXWQ-7PLM.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::read_line;

    #[test]
    fn a_line_is_read_however_it_was_copied() {
        for line in [
            "https://cal.example.org ABCD-EFGH",
            "  https://cal.example.org\n ABCD-EFGH ",
            "almanac device link https://cal.example.org ABCD-EFGH --name NAME",
        ] {
            let (relay, routing) = read_line(line).unwrap();
            assert_eq!(relay, "https://cal.example.org", "{line}");
            assert_eq!(routing, "ABCD-EFGH", "{line}");
        }
        for line in [
            "",
            "ABCD-EFGH",
            "https://cal.example.org",
            "http://cal.example.org ABCD-EFGH",
        ] {
            assert!(read_line(line).is_err(), "{line}");
        }
    }
}
