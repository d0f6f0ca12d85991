//! When other people are taken, and when several are free at once, as far as their calendars are shared with
//! this person: as events, or as busy times alone.
//!
//! A calendar takes the time of whoever may write into it. What a person shares with nobody here is not
//! known, and whoever shares nothing is not called free.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use almanac_calendar::free_busy::{BusyPeriod, Person, common_free};
use almanac_protocol::ids::{AccountId, CalendarId};
use almanac_protocol::membership::Role;
use jiff::Timestamp;

use crate::agenda::with_offset;
use crate::client::Client;
use crate::clock;
use crate::error::{Error, Result};
use crate::events::times::zone_or_system;
use crate::free_busy::{
    BusyQuery, BusyStretch, FreeStretch, WORKING_HOURS, hours_of, length, shown,
};
use crate::occurrences::Stretch;
use crate::replica::{logs, profiles};

/// How far busy times reach that come without events: what lies beyond was not told.
const KNOWN_BEHIND_S: i64 = 31 * 86_400;
const KNOWN_AHEAD_S: i64 = 366 * 86_400;
/// Digits of an id that name a person.
const ID_DIGITS_MIN: usize = 4;

/// Someone whose calendars are shared with this person.
#[derive(Debug, Default)]
struct Known {
    names: BTreeSet<String>,
    /// Those that take their time.
    calendars: Vec<CalendarId>,
}

impl Client {
    /// When someone else is taken, named as [`Client::find_time`] does.
    pub fn busy_of(&self, query: BusyQuery<'_>, who: &str) -> Result<Vec<BusyStretch>> {
        let stretch = Stretch::parse(query.from, query.to, zone_or_system(query.zone)?)?;
        let busy = self.taken_by(who, &stretch)?;
        Ok(shown(busy, &stretch))
    }

    /// When this person and others are all free for at least so long (`45m`, `2h`), within hours of working
    /// days on this person's clock. The others are named as they call themselves in a shared calendar, as
    /// this person calls a calendar of theirs of which they see no more than busy times, or by the
    /// beginning of their id.
    pub fn find_time(
        &self,
        query: BusyQuery<'_>,
        with: &[String],
        at_least: &str,
        hours: Option<&str>,
    ) -> Result<Vec<FreeStretch>> {
        let at_least = length(at_least)?;
        let hours = hours_of(hours.unwrap_or(WORKING_HOURS))?;
        let (stretch, own) = self.taken(query)?;
        let mut busy = vec![own];
        for who in with {
            busy.push(self.taken_by(who, &stretch)?);
        }
        let people: Vec<Person<'_>> = busy
            .iter()
            .map(|busy| Person {
                busy,
                hours: &hours,
                zone: &stretch.zone,
            })
            .collect();
        let window = stretch.from..stretch.to;
        let free = common_free(&people, &window, &stretch.zone, at_least);
        let shown = |span: Range<Timestamp>| FreeStretch {
            start: with_offset(span.start, &stretch.zone),
            end: with_offset(span.end, &stretch.zone),
        };
        Ok(free.into_iter().map(shown).collect())
    }

    fn taken_by(&self, who: &str, stretch: &Stretch) -> Result<Vec<BusyPeriod>> {
        let calendars = find(self.known()?, who)?.calendars;
        if calendars.is_empty() {
            return Err(Error::not_found(format!(
                "{who} shows you no calendar of their own, so nobody here knows when they are free. \
                 Ask them to share one with you: `almanac share NAME --role free-busy`."
            )));
        }
        let now = clock::now().as_second();
        let is_beyond = stretch.from.as_second() < now.saturating_sub(KNOWN_BEHIND_S)
            || stretch.to.as_second() > now.saturating_add(KNOWN_AHEAD_S);
        let sees_no_more = |id: &CalendarId| self.read(|tx| Ok(tx.is_busy_shown(*id)?));
        for id in &calendars {
            if is_beyond && sees_no_more(id)? {
                return Err(Error::invalid(format!(
                    "What {who} shows you reaches from a month ago to a year from now. Ask for days \
                     in between."
                )));
            }
        }
        self.taken_in(&calendars, stretch)
    }

    /// Everyone else in this person's calendars.
    fn known(&self) -> Result<BTreeMap<AccountId, Known>> {
        let identity = self.identity();
        let mut known: BTreeMap<AccountId, Known> = BTreeMap::new();
        for view in self.calendars()? {
            let id: CalendarId = view.id.parse().map_err(Error::internal)?;
            self.read(|tx| {
                let log = logs::calendar(tx, identity, id)?;
                if log.role(&identity.account).is_none() {
                    return Ok(());
                }
                let names = profiles::names(tx, id)?;
                let members = log.members();
                let writes = |(_, role): &&(AccountId, Role)| role.can_write();
                let is_of_one = members.iter().filter(writes).count() == 1;
                for (account, role) in members {
                    if account == identity.account {
                        continue;
                    }
                    let person = known.entry(account).or_default();
                    person.names.extend(names.get(&account).cloned());
                    if role.can_write() {
                        person.calendars.push(id);
                        if is_of_one && tx.is_busy_shown(id)? {
                            person.names.insert(view.name.clone());
                        }
                    }
                }
                Ok(())
            })?;
        }
        Ok(known)
    }
}

/// The one who is meant.
fn find(known: BTreeMap<AccountId, Known>, who: &str) -> Result<Known> {
    let wanted = who.trim().to_lowercase();
    let is_meant = |(account, known): &(AccountId, Known)| {
        let is_id = wanted.len() >= ID_DIGITS_MIN && account.to_string().starts_with(&wanted);
        is_id || known.names.iter().any(|name| name.to_lowercase() == wanted)
    };
    let mut found = known.into_iter().filter(is_meant);
    match (found.next(), found.next()) {
        (Some((_, known)), None) => Ok(known),
        (Some(_), Some(_)) => Err(Error::invalid(format!(
            "More than one person is called “{who}”. Name them by id, as `almanac member list` shows \
             it."
        ))),
        (None, _) => Err(Error::not_found(format!(
            "Nobody called “{who}” shares a calendar with you."
        ))),
    }
}
