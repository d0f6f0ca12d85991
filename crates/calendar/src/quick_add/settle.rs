//! From the parts of a text to one answer.
//!
//! `choose` decides which parts are taken where several say the same, `series` finds the first day
//! of a rule, `time` makes days and clocks into a [`When`]. What is not taken stays in the title.

mod chips;
mod choose;
mod series;
mod time;

use jiff::civil::{Date, DateTime};

use super::length::Amount;
use super::reader::Reader;
use super::scan::{Part, What};
use super::title::title;
use super::word::{DayPart, Meaning, Word};
use super::wording::fill;
use super::{Chip, Problem, ProblemKind, QuickAdd};
use crate::event::{Action, Due, Reminder, Task, Trigger};
use crate::length::Length;
use crate::when::{End, When};
use crate::zone::Zone;
pub(super) use choose::Chosen;

/// What is being made up, while it is.
pub(super) struct Settling<'a> {
    reader: &'a Reader<'a>,
    parts: Vec<Part>,
    chosen: Chosen,
    /// The zone of its times.
    zone: Zone,
    /// The wall clock there.
    here: DateTime,
    /// What it is by its title: a thing of the morning or of the evening.
    thing: Option<DayPart>,
    problems: Vec<Problem>,
}

/// When something happens, before it is known to be an event or a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Timing {
    /// Whole days, the last included.
    Days(Date, Date),
    /// A start and, where it was said, an end or how long.
    Clock(DateTime, Lasting),
}

/// How long something timed lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lasting {
    Unsaid,
    Until(DateTime),
    For(Amount),
}

/// The answer to a text whose parts these are.
pub(super) fn settle(reader: &Reader<'_>, parts: Vec<Part>) -> QuickAdd {
    let chosen = Chosen::of(&parts);
    let context = reader.context;
    let zone = chosen.start.zone.clone();
    let zone = zone
        .or_else(|| chosen.end.as_ref()?.zone.clone())
        .unwrap_or_else(|| context.zone.clone());
    let here = if zone == *context.zone {
        context.now
    } else {
        zone.wall_clock(context.zone.instant(context.now))
    };
    let mut settling = Settling {
        reader,
        parts,
        chosen,
        zone,
        here,
        thing: None,
        problems: Vec::new(),
    };
    settling.thing = settling.thing_of_title();
    settling.answer()
}

impl Settling<'_> {
    fn answer(mut self) -> QuickAdd {
        let mut rule = self.rule();
        let timing = self.timing(&mut rule);
        let timing = timing.map(|timing| self.without_gap(timing, rule.is_some()));
        let until = self.end_rule(&mut rule, timing);
        let mut found = QuickAdd {
            length: self.length(),
            ..QuickAdd::default()
        };
        if self.chosen.is_task {
            let due = self.due();
            let (when, task) = self.task(timing, due);
            (found.when, found.task) = (when, Some(task));
        } else {
            found.when = timing.map(|timing| self.when(timing));
        }
        found.rule = if found.when.is_some() { rule } else { None };
        self.gather(&mut found);
        found.chips = self.chips(&found, timing, until);
        self.tell();
        let bytes =
            |chips: &[Chip]| -> Vec<_> { chips.iter().map(|chip| chip.range.clone()).collect() };
        found.title = title(self.reader.text, &bytes(&found.chips));
        if found.title.is_empty() && found.task.is_none() {
            self.keep_feast(&mut found.chips);
            found.title = title(self.reader.text, &bytes(&found.chips));
        }
        found.names = self.reader.names(|at| self.is_taken(at));
        found.problems = self.problems;
        found.problems.sort_by_key(|problem| problem.range.start);
        found
    }

    /// `Silvester 20 Uhr`: the name of a day that nothing else would be the title of stays there.
    fn keep_feast(&self, chips: &mut [Chip]) {
        for ((_, part), chip) in self.used_parts().zip(chips) {
            let mut tokens = part.tokens.clone();
            let feast = tokens.find_map(|at| Some((at, self.reader.read(at, Meaning::feast)?.1)));
            let Some((at, end)) = feast.filter(|_| part.what.phrase().is_some()) else {
                continue;
            };
            let name = self.reader.bytes(at..end);
            if end < part.tokens.end && at == part.tokens.start {
                chip.range.start = self.reader.bytes(end..part.tokens.end).start;
            } else if end < part.tokens.end {
                continue;
            } else if at == part.tokens.start {
                chip.range = name.end..name.end;
            } else {
                chip.range.end = self.reader.bytes(part.tokens.start..at).end;
            }
            return;
        }
    }

    /// Whether a token belongs to a part that is taken out of the title.
    fn is_taken(&self, at: usize) -> bool {
        let index = self.parts.partition_point(|part| part.tokens.end <= at);
        self.parts.get(index).is_some_and(|part| {
            part.tokens.contains(&at)
                && self.chosen.is_used(index)
                && !matches!(part.what, What::Birthday)
        })
    }

    fn thing_of_title(&self) -> Option<DayPart> {
        let is_thing = |word| self.reader.thing_of(word, |at| self.is_taken(at));
        if is_thing(Word::EveningThing) {
            Some(DayPart::Evening)
        } else if is_thing(Word::MorningThing) {
            Some(DayPart::Morning)
        } else {
            None
        }
    }

    fn length(&self) -> Option<Length> {
        self.chosen.amount.map(Amount::length)
    }

    /// The event's time as the calendar knows it.
    fn when(&self, timing: Timing) -> When {
        match timing {
            Timing::Days(first, last) => When::AllDay {
                start: first,
                end: last.saturating_add(jiff::Span::new().days(1)),
            },
            Timing::Clock(start, lasting) => When::Zoned {
                start,
                zone: self.zone.clone(),
                end: match lasting {
                    Lasting::Unsaid => {
                        End::After(Length::from_minutes(self.reader.context.minutes.into()))
                    }
                    Lasting::Until(at) => End::At { at, zone: None },
                    Lasting::For(amount) => End::After(amount.length()),
                },
            },
        }
    }

    /// A task: planned where it has an end or a length, due otherwise.
    fn task(&self, timing: Option<Timing>, due: Option<Timing>) -> (Option<When>, Task) {
        let is_planned = match timing {
            Some(Timing::Clock(_, lasting)) => lasting != Lasting::Unsaid || due.is_some(),
            Some(Timing::Days(first, last)) => due.is_some() || last > first,
            None => false,
        };
        let due_at = if is_planned { due } else { due.or(timing) };
        let task = Task {
            due: due_at.map(|due| match due {
                Timing::Days(_, last) => Due::On(last),
                Timing::Clock(at, _) => Due::At {
                    at,
                    zone: Some(self.zone.clone()),
                },
            }),
            is_planned,
            ..Task::default()
        };
        let when = match (timing, due_at) {
            (Some(timing), _) if is_planned => Some(self.when(timing)),
            (_, Some(Timing::Days(_, last))) => Some(self.when(Timing::Days(last, last))),
            (_, Some(Timing::Clock(at, _))) => Some(When::Zoned {
                start: at,
                zone: self.zone.clone(),
                end: End::After(Length::default()),
            }),
            (_, None) => None,
        };
        (when, task)
    }

    /// The parts that are what they say.
    fn gather(&self, found: &mut QuickAdd) {
        for (_, part) in self.used_parts() {
            match &part.what {
                What::Place(place) => found.place = Some(place.clone()),
                What::Calendar(name) | What::OneOfCalendars(name) => {
                    found.calendar = Some(name.clone());
                }
                What::Guest(address) => found.guests.push(address.clone()),
                What::Link(link) => found.link = Some(link.clone()),
                What::Reminder(amount) => found.reminders.push(reminder(amount.length())),
                What::RemindedTask => found.reminders.push(reminder(Length::default())),
                What::When(_)
                | What::Length(..)
                | What::Repeat(_)
                | What::Count(_)
                | What::AllDay
                | What::Task
                | What::Birthday
                | What::Left(_) => {}
            }
        }
    }

    fn used_parts(&self) -> impl Iterator<Item = (usize, &Part)> {
        self.parts
            .iter()
            .enumerate()
            .filter(|(index, _)| self.chosen.is_used(*index))
    }

    fn problem(&mut self, index: usize, kind: ProblemKind, pattern: &str, value: &str) {
        let Some(part) = self.parts.get(index) else {
            return;
        };
        self.problems.push(Problem {
            range: self.reader.bytes(part.tokens.clone()),
            kind,
            text: fill(pattern, value),
        });
    }
}

fn reminder(before: Length) -> Reminder {
    let backwards = if before.days() == 0 {
        Length::from_seconds(-before.seconds())
    } else {
        Length::from_days(-before.days())
    };
    Reminder {
        trigger: Trigger::FromStart(backwards),
        action: Action::Display,
        text: String::new(),
        unknown: Vec::new(),
    }
}
