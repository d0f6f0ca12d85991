//! Whom this program can ever contact, and why. This is the whole list: a connection is opened
//! with a [`ContactReason`], and there is no reason that does not stand here.

use serde::Serialize;
use ts_rs::TS;

/// Why another computer is contacted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ContactReason {
    /// Changes go out and come in.
    Sync,
    /// An account is made known to a relay.
    Register,
    /// A new device is linked.
    Link,
    /// Packed history is left and fetched, by HTTP.
    Packs,
    /// A calendar is shared or joined.
    Share,
    /// A device is revoked, or the account is recovered or made ready for that.
    Devices,
    /// Everything of the account is erased at a relay.
    Erase,
    /// Changes of a calendar that another relay keeps go out and come in.
    Visit,
}

/// A line of the list of everyone this program can ever contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Contact {
    /// The reason in one word, as the ledger names it.
    pub reason: &'static str,
    /// Whose computer it is.
    pub host: &'static str,
    /// When and what for, in a sentence.
    pub why: &'static str,
    /// What it can read of that, in a sentence.
    pub sees: &'static str,
}

const RELAY: &str = "the relay whose address you gave";
/// Of whoever shares a calendar and lives elsewhere.
const OTHER: &str =
    "a relay that keeps a calendar shared with you, named in the invite you accepted";
const EITHER: &str =
    "the relay whose address you gave, or one that keeps a calendar shared with you";

impl ContactReason {
    /// Every reason there is.
    pub(crate) const ALL: [Self; 8] = [
        Self::Sync,
        Self::Register,
        Self::Link,
        Self::Packs,
        Self::Share,
        Self::Devices,
        Self::Erase,
        Self::Visit,
    ];

    /// The word that is stored.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::Register => "register",
            Self::Link => "link",
            Self::Packs => "packs",
            Self::Share => "share",
            Self::Devices => "devices",
            Self::Erase => "erase",
            Self::Visit => "visit",
        }
    }

    /// The reason with this word.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.word() == word)
    }

    /// The line of the list.
    pub(crate) const fn contact(self) -> Contact {
        let (why, sees) = match self {
            Self::Sync => (
                "To exchange changes with your other devices: while the program runs, or when you \
                 say `almanac sync`.",
                "Random numbers of your account, devices and calendars, when something is sent, \
                 and its padded size. No titles, times, places or names.",
            ),
            Self::Register => (
                "Once, when you set the relay up with an invite.",
                "The invite, and the public keys of your account.",
            ),
            Self::Link => (
                "To link a new device: while you type the digits.",
                "That two devices speak for some minutes, and the public keys of the new one.",
            ),
            Self::Packs => (
                "To leave and fetch packed history, so that a new device is quick.",
                "Sealed pieces of equal size.",
            ),
            Self::Share => (
                "To share a calendar: while you invite or admit someone, change what members may \
                 do, or join.",
                "Which random numbers of accounts are members of which calendar, and what each may \
                 do. No names, and nothing of what is in the calendar.",
            ),
            Self::Devices => (
                "To revoke a device, and to prepare or use your recovery kit: while you do it.",
                "Which random number of a device leaves or comes, that a recovery kit exists or is \
                 used, and your codes of the second factor. No words of the kit and no names.",
            ),
            Self::Erase => (
                "To have everything of your account erased at a relay: while you do it.",
                "Which random number of an account is to be erased. It keeps nothing of it but \
                 what others need to read calendars that they share with you.",
            ),
            Self::Visit => (
                "To exchange changes of a calendar that someone who uses another relay shares with \
                 you: while the program runs, or when you say `almanac sync`.",
                "Random numbers of your account, your devices and of that calendar, which relay you \
                 use yourself, when something is sent, and its padded size. Nothing of your other \
                 calendars. No titles, times, places or names.",
            ),
        };
        let host = match self {
            Self::Sync | Self::Register | Self::Link | Self::Devices | Self::Erase => RELAY,
            Self::Packs | Self::Share => EITHER,
            Self::Visit => OTHER,
        };
        Contact {
            reason: self.word(),
            host,
            why,
            sees,
        }
    }
}

/// Everyone this program can ever contact.
#[must_use]
pub fn contacts() -> Vec<Contact> {
    ContactReason::ALL
        .into_iter()
        .map(ContactReason::contact)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_found_by_its_word() {
        for reason in ContactReason::ALL {
            assert_eq!(ContactReason::from_word(reason.word()), Some(reason));
        }
        assert_eq!(ContactReason::from_word("advertising"), None);
    }
}
