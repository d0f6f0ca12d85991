//! Whatever a file says, every question about its events is answered, soon and without harm.

#[cfg(test)]
mod answers {
    use almanac_calendar::reminder::{self, Defaults, Setup};
    use almanac_calendar::{Event, Zone, conference, free_busy, ics, task};
    use jiff::Timestamp;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// The lines of one entry with a reminder, in any order and any number.
    fn entry() -> impl Strategy<Value = String> {
        let time = "[0-9]{4}(0[1-9]|1[0-2])(0[1-9]|1[0-9]|2[0-8])";
        let regex = |text: &str| proptest::string::string_regex(text).unwrap();
        let line = prop_oneof![
            regex(&format!(
                "(DTSTART|DTEND|DUE|RECURRENCE-ID|RDATE|EXDATE);VALUE=DATE:{time}"
            )),
            regex(&format!(
                "(DTSTART|DTEND|DUE|RECURRENCE-ID|RDATE|EXDATE)(;TZID=Europe/Berlin|;TZID=Asia/Tokyo)?:{time}T(0[0-9]|1[0-9])3000Z?"
            )),
            "DURATION:-?P([0-9]{1,8}D)?T[0-9]{1,12}S",
            "RRULE:FREQ=(SECONDLY|HOURLY|DAILY|WEEKLY|MONTHLY|YEARLY)(;COUNT=[0-9]{1,4}|;INTERVAL=[0-9]{1,6}|;BYMONTH=2;BYMONTHDAY=30)?",
            "STATUS:(TENTATIVE|CANCELLED|COMPLETED|IN-PROCESS)",
            "PERCENT-COMPLETE:[0-9]{1,3}",
            "(LOCATION|URL|DESCRIPTION|CONFERENCE|X-GOOGLE-CONFERENCE):.{0,9}https://(zoom\\.us|meet\\.jit\\.si|[a-zé%@\\\\.:]{0,9})/.{0,20}",
        ];
        let alarm = "TRIGGER(;RELATED=END)?:-?P([0-9]{1,8}D)?T[0-9]{1,12}S\r\nREPEAT:[0-9]{1,12}\r\nDURATION:P([0-9]{1,3}D)?T[0-9]{1,9}S";
        (
            prop::collection::vec(line, 1..8),
            alarm,
            prop::sample::select(vec!["VEVENT", "VTODO"]),
        )
            .prop_map(|(lines, alarm, kind)| {
                let lines = lines.join("\r\n");
                format!("BEGIN:{kind}\r\nUID:a\r\n{lines}\r\nBEGIN:VALARM\r\n{alarm}\r\nEND:VALARM\r\nEND:{kind}\r\n")
            })
    }

    fn ask_everything(event: &Event) {
        let (now, later) = (at("2026-11-20T00:00:00Z"), at("2026-11-27T00:00:00Z"));
        let zone = Zone::named("America/Santiago");
        let setup = Setup {
            defaults: Defaults::minutes_before(10),
            ..Setup::default()
        };
        for ring in reminder::due(event, now..later, &zone, &setup) {
            assert!((now..later).contains(&ring.at));
        }
        for ring in reminder::next(event, now, 3, &zone, &setup) {
            assert!(ring.at >= now);
        }
        for period in free_busy::busy([event], now..later, &zone) {
            assert!(now <= period.span.start && period.span.end <= later);
        }
        for item in task::open(event, now, &zone) {
            assert!(item.state.is_open());
        }
        let _ = task::due_in(event, now..later, now, &zone);
        let _ = task::done(event, now..later, &zone);
        let mut copy = event.clone();
        if task::complete(&mut copy, &event.when.original(), now).is_ok() {
            let item = task::item(&copy, &event.when.original(), now, &zone);
            assert!(item.is_none_or(|item| item.state == task::State::Done));
        }
        if let Some(found) = conference::link(event) {
            assert!(found.url.starts_with("https://"));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            // Each case asks everything of several events.
            cases: ProptestConfig::default().cases / 8,
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        #[test]
        fn every_question_about_any_event_is_answered(entries in prop::collection::vec(entry(), 1..4)) {
            let text = format!("BEGIN:VCALENDAR\r\n{}END:VCALENDAR\r\n", entries.concat());
            let (events, _) = ics::read(text.as_bytes());
            events.iter().for_each(ask_everything);
        }
    }
}
