//! What edits do to the days that rules name.

use super::*;

#[test]
fn the_third_tuesday_becomes_the_third_wednesday() {
    let mut event = series("2026-09-15T10:00", BERLIN, "FREQ=MONTHLY;BYDAY=3TU;COUNT=6");
    event.skip(original("2026-12-15T10:00"));
    let event = changed(event, Scope::This, "2027-01-19T10:00", titled("Once"));
    let all = changed(
        event.clone(),
        Scope::All,
        "2026-11-17T10:00",
        to("2026-11-18T11:00"),
    );
    assert_eq!(all.rules, rules("FREQ=MONTHLY;BYDAY=3WE;COUNT=6"));
    assert_eq!(
        shown(&all),
        [
            "09-16 11",
            "10-21 11",
            "11-18 11",
            "01-20 11 Once",
            "02-17 11"
        ]
    );
    let later = changed(
        event,
        Scope::Following,
        "2026-11-17T10:00",
        to("2026-11-18T11:00"),
    );
    assert_eq!(
        shown(&later),
        [
            "09-15 10",
            "10-20 10",
            "11-18 11",
            "01-20 11 Once",
            "02-17 11"
        ]
    );
}

#[test]
fn a_month_that_begins_on_the_new_day_moves_back() {
    // The third Tuesday is the 21st, the third Wednesday the 15th.
    let event = series("2026-04-21T10:00", BERLIN, "FREQ=MONTHLY;BYDAY=3TU;COUNT=3");
    let event = changed(event, Scope::This, "2026-05-19T10:00", titled("Once"));
    let event = changed(
        event,
        Scope::All,
        "2026-05-19T10:00",
        to("2026-05-20T10:00"),
    );
    assert_eq!(shown(&event), ["04-15 10", "05-20 10 Once", "06-17 10"]);
}

#[test]
fn days_of_a_month_move_over_its_end() {
    let mut event = series(
        "2026-09-30T10:00",
        BERLIN,
        "FREQ=MONTHLY;BYMONTHDAY=30;COUNT=4",
    );
    event.skip(original("2026-11-30T10:00"));
    let event = changed(
        event,
        Scope::All,
        "2026-09-30T10:00",
        to("2026-10-01T10:00"),
    );
    assert_eq!(shown(&event), ["10-01 10", "11-01 10", "01-01 10"]);
}

#[test]
fn new_rules_begin_on_a_day_they_name() {
    let mut event = series("2026-11-02T10:00", BERLIN, "FREQ=WEEKLY;BYDAY=MO;COUNT=3");
    event.skip(original("2026-11-09T10:00"));
    let tuesdays = Change {
        rules: Some(rules("FREQ=WEEKLY;BYDAY=TU;COUNT=3")),
        ..Change::default()
    };
    let event = changed(event, Scope::All, "2026-11-16T10:00", tuesdays);
    assert_eq!(shown(&event), ["11-03 10", "11-17 10"]);
    let daily = Change {
        rules: Some(rules("FREQ=DAILY;COUNT=3")),
        ..Change::default()
    };
    let event = changed(event, Scope::All, "2026-11-17T10:00", daily);
    assert_eq!(shown(&event), ["11-03 10", "11-04 10", "11-05 10"]);
}

#[test]
fn without_rules_the_one_in_hand_is_left() {
    let none = Change {
        rules: Some(Rules::default()),
        ..titled("Alone")
    };
    let event = changed(
        daily(),
        Scope::This,
        "2026-11-22T10:00",
        to("2026-11-22T12:00"),
    );
    let all = changed(event.clone(), Scope::All, "2026-11-22T10:00", none.clone());
    assert_eq!(shown(&all), ["11-22 12 Alone"]);
    assert!(!all.is_series());
    let last = changed(event, Scope::Following, "2026-11-22T10:00", none);
    assert_eq!(shown(&last), ["11-20 10", "11-21 10", "11-22 12 Alone"]);
}

#[test]
fn a_series_of_which_all_are_left_out_is_over() {
    let mut event = series("2026-11-20T10:00", BERLIN, "FREQ=DAILY;COUNT=2");
    event.remove(Scope::This, &original("2026-11-20T10:00"));
    assert!(!event.is_over());
    event.remove(Scope::This, &original("2026-11-21T10:00"));
    assert!(event.is_over());
}

#[test]
fn that_of_december_stays_that_of_december() {
    let mut event = series("2026-10-31T10:00", BERLIN, "FREQ=MONTHLY");
    event.skip(original("2026-12-31T10:00"));
    let event = changed(event, Scope::This, "2027-03-31T10:00", titled("Spring"));
    let before = event.clone();
    let event = changed(
        event,
        Scope::All,
        "2026-10-31T10:00",
        to("2026-10-30T10:00"),
    );
    assert_eq!(
        shown(&event)[..5],
        [
            "10-30 10",
            "11-30 10",
            "01-30 10",
            "03-30 10 Spring",
            "04-30 10"
        ]
    );
    let back = changed(
        event,
        Scope::All,
        "2026-10-30T10:00",
        to("2026-10-31T10:00"),
    );
    assert_eq!(shown(&back), shown(&before));
    assert_eq!(back.skipped, before.skipped);
}

#[test]
fn that_of_a_month_stays_where_all_move_into_the_next() {
    let mut event = series("2026-10-31T10:00", BERLIN, "FREQ=MONTHLY");
    event.skip(original("2026-12-31T10:00"));
    let event = changed(
        event,
        Scope::All,
        "2026-10-31T10:00",
        to("2026-11-01T10:00"),
    );
    assert_eq!(shown(&event)[..3], ["11-01 10", "12-01 10", "02-01 10"]);
}
