//! `almanac calendar …`

use almanac_client::{CalendarView, Client, EditCalendar, Error, Result};

use crate::arguments::{CalendarCommand, Options};
use crate::output::{Output, plain, push_line};
use crate::profile;

pub(super) fn run(options: &Options, command: CalendarCommand, output: &Output) -> Result<()> {
    let client = profile::open(options)?;
    match command {
        CalendarCommand::Add { name, color } => {
            let made = client.add_calendar(&name, color.as_deref())?;
            output.give(&made, |made| {
                format!("Added the calendar “{}”.", plain(&made.name))
            })
        }
        CalendarCommand::Edit {
            calendar,
            name,
            color,
            hide,
            show,
        } => {
            let hidden = (hide || show).then_some(hide);
            let change = EditCalendar {
                calendar,
                name,
                color,
                hidden,
            };
            let changed = edit(&client, change)?;
            output.give(&changed, |changed| {
                format!("Changed the calendar “{}”.", plain(&changed.name))
            })
        }
        CalendarCommand::List => output.give(&client.calendars()?, |calendars| {
            let mut text = String::new();
            for calendar in calendars {
                let hidden = if calendar.hidden { "  (hidden)" } else { "" };
                let (name, color) = (plain(&calendar.name), &calendar.color);
                push_line(&mut text, format_args!("{color:<7} {name}{hidden}"));
            }
            if text.is_empty() {
                text.push_str("No calendar yet. Add one with `almanac calendar add NAME`.");
            }
            text
        }),
    }
}

fn edit(client: &Client, change: EditCalendar) -> Result<CalendarView> {
    let id = client.find_calendar(&change.calendar)?.to_string();
    client.edit_calendar(change)?;
    let views = client.calendars()?;
    let changed = views.into_iter().find(|view| view.id == id);
    changed.ok_or_else(|| Error::internal("a changed calendar"))
}
