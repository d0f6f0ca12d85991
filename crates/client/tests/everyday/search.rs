//! Finding events by what is written in them.

use almanac_client::{
    CreateEvent, ErrorCode, ImportFile, MatchKind, SearchKind, SearchQuery, SearchResults, WhenView,
};

use crate::device::{Device, ZONE, edit, event, timed};

fn search(device: &Device, text: &str) -> SearchResults {
    asked(device, text, |_| {})
}

fn asked(device: &Device, text: &str, with: impl FnOnce(&mut SearchQuery)) -> SearchResults {
    let mut query = SearchQuery {
        text: text.into(),
        zone: Some(ZONE.into()),
        ..SearchQuery::default()
    };
    with(&mut query);
    device.client.search(query).unwrap()
}

fn titles(results: &SearchResults) -> Vec<&str> {
    results
        .matches
        .iter()
        .map(|one| one.title.as_str())
        .collect()
}

/// Far from any day on which this test may run.
fn add(device: &Device, title: &str, year: u16) -> String {
    let (start, end) = (format!("{year}-05-04T10:00"), format!("{year}-05-04T11:00"));
    device.add(title, &start, &end)
}

#[test]
fn words_are_found_as_they_are_typed_whatever_their_case_and_accents() {
    let device = Device::new();
    add(&device, "Lunch with Müller", 2090);
    for text in [
        "l",
        "LUN",
        "mül",
        "mul",
        "muller",
        "mueller",
        "lunch mü",
        "müller lunch",
    ] {
        assert_eq!(
            titles(&search(&device, text)),
            ["Lunch with Müller"],
            "{text}"
        );
    }
    for text in ["", " ", "dinner", "unch", "lun müller", "lunch with ada"] {
        assert_eq!(search(&device, text).matches, [], "{text}");
    }
}

#[test]
fn no_text_is_an_error() {
    let device = Device::new();
    add(&device, "Lunch", 2090);
    for text in [
        "\"",
        "\"\"",
        "*",
        "a* OR",
        "AND NOT",
        "NEAR(a b)",
        "^",
        "title:",
        ":",
        "-x",
        "{a}:b",
        "\u{0}",
        "🎂",
    ] {
        search(&device, text);
    }
}

#[test]
fn what_is_to_come_stands_before_what_is_over_and_the_nearest_first() {
    let device = Device::new();
    for year in [2091, 2001, 2090, 2002] {
        add(&device, &format!("Lunch {year}"), year);
    }
    let birthday = CreateEvent {
        rule: Some("FREQ=YEARLY".into()),
        ..event(
            "Lunch every year",
            timed("1999-05-04T10:00", "1999-05-04T11:00"),
        )
    };
    device.client.create(birthday).unwrap();
    let found = search(&device, "lunch");
    let expected = [
        "Lunch every year",
        "Lunch 2090",
        "Lunch 2091",
        "Lunch 2002",
        "Lunch 2001",
    ];
    assert_eq!(titles(&found), expected);
    let past: Vec<bool> = found.matches.iter().map(|one| one.past).collect();
    assert_eq!(past, [false, false, false, true, true]);
    assert!(!found.more);
    let first = asked(&device, "lunch", |query| query.limit = Some(2));
    assert_eq!((titles(&first), first.more), (expected[..2].to_vec(), true));
    assert_eq!(
        titles(&search(&device, "lunch is:past"))[..2],
        ["Lunch every year", "Lunch 2002"]
    );
    let upcoming = asked(&device, "lunch", |query| query.upcoming = true);
    assert_eq!(titles(&upcoming), expected[..3]);
}

#[test]
fn a_match_shows_what_was_looked_for() {
    let device = Device::new();
    let dinner = CreateEvent {
        place: "Café Anna".into(),
        notes: "Bring the cake,\nand the candles.".into(),
        ..event("Dinner", timed("2090-05-04T19:00", "2090-05-04T22:00"))
    };
    device.client.create(dinner).unwrap();
    let found = search(&device, "cafe cand");
    let one = &found.matches[0];
    assert_eq!(
        (one.start.as_deref(), one.past),
        (Some("2090-05-04T19:00"), false)
    );
    let range = one.place_ranges[0];
    assert_eq!((range.start, range.end), (0, 4));
    let excerpt = one.excerpt.as_ref().unwrap();
    assert_eq!(excerpt.text, "Bring the cake, and the candles.");
    assert_eq!((excerpt.ranges[0].start, excerpt.ranges[0].end), (24, 31));
    assert_eq!(titles(&search(&device, "\"the candles\"")), ["Dinner"]);
    assert_eq!(titles(&search(&device, "\"candles the\"")), [""; 0]);
    assert_eq!(titles(&search(&device, "place:cafe")), ["Dinner"]);
    assert_eq!(titles(&search(&device, "title:cafe")), [""; 0]);
}

#[test]
fn an_event_is_found_as_it_is_now_and_in_the_trash_when_it_lies_there() {
    let device = Device::new();
    let id = add(&device, "Lunch", 2090);
    assert_eq!(titles(&search(&device, "lunch")), ["Lunch"]);
    let renamed = almanac_client::EditEvent {
        title: Some("Dinner".into()),
        ..edit(&id)
    };
    device.client.edit(renamed).unwrap();
    assert_eq!(titles(&search(&device, "lunch")), [""; 0]);
    assert_eq!(titles(&search(&device, "dinner")), ["Dinner"]);
    device.client.remove(&id).unwrap();
    assert_eq!(titles(&search(&device, "dinner")), [""; 0]);
    assert_eq!(titles(&search(&device, "dinner in:trash")), ["Dinner"]);
    let device = device.again();
    let trash = asked(&device, "dinner", |query| query.in_trash = true);
    assert!(trash.matches[0].trashed);
}

#[test]
fn filters_narrow_what_is_found() {
    let device = Device::new();
    add(&device, "Lunch", 2090);
    let at_work = CreateEvent {
        calendar: "Work".into(),
        ..event(
            "Lunch at work",
            timed("2091-05-04T10:00", "2091-05-04T11:00"),
        )
    };
    device.client.create(at_work).unwrap();
    device
        .client
        .import(ImportFile {
            calendar: "Home".into(),
            name: "test.ics".into(),
            bytes: PEOPLE.as_bytes().to_vec(),
        })
        .unwrap();
    let check = |text: &str, expected: &[&str]| {
        assert_eq!(titles(&search(&device, text)), expected, "{text}");
    };
    check("lunch calendar:wo", &["Lunch at work"]);
    check("lunch calendar:Nowhere", &[]);
    check("calendar:work", &["Lunch at work"]);
    check("lunch before:2091", &["Lunch"]);
    check("lunch after:2090-05-04", &["Lunch at work"]);
    check("lunch on:2090-05-04", &["Lunch"]);
    check("lunch in:2091-05", &["Lunch at work"]);
    check("with:ada", &["Review"]);
    check("with:lunch", &[]);
    check("has:guests", &["Review"]);
    check("example.org", &["Review"]);
    check("category:urg", &["Review"]);
    check("task:open", &[]);
    check("review is:event", &["Review"]);
    let tasks = asked(&device, "review", |query| {
        query.kind = Some(SearchKind::Tasks)
    });
    assert_eq!(titles(&tasks), [""; 0]);
    let home = device.client.find_calendar("Home").unwrap().to_string();
    let found = asked(&device, "lunch", |query| query.calendars = Some(vec![home]));
    assert_eq!(titles(&found), ["Lunch"]);
    assert_eq!(search(&device, "lunch is:blue").ignored, ["is:blue"]);
    let query = SearchQuery {
        from: Some("soon".into()),
        ..SearchQuery::default()
    };
    let refused = device.client.search(query).unwrap_err();
    assert_eq!(refused.code, ErrorCode::InvalidInput);
}

/// A meeting with guests.
const PEOPLE: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:people@test\r\n\
     DTSTART:20901123T110000Z\r\nSUMMARY:Review\r\nCATEGORIES:Urgent\r\n\
     ATTENDEE;CN=Ada Lovelace:mailto:ada@example.org\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

#[test]
fn building_the_caches_again_changes_nothing() {
    let device = Device::new();
    device.import(include_str!("../../../../tests/corpus/demo.ics"));
    device.import(PEOPLE);
    let days = WhenView::AllDay {
        start: "2026-11-28".into(),
        end: "2027-02-02".into(),
    };
    device.client.create(event("Trip", days)).unwrap();
    let gone = device.add("Gone", "2026-11-24T12:00", "2026-11-24T13:00");
    device.client.remove(&gone).unwrap();
    let seen = || {
        let week = device
            .client
            .list("2026-11-01", "2027-12-01", Some(ZONE), None)
            .unwrap();
        let texts = [
            "s",
            "d",
            "gone in:trash",
            "potsdam",
            "with:ada",
            "is:repeating",
        ];
        let found = texts.map(|text| search(&device, text).matches);
        (week, found, device.client.calendars().unwrap())
    };
    let before = seen();
    assert!(before.1.iter().filter(|found| !found.is_empty()).count() > 4);
    device.client.rebuild_caches().unwrap();
    assert_eq!(seen(), before);
}

fn import(device: &Device, body: &str) {
    let text = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{body}END:VCALENDAR\r\n");
    let text = text.replace("\r\n", "\n").replace('\n', "\r\n");
    assert_eq!(device.import(&text).problems, []);
}

#[test]
fn the_occurrence_that_holds_the_words_is_shown() {
    let device = Device::new();
    import(
        &device,
        "BEGIN:VEVENT\nUID:weekly@test\nDTSTART:20900501T100000Z\nRRULE:FREQ=WEEKLY\n\
         SUMMARY:Meeting\nEND:VEVENT\nBEGIN:VEVENT\nUID:weekly@test\n\
         RECURRENCE-ID:20900515T100000Z\nDTSTART:20900515T100000Z\nSUMMARY:Farewell\n\
         ATTENDEE:mailto:ada@example.org\nEND:VEVENT\n",
    );
    for (text, title, start) in [
        ("meeting", "Meeting", "2090-05-01T12:00"),
        ("farewell", "Farewell", "2090-05-15T12:00"),
        ("has:guests", "Farewell", "2090-05-15T12:00"),
    ] {
        let found = search(&device, text);
        let one = &found.matches[0];
        assert_eq!(
            (one.title.as_str(), one.start.as_deref()),
            (title, Some(start)),
            "{text}"
        );
    }
}

#[test]
fn a_task_of_a_series_is_found_as_the_occurrence_is() {
    let device = Device::new();
    import(
        &device,
        "BEGIN:VTODO\nUID:weekly@test\nDTSTART:20900501T100000Z\nDUE:20900501T110000Z\n\
         RRULE:FREQ=WEEKLY\nSUMMARY:Water\nEND:VTODO\nBEGIN:VTODO\nUID:weekly@test\n\
         RECURRENCE-ID:20900501T100000Z\nDTSTART:20900501T100000Z\nDUE:20900501T110000Z\n\
         SUMMARY:Water\nSTATUS:COMPLETED\nCOMPLETED:20260101T100000Z\nEND:VTODO\n",
    );
    for (text, kind, start) in [
        ("task:done", MatchKind::DoneTask, "2090-05-01T12:00"),
        ("task:open", MatchKind::OpenTask, "2090-05-08T12:00"),
    ] {
        let found = search(&device, text);
        let one = &found.matches[0];
        assert_eq!(
            (one.kind, one.start.as_deref()),
            (kind, Some(start)),
            "{text}"
        );
    }
}

#[test]
fn what_was_left_out_is_told_even_where_nothing_else_was_asked() {
    let device = Device::new();
    add(&device, "Lunch", 2090);
    let found = search(&device, "is:nothing");
    assert_eq!(
        (found.ignored, found.matches),
        (vec!["is:nothing".to_owned()], vec![])
    );
    assert_eq!(search(&device, "on:yesterday").ignored, ["yesterday"]);
}

#[test]
fn pictographs_are_words() {
    let device = Device::new();
    add(&device, "Party 🎂", 2090);
    add(&device, "Walk ☀️", 2091);
    assert_eq!(titles(&search(&device, "🎂")), ["Party 🎂"]);
    assert_eq!(titles(&search(&device, "☀")), ["Walk ☀️"]);
}
