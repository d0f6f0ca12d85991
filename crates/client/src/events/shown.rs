//! One occurrence of an event with everything a person sees of it.

use almanac_calendar::event::Answer;
use almanac_calendar::occurrence::Occurrence;
use almanac_calendar::{Event, OriginalStart, Override};

use crate::colors;
use crate::error::Result;
use crate::events::occurrence;
use crate::events::times::{clock_text, system_zone, to_view};
use crate::occurrences::{self, EventKey};
use crate::rule_words::rule_words;
use crate::view::{CalendarView, EventView, GuestView, WhenView};

/// The view of an event, at the occurrence with this original start or at the first.
pub(super) fn view(
    key: EventKey,
    event: &Event,
    occurrence: Option<&str>,
    calendar: &CalendarView,
    pending: bool,
) -> Result<EventView> {
    let original = match occurrence {
        Some(text) => occurrence::named(event, text)?,
        None => event.when.original(),
    };
    let at = occurrences::one(event, original, &system_zone());
    let rule = event.rules.rules.first();
    let color = at
        .as_ref()
        .and_then(|at| at.color.as_deref())
        .and_then(colors::hue_of);
    Ok(EventView {
        event: key.document.to_string(),
        occurrence: original.to_string(),
        calendar: calendar.id.clone(),
        calendar_name: calendar.name.clone(),
        color: color.map_or_else(|| calendar.color.clone(), str::to_owned),
        title: at
            .as_ref()
            .map_or_else(|| event.title.clone(), |at| at.title.to_string()),
        place: at
            .as_ref()
            .map_or_else(|| event.place.clone(), |at| at.place.to_string()),
        notes: own(event, original, |change| change.notes.clone())
            .unwrap_or_else(|| event.notes.clone()),
        when: at.as_ref().map_or_else(|| to_view(&event.when), when_of),
        rule: rule.map(ToString::to_string),
        rule_words: rule.map(|rule| rule_words(rule, event.when.start().date())),
        guests: guests_of(event, original),
        url: own(event, original, |change| change.url.clone())
            .or_else(|| event.url.clone())
            .filter(|url| !url.is_empty()),
        pending,
    })
}

/// A field as the occurrence itself changes it, or the last split before it does.
fn own<T>(
    event: &Event,
    original: OriginalStart,
    field: impl Fn(&Override) -> Option<T>,
) -> Option<T> {
    let splits = event
        .splits
        .range(..=original)
        .rev()
        .map(|(_, split)| &split.change);
    event
        .overrides
        .get(&original)
        .into_iter()
        .chain(splits)
        .find_map(field)
}

fn guests_of(event: &Event, original: OriginalStart) -> Vec<GuestView> {
    let guests = own(event, original, |change| change.guests.clone());
    let guests = guests.unwrap_or_else(|| event.guests.clone());
    let views = guests.into_iter().map(|(address, guest)| {
        let plain = address
            .strip_prefix("mailto:")
            .unwrap_or(&address)
            .to_owned();
        GuestView {
            name: if guest.name.is_empty() {
                plain.clone()
            } else {
                guest.name
            },
            address: plain,
            status: status_word(guest.answer).to_owned(),
        }
    });
    views.collect()
}

const fn status_word(answer: Answer) -> &'static str {
    match answer {
        Answer::Pending => "needs-action",
        Answer::Accepted => "accepted",
        Answer::Declined => "declined",
        Answer::Tentative => "tentative",
        Answer::Delegated => "delegated",
    }
}

fn when_of(at: &Occurrence) -> WhenView {
    if at.all_day {
        let (start, end) = (
            at.local_start.date().to_string(),
            at.local_end.date().to_string(),
        );
        return WhenView::AllDay { start, end };
    }
    match &at.zone {
        Some(zone) => WhenView::Timed {
            start: clock_text(at.local_start),
            end: clock_text(zone.wall_clock(at.end)),
            zone: zone.name().to_owned(),
        },
        None => WhenView::Floating {
            start: clock_text(at.local_start),
            end: clock_text(at.local_end),
        },
    }
}
