//! `almanac calendar …`

use almanac_client::Result;

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
