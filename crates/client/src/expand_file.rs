//! What an .ics file means, without a profile: nothing is stored and nothing is opened.

use almanac_calendar::expand::expand;

use crate::agenda::{kind_of, listed};
use crate::command::ProblemView;
use crate::error::Result;
use crate::events::times::zone_or_system;
use crate::import::read_events;
use crate::occurrences::Stretch;
use crate::view::ListedOccurrence;

/// The occurrences of a file in a stretch of time, and what is wrong with the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpandedFile {
    /// In order of time; `event` is the UID.
    pub occurrences: Vec<ListedOccurrence>,
    /// Findings.
    pub problems: Vec<ProblemView>,
}

/// Expands the events of an .ics file between two days or moments. `zone` is that of the wall
/// clock they are shown on and of times that have none; the system's when absent.
///
/// # Errors
///
/// [`crate::ErrorCode::InvalidInput`] where there is no calendar in the file, or the stretch or
/// the zone make no sense.
pub fn expand_file(bytes: &[u8], from: &str, to: &str, zone: Option<&str>) -> Result<ExpandedFile> {
    let stretch = Stretch::parse(from, to, zone_or_system(zone)?)?;
    let (events, problems) = read_events(bytes, "The file")?;
    let mut found = Vec::new();
    for event in &events {
        let occurrences = expand(event, stretch.from..stretch.to, &stretch.zone);
        found.extend(
            occurrences
                .into_iter()
                .map(|occurrence| (event, occurrence)),
        );
    }
    found.sort_by(|(event, one), (other_event, other)| {
        (one.start, !one.all_day, one.end, &event.uid).cmp(&(
            other.start,
            !other.all_day,
            other.end,
            &other_event.uid,
        ))
    });
    let rows = found.into_iter().map(|(event, occurrence)| {
        let kind = kind_of(event, &occurrence.original);
        let (uid, calendar) = (event.uid.clone(), String::new());
        listed(&occurrence, uid, calendar, kind, &stretch.zone)
    });
    Ok(ExpandedFile {
        occurrences: rows.collect(),
        problems,
    })
}
