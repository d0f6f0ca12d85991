//! The calendar that is measured: events of ten years, the same on every run.
//!
//! Of a hundred events 83 happen once, 12 are whole days and 5 are series, which is what long-lived
//! calendars look like: weekly for some months, monthly for some years, yearly for ever, and a few
//! weekly ones that never end. A tenth of the series have occurrences that were moved or skipped,
//! and every twentieth event has long notes.

use std::fmt::Write;

/// First year that has events.
pub const YEAR_FIRST: u64 = 2018;
/// Years that have events.
pub const YEARS: u64 = 10;

/// Words that titles and notes are made of, as people in Berlin write them.
const WORDS: [&str; 64] = [
    "Meeting",
    "Planung",
    "Review",
    "Müller",
    "Zahnarzt",
    "Frühstück",
    "Lunch",
    "Dinner",
    "Stand-up",
    "Retrospective",
    "Budget",
    "Quarterly",
    "Interview",
    "Call",
    "Customer",
    "Besuch",
    "Geburtstag",
    "Konzert",
    "Kino",
    "Training",
    "Yoga",
    "Laufen",
    "Schwimmen",
    "Elternabend",
    "Schule",
    "Kita",
    "Abholung",
    "Flight",
    "Train",
    "Hotel",
    "Check-in",
    "Workshop",
    "Conference",
    "Keynote",
    "Demo",
    "Release",
    "Deployment",
    "Incident",
    "Architecture",
    "Design",
    "Sync",
    "One-on-one",
    "Mentoring",
    "Onboarding",
    "Steuer",
    "Vertrag",
    "Übergabe",
    "Straße",
    "Café",
    "Résumé",
    "Garden",
    "Market",
    "Doctor",
    "Vaccination",
    "Haircut",
    "Reparatur",
    "Werkstatt",
    "Umzug",
    "Party",
    "Barbecue",
    "Wedding",
    "Anniversary",
    "Museum",
    "Theatre",
];
const NAMES: [&str; 16] = [
    "Ada",
    "Grace",
    "Alan",
    "Edsger",
    "Barbara",
    "Donald",
    "Margaret",
    "Linus",
    "Radia",
    "Ken",
    "Hedy",
    "Niklaus",
    "Katherine",
    "Dennis",
    "Joan",
    "Tim",
];
const ZONES: [&str; 3] = ["America/New_York", "Asia/Tokyo", "Europe/London"];

/// The file as bytes; a moved occurrence is no event of its own.
#[must_use]
pub fn bytes(events: u64) -> Vec<u8> {
    let mut text =
        String::from("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Almanac//bench//EN\r\n");
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for number in 0..events {
        event(&mut text, number, &mut dice).expect("a String takes every character");
    }
    text.push_str("END:VCALENDAR\r\n");
    text.into_bytes()
}

/// Words that are typed letter by letter.
#[must_use]
pub fn typed() -> Vec<String> {
    let words = WORDS.iter().step_by(3).chain(&NAMES[..6]);
    let mut typed: Vec<String> = words.map(|word| (*word).to_lowercase()).collect();
    typed.extend(["meeting mül", "ada budget", "nothing like it"].map(str::to_owned));
    typed
}

fn event(text: &mut String, number: u64, dice: &mut Dice) -> std::fmt::Result {
    let (year, month, day) = (
        YEAR_FIRST + dice.below(YEARS),
        1 + dice.below(12),
        1 + dice.below(28),
    );
    let date = format!("{year}{month:02}{day:02}");
    write!(
        text,
        "BEGIN:VEVENT\r\nUID:{:016x}-{number}@bench\r\nDTSTAMP:20260101T000000Z\r\nSEQUENCE:0\r\n",
        dice.roll()
    )?;
    let kind = dice.below(100);
    let zone = if dice.below(10) < 7 {
        "Europe/Berlin"
    } else {
        dice.of(&ZONES)
    };
    let (hour, minute, length) = (
        7 + dice.below(12),
        15 * dice.below(4),
        15 + 15 * dice.below(7),
    );
    if (83..95).contains(&kind) {
        let days = 1 + dice.below(3);
        write!(text, "DTSTART;VALUE=DATE:{date}\r\nDURATION:P{days}D\r\n")?;
    } else {
        write!(
            text,
            "DTSTART;TZID={zone}:{date}T{hour:02}{minute:02}00\r\nDURATION:PT{length}M\r\n"
        )?;
    }
    words(text, number, dice)?;
    let is_series = kind >= 95;
    if is_series {
        rule(text, year, dice)?;
    }
    let is_changed = is_series && dice.below(10) == 0;
    if is_changed {
        write!(text, "EXDATE;TZID={zone}:{date}T{hour:02}{minute:02}00\r\n")?;
    }
    text.push_str("END:VEVENT\r\n");
    Ok(())
}

/// Title, place, notes and guests.
fn words(text: &mut String, number: u64, dice: &mut Dice) -> std::fmt::Result {
    let (first, second, third) = (dice.of(&WORDS), dice.of(&WORDS), dice.of(&NAMES));
    write!(text, "SUMMARY:{first} {second} {third} {}\r\n", number % 97)?;
    if dice.below(2) == 0 {
        write!(
            text,
            "LOCATION:Room {} {}\r\n",
            dice.below(40),
            dice.of(&WORDS)
        )?;
    }
    let length = if dice.below(20) == 0 {
        150
    } else {
        dice.below(4) * 5
    };
    if length > 0 {
        text.push_str("DESCRIPTION:");
        for at in 0..length {
            // Folded as RFC 5545 §3.1 asks for.
            let gap = if at % 6 == 5 { "\r\n  " } else { " " };
            write!(text, "{}{gap}", dice.of(&WORDS))?;
        }
        text.push_str("\r\n");
    }
    for _ in 0..dice.below(6).saturating_sub(2) {
        let name = dice.of(&NAMES);
        write!(
            text,
            "ATTENDEE;CN={name} {};PARTSTAT=ACCEPTED:mailto:{}{}@example.org\r\n",
            dice.of(&WORDS),
            name.to_lowercase(),
            dice.below(30)
        )?;
    }
    if dice.below(3) == 0 {
        text.push_str("BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\n");
    }
    Ok(())
}

fn rule(text: &mut String, year: u64, dice: &mut Dice) -> std::fmt::Result {
    match dice.below(50) {
        0..30 => write!(text, "RRULE:FREQ=WEEKLY;COUNT={}\r\n", 8 + dice.below(32)),
        30..40 => write!(
            text,
            "RRULE:FREQ=MONTHLY;UNTIL={}1231T000000Z\r\n",
            year + 2
        ),
        40..49 => write!(text, "RRULE:FREQ=YEARLY\r\n"),
        _ => write!(text, "RRULE:FREQ=WEEKLY;BYDAY=MO,WE\r\n"),
    }
}

/// Numbers that look random and are the same on every run (xorshift64*).
#[derive(Debug)]
pub struct Dice(
    /// Where it stands; not zero.
    pub u64,
);

impl Dice {
    /// The next number.
    pub fn roll(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        (self.roll() >> 16) % limit
    }

    fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        let count = u64::try_from(words.len()).unwrap_or(1);
        let at = usize::try_from(self.below(count)).unwrap_or_default();
        words.get(at).copied().unwrap_or_default()
    }
}
