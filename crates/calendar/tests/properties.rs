//! What holds for any input: nothing panics, and what is written reads back.

#[cfg(test)]
mod properties {
    use almanac_calendar::event::Event;
    use almanac_calendar::expand::next;
    use almanac_calendar::{EventId, Length, OriginalStart, Rule, When, Zone, document, ics};
    use proptest::prelude::*;

    const ACTOR: [u8; 16] = [7; 16];

    fn lines() -> impl Strategy<Value = String> {
        let line = prop_oneof![
            Just("BEGIN:VCALENDAR".to_owned()),
            Just("END:VCALENDAR".to_owned()),
            Just("BEGIN:VEVENT".to_owned()),
            Just("END:VEVENT".to_owned()),
            Just("BEGIN:VALARM".to_owned()),
            Just("BEGIN:VTIMEZONE".to_owned()),
            Just("BEGIN:STANDARD".to_owned()),
            Just("TZID:a".to_owned()),
            Just("UID:a".to_owned()),
            "(DTSTART|DTEND|EXDATE|RDATE|RECURRENCE-ID)(;TZID=a|;VALUE=DATE|;RANGE=THISANDFUTURE)?:[0-9]{8}(T[0-9]{6}Z?)?",
            "(DURATION|TRIGGER):[+-]?P[0-9]{1,20}[WDTHMS][0-9]{0,3}[HMS]?",
            "(RRULE|EXRULE):FREQ=(SECONDLY|MINUTELY|HOURLY|DAILY|WEEKLY|MONTHLY|YEARLY)(;(BYDAY=(-?[0-9])?(MO|SU)|BYMONTH=[0-9]{1,2}|BYSETPOS=-?[0-9]|BYMONTHDAY=-?[0-9]{1,2}|BYWEEKNO=-?[0-9]{1,2}|COUNT=[0-9]{1,6}|INTERVAL=[0-9]{1,12}|BYHOUR=[0-9]{1,2}|UNTIL=[0-9]{8}))*",
            "TZOFFSET(FROM|TO):[+-][0-9]{4}",
            "[A-Z;=:\"^]{0,12}.{0,20}",
        ];
        prop::collection::vec(line, 0..40).prop_map(|lines| lines.join("\r\n"))
    }

    fn event() -> impl Strategy<Value = Event> {
        let zone = prop_oneof![
            Just(None),
            Just(Some("UTC")),
            Just(Some("Europe/Berlin")),
            Just(Some("Australia/Lord_Howe"))
        ];
        let text = "[^\\x00-\\x09\\x0b-\\x1f\\x7f-\\u{9f}]{0,90}";
        let rule = prop_oneof![
            Just(None),
            Just(Some("FREQ=WEEKLY;BYDAY=MO,FR")),
            Just(Some("FREQ=MONTHLY;BYDAY=-1SU;COUNT=5")),
            Just(Some("FREQ=DAILY;UNTIL=20300101T000000Z"))
        ];
        let day = (
            1970_i16..2100,
            1_i8..=12,
            1_i8..=28,
            0_i8..24,
            any::<bool>(),
        );
        (
            zone,
            text,
            text,
            rule,
            day,
            prop::collection::btree_set("[a-zé,;]{1,9}", 0..3),
        )
            .prop_map(
                |(zone, title, notes, rule, (year, month, date, hour, is_day), categories)| {
                    let zone = zone.map(Zone::named);
                    let mut start = format!("{year}-{month:02}-{date:02}");
                    if !is_day {
                        start = format!("{start}T{hour:02}:30");
                    }
                    let when = When::from_people(&start, None, zone.as_ref()).unwrap();
                    let mut event = Event::new("uid,1@example", title, when);
                    event.notes = notes;
                    event.categories = categories;
                    event
                        .rules
                        .rules
                        .extend(rule.map(|rule| Rule::parse(rule).unwrap()));
                    event.skipped.insert(event.when.original());
                    event
                },
            )
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = ics::read(&bytes);
        }

        #[test]
        fn no_lines_make_the_reader_or_the_engine_panic(text in lines()) {
            let (events, _) = ics::read(text.as_bytes());
            for event in &events {
                let _ = event.bounds();
                let _ = next(event, "2000-01-01T00:00:00Z".parse().unwrap(), 3, &Zone::utc());
            }
            let again = ics::read(ics::write(&events, None).as_bytes()).0;
            prop_assert_eq!(again.len(), events.len());
        }

        #[test]
        fn no_text_makes_a_parser_panic(text in ".{0,60}") {
            let _ = Rule::parse(&text);
            let _ = Rule::parse(&format!("FREQ=DAILY;{text}"));
            let _ = text.parse::<OriginalStart>();
            let _ = text.parse::<Length>();
            let _ = text.parse::<EventId>();
            let _ = Zone::resolve(&text);
            let _ = When::from_people(&text, Some(&text), None);
        }

        #[test]
        fn no_bytes_make_a_document_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = document::load([bytes.as_slice()]);
            let mut framed = vec![0x85, 0x6f, 0x4a, 0x83, 0, 0, 0, 0, 1];
            framed.extend(bytes);
            let _ = document::load([framed.as_slice()]);
        }

        #[test]
        fn a_bent_change_does_no_harm(event in event(), at in any::<prop::sample::Index>(), bit in 0_u8..8) {
            let (_, mut bytes) = document::create(&event, ACTOR, 0).unwrap();
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            // Bent by accident, its checksum tells.
            prop_assert!(document::load([bytes.as_slice()]).is_err());
            // Bent on purpose, its checksum is right, and it must do no harm.
            if let Ok(change) = automerge::Change::from_bytes(bytes.clone()) {
                bytes[4..8].copy_from_slice(&change.hash().0[..4]);
                let (mut doc, _) = document::create(&event, [8; 16], 0).unwrap();
                for mut doc in document::load([bytes.as_slice()]).into_iter().chain(
                    document::apply(&mut doc, &bytes).map(|()| doc.clone()),
                ) {
                    if let Ok(mut event) = document::read(&doc) {
                        event.title.push('!');
                        let _ = document::edit(&mut doc, ACTOR, 0, &event);
                    }
                }
            }
        }

        #[test]
        fn what_is_written_reads_back(event in event()) {
            let text = ics::write([&event], Some("Name"));
            prop_assert!(text.split("\r\n").all(|line| line.len() <= 75));
            let (events, problems) = ics::read(text.as_bytes());
            prop_assert_eq!(problems, []);
            prop_assert_eq!(&events, std::slice::from_ref(&event));
            let (doc, _) = document::create(&event, ACTOR, 0).unwrap();
            prop_assert_eq!(&document::read(&doc).unwrap(), &event);
            let json = serde_json::to_string(&event).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Event>(&json).unwrap(), &event);
        }

        #[test]
        fn a_window_shows_what_the_whole_series_shows(event in event(), days in 0_i64..4_000) {
            let from = event.bounds().start;
            let all = next(&event, from, 40, &Zone::utc());
            let middle = from + jiff::Span::new().hours(days);
            let later = next(&event, middle, 5, &Zone::utc());
            let expected: Vec<_> =
                all.iter().filter(|one| one.end > middle || one.start >= middle).take(5).collect();
            for (found, expected) in later.iter().zip(expected) {
                prop_assert_eq!(found, expected);
            }
        }
    }
}
