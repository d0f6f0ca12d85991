//! Guests and organizers (RFC 5545 §3.8.4.1 and §3.8.4.3).

use super::lines::Line;
use super::out::Out;
use super::property::{each, others, unquoted};
use crate::event::{Answer, Guest, GuestRole, Organizer};

const ROLES: [(GuestRole, &str); 4] = [
    (GuestRole::Required, "REQ-PARTICIPANT"),
    (GuestRole::Chair, "CHAIR"),
    (GuestRole::Optional, "OPT-PARTICIPANT"),
    (GuestRole::Informed, "NON-PARTICIPANT"),
];

const ANSWERS: [(Answer, &str); 5] = [
    (Answer::Pending, "NEEDS-ACTION"),
    (Answer::Accepted, "ACCEPTED"),
    (Answer::Declined, "DECLINED"),
    (Answer::Tentative, "TENTATIVE"),
    (Answer::Delegated, "DELEGATED"),
];

/// Reads ATTENDEE: the address, and what is said of the guest.
pub(super) fn guest(line: &Line<'_>) -> (String, Guest) {
    let mut guest = Guest::default();
    let (mut role, mut answer) = (None, None);
    for (name, value) in each(line.parameters()) {
        let value = unquoted(value);
        if name.eq_ignore_ascii_case("CN") && guest.name.is_empty() {
            guest.name = value.into_owned();
        } else if name.eq_ignore_ascii_case("ROLE") {
            role = role.or(meaning(&ROLES, &value));
        } else if name.eq_ignore_ascii_case("PARTSTAT") {
            answer = answer.or(meaning(&ANSWERS, &value));
        } else if name.eq_ignore_ascii_case("RSVP") {
            guest.is_answer_wanted |= value.eq_ignore_ascii_case("TRUE");
        }
    }
    // What is understood stands for whatever else is said of the same.
    guest.unknown = others(line.parameters(), |name, value| {
        (name.eq_ignore_ascii_case("CN") && unquoted(value) == guest.name.as_str())
            || (name.eq_ignore_ascii_case("ROLE") && role.is_some())
            || (name.eq_ignore_ascii_case("PARTSTAT") && answer.is_some())
            || (name.eq_ignore_ascii_case("RSVP") && guest.is_answer_wanted)
    });
    guest.role = role.unwrap_or_default();
    guest.answer = answer.unwrap_or_default();
    (line.value().trim().to_owned(), guest)
}

/// Reads ORGANIZER.
pub(super) fn organizer(line: &Line<'_>) -> Organizer {
    let names = each(line.parameters()).filter(|(one, _)| one.eq_ignore_ascii_case("CN"));
    let mut names = names.map(|(_, value)| unquoted(value));
    let name = names.find(|name| !name.is_empty()).unwrap_or_default();
    Organizer {
        address: line.value().trim().to_owned(),
        unknown: others(line.parameters(), |one, value| {
            one.eq_ignore_ascii_case("CN") && unquoted(value) == name
        }),
        name: name.into_owned(),
    }
}

/// Writes ATTENDEE. Role and answer are always said, for not all programs know what is meant
/// where they are not.
pub(super) fn write_guest(out: &mut Out, address: &str, guest: &Guest) {
    out.word("ATTENDEE");
    name(out, &guest.name);
    let (mut says_role, mut says_answer) = (false, false);
    for (name, _) in each(&guest.unknown) {
        says_role |= name.eq_ignore_ascii_case("ROLE");
        says_answer |= name.eq_ignore_ascii_case("PARTSTAT");
    }
    let is_role_known = guest.role != GuestRole::default() || !says_role;
    if is_role_known {
        out.word(";ROLE=");
        out.word(word(&ROLES, guest.role));
    }
    let is_answer_known = guest.answer != Answer::default() || !says_answer;
    if is_answer_known {
        out.word(";PARTSTAT=");
        out.word(word(&ANSWERS, guest.answer));
    }
    if guest.is_answer_wanted {
        out.word(";RSVP=TRUE");
    }
    for (name, value) in each(&guest.unknown) {
        let is_said = (is_role_known && name.eq_ignore_ascii_case("ROLE"))
            || (is_answer_known && name.eq_ignore_ascii_case("PARTSTAT"))
            || (guest.is_answer_wanted && name.eq_ignore_ascii_case("RSVP"));
        if !is_said {
            out.word(";");
            out.push(name);
            out.word("=");
            out.push(value);
        }
    }
    out.word(":");
    out.push(address);
    out.end();
}

/// Writes ORGANIZER.
pub(super) fn write_organizer(out: &mut Out, organizer: &Organizer) {
    out.word("ORGANIZER");
    name(out, &organizer.name);
    if !organizer.unknown.is_empty() {
        out.word(";");
        out.push(&organizer.unknown);
    }
    out.word(":");
    out.push(&organizer.address);
    out.end();
}

fn name(out: &mut Out, name: &str) {
    if !name.is_empty() {
        out.word(";CN=");
        out.quoted(name);
    }
}

fn meaning<T: Copy>(words: &[(T, &str)], word: &str) -> Option<T> {
    let found = words.iter().find(|(_, one)| one.eq_ignore_ascii_case(word));
    found.map(|(value, _)| *value)
}

fn word<T: PartialEq>(words: &[(T, &'static str)], value: T) -> &'static str {
    let found = words.iter().find(|(one, _)| *one == value);
    found.map_or("", |(_, word)| word)
}
