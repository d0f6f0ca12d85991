//! What the parts that were taken say to the person, and what to tell of those that were not.

use jiff::civil::Date;

use super::choose::hours;
use super::{Lasting, Settling, Timing};
use crate::event::Due;
use crate::quick_add::moment::{Phrase, Side};
use crate::quick_add::scan::{Left, Part, What};
use crate::quick_add::wording::{fill, time};
use crate::quick_add::{Chip, ChipKind, ProblemKind, QuickAdd};
use crate::when::When;
use crate::zone::Zone;

impl Settling<'_> {
    /// A chip for each part that was taken.
    pub(super) fn chips(
        &self,
        found: &QuickAdd,
        timing: Option<Timing>,
        until: Option<Date>,
    ) -> Vec<Chip> {
        self.used_parts()
            .map(|(index, part)| {
                let bytes = self.reader.bytes(part.tokens.clone());
                let (kind, text) = self.meaning(index, part, found, timing, until);
                let is_concluded = matches!(part.what, What::Birthday);
                Chip {
                    range: if is_concluded {
                        bytes.end..bytes.end
                    } else {
                        bytes
                    },
                    kind,
                    text,
                }
            })
            .collect()
    }

    fn meaning(
        &self,
        index: usize,
        part: &Part,
        found: &QuickAdd,
        timing: Option<Timing>,
        until: Option<Date>,
    ) -> (ChipKind, String) {
        let wording = &self.reader.table().wording;
        let today = self.reader.today();
        match &part.what {
            What::When(phrase) => self.phrase_meaning(index, phrase, found, timing, until),
            What::Length(amount, _) => {
                let lasts = fill(wording.lasts, &wording.amount(*amount));
                (ChipKind::Length, lasts)
            }
            What::Repeat(_) | What::Birthday => {
                let text = found
                    .rule
                    .as_ref()
                    .map(|rule| wording.rule(rule, until, today));
                (ChipKind::Repeat, text.unwrap_or_default())
            }
            What::Count(count) => (ChipKind::Repeat, fill(wording.times, &count.to_string())),
            What::AllDay => (ChipKind::When, wording.whole_day.to_owned()),
            What::Reminder(amount) => {
                let amount = wording.amount(*amount);
                let text = if amount.is_empty() {
                    wording.at_start.to_owned()
                } else {
                    fill(wording.before, &amount)
                };
                (ChipKind::Reminder, text)
            }
            What::Task | What::RemindedTask => (ChipKind::Task, wording.task.to_owned()),
            What::Place(place) => (ChipKind::Place, place.clone()),
            What::Calendar(name) | What::OneOfCalendars(name) => (ChipKind::Calendar, name.clone()),
            What::Guest(address) => (ChipKind::Guest, address.clone()),
            What::Link(link) => (ChipKind::Link, link.clone()),
            What::Left(_) => (ChipKind::When, String::new()),
        }
    }

    fn phrase_meaning(
        &self,
        index: usize,
        phrase: &Phrase,
        found: &QuickAdd,
        timing: Option<Timing>,
        until: Option<Date>,
    ) -> (ChipKind, String) {
        let wording = &self.reader.table().wording;
        if self.chosen.until_from == Some(index) && phrase.side == Side::Until {
            let text = until.map(|last| wording.date(last, self.reader.today()));
            return (
                ChipKind::Repeat,
                fill(wording.until, &text.unwrap_or_default()),
            );
        }
        let is_due = phrase.side == Side::Due
            || (self.chosen.is_task && found.task.as_ref().is_some_and(|task| !task.is_planned));
        if is_due {
            return (ChipKind::Due, fill(wording.due, &self.due_text(found)));
        }
        let is_length = self.chosen.time_from != Some(index) && phrase.start.day.is_none();
        if let Some(amount) = hours(phrase).filter(|_| is_length) {
            let lasts = fill(wording.lasts, &wording.amount(amount));
            return (ChipKind::Length, lasts);
        }
        let text = timing.map(|timing| self.when_text(index, phrase, timing));
        (ChipKind::When, text.unwrap_or_default())
    }

    /// `Fri 27 Nov, 12:30 – 13:30`, as much of it as the phrase itself says.
    fn when_text(&self, index: usize, phrase: &Phrase, timing: Timing) -> String {
        let wording = &self.reader.table().wording;
        let today = self.reader.today();
        let says_day = self.chosen.day_from == Some(index) || phrase.start.ahead.is_some();
        let says_time = phrase.start.has_time()
            || phrase.start.ahead.is_some()
            || phrase.end.as_ref().is_some_and(|end| end.clock.is_some())
            || phrase.side == Side::Until;
        let mut texts = Vec::new();
        match timing {
            Timing::Days(first, last) => texts.push(wording.dates(first, last, today)),
            Timing::Clock(start, lasting) => {
                if says_day || self.chosen.day_from.is_none() {
                    texts.push(wording.date(start.date(), today));
                }
                if says_time {
                    let end = self.end_of(start, lasting);
                    texts.push(wording.times(start, end, today));
                }
            }
        }
        let mut text = texts.join(", ");
        if self.zone != *self.reader.context.zone && says_time {
            text.push(' ');
            text.push_str(&fill(wording.zone, &city(&self.zone)));
        }
        text
    }

    fn end_of(&self, start: jiff::civil::DateTime, lasting: Lasting) -> jiff::civil::DateTime {
        let minutes = match lasting {
            Lasting::Until(end) => return end,
            Lasting::Unsaid => i64::from(self.reader.context.minutes),
            Lasting::For(amount) => {
                let length = amount.length();
                length.days() * 1_440 + length.seconds() / 60
            }
        };
        let end = crate::civil::seconds_of(start) + minutes * 60;
        crate::civil::datetime_of(end).unwrap_or(start)
    }

    fn due_text(&self, found: &QuickAdd) -> String {
        let wording = &self.reader.table().wording;
        let today = self.reader.today();
        match found.task.as_ref().and_then(|task| task.due.as_ref()) {
            Some(Due::On(date)) => wording.date(*date, today),
            Some(Due::At { at, .. }) => {
                format!("{}, {}", wording.date(at.date(), today), time(*at))
            }
            None => found
                .when
                .as_ref()
                .map(When::start)
                .map_or_else(String::new, |at| wording.date(at.date(), today)),
        }
    }

    /// Problems of parts that stay in the title, and of those that were taken with doubt.
    pub(super) fn tell(&mut self) {
        let wording = &self.reader.table().wording;
        let all: Vec<(usize, What)> = self
            .parts
            .iter()
            .map(|part| part.what.clone())
            .enumerate()
            .collect();
        for (index, what) in all {
            let words = self
                .parts
                .get(index)
                .map(|part| self.reader.words(part.tokens.clone()))
                .unwrap_or_default();
            let is_used = self.chosen.is_used(index);
            match what {
                What::Left(Left::Impossible) => {
                    self.problem(index, ProblemKind::Impossible, wording.impossible, words);
                }
                What::Left(Left::NoCalendar) => {
                    self.problem(index, ProblemKind::NoCalendar, wording.no_calendar, words);
                }
                What::Left(Left::NoZone) => {
                    self.problem(index, ProblemKind::NoZone, wording.no_zone, words);
                }
                What::Left(Left::MayRepeat) if self.chosen.repeat.is_none() => {
                    self.problem(index, ProblemKind::MayRepeat, wording.may_repeat, words);
                }
                What::When(_) | What::Repeat(_) if !is_used => {
                    self.problem(index, ProblemKind::Second, wording.second, words);
                }
                What::OneOfCalendars(_) if is_used => {
                    let pattern = wording.several_calendars;
                    self.problem(index, ProblemKind::SeveralCalendars, pattern, words);
                }
                What::When(_)
                | What::Repeat(_)
                | What::OneOfCalendars(_)
                | What::Left(Left::MayRepeat)
                | What::Length(..)
                | What::Count(_)
                | What::AllDay
                | What::Reminder(_)
                | What::Task
                | What::RemindedTask
                | What::Place(_)
                | What::Calendar(_)
                | What::Guest(_)
                | What::Link(_)
                | What::Birthday => {}
            }
        }
        self.tell_weekday();
    }

    /// A date whose weekday is another one.
    fn tell_weekday(&mut self) {
        use crate::quick_add::day::Form;
        let wording = &self.reader.table().wording;
        let day = self.chosen.start.day;
        if let Some(day) = day.filter(|day| day.form == Form::WrongWeekday)
            && let Some(index) = self.chosen.day_from
        {
            let name = wording.weekday(day.first);
            self.problem(
                index,
                ProblemKind::WrongWeekday,
                wording.wrong_weekday,
                name,
            );
        }
    }
}

/// `New York` of `America/New_York`, `UTC+2` of `Etc/GMT-2`.
fn city(zone: &Zone) -> String {
    let name = zone.name();
    // IANA counts these to the west, people to the east.
    if let Some(west) = name.strip_prefix("Etc/GMT") {
        return match west.strip_prefix('-') {
            Some(hours) => format!("UTC+{hours}"),
            None => format!("UTC-{}", west.trim_start_matches('+')),
        };
    }
    name.rsplit('/').next().unwrap_or(name).replace('_', " ")
}
