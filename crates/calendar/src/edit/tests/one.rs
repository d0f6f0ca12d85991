//! Edits of one occurrence: skipped, restored, changed, changed again.

use super::*;

#[test]
fn a_skipped_one_can_be_restored() {
    let mut event = daily();
    event.remove(Scope::This, &original("2026-11-21T10:00"));
    assert_eq!(shown(&event), ["11-20 10", "11-22 10", "11-23 10"]);
    let skipped: Vec<_> = event
        .skipped_ones()
        .map(|(at, one)| (at, one.when))
        .collect();
    let at = original("2026-11-21T10:00");
    assert_eq!(skipped, [(at, when("2026-11-21T10:00", BERLIN))]);
    event.restore(&at);
    assert_eq!(event, daily());
}

#[test]
fn a_skipped_extra_date_can_be_restored() {
    let mut event = daily();
    let extra = original("2026-12-24T10:00");
    event.dates.insert(extra, None);
    let before = event.clone();
    event.remove(Scope::This, &extra);
    assert_eq!(shown(&event).len(), 4);
    event.restore(&extra);
    assert_eq!(event, before);
}

#[test]
fn one_of_a_skipped_day_is_restored_with_its_day() {
    let mut event = daily();
    event.skip(original("2026-11-21"));
    assert_eq!(shown(&event).len(), 3);
    event.restore(&original("2026-11-21T10:00"));
    assert_eq!(event, daily());
}

#[test]
fn this_is_an_exception_also_of_the_first() {
    for at in ["2026-11-20T10:00", "2026-11-22T10:00"] {
        let event = changed(daily(), Scope::This, at, titled("Once"));
        assert_eq!(event.overrides.len(), 1);
        assert_eq!(
            shown(&event)
                .iter()
                .filter(|one| one.ends_with("Once"))
                .count(),
            1
        );
    }
    let event = changed(
        daily(),
        Scope::This,
        "2026-11-20T10:00",
        to("2026-11-20T12:00"),
    );
    assert_eq!(
        shown(&event),
        ["11-20 12", "11-21 10", "11-22 10", "11-23 10"]
    );
    assert_eq!(event.when, daily().when);
}

#[test]
fn what_the_series_says_anyway_is_no_exception() {
    let at = "2026-11-21T10:00";
    for same in [titled("One"), to(at), Change::default()] {
        assert_eq!(changed(daily(), Scope::This, at, same), daily());
    }
    let zone = Zone::named("Europe/Berlin");
    let until = When::from_people(at, Some("2026-11-21T11:00"), Some(&zone)).unwrap();
    assert_eq!(
        changed(daily(), Scope::This, at, Change::to(until.clone())),
        daily()
    );
    let event = changed(daily(), Scope::This, at, titled("Once"));
    assert_eq!(changed(event, Scope::This, at, titled("One")), daily());
    for scope in [Scope::Following, Scope::All] {
        assert_eq!(changed(daily(), scope, at, titled("One")), daily());
        assert_eq!(
            changed(daily(), scope, at, Change::to(until.clone())),
            daily()
        );
        let same = Change {
            rules: Some(daily().rules),
            ..titled("One")
        };
        assert_eq!(changed(daily(), scope, at, same), daily());
    }
}

#[test]
fn an_exception_can_be_edited_again() {
    let at = "2026-11-21T10:00";
    let event = changed(daily(), Scope::This, at, to("2026-11-21T14:00"));
    let event = changed(event, Scope::This, at, titled("Once"));
    assert_eq!(shown(&event)[1], "11-21 14 Once");
    let event = changed(event, Scope::This, at, to("2026-11-25T09:00"));
    assert_eq!(shown(&event)[3], "11-25 09 Once");
}

#[test]
fn a_restored_one_is_as_it_was() {
    let extra = original("2026-11-25T10:00");
    let mut event = daily();
    let lasts = Some(crate::Length::from_minutes(150));
    event.dates.insert(extra, lasts);
    let event = changed(event, Scope::This, "2026-11-21T10:00", titled("Long"));
    for at in ["2026-11-21T10:00", "2026-11-25T10:00"] {
        let mut now = event.clone();
        now.remove(Scope::This, &original(at));
        assert_eq!(shown(&now).len(), 4, "{at}");
        let file = crate::ics::write([&now], None);
        assert!(!file.contains("Long") || at != "2026-11-21T10:00", "{file}");
        now.restore(&original(at));
        assert_eq!(now, event);
    }
}
