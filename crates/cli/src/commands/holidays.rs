//! `almanac holidays`, `birthday`: days that are computed here.

use almanac_client::{HolidayKind, HolidayView, Result};
use clap::Args;

use crate::arguments::Options;
use crate::commands::events;
use crate::output::{Output, push_line};
use crate::profile;
use crate::words::day_words;

/// Arguments of `holidays`.
#[derive(Debug, Args)]
pub(crate) struct HolidaysArguments {
    /// A country or a part of it: DE, DE-BY, FR, US-CA
    place: String,
    /// The year
    year: i16,
}

/// Arguments of `birthday`.
#[derive(Debug, Args)]
pub(crate) struct BirthdayArguments {
    /// Whose
    name: String,
    /// Date of birth: 1985-04-12, or --04-12 without the year
    #[arg(allow_hyphen_values = true)]
    born: String,
    /// Name or id of the calendar; the first of your list when absent
    #[arg(long, value_name = "NAME")]
    calendar: Option<String>,
}

pub(super) fn holidays(what: &HolidaysArguments, output: &Output) -> Result<()> {
    let days = almanac_client::holidays(&what.place, what.year)?;
    output.give(&days, |days| text_of(days))
}

pub(super) fn birthday(options: &Options, what: &BirthdayArguments, output: &Output) -> Result<()> {
    let client = profile::open(options)?;
    let done = client.add_birthday(&what.name, &what.born, what.calendar.as_deref())?;
    events::give(&client, done, "Added", output)
}

fn text_of(days: &[HolidayView]) -> String {
    let mut text = String::new();
    for day in days {
        let kind = match day.kind {
            HolidayKind::Public => "",
            HolidayKind::Substitute => "  (instead)",
            HolidayKind::Half => "  (from noon)",
        };
        let local = if day.local_name == day.name {
            String::new()
        } else {
            format!("  {}", day.local_name)
        };
        push_line(
            &mut text,
            format_args!("{:<15}  {}{local}{kind}", day_words(&day.date), day.name),
        );
    }
    text
}
