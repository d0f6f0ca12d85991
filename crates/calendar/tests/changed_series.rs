//! A series that changes more than once comes back from a file as it was, whatever of it changes
//! back to what the event itself says.

#[cfg(test)]
mod changed_series {
    use std::collections::BTreeMap;

    use almanac_calendar::event::{Event, Override, Rules, Split, Status};
    use almanac_calendar::expand::next;
    use almanac_calendar::ics::{CalendarFile, Splits, read, read_file, write_file, write_with};
    use almanac_calendar::{OriginalStart, Rule, When, Zone};
    use proptest::prelude::*;

    /// What a person sees of an occurrence.
    type Seen = (String, String, String, String, Status);

    fn seen(events: &[Event]) -> Vec<Seen> {
        let from = "2026-10-01T00:00:00Z".parse().unwrap();
        let mut seen: Vec<Seen> = events
            .iter()
            .flat_map(|event| {
                let found = next(event, from, 40, &Zone::utc());
                found.into_iter().map(move |one| {
                    let at = event.at(&one.original);
                    let span = (one.start.to_string(), one.end.to_string());
                    (span.0, span.1, at.title, at.place, at.status)
                })
            })
            .collect();
        seen.sort_by(|one, other| (&one.0, &one.1, &one.2).cmp(&(&other.0, &other.1, &other.2)));
        seen
    }

    #[test]
    fn a_change_back_to_what_the_event_says_is_a_change() {
        let part = |original: &str, start: &str, title: &str| {
            format!(
                "BEGIN:VEVENT\nUID:a\nRECURRENCE-ID{original}\nDTSTART:202611{start}0000Z\n\
             DURATION:PT1H\nSUMMARY:{title}\nEND:VEVENT\n"
            )
        };
        let text = format!(
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART:20261101T100000Z\nDURATION:PT1H\n\
         RRULE:FREQ=DAILY;COUNT=10\nSUMMARY:A\nEND:VEVENT\n{}{}{}END:VCALENDAR\n",
            // Not in the order of time.
            part(";RANGE=THISANDFUTURE:20261109T100000Z", "09T10", "A"),
            part(":20261106T100000Z", "06T10", "A"),
            part(";RANGE=THISANDFUTURE:20261104T100000Z", "04T12", "B"),
        );
        let check = |events: &[Event]| {
            let found: Vec<String> = seen(events)
                .iter()
                .map(|(start, _, title, ..)| format!("{} {title}", start.get(8..13).unwrap()))
                .collect();
            let wanted = [
                "01T10 A", "02T10 A", "03T10 A", "04T12 B", "05T12 B", "06T10 A", "07T12 B",
                "08T12 B", "09T10 A", "10T10 A",
            ];
            assert_eq!(found, wanted);
        };
        let file = read_file(text.as_bytes());
        check(&file.events);
        check(&read_file(write_file(&file).as_bytes()).events);
        for splits in [Splits::Apart, Splits::InPlace] {
            check(&read(write_with(&file.events, None, splits).as_bytes()).0);
        }
    }

    const TITLES: [&str; 3] = ["A", "B", ""];
    const PLACES: [&str; 3] = ["", "Rome", "Oslo"];
    const STATUSES: [Status; 2] = [Status::Confirmed, Status::Tentative];

    fn time(day: u8, hour: u8, minutes: u8, is_day: bool) -> When {
        let zone = Zone::named("Europe/Berlin");
        if is_day {
            let (first, last) = (format!("2026-11-{day:02}"), None);
            return When::from_people(&first, last, None).unwrap();
        }
        let start = format!("2026-11-{day:02}T{hour:02}:00");
        let end = format!("2026-11-{day:02}T{hour:02}:{minutes}");
        When::from_people(&start, Some(&end), Some(&zone)).unwrap()
    }

    /// A change of the occurrence of some day; most of what it may say, the event says as well.
    fn change(is_day: bool) -> impl Strategy<Value = (u8, Override)> {
        (
            2_u8..26,
            prop::option::of(prop::sample::select(TITLES.as_slice())),
            prop::option::of(prop::sample::select(PLACES.as_slice())),
            prop::option::of(prop::sample::select(STATUSES.as_slice())),
            prop::option::of((9_u8..12, 30_u8..32)),
        )
            .prop_map(move |(day, title, place, status, at)| {
                let change = Override {
                    title: title.map(str::to_owned),
                    place: place.map(str::to_owned),
                    status,
                    when: at.map(|(hour, minutes)| time(day, hour, minutes, is_day)),
                    ..Override::default()
                };
                (day, change)
            })
    }

    fn series() -> impl Strategy<Value = Event> {
        let changes = |is_day| {
            let change = || prop::collection::vec(change(is_day), 0..5);
            (Just(is_day), change(), change())
        };
        any::<bool>()
            .prop_flat_map(changes)
            .prop_map(|(is_day, splits, overrides)| {
                let mut event = Event::new("a@example", "A", time(1, 10, 30, is_day));
                event.rules = Rules::one(Rule::parse("FREQ=DAILY;COUNT=28").unwrap());
                let original = |day| -> OriginalStart { time(day, 10, 30, is_day).original() };
                let split = |(day, change)| {
                    let rules = None;
                    (original(day), Split { change, rules })
                };
                event.splits = splits.into_iter().map(split).collect();
                let overrides = overrides.into_iter();
                event.overrides = overrides
                    .map(|(day, change)| (original(day), change))
                    .collect::<BTreeMap<_, _>>();
                event
            })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_changed_series_comes_back_as_it_was(event in series()) {
            let wanted = seen(std::slice::from_ref(&event));
            prop_assert_eq!(wanted.len(), 28);
            let file = CalendarFile { events: vec![event.clone()], ..CalendarFile::default() };
            let text = write_file(&file);
            let again = read_file(text.as_bytes());
            prop_assert_eq!(&seen(&again.events), &wanted, "{}", text);
            let twice = write_file(&again);
            prop_assert_eq!(&seen(&read_file(twice.as_bytes()).events), &wanted, "{}", twice);
            for splits in [Splits::Apart, Splits::InPlace] {
                let text = write_with([&event], None, splits);
                prop_assert_eq!(&seen(&read(text.as_bytes()).0), &wanted, "{:?} {}", splits, text);
            }
        }
    }
}
