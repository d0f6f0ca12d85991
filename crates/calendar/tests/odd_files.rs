//! Files of lines that stand twice, in the wrong place, with odd parameters or with values nobody
//! can read: written and read again, they say what they said.

#[cfg(test)]
mod odd_files {
    use almanac_calendar::Event;
    use almanac_calendar::ics::{self, CalendarFile};
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    const PARAMETERS: [&str; 21] = [
        "",
        "",
        "",
        "",
        ";A=1",
        ";B=\"x;y:z\"",
        ";C=\"open",
        ";VALUE=DATE",
        ";VALUE=DTE",
        ";VALUE=PERIOD",
        ";TZID=Europe/Berlin",
        ";TZID=\"a^^b\"",
        ";TZID=no\twhere",
        ";TZID=\" x\"",
        ";RANGE=THISANDFUTURE",
        ";RELATED=END",
        ";CN=\" a^nb\"",
        ";CN=;CN=a",
        ";ROLE=CHAIR;ROLE=ODD",
        ";PARTSTAT=ODD;RSVP=FALSE;RSVP=TRUE",
        ";D",
    ];

    const VALUES: [&str; 30] = [
        "",
        "  ",
        "\\",
        "text",
        "say \"hi\": there",
        "a\\,b,c",
        "mailto:a@b.c",
        "20260305",
        "20260306",
        "20260305T100000",
        "20260306T100000",
        "20260306T090000Z",
        "19700101T000000Z",
        "20260305T100000,20260307T100000",
        "odd,20260306T100000",
        "20260306T100000/PT1H",
        "20260306T100000/20260306T090000",
        "PT15M",
        "-PT15M",
        "P1D",
        "CONFIRMED",
        "TENTATIVE",
        "COMPLETED",
        "IN-PROCESS",
        "TRANSPARENT",
        "PRIVATE",
        "5",
        "50",
        "48.2;16.3",
        "AUDIO",
    ];

    const NAMES: [&str; 40] = [
        "UID",
        "DTSTART",
        "DTSTART",
        "DTEND",
        "DURATION",
        "DUE",
        "COMPLETED",
        "PERCENT-COMPLETE",
        "PERCENT-COMPLETE",
        "PRIORITY",
        "RRULE",
        "EXRULE",
        "RDATE",
        "EXDATE",
        "RECURRENCE-ID",
        "RECURRENCE-ID",
        "SUMMARY",
        "DESCRIPTION",
        "LOCATION",
        "URL",
        "COLOR",
        "CONFERENCE",
        "GEO",
        "STATUS",
        "STATUS",
        "TRANSP",
        "CLASS",
        "SEQUENCE",
        "DTSTAMP",
        "CREATED",
        "LAST-MODIFIED",
        "ORGANIZER",
        "ATTENDEE",
        "CATEGORIES",
        "ATTACH",
        "TRIGGER",
        "ACTION",
        "FREEBUSY",
        "X-ODD",
        "TZID",
    ];

    fn line() -> impl Strategy<Value = String> {
        let picked = |from: &'static [&'static str]| prop::sample::select(from);
        let property = (picked(&NAMES), picked(&PARAMETERS), picked(&VALUES))
            .prop_map(|(name, parameters, value)| format!("{name}{parameters}:{value}"));
        let parts = [
            "VCALENDAR",
            "VEVENT",
            "VTODO",
            "VALARM",
            "VTIMEZONE",
            "VFREEBUSY",
            "VJOURNAL",
            "X-ODD",
        ];
        let part = (
            prop::sample::select(vec!["BEGIN", "END"]),
            prop::sample::select(parts.to_vec()),
        )
            .prop_map(|(begin, name)| format!("{begin}:{name}"));
        let usual = picked(&[
            "UID:a",
            "UID:a",
            "UID:b",
            "DTSTART:20260305T100000",
            "DTSTART;TZID=Europe/Berlin:20260305T100000",
            "DTSTART;VALUE=DATE:20260305",
            "RRULE:FREQ=DAILY;COUNT=5",
            "RRULE:FREQ=WEEKLY;UNTIL=20260401",
            "RECURRENCE-ID:20260306T100000",
            "RECURRENCE-ID;VALUE=DATE:20260306",
            "BEGIN:VEVENT",
            "BEGIN:VEVENT",
            "BEGIN:VEVENT",
            "END:VEVENT",
            "BEGIN:VALARM",
            "TRIGGER:-PT5M",
            "END:VALARM",
        ])
        .prop_map(ToOwned::to_owned);
        prop_oneof![8 => property, 1 => part, 6 => usual]
    }

    fn file() -> impl Strategy<Value = String> {
        let kind = prop::sample::select(vec!["VEVENT", "VEVENT", "VTODO", "VFREEBUSY"]);
        let part = (kind, prop::collection::vec(line(), 0..12));
        prop::collection::vec(part, 1..4).prop_map(|parts| {
            let parts = parts.into_iter().map(|(name, lines)| {
                let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
                format!("BEGIN:{name}\r\nUID:a\r\nDTSTART:20260305T100000\r\n{lines}END:{name}\r\n")
            });
            let parts: String = parts.collect();
            format!("BEGIN:VCALENDAR\r\n{parts}END:VCALENDAR\r\n")
        })
    }

    /// Occurrences whose series nobody has, in zones that do not fit.
    fn without_series() -> impl Strategy<Value = String> {
        let picked = |from: &'static [&'static str]| prop::sample::select(from);
        let zones = [
            "",
            "",
            ";TZID=Europe/Berlin",
            ";TZID=America/New_York",
            ";TZID=Nowhere/Middle",
            ";A=1",
        ];
        let times = [
            "20260305T090000",
            "20260305T140000",
            "20260305T080000Z",
            "20260306T090000",
            "40520305T090000",
        ];
        let time = move |name: &'static str| {
            (
                prop::sample::select(zones.to_vec()),
                prop::sample::select(times.to_vec()),
            )
                .prop_map(move |(zone, at)| format!("{name}{zone}:{at}\r\n"))
        };
        let original = time("RECURRENCE-ID");
        let start = time("DTSTART");
        let end = prop_oneof![
            4 => Just(String::new()),
            1 => Just("DURATION:PT15M\r\n".to_owned()),
            1 => time("DTEND"),
            1 => time("DUE"),
        ];
        let others = prop::collection::vec(
            picked(&["SEQUENCE:1\r\n", "SUMMARY:A\r\n", "SUMMARY:B\r\n"]),
            0..3,
        );
        let kind = picked(&["VEVENT", "VEVENT", "VTODO"]);
        let part = (kind, original, start, end, others);
        prop::collection::vec(part, 1..5).prop_map(|parts| {
            let parts = parts
                .into_iter()
                .map(|(kind, original, start, end, others)| {
                    format!(
                        "BEGIN:{kind}\r\nUID:a\r\n{original}{start}{end}{}END:{kind}\r\n",
                        others.concat()
                    )
                });
            format!(
                "BEGIN:VCALENDAR\r\n{}END:VCALENDAR\r\n",
                parts.collect::<String>()
            )
        })
    }

    /// DTSTAMP must be written, so what had none has one afterwards (RFC 5545 §3.6.1).
    fn stamped_as(event: &Event, other: &Event) -> Event {
        let mut event = event.clone();
        event.stamped = event.stamped.or(other.stamped);
        for (one, other) in event.overrides.values_mut().zip(other.overrides.values()) {
            one.stamped = one.stamped.or(other.stamped);
        }
        for (one, other) in event.splits.values_mut().zip(other.splits.values()) {
            one.change.stamped = one.change.stamped.or(other.change.stamped);
        }
        event
    }

    fn same(text: &str) {
        let first = ics::read_file(text.as_bytes());
        let written = ics::write_file(&first);
        let second = ics::read_file(written.as_bytes());
        let stamped = first.events.iter().zip(&second.events);
        let stamped = stamped.map(|(one, other)| stamped_as(one, other)).collect();
        let first = CalendarFile {
            events: stamped,
            properties: second.properties.clone(),
            zones: second.zones.clone(),
            problems: second.problems.clone(),
            ..first
        };
        assert_eq!(first, second, "{text}\nwas written as\n{written}");
        assert_eq!(written, ics::write_file(&second), "{text}");
    }

    proptest! {
        // The same files in every run; the fuzz target `ics` looks further.
        #![proptest_config(ProptestConfig {
            failure_persistence: None,
            rng_seed: RngSeed::Fixed(1),
            ..ProptestConfig::default()
        })]

        #[test]
        fn an_odd_file_says_the_same_when_it_is_written(text in file()) {
            same(&text);
        }

        #[test]
        fn occurrences_without_a_series_say_the_same_when_they_are_written(text in without_series()) {
            same(&text);
        }
    }
}
