//! Search: what a person types becomes the events that hold it, the nearest to the present first.
//!
//! ```text
//! lunch ad              both words, the last one as far as it is typed; case and accents do not matter
//! "team lunch"          these words in a row
//! with:ada place:hall title:… notes:… category:…      words in one part of the event
//! calendar:work         calendars whose name begins like this
//! after:2026-11-20 before:2026-12-01 from:2026 on:2026-11-20 in:2026-11
//! is:upcoming is:past   on one side of the present
//! is:task task:open task:done is:event is:repeating has:guests in:trash
//! ```
//!
//! Of each event the occurrence nearest to the present is shown: what is still to come in order of
//! time, then what is over, the latest first. The index is read outwards from the present and no
//! further than the answer needs, so a single letter costs no more than a whole word. It is brought
//! up to date before it is asked: events that were written since wait in a table.

pub(crate) mod index;
mod nearest;
mod query;
mod shapes;
mod shown;
mod words;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use almanac_calendar::occurrence::Occurrence;
use almanac_calendar::{Zone, event};
use almanac_protocol::ids::{CalendarId, DocumentId};
use almanac_store::{Condition, Order, Purpose, Shelf, Stretch, Term, Transaction};
use jiff::Timestamp;
use jiff::civil::{Date, Time as ClockTime};

use crate::client::Client;
use crate::clock;
use crate::error::{Error, Result};
use crate::events::times::zone_or_system;
use crate::occurrences::moment;
use crate::occurrences::ready::{Ready, ReadyEvents};
use crate::view::CalendarView;
use index::Facet;
use nearest::{Near, Span, nearest, nearest_carrying};
use query::{Parsed, Place, Time, has};

pub use shapes::{
    Excerpt, FoundField, MatchKind, SearchKind, SearchMatch, SearchQuery, SearchResults, TextRange,
};

/// Matches in one answer when nobody says how many.
const LIMIT_USUAL: u32 = 50;
/// Matches in one answer at most.
const LIMIT_MAX: u32 = 500;
/// Events that are looked at on each shelf in each direction: what an answer may cost.
const LOOKED_AT_MAX: usize = 1_000;
/// How long before its end an event of the shelf of short ones may have begun, in seconds.
const SHORT_S: i64 = 34 * 86_400;
/// Whole days and floating times lie in the index as if read in UTC: west of it they end so much
/// later, in seconds.
const ZONES_S: i64 = 86_400;

/// An event that matches, and its occurrence.
struct Hit {
    calendar: CalendarId,
    document: DocumentId,
    ready: Arc<Ready>,
    when: HitTime,
}

/// When it happens; what has no time stands between what comes and what is over.
enum HitTime {
    Upcoming(Occurrence),
    Undated,
    Past(Occurrence),
}

impl Client {
    /// The events that hold what was typed, the nearest to the present first.
    ///
    /// # Errors
    ///
    /// [`crate::ErrorCode::InvalidInput`] where a field of the query makes no sense; a text never
    /// does that.
    pub fn search(&self, query: SearchQuery) -> Result<SearchResults> {
        if self.read(|tx| Ok(tx.search_lags_by(0)?))? {
            self.store(index::catch_up)?;
        }
        let revision = self.revision();
        let zone = zone_or_system(query.zone.as_deref())?;
        let now = clock::now();
        let calendars: BTreeMap<CalendarId, CalendarView> = self
            .calendars()?
            .into_iter()
            .map(|view| Ok((view.id.parse().map_err(Error::internal)?, view)))
            .collect::<Result<_>>()?;
        let asked = Asked::of(&query, &calendars, zone, now)?;
        let limit = query.limit.unwrap_or(LIMIT_USUAL).clamp(1, LIMIT_MAX);
        let limit = usize::try_from(limit).map_err(Error::internal)?;
        let (hits, more) = match &asked {
            Some(asked) => self.read(|tx| {
                let known = tx.calendars()?;
                let known = known.iter().filter(|row| row.purpose == Purpose::Calendar);
                let is_all = asked.calendars.len() == known.count();
                Search {
                    tx,
                    ready: self.ready_events(),
                    asked,
                    is_all,
                }
                .run(limit)
            })?,
            None => (Vec::new(), false),
        };
        let Some(Asked { parsed, span, .. }) = &asked else {
            return Ok(SearchResults {
                revision,
                matches: Vec::new(),
                more,
                ignored: Parsed::of(&query.text).ignored,
            });
        };
        let matches = hits.iter().filter_map(|hit| {
            let calendar = calendars.get(&hit.calendar)?;
            shown::shown(hit, calendar, parsed, &span.zone)
        });
        Ok(SearchResults {
            revision,
            matches: matches.collect(),
            more,
            ignored: parsed.ignored.clone(),
        })
    }
}

/// A query that asks for something.
struct Asked {
    parsed: Parsed,
    span: Span,
    calendars: Vec<CalendarId>,
}

impl Asked {
    fn of(
        query: &SearchQuery,
        calendars: &BTreeMap<CalendarId, CalendarView>,
        zone: Zone,
        now: Timestamp,
    ) -> Result<Option<Self>> {
        let mut parsed = Parsed::of(&query.text);
        parsed.facets.extend(match query.kind {
            None => None,
            Some(SearchKind::Events) => Some(Facet::Event),
            Some(SearchKind::Tasks) => Some(Facet::Task),
            Some(SearchKind::OpenTasks) => Some(Facet::Open),
            Some(SearchKind::DoneTasks) => Some(Facet::Done),
        });
        if query.has_guests {
            parsed.facets.push(Facet::Guests);
        }
        if query.upcoming {
            parsed.time = Time::Upcoming;
        }
        if query.in_trash {
            parsed.place = Place::Trash;
        }
        let is_bounded = query.from.is_some() || query.to.is_some() || query.calendars.is_some();
        if !parsed.asks() && !is_bounded {
            return Ok(None);
        }
        let midnight = |day: Date| zone.instant(day.to_datetime(ClockTime::midnight()));
        let given =
            |text: &Option<String>| text.as_deref().map(|text| moment(text, &zone)).transpose();
        let from = given(&query.from)?.max(parsed.from.map(midnight));
        let to = [given(&query.to)?, parsed.to.map(midnight)]
            .into_iter()
            .flatten()
            .min();
        let is_wanted = |id: &CalendarId, view: &CalendarView| {
            let name = words::folded(&view.name);
            let is_named = parsed.calendars.is_empty()
                || parsed
                    .calendars
                    .iter()
                    .any(|one| name.starts_with(one.as_str()));
            let ids = query.calendars.as_ref();
            is_named && ids.is_none_or(|ids| ids.contains(&id.to_string()))
        };
        let wanted = calendars.iter().filter(|(id, view)| is_wanted(id, view));
        Ok(Some(Self {
            calendars: wanted.map(|(id, _)| *id).collect(),
            span: Span {
                from: from.unwrap_or(Timestamp::MIN),
                to: to.unwrap_or(Timestamp::MAX),
                now,
                time: parsed.time,
                zone: zone.clone(),
            },
            parsed,
        }))
    }
}

/// One search while it runs.
struct Search<'a> {
    tx: &'a Transaction<'a>,
    ready: &'a ReadyEvents,
    asked: &'a Asked,
    /// Whether all calendars are asked, so that none has to be told from the others.
    is_all: bool,
}

/// On which side of the present a stretch of the index lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    ToCome,
    Over,
}

/// What was found so far.
#[derive(Default)]
struct Finds {
    upcoming: Vec<Hit>,
    undated: Vec<Hit>,
    past: Vec<Hit>,
    /// Whether something was left out because there is too much of it.
    is_cut: bool,
}

impl Search<'_> {
    fn run(&self, limit: usize) -> Result<(Vec<Hit>, bool)> {
        if self.asked.calendars.is_empty() {
            return Ok((Vec::new(), false));
        }
        let mut finds = Finds::default();
        let shelves: &[Shelf] = match self.asked.parsed.place {
            Place::Calendars => &[Shelf::Once, Shelf::Lasting],
            Place::Trash => &[Shelf::Trash],
        };
        let span = &self.asked.span;
        let now_s = span.now.as_second().saturating_sub(ZONES_S);
        let from_s = if span.from == Timestamp::MIN {
            None
        } else {
            Some(span.from.as_second().saturating_sub(ZONES_S))
        };
        let to_s = if span.to == Timestamp::MAX {
            None
        } else {
            Some(span.to.as_second().saturating_add(SHORT_S))
        };
        let condition = self.tx.condition(&self.terms())?;
        let later = |shelf| Stretch {
            shelf,
            from_s: Some(from_s.map_or(now_s, |from_s| from_s.max(now_s))),
            to_s: to_s.filter(|_| shelf == Shelf::Once),
        };
        let earlier = |shelf| Stretch {
            from_s,
            to_s: Some(later(shelf).to_s.map_or(now_s, |to_s| to_s.min(now_s))),
            shelf,
        };
        // What goes on is put in order only once all of it is known.
        let enough = [limit, usize::MAX];
        let stretches: Vec<Stretch> = shelves.iter().copied().map(later).collect();
        self.read(&condition, &stretches, Side::ToCome, enough, &mut finds)?;
        let room = limit.saturating_sub(finds.upcoming.len());
        if room > 0 && span.time != Time::Upcoming {
            let stretches: Vec<Stretch> = shelves.iter().copied().map(earlier).collect();
            self.read(&condition, &stretches, Side::Over, [room; 2], &mut finds)?;
        }
        Ok(finds.in_order(limit))
    }

    fn terms(&self) -> Vec<Term> {
        let mut terms = self.asked.parsed.terms();
        if !self.is_all {
            let facets: Vec<Facet> = self
                .asked
                .calendars
                .iter()
                .copied()
                .map(Facet::Calendar)
                .collect();
            terms.push(has(&facets));
        }
        if terms.is_empty() {
            terms.push(has(&[Facet::Any]));
        }
        terms
    }

    /// Reads stretches of the index, each until more than `enough` were found on the side it looks
    /// to.
    fn read(
        &self,
        condition: &Condition,
        stretches: &[Stretch],
        side: Side,
        enough: [usize; 2],
        finds: &mut Finds,
    ) -> Result<()> {
        let order = match side {
            Side::ToCome => Order::EarliestFirst,
            Side::Over => Order::LatestFirst,
        };
        let mut read: Vec<(usize, usize)> = enough.map(|enough| (0, enough)).into();
        self.tx.search(condition, stretches, order, |at, id| {
            let Some((looked_at, enough)) = read.get_mut(at) else {
                return Ok(ControlFlow::Break(()));
            };
            *looked_at += 1;
            if *looked_at > LOOKED_AT_MAX {
                finds.is_cut = true;
                return Ok(ControlFlow::Break(()));
            }
            let hit = self.hit(id)?;
            let is_on_side = hit.as_ref().is_some_and(|hit| match hit.when {
                HitTime::Upcoming(_) => side == Side::ToCome,
                HitTime::Past(_) => side == Side::Over,
                HitTime::Undated => false,
            });
            hit.into_iter().for_each(|hit| finds.add(hit));
            if !is_on_side {
                return Ok(ControlFlow::Continue(()));
            }
            Ok::<_, Error>(match enough.checked_sub(1) {
                Some(left) => {
                    *enough = left;
                    ControlFlow::Continue(())
                }
                None => ControlFlow::Break(()),
            })
        })
    }

    fn hit(&self, id: i64) -> Result<Option<Hit>> {
        let Some((calendar, document, version)) = self.tx.event_version(id)? else {
            return Ok(None);
        };
        let Ok(Some(ready)) = self.ready.get(self.tx, version) else {
            tracing::warn!("event.row_unreadable");
            return Ok(None);
        };
        if !shown::holds(&ready.event, &self.asked.parsed) {
            return Ok(None);
        }
        let when = self.when(&ready);
        Ok(when.map(|when| Hit {
            calendar,
            document,
            ready,
            when,
        }))
    }

    fn when(&self, ready: &Ready) -> Option<HitTime> {
        let span = &self.asked.span;
        if is_undated(&ready.event.task) {
            let is_bounded = span.from != Timestamp::MIN || span.to != Timestamp::MAX;
            return (!is_bounded && span.time == Time::Any).then_some(HitTime::Undated);
        }
        let found = if ready.event.overrides.is_empty() && ready.event.splits.is_empty() {
            nearest(&ready.prepared, span)?
        } else {
            let event = &ready.event;
            nearest_carrying(ready, span, |one| {
                shown::carried(event, &one.original, &self.asked.parsed)
            })?
        };
        Some(match found {
            Near::Upcoming(one) => HitTime::Upcoming(one),
            Near::Past(one) => HitTime::Past(one),
        })
    }
}

/// Whether a task has no time of its own.
fn is_undated(task: &Option<event::Task>) -> bool {
    task.as_ref()
        .is_some_and(|task| !task.is_planned && task.due.is_none())
}

impl Finds {
    fn add(&mut self, hit: Hit) {
        match hit.when {
            HitTime::Upcoming(_) => self.upcoming.push(hit),
            HitTime::Undated => self.undated.push(hit),
            HitTime::Past(_) => self.past.push(hit),
        }
    }

    /// The nearest `limit`, and whether there are more.
    fn in_order(mut self, limit: usize) -> (Vec<Hit>, bool) {
        let start = |hit: &Hit| match &hit.when {
            HitTime::Upcoming(one) | HitTime::Past(one) => one.start,
            HitTime::Undated => Timestamp::MAX,
        };
        let key = |hit: &Hit| (start(hit), hit.calendar, hit.document);
        self.upcoming.sort_by_key(key);
        self.past.sort_by_key(|hit| std::cmp::Reverse(key(hit)));
        let mut hits = self.upcoming;
        hits.append(&mut self.undated);
        hits.append(&mut self.past);
        let more = self.is_cut || hits.len() > limit;
        hits.truncate(limit);
        (hits, more)
    }
}
