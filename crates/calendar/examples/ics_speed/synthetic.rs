//! A large calendar file, always the same: what people's files hold, in the amounts they hold it.
//!
//! Each event has a zone, texts with umlauts and escapes, folded lines, guests and stamps; every
//! third a rule and an exception, every second a reminder. Ten thousand make about 10 MB.

/// Draws numbers; the same ones each time (SplitMix64).
struct Draw(u64);

impl Draw {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % most
    }

    fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        let most = words.len() as u64;
        let at = usize::try_from(self.below(most)).unwrap_or_default();
        words.get(at).copied().unwrap_or_default()
    }
}

const WORDS: &[&str] = &[
    "Besprechung",
    "Übergabe",
    "review",
    "dentist",
    "Zürich",
    "planning",
    "café",
    "Ausflug",
    "quarter",
    "budget",
    "Geburtstag",
    "training",
    "naïve",
    "workshop",
    "Straße",
    "lunch",
    "with Ada",
    "release",
    "東京",
    "retrospective",
    "call",
    "school",
    "garden",
    "déjà vu",
];
const ZONES: &[&str] = &["Europe/Berlin", "America/New_York", "Asia/Tokyo"];
const RULES: &[&str] = &[
    "FREQ=WEEKLY;BYDAY=MO,WE,FR",
    "FREQ=DAILY;COUNT=40",
    "FREQ=MONTHLY;BYDAY=2TU",
    "FREQ=YEARLY",
    "FREQ=WEEKLY;INTERVAL=2;UNTIL=20301231T000000Z",
];
const NAMES: &[&str] = &[
    "Ada Lovelace",
    "Grace Hopper",
    "Jürgen Müller",
    "Ōe Kenzaburō",
    "Mary Jackson",
];
const ANSWERS: &[&str] = &["ACCEPTED", "DECLINED", "TENTATIVE", "NEEDS-ACTION"];

const ZONE_BLOCKS: &str = "BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nBEGIN:DAYLIGHT\r\n\
    DTSTART:19810329T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nTZNAME:CEST\r\n\
    RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nEND:DAYLIGHT\r\nBEGIN:STANDARD\r\n\
    DTSTART:19961027T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nTZNAME:CET\r\n\
    RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n\
    BEGIN:VTIMEZONE\r\nTZID:America/New_York\r\nBEGIN:DAYLIGHT\r\nDTSTART:20070311T020000\r\n\
    TZOFFSETFROM:-0500\r\nTZOFFSETTO:-0400\r\nTZNAME:EDT\r\n\
    RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\r\nEND:DAYLIGHT\r\nBEGIN:STANDARD\r\n\
    DTSTART:20071104T020000\r\nTZOFFSETFROM:-0400\r\nTZOFFSETTO:-0500\r\nTZNAME:EST\r\n\
    RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n\
    BEGIN:VTIMEZONE\r\nTZID:Asia/Tokyo\r\nBEGIN:STANDARD\r\nDTSTART:19510908T020000\r\n\
    TZOFFSETFROM:+1000\r\nTZOFFSETTO:+0900\r\nTZNAME:JST\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";

/// A file with so many events.
#[must_use]
pub(crate) fn file(events: u64) -> String {
    let mut draw = Draw(20_261_120);
    let mut text = String::new();
    text.push_str("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//Large//EN\r\n");
    text.push_str("CALSCALE:GREGORIAN\r\nMETHOD:PUBLISH\r\nX-WR-CALNAME:Large\r\n");
    text.push_str(ZONE_BLOCKS);
    for number in 0..events {
        event(&mut text, &mut draw, number);
    }
    text.push_str("END:VCALENDAR\r\n");
    text
}

fn event(text: &mut String, draw: &mut Draw, number: u64) {
    let zone = draw.of(ZONES);
    let day = format!(
        "{}{:02}{:02}",
        2016 + draw.below(14),
        1 + draw.below(12),
        1 + draw.below(28)
    );
    let hour = draw.below(20);
    let mut line = |line: String| fold(text, &line);
    line("BEGIN:VEVENT".to_owned());
    line(format!(
        "UID:{number:08}-{:016x}@example.com",
        draw.below(u64::MAX)
    ));
    line(format!("DTSTAMP:{day}T{hour:02}1500Z"));
    line("CREATED:20151103T081500Z".to_owned());
    line(format!("LAST-MODIFIED:{day}T070000Z"));
    line(format!("DTSTART;TZID={zone}:{day}T{hour:02}0000"));
    line(format!("DTEND;TZID={zone}:{day}T{:02}3000", hour + 1));
    if number.is_multiple_of(3) {
        line(format!("RRULE:{}", draw.of(RULES)));
        line(format!("EXDATE;TZID={zone}:{day}T{hour:02}0000"));
    }
    line(format!("SUMMARY:{}", words(draw, 4)));
    line(format!(
        "DESCRIPTION:{}\\n{}\\, {}",
        words(draw, 9),
        words(draw, 8),
        words(draw, 6)
    ));
    line(format!("LOCATION:{}\\, {}", words(draw, 2), words(draw, 1)));
    line(format!("SEQUENCE:{}", draw.below(5)));
    line("STATUS:CONFIRMED".to_owned());
    line("TRANSP:OPAQUE".to_owned());
    line(format!("CATEGORIES:{},{}", words(draw, 1), words(draw, 1)));
    line(format!(
        "ORGANIZER;CN={}:mailto:ada@example.com",
        draw.of(NAMES)
    ));
    for guest in 0..2 {
        let (name, answer) = (draw.of(NAMES), draw.of(ANSWERS));
        line(format!(
            "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={answer};RSVP=TRUE;CN={name}\
             :mailto:guest{guest}@example.com"
        ));
    }
    line(format!(
        "X-EXAMPLE-ID:{:032x}",
        u128::from(draw.below(u64::MAX))
    ));
    if number.is_multiple_of(2) {
        line("BEGIN:VALARM".to_owned());
        line("ACTION:DISPLAY".to_owned());
        line("TRIGGER:-PT15M".to_owned());
        line("DESCRIPTION:Reminder".to_owned());
        line("END:VALARM".to_owned());
    }
    line("END:VEVENT".to_owned());
}

fn words(draw: &mut Draw, count: u64) -> String {
    let found: Vec<&str> = (0..count).map(|_| draw.of(WORDS)).collect();
    found.join(" ")
}

/// Adds a line, folded as most programs do.
fn fold(text: &mut String, line: &str) {
    let mut room = 75;
    for letter in line.chars() {
        if letter.len_utf8() > room {
            text.push_str("\r\n ");
            room = 74;
        }
        text.push(letter);
        room -= letter.len_utf8();
    }
    text.push_str("\r\n");
}
