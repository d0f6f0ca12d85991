//! Clocks that jump, and names and blocks that say which clock it is.

use almanac_calendar::expand::{expand, next};
use almanac_calendar::zone::custom::CustomZone;
use almanac_calendar::{End, Length, When, Zone};
use jiff::Timestamp;
use jiff::civil::DateTime;

use super::cases::{AND_SO_ON, check_in, check_instants, series};

const NEW_YORK: &str = "America/New_York";

#[test]
fn until_in_utc_is_an_instant_beside_a_zone() {
    let three = [
        "2026-11-21T01:00:00Z",
        "2026-11-22T01:00:00Z",
        "2026-11-23T01:00:00Z",
    ];
    let rule = "FREQ=DAILY;UNTIL=20261123T010000Z";
    check_in(NEW_YORK, "2026-11-20T20:00", &[rule], &three);
    let rule = "FREQ=DAILY;UNTIL=20261123T005959Z";
    check_in(NEW_YORK, "2026-11-20T20:00", &[rule], &three[..2]);
    // Without the Z it is read on the event's own wall.
    let rule = "FREQ=DAILY;UNTIL=20261122T200000";
    check_in(NEW_YORK, "2026-11-20T20:00", &[rule], &three);
    let rule = "FREQ=DAILY;UNTIL=20261123";
    check_in(NEW_YORK, "2026-11-20T20:00", &[rule], &three);
}

#[test]
fn a_start_in_a_gap_goes_by_the_offset_before_it() {
    let starts = [
        "2026-03-07T07:30:00Z",
        "2026-03-08T07:30:00Z",
        "2026-03-09T06:30:00Z",
        AND_SO_ON,
    ];
    check_in(NEW_YORK, "2026-03-07T02:30", &["FREQ=DAILY"], &starts);
}

#[test]
fn an_ambiguous_start_is_the_first_of_two() {
    let starts = [
        "2026-10-31T05:30:00Z",
        "2026-11-01T05:30:00Z",
        "2026-11-02T06:30:00Z",
        AND_SO_ON,
    ];
    check_in(NEW_YORK, "2026-10-31T01:30", &["FREQ=DAILY"], &starts);
}

#[test]
fn a_midnight_that_never_was_takes_nothing_of_its_day_away() {
    let starts = [
        "2024-04-24T22:30:00Z",
        "2024-04-25T22:30:00Z",
        "2024-04-26T21:30:00Z",
        AND_SO_ON,
    ];
    check_in("Africa/Cairo", "2024-04-25T00:30", &["FREQ=DAILY"], &starts);
    let starts = ["2024-04-25T07:00:00Z", "2024-04-26T06:00:00Z", AND_SO_ON];
    check_in("Africa/Cairo", "2024-04-25T09:00", &["FREQ=DAILY"], &starts);
}

#[test]
fn a_midnight_that_comes_twice_takes_nothing_of_its_day_away() {
    let starts = [
        "2026-10-24T00:30:00Z",
        "2026-10-25T00:30:00Z",
        "2026-10-26T01:30:00Z",
        AND_SO_ON,
    ];
    check_in(
        "Atlantic/Azores",
        "2026-10-24T00:30",
        &["FREQ=DAILY"],
        &starts,
    );
    let starts = ["2026-10-25T13:00:00Z", "2026-11-01T13:00:00Z"];
    check_in(
        "Atlantic/Azores",
        "2026-10-25T12:00",
        &["FREQ=WEEKLY;COUNT=2"],
        &starts,
    );
}

#[test]
fn summer_time_goes_on_in_later_centuries() {
    let starts = [
        "2150-01-01T17:00:00Z",
        "2150-07-01T16:00:00Z",
        "2151-01-01T17:00:00Z",
        AND_SO_ON,
    ];
    check_in(
        NEW_YORK,
        "2150-01-01T12:00",
        &["FREQ=MONTHLY;INTERVAL=6"],
        &starts,
    );
    let starts = ["2350-01-01T17:00:00Z", "2350-07-01T16:00:00Z", AND_SO_ON];
    check_in(
        NEW_YORK,
        "2350-01-01T12:00",
        &["FREQ=MONTHLY;INTERVAL=6"],
        &starts,
    );
}

#[test]
fn the_day_that_samoa_skipped_falls_onto_the_next() {
    let starts = [
        "2011-12-29T20:00:00Z",
        "2011-12-30T20:00:00Z",
        "2011-12-30T20:00:00Z",
        "2011-12-31T20:00:00Z",
    ];
    check_in(
        "Pacific/Apia",
        "2011-12-29T10:00",
        &["FREQ=DAILY;COUNT=4"],
        &starts,
    );
    // A whole day that never was has no length for those who were there.
    let day = series("2011-12-30", None, &[]);
    let apia = Zone::named("Pacific/Apia");
    let found = next(&day, Timestamp::MIN, 2, &apia);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].start, found[0].end);
}

#[test]
fn half_an_hour_of_summer_time() {
    let howe = "Australia/Lord_Howe";
    let starts = [
        "2026-10-02T15:45:00Z",
        "2026-10-03T15:45:00Z",
        "2026-10-04T15:15:00Z",
        AND_SO_ON,
    ];
    check_in(howe, "2026-10-03T02:15", &["FREQ=DAILY"], &starts);
    // Every hour is an hour, but the minutes a rule names are those on the wall.
    let starts = [
        "2026-10-03T13:45:00Z",
        "2026-10-03T14:45:00Z",
        "2026-10-03T15:45:00Z",
        "2026-10-03T16:45:00Z",
        AND_SO_ON,
    ];
    check_in(howe, "2026-10-04T00:15", &["FREQ=HOURLY"], &starts);
    let starts = [
        "2026-10-03T13:30:00Z",
        "2026-10-03T14:30:00Z",
        "2026-10-03T16:00:00Z",
        "2026-10-03T17:00:00Z",
        AND_SO_ON,
    ];
    check_in(
        howe,
        "2026-10-04T00:00",
        &["FREQ=HOURLY;BYMINUTE=0"],
        &starts,
    );
}

#[test]
fn winter_time_that_is_the_exception() {
    let starts = ["2026-10-24T08:00:00Z", "2026-10-25T09:00:00Z", AND_SO_ON];
    check_in(
        "Europe/Dublin",
        "2026-10-24T09:00",
        &["FREQ=DAILY"],
        &starts,
    );
    let starts = ["2026-03-28T09:00:00Z", "2026-03-29T08:00:00Z", AND_SO_ON];
    check_in(
        "Europe/Dublin",
        "2026-03-28T09:00",
        &["FREQ=DAILY"],
        &starts,
    );
}

#[test]
fn hours_go_by_elapsed_time_and_days_by_the_wall() {
    let starts = [
        "2026-03-08T06:30:00Z",
        "2026-03-08T07:30:00Z",
        "2026-03-08T08:30:00Z",
        AND_SO_ON,
    ];
    check_in(NEW_YORK, "2026-03-08T01:30", &["FREQ=HOURLY"], &starts);
    let starts = [
        "2026-03-07T15:00:00Z",
        "2026-03-08T15:00:00Z",
        "2026-03-09T15:00:00Z",
    ];
    check_in(
        NEW_YORK,
        "2026-03-07T10:00",
        &["FREQ=HOURLY;INTERVAL=24;COUNT=3"],
        &starts,
    );
    let starts = [
        "2026-03-07T15:00:00Z",
        "2026-03-08T14:00:00Z",
        "2026-03-09T14:00:00Z",
    ];
    check_in(
        NEW_YORK,
        "2026-03-07T10:00",
        &["FREQ=DAILY;COUNT=3"],
        &starts,
    );
    // An hour that the wall shows twice has its minutes twice.
    let starts = [
        "2026-11-01T05:45:00Z",
        "2026-11-01T06:45:00Z",
        "2026-11-01T07:45:00Z",
    ];
    let rule = "FREQ=MINUTELY;BYMINUTE=45;BYHOUR=1,2;COUNT=3";
    check_in(NEW_YORK, "2026-11-01T01:45", &[rule], &starts);
}

#[test]
fn a_day_lasts_until_the_same_time_and_24_hours_last_24_hours() {
    let ends = |length: &str| {
        let mut event = series(
            "2026-03-28T12:00",
            Some("Europe/Berlin"),
            &["FREQ=DAILY;COUNT=2"],
        );
        if let When::Zoned { end, .. } = &mut event.when {
            *end = End::After(length.parse::<Length>().unwrap());
        }
        let found = next(&event, Timestamp::MIN, 9, &Zone::utc());
        found
            .iter()
            .map(|one| one.end.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        ends("P1D"),
        ["2026-03-29T10:00:00Z", "2026-03-30T10:00:00Z"]
    );
    assert_eq!(
        ends("PT24H"),
        ["2026-03-29T11:00:00Z", "2026-03-30T10:00:00Z"]
    );
}

#[test]
fn a_start_and_an_end_in_two_zones_are_as_far_apart_every_time() {
    let wall = |text: &str| text.parse::<DateTime>().unwrap();
    let mut flight = series(
        "2026-03-20T10:00",
        Some("Europe/Berlin"),
        &["FREQ=WEEKLY;COUNT=3"],
    );
    flight.when = When::Zoned {
        start: wall("2026-03-20T10:00:00"),
        zone: Zone::named("Europe/Berlin"),
        end: End::At {
            at: wall("2026-03-21T06:00:00"),
            zone: Some(Zone::named("Asia/Tokyo")),
        },
    };
    let found = next(&flight, Timestamp::MIN, 9, &Zone::utc());
    let spans: Vec<String> = found
        .iter()
        .map(|one| format!("{} {}", one.start, one.end))
        .collect();
    assert_eq!(
        spans,
        [
            "2026-03-20T09:00:00Z 2026-03-20T21:00:00Z",
            "2026-03-27T09:00:00Z 2026-03-27T21:00:00Z",
            "2026-04-03T08:00:00Z 2026-04-03T20:00:00Z"
        ]
    );
}

#[test]
fn a_whole_day_is_the_day_of_whoever_looks() {
    let day = series("2026-03-29", None, &[]);
    for (zone, start, end) in [
        (
            "Europe/Berlin",
            "2026-03-28T23:00:00Z",
            "2026-03-29T22:00:00Z",
        ),
        (
            "Pacific/Kiritimati",
            "2026-03-28T10:00:00Z",
            "2026-03-29T10:00:00Z",
        ),
        (
            "Pacific/Pago_Pago",
            "2026-03-29T11:00:00Z",
            "2026-03-30T11:00:00Z",
        ),
        (
            "Asia/Kathmandu",
            "2026-03-28T18:15:00Z",
            "2026-03-29T18:15:00Z",
        ),
    ] {
        let zone = Zone::named(zone);
        let found = next(&day, Timestamp::MIN, 2, &zone);
        let spans: Vec<_> = found.iter().map(|one| (one.start, one.end)).collect();
        assert_eq!(spans, [(start.parse().unwrap(), end.parse().unwrap())]);
        // It is there for as long as that day, and not a second longer.
        let (start, end) = spans[0];
        let second = jiff::Span::new().seconds(1);
        assert_eq!(expand(&day, start - second..start, &zone), []);
        assert_eq!(expand(&day, end..end + second, &zone), []);
        assert_eq!(expand(&day, end - second..end, &zone).len(), 1);
    }
}

#[test]
fn a_floating_time_follows_whoever_looks() {
    let nightly = series("2026-03-07T02:30", None, &["FREQ=DAILY;COUNT=3"]);
    let found = next(&nightly, Timestamp::MIN, 9, &Zone::named(NEW_YORK));
    let starts: Vec<String> = found.iter().map(|one| one.start.to_string()).collect();
    assert_eq!(
        starts,
        [
            "2026-03-07T07:30:00Z",
            "2026-03-08T07:30:00Z",
            "2026-03-09T06:30:00Z"
        ]
    );
}

fn described(parts: &str) -> Zone {
    let block = format!("BEGIN:VTIMEZONE\r\nTZID:Ours\r\n{parts}END:VTIMEZONE");
    Zone::custom(CustomZone::parse(&block).unwrap())
}

fn part(kind: &str, start: &str, from: &str, to: &str, rest: &str) -> String {
    format!(
        "BEGIN:{kind}\r\nDTSTART:{start}\r\nTZOFFSETFROM:{from}\r\nTZOFFSETTO:{to}\r\n{rest}END:{kind}\r\n"
    )
}

#[test]
fn a_described_zone_keeps_its_own_time() {
    let summer = "RRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=1SU\r\n";
    let winter = "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\n";
    let parts = part("DAYLIGHT", "19700405T020000", "+0330", "+0430", summer)
        + &part("STANDARD", "19701025T030000", "+0430", "+0330", winter);
    let mut daily = series("2026-04-04T02:30", None, &["FREQ=DAILY;COUNT=3"]);
    let zone = described(&parts);
    daily.when = When::from_people("2026-04-04T02:30", None, Some(&zone)).unwrap();
    let starts = [
        "2026-04-03T23:00:00Z",
        "2026-04-04T23:00:00Z",
        "2026-04-05T22:00:00Z",
    ];
    check_instants(&daily, &starts);
    daily.when = When::from_people("2126-07-01T12:00", None, Some(&zone)).unwrap();
    daily.rules.rules.clear();
    check_instants(&daily, &["2126-07-01T07:30:00Z"]);
}

#[test]
fn a_described_zone_may_have_one_part_and_change_on_dates() {
    let mut once = series("2026-07-01T12:00", None, &[]);
    let mut check = |parts: &str, expected: &str| {
        let zone = described(parts);
        once.when = When::from_people("2026-07-01T12:00", None, Some(&zone)).unwrap();
        check_instants(&once, &[expected]);
    };
    check(
        &part("STANDARD", "19700101T000000", "-0300", "-0300", ""),
        "2026-07-01T15:00:00Z",
    );
    let dates = "RDATE:20250601T020000,20260601T020000\r\n";
    check(
        &part("STANDARD", "20200101T000000", "+0100", "+0200", dates),
        "2026-07-01T10:00:00Z",
    );
    // What says neither offset nor start says nothing, and takes nothing away.
    let broken = "BEGIN:DAYLIGHT\r\nTZNAME:X\r\nEND:DAYLIGHT\r\n".to_owned();
    let good = part("STANDARD", "19700101T000000", "+0545", "+0545", "");
    check(&(broken + &good), "2026-07-01T06:15:00Z");
}
