//! The calendars of the account: their names, colours and order.
//!
//! A calendar's name and colour stand in its own document, so that everyone who has it sees them;
//! what only this person sees of it (order, hidden) stands in the account's private document.

use almanac_calendar::document::calendar::CalendarFacts;
use almanac_calendar::document::private::{Listing, Private};
use almanac_protocol::ids::{CalendarId, DocumentId};
use almanac_protocol::membership::{Link, Role};
use almanac_protocol::signed::Signed;
use almanac_store::{Purpose, Transaction};

use crate::client::{Client, Work};
use crate::colors;
use crate::command::{Done, EditCalendar};
use crate::error::{Error, ErrorCode, Result};
use crate::replica::{documents, logs};
use crate::undo::Verb;
use crate::undo::step::{Step, ValueChange};
use crate::view::CalendarView;

/// Characters of a calendar's name.
const NAME_CHARS_MAX: usize = 200;
/// Digits of an account's id that stand for it.
const SHORT_DIGITS: usize = 8;

impl Client {
    /// All calendars in the order of the person's list.
    pub fn calendars(&self) -> Result<Vec<CalendarView>> {
        self.read(|tx| calendars(tx, self.private_calendar()))
    }

    /// Adds a calendar; without a colour it takes one that no other calendar has.
    pub fn add_calendar(&self, name: &str, color: Option<&str>) -> Result<CalendarView> {
        let (name, asked) = (name_of(name)?, color.map(colors::asked).transpose()?);
        let (view, _) = self.act(Verb::AddCalendar, |work| add(work, &name, asked))?;
        Ok(view)
    }

    /// The first calendar of an account, which nobody takes back.
    pub(crate) fn add_first_calendar(&self, name: &str) -> Result<CalendarView> {
        self.write(|work| add(work, name, None))
    }

    /// Changes name, colour or place in view of a calendar: only the fields that are there.
    pub fn edit_calendar(&self, input: EditCalendar) -> Result<Done> {
        let id = self.find_calendar(&input.calendar)?;
        let name = input.name.as_deref().map(name_of).transpose()?;
        let color = input.color.as_deref().map(colors::asked).transpose()?;
        let ((), undo) = self.act(Verb::EditCalendar, |work| {
            let others = calendars(work.tx(), work.identity().private)?;
            let view = others.iter().find(|other| other.id == id.to_string());
            work.about(view.map_or("", |view| &view.name));
            if let Some(name) = &name {
                let namesake = |other: &&CalendarView| {
                    other.id != id.to_string() && is_same_name(&other.name, name)
                };
                if others.iter().any(|other| namesake(&other)) {
                    return Err(name_taken(name));
                }
            }
            rename(work, id, name.as_deref())?;
            recolor(work, id, color)?;
            input
                .hidden
                .map_or(Ok(()), |hidden| set_hidden(work, id, hidden))
        })?;
        Ok(Done {
            revision: self.revision(),
            event: None,
            undo,
            redo: None,
        })
    }

    /// Shows or hides a calendar on all devices of the account.
    pub fn set_calendar_hidden(&self, calendar: &str, hidden: bool) -> Result<()> {
        self.edit_calendar(EditCalendar {
            calendar: calendar.to_owned(),
            hidden: Some(hidden),
            ..EditCalendar::default()
        })?;
        Ok(())
    }

    /// Gives a calendar a name that only this person sees, on all their devices; also one that is still to
    /// come, by its id.
    pub fn call_calendar(&self, id: &str, name: &str) -> Result<()> {
        let (id, name) = (id.parse().map_err(Error::internal)?, name_of(name)?);
        self.write(|work| set_listing(work, id, |listing| listing.name = Some(name)))
    }

    /// The calendar with this id or name.
    pub fn find_calendar(&self, calendar: &str) -> Result<CalendarId> {
        let all = self.calendars()?;
        let wanted = calendar.trim();
        let found = all.iter().find(|one| one.id == wanted).or_else(|| {
            let mut named = all.iter().filter(|one| is_same_name(&one.name, wanted));
            named.next().filter(|_| named.next().is_none())
        });
        if let Some(found) = found {
            return found.id.parse().map_err(Error::internal);
        }
        if all.iter().any(|one| is_same_name(&one.name, wanted)) {
            return Err(Error::invalid(format!(
                "More than one calendar is called “{wanted}”. Name it by its id."
            )));
        }
        Err(Error::not_found(format!(
            "There is no calendar “{wanted}”."
        )))
    }

    /// The calendar for what names none: the first of the list that is not hidden and may be written into.
    pub(crate) fn first_calendar(&self) -> Result<CalendarId> {
        let (identity, mut all) = (self.identity(), self.calendars()?);
        all.sort_by_key(|one| {
            let may_write = one.id.parse().is_ok_and(|id| {
                let role = self.read(|tx| logs::own_role(tx, identity, id));
                role.is_ok_and(|role| role.is_some_and(Role::can_write))
            });
            (!may_write, one.hidden)
        });
        let first = all.first();
        let first = first.ok_or_else(|| {
            Error::not_found("There is no calendar yet. Add one with `almanac calendar add NAME`.")
        })?;
        first.id.parse().map_err(Error::internal)
    }

    /// The ids of all calendars with events.
    pub(crate) fn calendar_ids(&self) -> Result<Vec<CalendarId>> {
        self.read(|tx| ids(tx, &documents::private(tx, self.private_calendar())?))
    }
}

fn add(work: &mut Work<'_>, name: &str, asked: Option<&'static str>) -> Result<CalendarView> {
    let private = work.identity().private;
    let others = calendars(work.tx(), private)?;
    if others.iter().any(|other| is_same_name(&other.name, name)) {
        return Err(name_taken(name));
    }
    let taken: Vec<String> = others.into_iter().map(|other| other.color).collect();
    let color = asked.unwrap_or_else(|| colors::fresh(&taken)).to_owned();
    let id = work.create_calendar()?;
    let facts = CalendarFacts {
        name: name.to_owned(),
        color: Some(color.clone()),
        ..CalendarFacts::default()
    };
    documents::set_facts(work, id, &facts)?;
    documents::edit_private(work, |private| {
        let last = private
            .calendars
            .values()
            .map(|listing| listing.order)
            .max();
        let order = last.map_or(0, |last| last.saturating_add(1));
        private.calendars.insert(
            id.to_string(),
            Listing {
                order,
                ..Listing::default()
            },
        );
    })?;
    let id = id.to_string();
    work.about(name);
    work.remember(Step {
        calendar: private,
        documents: vec![DocumentId::CALENDAR],
        changes: vec![ValueChange::of(
            &["calendars", &id, "is_removed"],
            true,
            false,
        )],
    });
    Ok(CalendarView {
        id,
        name: name.to_owned(),
        color,
        hidden: false,
    })
}

/// Gives a calendar a name; who may only look calls it what they like, on their own devices.
fn rename(work: &mut Work<'_>, id: CalendarId, name: Option<&str>) -> Result<()> {
    let before = documents::facts(work.tx(), id)?;
    let Some(name) = name.filter(|name| *name != before.name) else {
        return Ok(());
    };
    let name = name.to_owned();
    if logs::may_write(work.tx(), work.identity(), id)? {
        set_facts(work, id, &before, |facts| facts.name = name)
    } else {
        set_listing(work, id, |listing| listing.name = Some(name))
    }
}

/// Gives a calendar a colour. In company it is each person's own: the others keep theirs.
fn recolor(work: &mut Work<'_>, id: CalendarId, color: Option<&str>) -> Result<()> {
    let Some(color) = color.map(str::to_owned) else {
        return Ok(());
    };
    let is_alone = logs::calendar(work.tx(), work.identity(), id)?
        .members()
        .len()
        < 2;
    let private = documents::private(work.tx(), work.identity().private)?;
    let listing = private.calendars.get(&id.to_string());
    let has_own = listing.is_some_and(|listing| listing.color.is_some());
    if has_own || !is_alone || !logs::may_write(work.tx(), work.identity(), id)? {
        return set_listing(work, id, |listing| listing.color = Some(color));
    }
    let before = documents::facts(work.tx(), id)?;
    if before.color.as_ref() == Some(&color) {
        return Ok(());
    }
    set_facts(work, id, &before, |facts| facts.color = Some(color))
}

/// Changes what everyone in a calendar sees of it.
fn set_facts(
    work: &mut Work<'_>,
    id: CalendarId,
    before: &CalendarFacts,
    change: impl FnOnce(&mut CalendarFacts),
) -> Result<()> {
    let mut after = before.clone();
    change(&mut after);
    documents::set_facts(work, id, &after)?;
    work.remember(Step::between(id, DocumentId::CALENDAR, before, &after));
    Ok(())
}

fn set_hidden(work: &mut Work<'_>, id: CalendarId, hidden: bool) -> Result<()> {
    set_listing(work, id, |listing| listing.is_hidden = hidden)
}

/// Changes what only this person sees of a calendar.
fn set_listing(
    work: &mut Work<'_>,
    id: CalendarId,
    change: impl FnOnce(&mut Listing),
) -> Result<()> {
    let private = work.identity().private;
    let before = documents::private(work.tx(), private)?;
    let mut after = before.clone();
    change(after.calendars.entry(id.to_string()).or_default());
    work.remember(Step::between(
        private,
        DocumentId::CALENDAR,
        &before,
        &after,
    ));
    documents::edit_private(work, |private| *private = after)
}

/// The calendars with events that are in the person's list, or were never put there.
fn ids(tx: &Transaction<'_>, private: &Private) -> Result<Vec<CalendarId>> {
    let is_removed = |id: &CalendarId| {
        let listing = private.calendars.get(&id.to_string());
        listing.is_some_and(|listing| listing.is_removed)
    };
    let rows = tx.calendars()?.into_iter();
    Ok(rows
        .filter(|row| row.purpose == Purpose::Calendar)
        .map(|row| row.id)
        .filter(|id| !is_removed(id))
        .collect())
}

fn calendars(tx: &Transaction<'_>, private: CalendarId) -> Result<Vec<CalendarView>> {
    let private = documents::private(tx, private)?;
    let mut found = Vec::new();
    for id in ids(tx, &private)? {
        let facts = documents::facts(tx, id)?;
        let shown_name = if facts.name.is_empty() && tx.is_busy_shown(id)? {
            busy_times(tx, id)?
        } else {
            facts.name
        };
        let id = id.to_string();
        let listing = private.calendars.get(&id).cloned().unwrap_or_default();
        let color = listing.color.or(facts.color);
        let view = CalendarView {
            name: listing.name.unwrap_or(shown_name),
            color: color
                .as_deref()
                .and_then(colors::hue_of)
                .unwrap_or("gray")
                .to_owned(),
            hidden: listing.is_hidden,
            id,
        };
        found.push((listing.order, view));
    }
    found.sort_by(|(order, one), (other_order, other)| {
        (order, &one.name, &one.id).cmp(&(other_order, &other.name, &other.id))
    });
    Ok(found.into_iter().map(|(_, view)| view).collect())
}

/// What a calendar is called whose name this person does not see: by the account that made it.
fn busy_times(tx: &Transaction<'_>, id: CalendarId) -> Result<String> {
    let links = tx.links(id.into())?;
    let genesis = links.first().map(|link| Signed::<Link>::parse(link));
    let maker = genesis.transpose().map_err(Error::internal)?;
    let maker = maker.map_or_else(String::new, |link| link.signer_account().to_string());
    let short: String = maker.chars().take(SHORT_DIGITS).collect();
    Ok(format!("Busy times of {short}"))
}

fn name_of(name: &str) -> Result<String> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || name.contains(char::is_control) {
        return Err(Error::invalid(format!(
            "A calendar's name is one line of 1 to {NAME_CHARS_MAX} characters."
        )));
    }
    Ok(name.to_owned())
}

fn name_taken(name: &str) -> Error {
    Error::new(
        ErrorCode::AlreadyExists,
        format!("There is already a calendar “{name}”. Nothing was changed."),
    )
}

fn is_same_name(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}
