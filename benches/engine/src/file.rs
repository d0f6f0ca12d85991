//! A made-up calendar file: what a busy person's export looks like, ten thousand events long.
//!
//! Folded lines, guests, alarms, zones, text in several scripts, properties that programs add.
//! Everything follows from an event's number, so every run reads the same bytes.

use std::fmt::Write;

/// The zone's block, as calendar programs write it.
const NEW_YORK: &str = "\
BEGIN:VTIMEZONE\r
TZID:America/New_York\r
LAST-MODIFIED:20240422T053450Z\r
X-LIC-LOCATION:America/New_York\r
BEGIN:DAYLIGHT\r
TZNAME:EDT\r
TZOFFSETFROM:-0500\r
TZOFFSETTO:-0400\r
DTSTART:20070311T020000\r
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\r
END:DAYLIGHT\r
BEGIN:STANDARD\r
TZNAME:EST\r
TZOFFSETFROM:-0400\r
TZOFFSETTO:-0500\r
DTSTART:20071104T020000\r
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU\r
END:STANDARD\r
END:VTIMEZONE\r
";

const TITLES: [&str; 8] = [
    "Weekly planning",
    "Jour fixe – Fußgängerzone",
    "Дизайн-ревью новой версии",
    "Lunch with Zoë",
    "設計レビュー",
    "Zahnarzt\\, Kontrolle",
    "Quarterly numbers \\; outlook",
    "Σχεδιασμός ταξιδιού",
];

const PLACES: [&str; 5] = [
    "Room 4.12\\, Main building",
    "Café Prückel\\, Stubenring 24\\, 1010 Wien",
    "東京都千代田区丸の内1-9-1",
    "https://meet.example.com/almanac-planning",
    "At the desk",
];

const NOTES: &str = "Please read the notes of last time.\\nWe go through what is open\\, late \
    or to be dropped\\, and everybody says one thing that went well since last time\\, with a short word on what made it go well\\; größere Themen bekommen einen Termin.";

const PEOPLE: [&str; 6] = [
    "Ada Lovelace",
    "Émilie du Châtelet",
    "Grace Hopper",
    "Emmy Noether",
    "Лев Ландау",
    "湯川秀樹",
];
const ANSWERS: [&str; 4] = ["ACCEPTED", "DECLINED", "TENTATIVE", "NEEDS-ACTION"];

/// Guests of each event.
pub(crate) const GUESTS: usize = 2;

/// A file with the zone alone.
pub(crate) fn zone() -> String {
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Bench//EN\r\n{NEW_YORK}END:VCALENDAR\r\n")
}

/// A file with this many events.
pub(crate) fn calendar(events: usize) -> String {
    let mut out = String::with_capacity(events * 1_100);
    out.push_str("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Bench//EN\r\nCALSCALE:GREGORIAN\r\nX-WR-CALNAME:Everything\r\n");
    out.push_str(NEW_YORK);
    for at in 0..events {
        event(&mut out, at);
    }
    out.push_str("END:VCALENDAR\r\n");
    out
}

fn pick<'a>(from: &[&'a str], at: usize) -> &'a str {
    from.get(at % from.len()).copied().unwrap_or_default()
}

fn event(out: &mut String, at: usize) {
    let (year, month, day) = (2016 + at % 10, 1 + at % 12, 1 + at * 7 % 28);
    let (hour, minute) = (6 + at % 12, at % 4 * 15);
    let mut line = |text: String| folded(out, &text);
    line("BEGIN:VEVENT".into());
    line(format!(
        "UID:{at:08x}-5a1c-4f0e-9b7d-{:012x}@example.com",
        at * 7_919
    ));
    line(format!(
        "DTSTAMP:{year}{month:02}{day:02}T0{}0000Z",
        at % 10
    ));
    if at % 10 == 9 {
        line(format!("DTSTART;VALUE=DATE:{year}{month:02}{day:02}"));
        line(format!("DTEND;VALUE=DATE:{year}{month:02}{:02}", day + 1));
    } else {
        line(format!(
            "DTSTART;TZID=America/New_York:{year}{month:02}{day:02}T{hour:02}{minute:02}00"
        ));
        line(format!(
            "DTEND;TZID=America/New_York:{year}{month:02}{day:02}T{:02}{minute:02}00",
            hour + 1
        ));
        if at.is_multiple_of(5) {
            line("RRULE:FREQ=WEEKLY;COUNT=40".into());
            line(format!(
                "EXDATE;TZID=America/New_York:{}{month:02}{day:02}T{hour:02}{minute:02}00",
                year + 1
            ));
        }
    }
    line(format!("SUMMARY:{} {at}", pick(&TITLES, at)));
    line(format!("LOCATION:{}", pick(&PLACES, at)));
    line(format!("DESCRIPTION:{NOTES}"));
    line("ORGANIZER;CN=Ada Lovelace:mailto:ada@example.com".into());
    for guest in 0..GUESTS {
        let name = pick(&PEOPLE, at + guest);
        let answer = pick(&ANSWERS, at + guest * 3);
        line(format!(
            "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT={answer};RSVP=TRUE;CN=\"{name}\":mailto:guest{guest}.{}@example.com",
            at % 400
        ));
    }
    line(format!(
        "CATEGORIES:{}",
        pick(&["Work", "Work,Planning", "Family", "Travel"], at)
    ));
    line(format!("SEQUENCE:{}", at % 4));
    line(format!("STATUS:{}", pick(&["CONFIRMED", "TENTATIVE"], at)));
    line("X-APPLE-TRAVEL-ADVISORY-BEHAVIOR:AUTOMATIC".into());
    line("BEGIN:VALARM".into());
    line("ACTION:DISPLAY".into());
    line("DESCRIPTION:Reminder".into());
    line(format!("TRIGGER:-PT{}M", 5 + at % 12 * 5));
    line("END:VALARM".into());
    line("END:VEVENT".into());
}

/// One line, folded after 75 octets without cutting a letter (RFC 5545 §3.1).
fn folded(out: &mut String, text: &str) {
    let mut octets = 0;
    for letter in text.chars() {
        if octets + letter.len_utf8() > 75 {
            out.push_str("\r\n ");
            octets = 1;
        }
        octets += letter.len_utf8();
        out.push(letter);
    }
    let _infallible = write!(out, "\r\n");
}
