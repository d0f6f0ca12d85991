//! What messages are called, and what they mean to a person.

use almanac_protocol::message::Message;

/// The first byte of what is no message of the protocol, but a line of HTTP.
pub(crate) const HTTP: u8 = 0;

/// What the protocol calls messages of this kind.
pub(crate) const fn name(kind: u8) -> &'static str {
    match Message::kind_name(kind) {
        Some(name) => name,
        None if kind == HTTP => "HTTP",
        None => "of a later version",
    }
}

/// What such a message holds.
pub(crate) const fn meaning(kind: u8) -> &'static str {
    match kind {
        HTTP => "a sealed piece of packed history, or the question for one",
        1 => "who calls: random numbers of the account and of this device",
        2 => "something that nobody could have signed before",
        3 => "the signature of this device under it",
        4 => "the invite and the public keys of the account",
        5 => "the proof is accepted; the numbers of the calendars the relay has",
        6..=8 | 34 | 35 => "how far calendars and logs go, by number and hash",
        9 | 10 => "sealed changes",
        11 => "stored durably",
        12 => "refused",
        13 => "what the relay has begins elsewhere",
        14 => "a part of what is sealed, once more",
        15..=17 | 28 => "signed links: who may read and write, by public key",
        18..=20 => "keys, sealed to a device or an account",
        21..=23 => "a step of linking a device",
        24 | 25 => "a sign of life",
        26 => "words of whoever runs the relay",
        27 => "good-bye",
        40..=43 => "an invite's public key, and who asks to be admitted; their name is sealed",
        44 | 45 => "the public key of the recovery kit, and whose it is",
        46 => "a code of the second factor",
        47 => "what the relay checks codes of the second factor by",
        48 | 49 => "that a recovery kit is in use, or that this device agrees",
        50 | 51 => "for whom a sealed key is missing",
        52 => "who visits: the public keys of the account, and the own relay's word for them",
        53 | 54 => "where the account's list of devices ends, for another relay",
        29..=33 => "which packed history there is, and what it covers",
        _ => "something this version does not know",
    }
}
