//! Series that end.

use super::super::Scope;
use super::super::tests::{BERLIN, original, rules, series, shown};

#[test]
fn a_series_ends_before_the_one_in_hand() {
    for (rule, left) in [
        ("FREQ=DAILY;COUNT=4", "FREQ=DAILY;UNTIL=20261122T085959Z"),
        ("FREQ=DAILY", "FREQ=DAILY;UNTIL=20261122T085959Z"),
        (
            "FREQ=DAILY;UNTIL=20261121T090000Z",
            "FREQ=DAILY;UNTIL=20261121T090000Z",
        ),
        ("FREQ=DAILY;COUNT=2", "FREQ=DAILY;COUNT=2"),
    ] {
        let mut event = series("2026-11-20T10:00", BERLIN, rule);
        event.skip(original("2026-11-23T10:00"));
        event.remove(Scope::Following, &original("2026-11-22T10:00"));
        assert_eq!(event.rules, rules(left), "{rule}");
        assert_eq!(shown(&event), ["11-20 10", "11-21 10"]);
        assert_eq!(event.skipped.len(), 0);
    }
}

#[test]
fn a_series_of_whole_days_or_without_a_zone_ends_too() {
    let mut days = series("2026-11-20", None, "FREQ=DAILY;COUNT=4");
    days.remove(Scope::Following, &original("2026-11-22"));
    assert_eq!(days.rules, rules("FREQ=DAILY;UNTIL=20261121"));
    assert_eq!(shown(&days).len(), 2);
    let mut floating = series("2026-11-20T10:00", None, "FREQ=DAILY;COUNT=4");
    floating.remove(Scope::Following, &original("2026-11-22T10:00"));
    assert_eq!(floating.rules, rules("FREQ=DAILY;UNTIL=20261122T095959"));
    assert_eq!(shown(&floating).len(), 2);
}

#[test]
fn a_dense_series_ends_too() {
    for (rule, at) in [
        ("FREQ=MINUTELY;INTERVAL=2", "2027-06-01T10:00"),
        ("FREQ=SECONDLY", "2026-12-24T10:00:07"),
        ("FREQ=DAILY;COUNT=20000", "2050-01-01T10:00"),
    ] {
        let mut event = series("2026-11-20T10:00", BERLIN, rule);
        event.remove(Scope::Following, &original(at));
        let until = event.rules.rules[0].until;
        assert!(until.is_some(), "{rule}");
        assert!(!crate::expand::gives_from(&event, &original(at)), "{rule}");
    }
}

#[test]
fn starts_that_are_all_excluded_need_no_end() {
    let mut event = series("2026-11-20T10:00", BERLIN, "FREQ=DAILY");
    event.rules.exclusions = rules("FREQ=DAILY").rules;
    let before = event.rules.clone();
    event.remove(Scope::Following, &original("2026-11-22T10:00"));
    assert_eq!(event.rules, before);
}
