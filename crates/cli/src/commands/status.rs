//! `almanac status`, `repair`.

use almanac_client::{Error, Mode, RepairReport, Result, SyncDetails};
use serde::Serialize;

use crate::arguments::Options;
use crate::commands::sync::text_of_status;
use crate::output::{Output, plain, push_line};
use crate::profile;
use crate::words::instant_words;

/// What a repair did, and how the comparison with the relay ended.
#[derive(Serialize)]
struct Repaired {
    #[serde(flatten)]
    report: RepairReport,
    /// Whether the relay was reached.
    synced: bool,
    /// Why it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Error>,
}

pub(super) fn status(options: &Options, output: &Output) -> Result<()> {
    output.give(&profile::open(options)?.sync_details()?, text)
}

pub(super) async fn repair(options: &Options, output: &Output) -> Result<()> {
    let client = profile::open(options)?;
    let report = client.repair()?;
    // What could be repaired here is: a relay that is away changes nothing of that.
    let ended = if report.streams > 0 {
        client.sync(Mode::Once).await.map(|_| true)
    } else {
        Ok(false)
    };
    let repaired = Repaired {
        report,
        synced: matches!(ended, Ok(true)),
        error: ended.err(),
    };
    output.give(&repaired, text_of_repair)
}

fn text(details: &SyncDetails) -> String {
    let mut text = text_of_status(&details.status);
    for one in &details.elsewhere {
        let calendars: Vec<_> = one.calendars.iter().map(|name| plain(name)).collect();
        push_line(
            &mut text,
            format_args!("Elsewhere    {} keeps {}", one.relay, calendars.join(", ")),
        );
    }
    for one in &details.freshness {
        let name = plain(&one.device.name);
        let when = one.confirmed.as_deref().map_or_else(
            || "has not confirmed anything yet".to_owned(),
            |time| format!("last confirmed {}", instant_words(time)),
        );
        let rest = match one.unconfirmed {
            0 => String::new(),
            1 => "; 1 change since".to_owned(),
            count => format!("; {count} changes since"),
        };
        push_line(&mut text, format_args!("{name}: {when}{rest}"));
    }
    for one in &details.set_aside {
        let calendar = plain(&one.calendar);
        push_line(
            &mut text,
            format_args!("\n{} set aside in {calendar}. {}", one.count, one.message),
        );
    }
    for one in &details.findings {
        let place = one
            .calendar
            .as_deref()
            .map_or_else(String::new, |name| format!("{}: ", plain(name)));
        push_line(&mut text, format_args!("\n{place}{}", plain(&one.message)));
    }
    text
}

fn text_of_repair(repaired: &Repaired) -> String {
    let report = &repaired.report;
    let mut text = format!(
        "Built {} documents again; nothing that was saved has changed.",
        report.documents
    );
    if report.accepted > 0 {
        push_line(
            &mut text,
            format_args!("Accepted {} that had been set aside.", report.accepted),
        );
    }
    if report.set_aside > 0 {
        push_line(
            &mut text,
            format_args!(
                "{} stay set aside; `almanac status` says why.",
                report.set_aside
            ),
        );
    }
    match &repaired.error {
        Some(error) => push_line(
            &mut text,
            format_args!(
                "The relay will be compared from the start with the next sync. {}",
                error.message
            ),
        ),
        None if repaired.synced => push_line(
            &mut text,
            format_args!(
                "Read {} calendars from the relay from the start, and offered what is here.",
                report.streams
            ),
        ),
        None => {}
    }
    text
}
