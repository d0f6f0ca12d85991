//! What can happen in a world, one line of text each: a script is a list of them.

use std::fmt;
use std::str::FromStr;

use anyhow::{Context, Result, bail};

use crate::relays::Fall;

/// A device by its number.
pub(crate) type DeviceNumber = usize;
/// An event by its number in the script.
pub(crate) type EventNumber = u64;

macro_rules! actions {
    ($($(#[$doc:meta])* $word:literal $name:ident ( $($field:ident : $ty:ty),* ))*) => {
        /// One thing that happens.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Action {
            $($(#[$doc])* $name { $(#[doc = "See the variant."] $field: $ty),* },)*
        }

        impl fmt::Display for Action {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$name { $($field),* } => {
                        f.write_str($word)?;
                        $(write!(f, " {}", Word(*$field))?;)*
                        Ok(())
                    })*
                }
            }
        }

        impl FromStr for Action {
            type Err = anyhow::Error;

            fn from_str(line: &str) -> Result<Self> {
                let mut words = line.split_whitespace();
                let word = words.next().context("an empty line is no action")?;
                let action = match word {
                    $($word => Self::$name { $($field: read::<$ty>(&mut words, stringify!($field))?),* },)*
                    _ => bail!("`{word}` is no action"),
                };
                match words.next() {
                    None => Ok(action),
                    Some(more) => bail!("`{line}`: `{more}` is too much"),
                }
            }
        }
    };
}

actions! {
    /// Time passes.
    "wait" Wait(ms: u64)
    /// A person adds an event.
    "create" Create(device: DeviceNumber, event: EventNumber)
    /// A person adds one more category to an event: nobody's is ever lost.
    "token" Token(device: DeviceNumber, event: EventNumber)
    /// A person gives an event another page: of two at once, one wins everywhere.
    "page" Page(device: DeviceNumber, event: EventNumber)
    /// A person moves an event.
    "move" Move(device: DeviceNumber, event: EventNumber)
    /// A person changes the title, which merges letter by letter.
    "title" Title(device: DeviceNumber, event: EventNumber)
    /// A person puts an event in the trash.
    "trash" Trash(device: DeviceNumber, event: EventNumber)
    /// A person takes it out of the trash.
    "untrash" Untrash(device: DeviceNumber, event: EventNumber)
    /// A person adds a calendar; later events of the device go there.
    "calendar" Calendar(device: DeviceNumber)
    /// A person adds so many events in one go.
    "many" Many(device: DeviceNumber, events: u64)
    /// The device goes online, for as long as its program runs.
    "online" Online(device: DeviceNumber)
    /// The device goes offline.
    "offline" Offline(device: DeviceNumber)
    /// One sync to its end.
    "sync" SyncOnce(device: DeviceNumber)
    /// The program is killed and started again.
    "crash" Crash(device: DeviceNumber)
    /// The disk of the device is copied.
    "save" Save(device: DeviceNumber)
    /// The disk is set back to that copy, the keychain is not.
    "rollback" Rollback(device: DeviceNumber)
    /// That copy, or one made now, runs as a second computer, keychain and all.
    "clone" Clone(device: DeviceNumber)
    /// The disk forgets the newest frames of whoever wrote most, and what they changed.
    "forget" Forget(device: DeviceNumber, frames: u64)
    /// A second program is started on the same profile.
    "beside" Beside(device: DeviceNumber)
    /// The clock of the device is off by so many days.
    "clock" Clock(device: DeviceNumber, days: i64)
    /// The connection breaks.
    "cut" Cut(device: DeviceNumber)
    /// The connection breaks after so many more messages.
    "fuse" Fuse(device: DeviceNumber, messages: u64)
    /// Nothing arrives, and nobody is told.
    "silence" Silence(device: DeviceNumber)
    /// Nothing of the relay's is read.
    "wedge" Wedge(device: DeviceNumber)
    /// The relay cannot be reached.
    "unreachable" Unreachable(device: DeviceNumber)
    /// Messages take up to so many milliseconds.
    "slow" Slow(device: DeviceNumber, ms: u64)
    /// A proxy gathers messages for so many milliseconds.
    "gather" Gather(device: DeviceNumber, ms: u64)
    /// Of a hundred messages, so many arrive twice.
    "double" Double(device: DeviceNumber, percent: u64)
    /// Of a hundred messages, so many change places with the one before.
    "swap" Swap(device: DeviceNumber, percent: u64)
    /// Of a hundred messages of the relay, so many have a wrong bit.
    "bend" Bend(device: DeviceNumber, percent: u64)
    /// Of a hundred messages, so many are followed by one from long ago.
    "late" Late(device: DeviceNumber, percent: u64)
    /// A proxy passes messages of at most so many bytes.
    "cap" Cap(device: DeviceNumber, bytes: u64)
    /// The weather around the device is fine again.
    "fine" Fine(device: DeviceNumber)
    /// The relay is killed and started again.
    "relay-crash" RelayCrash()
    /// The relay falls at its next commit: 0 before it, 1 after it.
    "relay-fall" RelayFall(moment: Fall)
    /// The relay is down for so many milliseconds.
    "relay-down" RelayDown(ms: u64)
    /// The relay's disk is copied.
    "relay-save" RelaySave()
    /// The relay's disk is set back to that copy.
    "relay-rollback" RelayRollback()
    /// The relay loses the newest envelopes of every stream.
    "relay-tail" RelayTail(envelopes: u64)
    /// The relay loses everything.
    "relay-wipe" RelayWipe()
    /// The device speaks to a copy of the relay from now on, which shows it another history.
    "fork" Fork(device: DeviceNumber)
    /// The device is never seen again.
    "lose" Lose(device: DeviceNumber)
}

struct Word<T>(T);

macro_rules! numbers {
    ($($ty:ty),*) => {
        $(impl fmt::Display for Word<$ty> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl Argument for $ty {
            fn read(word: &str) -> Option<Self> {
                word.parse().ok()
            }
        })*
    };
}

trait Argument: Sized {
    fn read(word: &str) -> Option<Self>;
}

numbers!(u64, i64, usize);

impl fmt::Display for Word<Fall> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Fall::BeforeCommit => "0",
            Fall::AfterCommit => "1",
        })
    }
}

impl Argument for Fall {
    fn read(word: &str) -> Option<Self> {
        match word {
            "0" => Some(Self::BeforeCommit),
            "1" => Some(Self::AfterCommit),
            _ => None,
        }
    }
}

fn read<T: Argument>(words: &mut std::str::SplitWhitespace<'_>, name: &str) -> Result<T> {
    let word = words.next().with_context(|| format!("{name} is missing"))?;
    T::read(word).with_context(|| format!("`{word}` is no {name}"))
}

/// The actions in a text, one for each line; empty lines and those that begin with `#` say nothing.
pub fn read_script(text: &str) -> Result<Vec<Action>> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::parse)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_read_as_it_was_written() {
        let text = "create 0 1\nwait 500\nclock 2 -3650\nrelay-fall 1\nrelay-wipe";
        let actions = read_script(text).unwrap();
        let again: Vec<String> = actions.iter().map(ToString::to_string).collect();
        assert_eq!(again.join("\n"), text);
        assert!(read_script("create 0").is_err());
        assert!(read_script("create 0 1 2").is_err());
        assert!(read_script("relay-fall 2").is_err());
    }
}
