//! `almanac show`: everything about an event.

use almanac_client::{BusyView, EventSheet, GuestView, PrivacyView, Result, StatusView, TaskSheet};
use clap::Args;

use crate::arguments::Options;
use crate::output::{Output, plain, push_line};
use crate::profile;
use crate::words::{due_words, when_words};

/// Arguments of `show`.
#[derive(Debug, Args)]
pub(crate) struct ShowArguments {
    /// Id of the event, or a start of it of four digits or more that no other event shares
    event: String,
    /// The occurrence of a series: its original start, or the day it is on; the first when absent
    #[arg(long, value_name = "TIME")]
    occurrence: Option<String>,
}

pub(super) fn run(options: &Options, what: &ShowArguments, output: &Output) -> Result<()> {
    let client = profile::open(options)?;
    let sheet = client.sheet(&what.event, what.occurrence.as_deref())?;
    output.give(&sheet, text_of)
}

fn text_of(sheet: &EventSheet) -> String {
    let event = &sheet.event;
    let title = if event.title.is_empty() {
        "(no title)"
    } else {
        &event.title
    };
    let mut text = plain(title);
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            push_line(&mut text, format_args!("{name:<11}{}", plain(value)));
        }
    };
    line("When", &when_words(&event.when));
    line("Repeats", event.rule_words.as_deref().unwrap_or_default());
    for (name, value) in sheet.task.iter().flat_map(task_lines) {
        line(name, &value);
    }
    line("Place", &event.place);
    line("Calendar", &event.calendar_name);
    match sheet.status {
        StatusView::Confirmed => {}
        StatusView::Tentative => line("Status", "perhaps"),
        StatusView::Cancelled => line("Status", "called off"),
    }
    match sheet.busy {
        BusyView::Busy => {}
        BusyView::Free => line("Time", "stays free"),
    }
    match sheet.privacy {
        PrivacyView::Public => {}
        PrivacyView::Private => line("Details", "private"),
        PrivacyView::Confidential => line("Details", "confidential"),
    }
    if let Some(join) = &sheet.join {
        line("Join", &format!("{} {}", join.name, join.url));
    }
    line("Page", event.url.as_deref().unwrap_or_default());
    line("Remind", &sheet.reminders.join(", "));
    line("Categories", &sheet.categories.join(", "));
    for guest in &event.guests {
        line("Guest", &guest_words(guest));
    }
    line("Left out", &sheet.left_out.join(", "));
    line("Id", &event.event);
    if sheet.conflicts > 0 {
        let text = "something was written at the same time on several devices: almanac conflicts";
        line("Look at", text);
    }
    if !event.notes.is_empty() {
        text.push('\n');
        for note in event.notes.lines() {
            push_line(&mut text, format_args!("{}", plain(note)));
        }
    }
    text
}

fn guest_words(guest: &GuestView) -> String {
    let known = if guest.name == guest.address {
        String::new()
    } else {
        format!("{} ", guest.name)
    };
    let answer = match guest.status.as_str() {
        "needs-action" => "has not answered",
        other => other,
    };
    format!("{known}<{}> {answer}", guest.address)
}

/// What there is to say of a task; what is empty is not said.
fn task_lines(task: &TaskSheet) -> [(&'static str, String); 4] {
    let words = |time: Option<&str>| time.map(due_words).unwrap_or_default();
    let progress = Some(task.percent).filter(|percent| *percent > 0);
    let priority = Some(task.priority).filter(|priority| *priority > 0);
    [
        ("Due", words(task.due.as_deref())),
        ("Done", words(task.done.as_deref())),
        (
            "Progress",
            progress.map_or_else(String::new, |percent| format!("{percent} percent")),
        ),
        (
            "Priority",
            priority.map_or_else(String::new, |priority| {
                format!("{priority} (1 is the most urgent, 9 the least)")
            }),
        ),
    ]
}
