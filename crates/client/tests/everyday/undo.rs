//! Taking actions back.

use almanac_client::{Action, CreateEvent, EditCalendar, EditEvent, ErrorCode, Verb};

use crate::device::{Device, edit, event, timed};

/// What can be taken back or done again, the newest first: verb, subject, whether it was taken
/// back.
fn journal(device: &Device) -> Vec<(Verb, String, bool)> {
    let actions = device.client.actions().unwrap();
    let line = |action: Action| (action.verb, action.subject, action.undone);
    actions.into_iter().map(line).collect()
}

#[test]
fn every_action_can_be_taken_back_and_done_again() {
    let device = Device::new();
    let client = &device.client;
    let lunch = event("Lunch", timed("2026-11-23T12:00", "2026-11-23T13:00"));
    let created = client.create(lunch).unwrap();
    let id = created.event.unwrap();
    let undone = client.undo(created.undo.unwrap()).unwrap();
    assert_eq!(device.november(), Vec::<String>::new());
    assert_eq!(undone.undo, None);
    client.redo(undone.redo.unwrap()).unwrap();
    assert_eq!(device.november(), ["2026-11-23T12:00 Lunch"]);
    let removed = client.remove(&id).unwrap();
    assert_eq!(device.november(), Vec::<String>::new());
    client.undo(removed.undo.unwrap()).unwrap();
    assert_eq!(device.november(), ["2026-11-23T12:00 Lunch"]);
}

#[test]
fn taking_back_keeps_what_was_changed_since() {
    let device = Device::new();
    let client = &device.client;
    let id = device.add("Lunch", "2026-11-23T12:00", "2026-11-23T13:00");
    let title = EditEvent {
        title: Some("Brunch".into()),
        ..edit(&id)
    };
    let token = client.edit(title).unwrap().undo.unwrap();
    client
        .edit(EditEvent {
            place: Some("Garden".into()),
            ..edit(&id)
        })
        .unwrap();
    client.undo(token).unwrap();
    let view = client.event(&id, None).unwrap();
    assert_eq!(
        (view.title.as_str(), view.place.as_str()),
        ("Lunch", "Garden")
    );
}

#[test]
fn what_was_changed_again_is_not_taken_back() {
    let device = Device::new();
    let client = &device.client;
    let id = device.add("Lunch", "2026-11-23T12:00", "2026-11-23T13:00");
    let titled = |title: &str| EditEvent {
        title: Some(title.into()),
        ..edit(&id)
    };
    let token = client.edit(titled("Brunch")).unwrap().undo.unwrap();
    client.edit(titled("Breakfast")).unwrap();
    assert_eq!(client.undo(token).unwrap_err().code, ErrorCode::NotFound);
    assert_eq!(client.event(&id, None).unwrap().title, "Breakfast");
    assert_eq!(client.undo(9_999).unwrap_err().code, ErrorCode::NotFound);
}

#[test]
fn actions_are_taken_back_in_order_after_a_restart_and_by_another_program() {
    let device = Device::new();
    let id = device.add("Lunch", "2026-11-23T12:00", "2026-11-23T13:00");
    let titled = EditEvent {
        title: Some("Brunch".into()),
        ..edit(&id)
    };
    device.client.edit(titled).unwrap();
    let device = device.again();
    let (action, _) = device.client.undo_last().unwrap();
    assert_eq!(
        (action.verb, action.subject.as_str()),
        (Verb::Edit, "Brunch")
    );
    assert_eq!(device.november(), ["2026-11-23T12:00 Lunch"]);
    let other = device.other_program();
    other.undo_last().unwrap();
    assert_eq!(device.november(), Vec::<String>::new());
    device.client.redo_last().unwrap();
    other.redo_last().unwrap();
    assert_eq!(device.november(), ["2026-11-23T12:00 Brunch"]);
    assert_eq!(other.redo_last().unwrap_err().code, ErrorCode::NotFound);
}

#[test]
fn a_new_action_forgets_what_was_taken_back() {
    let device = Device::new();
    device.add("Lunch", "2026-11-23T12:00", "2026-11-23T13:00");
    let token = device.client.undo_last().unwrap().1.redo.unwrap();
    device.add("Dinner", "2026-11-23T19:00", "2026-11-23T20:00");
    let refused = device.client.redo(token).unwrap_err();
    assert_eq!(refused.code, ErrorCode::NotFound);
    assert_eq!(device.november(), ["2026-11-23T19:00 Dinner"]);
    assert_eq!(
        journal(&device).first(),
        Some(&(Verb::Add, "Dinner".into(), false))
    );
}

#[test]
fn an_action_of_which_nothing_is_left_does_not_stand_in_the_way() {
    let device = Device::new();
    let id = device.add("Lunch", "2026-11-23T12:00", "2026-11-23T13:00");
    let titled = |title: &str| EditEvent {
        title: Some(title.into()),
        ..edit(&id)
    };
    device.client.edit(titled("Brunch")).unwrap();
    let token = device.client.edit(titled("Breakfast")).unwrap().undo;
    device.client.undo(token.unwrap()).unwrap();
    device.client.redo_last().unwrap();
    let first = device.client.actions().unwrap()[1].token;
    assert!(device.client.undo(first).is_err());
    assert_eq!(device.client.event(&id, None).unwrap().title, "Breakfast");
    device.client.undo_last().unwrap();
    device.client.undo_last().unwrap();
    assert_eq!(device.november(), Vec::<String>::new());
}

#[test]
fn two_programs_that_undo_at_once_each_take_back_another_action() {
    let device = Device::new();
    let other = device.other_program();
    for day in 1..=3 {
        device.add(
            "Lunch",
            &format!("2026-11-{day:02}T12:00"),
            "2026-11-28T13:00",
        );
        device.add(
            "Dinner",
            &format!("2026-11-{day:02}T19:00"),
            "2026-11-28T20:00",
        );
        let taken = std::thread::scope(|scope| {
            let one = scope.spawn(|| device.client.undo_last().unwrap().0);
            let two = scope.spawn(|| other.undo_last().unwrap().0);
            [one.join().unwrap(), two.join().unwrap()]
        });
        assert_ne!(taken[0].token, taken[1].token);
        assert!(taken.iter().all(|action| action.undone), "{taken:?}");
        assert_eq!(device.november(), Vec::<String>::new());
        assert_eq!(journal(&device).iter().filter(|row| row.2).count(), 2);
    }
}

#[test]
fn what_was_done_to_an_occurrence_is_taken_back_after_its_series_moved() {
    let device = Device::new();
    let client = &device.client;
    let input = CreateEvent {
        rule: Some("FREQ=WEEKLY;COUNT=3".into()),
        ..event("Choir", timed("2026-11-02T18:00", "2026-11-02T20:00"))
    };
    let id = client.create(input).unwrap().event.unwrap();
    let concert = EditEvent {
        title: Some("Concert".into()),
        occurrence: Some("2026-11-09".into()),
        ..edit(&id)
    };
    let token = client.edit(concert).unwrap().undo.unwrap();
    let later = EditEvent {
        when: Some(timed("2026-11-03T19:00", "2026-11-03T21:00")),
        ..edit(&id)
    };
    client.edit(later).unwrap();
    assert_eq!(device.november()[1], "2026-11-10T19:00 Concert");
    client.undo(token).unwrap();
    assert_eq!(device.november()[1], "2026-11-10T19:00 Choir");
}

#[test]
fn what_was_written_to_a_moved_event_comes_along_when_the_move_is_taken_back() {
    let device = Device::new();
    let client = &device.client;
    let id = device.add("Lunch", "2026-11-23T12:00", "2026-11-23T13:00");
    let moving = EditEvent {
        calendar: Some("Work".into()),
        title: Some("Business lunch".into()),
        ..edit(&id)
    };
    let moved = client.edit(moving).unwrap();
    let place = EditEvent {
        place: Some("Garden".into()),
        ..edit(&moved.event.unwrap())
    };
    client.edit(place).unwrap();
    let back = client.undo(moved.undo.unwrap()).unwrap();
    let seen = |event: &str| {
        let view = client.event(event, None).unwrap();
        [view.calendar_name, view.title, view.place]
    };
    assert_eq!(seen(&id), ["Home", "Lunch", "Garden"]);
    let again = client.redo(back.redo.unwrap()).unwrap();
    let event = again.event.unwrap();
    assert_eq!(seen(&event), ["Work", "Business lunch", "Garden"]);
    assert_eq!(device.november().len(), 1);
}

#[test]
fn an_import_is_one_action_and_goes_and_comes_as_a_whole() {
    let device = Device::new();
    let file = |title: &str, last: u32| {
        let mut text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n".to_owned();
        for number in 0..last {
            text.push_str(&format!(
                "BEGIN:VEVENT\r\nUID:{number}@test\r\nDTSTART:20261123T110000Z\r\n\
                 SUMMARY:{title} {number}\r\nEND:VEVENT\r\n"
            ));
        }
        text + "END:VCALENDAR\r\n"
    };
    assert_eq!(device.import(&file("Talk", 505)).imported, 505);
    let second = device.import(&file("Lecture", 506));
    assert_eq!((second.imported, second.updated), (1, 505));
    device.client.undo(second.undo.unwrap()).unwrap();
    let shown = device.november();
    assert_eq!(shown.len(), 505);
    assert!(shown.iter().all(|line| line.contains("Talk")));
    device.client.undo_last().unwrap();
    assert_eq!(device.november(), Vec::<String>::new());
    device.client.redo_last().unwrap();
    device.client.redo_last().unwrap();
    let shown = device.november();
    assert_eq!(shown.len(), 506);
    assert!(shown.iter().all(|line| line.contains("Lecture")));
    assert_eq!(
        journal(&device)[0],
        (Verb::Import, "test.ics".into(), false)
    );
}

#[test]
fn a_move_between_calendars_is_taken_back_as_a_whole() {
    let device = Device::new();
    let id = device.add("Lunch", "2026-11-23T12:00", "2026-11-23T13:00");
    let to_work = EditEvent {
        calendar: Some("Work".into()),
        ..edit(&id)
    };
    device.client.edit(to_work).unwrap();
    let (_, done) = device.client.undo_last().unwrap();
    assert_eq!(done.event.as_deref(), Some(id.as_str()));
    assert_eq!(
        device.client.event(&id, None).unwrap().calendar_name,
        "Home"
    );
    assert_eq!(device.november(), ["2026-11-23T12:00 Lunch"]);
}

#[test]
fn calendars_are_renamed_hidden_and_added_and_that_is_taken_back_too() {
    let device = Device::new();
    let names = || -> Vec<(String, String, bool)> {
        let calendars = device.client.calendars().unwrap();
        let row = |one: almanac_client::CalendarView| (one.name, one.color, one.hidden);
        calendars.into_iter().map(row).collect()
    };
    let before = names();
    let change = EditCalendar {
        calendar: "Work".into(),
        name: Some("Office".into()),
        color: Some("pink".into()),
        hidden: Some(true),
    };
    device.client.edit_calendar(change).unwrap();
    let after = names();
    assert_eq!(after[2], ("Office".into(), "pink".into(), true));
    device.client.undo_last().unwrap();
    assert_eq!(names(), before);
    device.client.redo_last().unwrap();
    assert_eq!(names(), after);
    device.client.add_calendar("Choir", None).unwrap();
    device.client.undo_last().unwrap();
    assert_eq!(names(), after);
    device.client.redo_last().unwrap();
    assert_eq!(names().len(), 4);
}

#[test]
fn a_calendar_with_events_does_not_go() {
    let device = Device::new();
    let token = {
        device.client.add_calendar("Choir", None).unwrap();
        device.client.actions().unwrap()[0].token
    };
    let rehearsal = almanac_client::CreateEvent {
        calendar: "Choir".into(),
        ..event("Rehearsal", timed("2026-11-23T12:00", "2026-11-23T13:00"))
    };
    device.client.create(rehearsal).unwrap();
    let refused = device.client.undo(token).unwrap_err();
    assert_eq!(refused.code, ErrorCode::InvalidInput);
    assert_eq!(device.november(), ["2026-11-23T12:00 Rehearsal"]);
    device.client.undo_last().unwrap();
    device.client.undo(token).unwrap();
    assert!(device.client.find_calendar("Choir").is_err());
}
