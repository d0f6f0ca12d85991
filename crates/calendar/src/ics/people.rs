//! Guests and organizers (RFC 5545 §3.8.4.1 and §3.8.4.3).

use super::lines::Line;
use super::property::quoted;
use crate::event::{Answer, Guest, GuestRole, Organizer};

pub(super) fn guest(line: &Line<'_>) -> (String, Guest) {
    let is = |name: &str, word: &str| {
        line.parameter(name)
            .is_some_and(|value| value.eq_ignore_ascii_case(word))
    };
    let role = if is("ROLE", "CHAIR") {
        GuestRole::Chair
    } else if is("ROLE", "OPT-PARTICIPANT") {
        GuestRole::Optional
    } else if is("ROLE", "NON-PARTICIPANT") {
        GuestRole::Informed
    } else {
        GuestRole::Required
    };
    let answer = [
        Answer::Accepted,
        Answer::Declined,
        Answer::Tentative,
        Answer::Delegated,
    ]
    .into_iter()
    .find(|answer| is("PARTSTAT", answer_word(*answer)))
    .unwrap_or_default();
    let guest = Guest {
        name: line.parameter("CN").unwrap_or_default().into_owned(),
        role,
        answer,
        is_answer_wanted: is("RSVP", "TRUE"),
        unknown: line.parameters_but(&["CN", "ROLE", "PARTSTAT", "RSVP"]),
    };
    (line.value().trim().to_owned(), guest)
}

pub(super) fn organizer(line: &Line<'_>) -> Organizer {
    Organizer {
        address: line.value().trim().to_owned(),
        name: line.parameter("CN").unwrap_or_default().into_owned(),
        unknown: line.parameters_but(&["CN"]),
    }
}

pub(super) fn guest_line(address: &str, guest: &Guest) -> String {
    let mut line = "ATTENDEE".to_owned();
    put(&mut line, "CN", &guest.name);
    put(&mut line, "ROLE", role_word(guest.role));
    put(&mut line, "PARTSTAT", answer_word(guest.answer));
    if guest.is_answer_wanted {
        put(&mut line, "RSVP", "TRUE");
    }
    finish(line, &guest.unknown, address)
}

pub(super) fn organizer_line(organizer: &Organizer) -> String {
    let mut line = "ORGANIZER".to_owned();
    put(&mut line, "CN", &organizer.name);
    finish(line, &organizer.unknown, &organizer.address)
}

fn put(line: &mut String, name: &str, value: &str) {
    if !value.is_empty() {
        line.push(';');
        line.push_str(name);
        line.push('=');
        line.push_str(&quoted(value));
    }
}

fn finish(mut line: String, unknown: &str, value: &str) -> String {
    if !unknown.is_empty() {
        line.push(';');
        line.push_str(unknown);
    }
    line.push(':');
    line.push_str(value);
    line
}

const fn answer_word(answer: Answer) -> &'static str {
    match answer {
        Answer::Pending => "",
        Answer::Accepted => "ACCEPTED",
        Answer::Declined => "DECLINED",
        Answer::Tentative => "TENTATIVE",
        Answer::Delegated => "DELEGATED",
    }
}

const fn role_word(role: GuestRole) -> &'static str {
    match role {
        GuestRole::Chair => "CHAIR",
        GuestRole::Required => "",
        GuestRole::Optional => "OPT-PARTICIPANT",
        GuestRole::Informed => "NON-PARTICIPANT",
    }
}
