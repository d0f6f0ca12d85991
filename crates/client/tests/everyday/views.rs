//! Slices of days, as the window draws them.

use almanac_client::{ErrorCode, ViewQuery, WhenView};

use crate::device::{Device, ZONE, event, timed};

fn query(from: &str, to: &str) -> ViewQuery {
    ViewQuery {
        from: from.into(),
        to: to.into(),
        zone: Some(ZONE.into()),
        calendars: None,
    }
}

#[test]
fn a_week_has_its_blocks_bars_and_days() {
    let device = Device::new();
    device.add("Night train", "2026-11-24T22:00", "2026-11-25T06:30");
    let days = WhenView::AllDay {
        start: "2026-11-28".into(),
        end: "2026-12-02".into(),
    };
    device.client.create(event("Trip", days)).unwrap();
    let slice = device
        .client
        .view(query("2026-11-23", "2026-11-30"))
        .unwrap();
    assert_eq!((slice.days.len(), slice.zone.as_str()), (7, ZONE));
    assert_eq!(slice.revision, device.client.revision());
    let blocks: Vec<_> = slice
        .timed
        .iter()
        .map(|one| (one.day, one.start_minute, one.end_minute))
        .collect();
    assert_eq!(blocks, [(1, 1320, 1440), (2, 0, 390)]);
    assert_eq!(
        (slice.timed[0].color.as_str(), slice.timed[0].pending),
        ("green", false)
    );
    let bar = &slice.all_day[0];
    assert_eq!((bar.first_day, bar.last_day, bar.ends_after), (5, 6, true));
    assert_eq!(
        (bar.title.as_str(), bar.end.as_str()),
        ("Trip", "2026-12-02")
    );
}

#[test]
fn hidden_calendars_are_left_out_unless_asked_for() {
    let device = Device::new();
    device.add("Lunch", "2026-11-24T12:00", "2026-11-24T13:00");
    device.client.set_calendar_hidden("Home", true).unwrap();
    let week = query("2026-11-23", "2026-11-30");
    assert_eq!(device.client.view(week.clone()).unwrap().timed, []);
    let home = device.client.find_calendar("Home").unwrap().to_string();
    let asked = ViewQuery {
        calendars: Some(vec![home]),
        ..week
    };
    assert_eq!(device.client.view(asked).unwrap().timed.len(), 1);
}

#[test]
fn the_day_the_clock_changes_says_so() {
    let device = Device::new();
    let slice = device
        .client
        .view(query("2026-10-24", "2026-10-27"))
        .unwrap();
    let jumps: Vec<usize> = slice.days.iter().map(|day| day.transitions.len()).collect();
    assert_eq!(jumps, [0, 1, 0]);
    let jump = &slice.days[1].transitions[0];
    assert_eq!((jump.at_minute, jump.delta_minutes), (180, -60));
}

#[test]
fn a_stretch_that_makes_no_sense_is_refused() {
    let device = Device::new();
    for (from, to) in [
        ("2026-11-23", "2026-11-23"),
        ("soon", "later"),
        ("1000-01-01", "9000-01-01"),
    ] {
        let refused = device.client.view(query(from, to)).unwrap_err();
        assert_eq!(refused.code, ErrorCode::InvalidInput);
    }
}

#[test]
fn listeners_hear_of_every_change() {
    use std::sync::mpsc::channel;
    let device = Device::new();
    let (sender, heard) = channel();
    device
        .client
        .listen(move |notice| drop(sender.send(notice.clone())));
    device
        .client
        .create(event(
            "Lunch",
            timed("2026-11-24T12:00", "2026-11-24T13:00"),
        ))
        .unwrap();
    let home = device.client.find_calendar("Home").unwrap().to_string();
    let revision = device.client.revision();
    let expected = almanac_client::Notice::Changed {
        revision,
        calendars: vec![home],
    };
    assert_eq!(heard.try_iter().collect::<Vec<_>>(), [expected]);
}
