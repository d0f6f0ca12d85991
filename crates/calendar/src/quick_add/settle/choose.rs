//! Which parts are taken. An event has one time, one rule, one place, one calendar; of two times
//! the fuller one counts, then the one with a word that says so, then the first.

use crate::quick_add::clock::HalfDay;
use crate::quick_add::length::Amount;
use crate::quick_add::moment::{Moment, Phrase, Side};
use crate::quick_add::repeat::Repeat;
use crate::quick_add::scan::{Part, Said, What};
use crate::rule::{Frequency, Rule};

/// What was taken, and from which parts.
pub(in crate::quick_add) struct Chosen {
    pub(super) used: Vec<bool>,
    /// The start, put together from one phrase or several.
    pub(super) start: Moment,
    pub(super) end: Option<Moment>,
    /// The last day of a series.
    pub(super) until: Option<Moment>,
    pub(super) due: Option<Moment>,
    pub(super) repeat: Option<Repeat>,
    pub(super) count: Option<u32>,
    pub(super) amount: Option<Amount>,
    /// How long a series goes on.
    pub(super) series_amount: Option<Amount>,
    pub(super) is_all_day: bool,
    pub(super) is_task: bool,
    pub(super) is_birthday: bool,
    /// The parts that the day, the time, the end of the series and the end come from.
    pub(super) day_from: Option<usize>,
    pub(super) time_from: Option<usize>,
    pub(super) until_from: Option<usize>,
    pub(super) end_from: Option<usize>,
}

impl Chosen {
    pub(super) fn is_used(&self, index: usize) -> bool {
        self.used.get(index).copied().unwrap_or_default()
    }

    fn take(&mut self, index: usize) {
        if let Some(used) = self.used.get_mut(index) {
            *used = true;
        }
    }

    /// Takes what fits together.
    pub(super) fn of(parts: &[Part]) -> Self {
        let is = |wanted: fn(&What) -> bool| parts.iter().any(|part| wanted(&part.what));
        let mut chosen = Self {
            used: vec![false; parts.len()],
            start: Moment::default(),
            end: None,
            until: None,
            due: None,
            repeat: None,
            count: None,
            amount: None,
            series_amount: None,
            is_all_day: false,
            is_task: is(|what| matches!(what, What::Task | What::RemindedTask)),
            is_birthday: false,
            day_from: None,
            time_from: None,
            until_from: None,
            end_from: None,
        };
        chosen.is_task |= is(|what| what.phrase().is_some_and(|one| one.side == Side::Due));
        chosen.take_simple(parts);
        chosen.take_phrases(parts);
        chosen.take_lengths(parts);
        chosen.take_rest(parts);
        chosen
    }

    /// What there can be one or any number of, in order.
    fn take_simple(&mut self, parts: &[Part]) {
        let (mut has_place, mut has_calendar, mut has_link) = (false, false, false);
        for (index, part) in parts.iter().enumerate() {
            let is_taken = match &part.what {
                What::Place(_) => !std::mem::replace(&mut has_place, true),
                What::Calendar(_) | What::OneOfCalendars(_) => {
                    !std::mem::replace(&mut has_calendar, true)
                }
                What::Link(_) => !std::mem::replace(&mut has_link, true),
                What::Guest(_) | What::Reminder(_) | What::Task | What::RemindedTask => true,
                What::Repeat(repeat) if self.repeat.is_none() => {
                    self.repeat = Some((**repeat).clone());
                    true
                }
                What::Repeat(repeat) => self.refine(&repeat.rule),
                What::When(_)
                | What::Length(..)
                | What::Count(_)
                | What::AllDay
                | What::Birthday
                | What::Left(_) => false,
            };
            if is_taken {
                self.take(index);
            }
        }
    }

    /// `Wednesdays`, then `every 2 weeks`: one says how often, the other on which days.
    fn refine(&mut self, other: &Rule) -> bool {
        let Some(repeat) = &mut self.repeat else {
            return false;
        };
        let rule = &mut repeat.rule;
        let is_weekly = |rule: &Rule| rule.frequency == Frequency::Weekly && rule.count.is_none();
        let has_one_list = rule.by_day.is_empty() != other.by_day.is_empty();
        let fits = is_weekly(rule) && is_weekly(other) && has_one_list;
        if fits {
            rule.interval = rule.interval.max(other.interval);
            rule.by_day.extend_from_slice(&other.by_day);
        }
        fits
    }

    fn take_phrases(&mut self, parts: &[Part]) {
        let mut phrases: Vec<(usize, &Phrase)> = parts
            .iter()
            .enumerate()
            .filter_map(|(index, part)| Some((index, part.what.phrase()?)))
            .collect();
        phrases.sort_by_key(|(index, phrase)| (std::cmp::Reverse(weight(phrase)), *index));
        let is_clock = |phrase: &Phrase| {
            let clock = phrase.start.clock;
            phrase.side == Side::At && clock.is_some_and(|clock| clock.half != HalfDay::Hours)
        };
        let has_clock = phrases.iter().any(|(_, phrase)| is_clock(phrase));
        for (index, phrase) in phrases {
            let is_taken = match phrase.side {
                Side::At if has_clock && hours(phrase).is_some() => self.take_hours(index, phrase),
                Side::At => self.take_at(index, phrase),
                Side::Until => self.take_until(index, phrase),
                Side::Due => self.take_due(phrase),
            };
            if is_taken {
                self.take(index);
            }
        }
    }

    fn take_at(&mut self, index: usize, phrase: &Phrase) -> bool {
        let (new, old) = (&phrase.start, &self.start);
        let is_second = (new.day.is_some() && old.day.is_some())
            || (new.clock.is_some() && old.clock.is_some())
            || (new.part.is_some() && old.part.is_some())
            || (new.has_time() && old.ahead.is_some())
            || (new.ahead.is_some()
                && (old.has_time() || old.day.is_some() || old.ahead.is_some()))
            || (phrase.end.is_some() && self.end.is_some());
        if is_second {
            return false;
        }
        if new.day.is_some() {
            self.start.day = new.day;
            self.day_from = Some(index);
        }
        if new.has_time() || new.ahead.is_some() {
            self.start.clock = self.start.clock.or(new.clock);
            self.start.part = self.start.part.or(new.part);
            self.start.ahead = self.start.ahead.or(new.ahead);
            self.time_from = Some(index);
        }
        if new.zone.is_some() {
            self.start.zone.clone_from(&new.zone);
        }
        if let Some(end) = &phrase.end {
            self.put_end(index, end);
        }
        true
    }

    /// `8h tomorrow` beside another time: a length, and the day.
    fn take_hours(&mut self, index: usize, phrase: &Phrase) -> bool {
        let mut rest = phrase.clone();
        rest.start.clock = None;
        let has_day = rest.start.day.is_some();
        if self.amount.is_some() || (has_day && !self.take_at(index, &rest)) {
            return false;
        }
        self.amount = hours(phrase);
        true
    }

    /// The end of one occurrence, or of the whole series.
    fn put_end(&mut self, index: usize, end: &Moment) {
        if self.repeat.is_some() && end.day.is_some() && !end.has_time() {
            self.until = Some(end.clone());
            self.until_from = Some(index);
        } else {
            self.end = Some(end.clone());
            self.end_from = Some(index);
        }
    }

    fn take_until(&mut self, index: usize, phrase: &Phrase) -> bool {
        if phrase.start.ahead.is_some() {
            return false;
        }
        let has_start = self.start.day.is_some() || self.start.has_time();
        if self.is_task && self.repeat.is_none() && !has_start {
            return self.take_due(phrase);
        }
        let is_of_series = self.repeat.is_some() && phrase.start.day.is_some();
        if is_of_series && self.until.is_none() {
            self.until = Some(phrase.start.clone());
            self.until_from = Some(index);
            return true;
        }
        if self.end.is_some() || is_of_series {
            return false;
        }
        self.put_end(index, &phrase.start);
        true
    }

    fn take_due(&mut self, phrase: &Phrase) -> bool {
        let is_first = self.due.is_none();
        if is_first {
            self.due = Some(phrase.start.clone());
        }
        is_first
    }

    fn has_when(&self) -> bool {
        self.start.day.is_some()
            || self.start.has_time()
            || self.start.ahead.is_some()
            || self.repeat.is_some()
    }

    /// A length: the first that a word asks for, or else one that stands beside a time.
    fn take_lengths(&mut self, parts: &[Part]) {
        for said in [Said::Yes, Said::No] {
            for (index, part) in parts.iter().enumerate() {
                let What::Length(amount, own) = &part.what else {
                    continue;
                };
                let is_wanted = *own == said && (said == Said::Yes || self.has_when());
                let is_of_series = self.repeat.is_some() && amount.is_of_days();
                if is_wanted && is_of_series {
                    if self.series_amount.is_none() && self.until.is_none() {
                        self.series_amount = Some(*amount);
                        self.take(index);
                    }
                } else if is_wanted && self.amount.is_none() && self.end.is_none() {
                    self.amount = Some(*amount);
                    self.take(index);
                }
            }
        }
    }

    /// What only makes sense beside something else.
    fn take_rest(&mut self, parts: &[Part]) {
        let has_clock = self.start.has_time() || self.start.ahead.is_some();
        for (index, part) in parts.iter().enumerate() {
            match &part.what {
                What::Count(count) if self.repeat.is_some() && self.count.is_none() => {
                    self.count = Some(*count);
                    self.take(index);
                }
                What::AllDay if !has_clock && !self.is_all_day => {
                    self.is_all_day = true;
                    self.take(index);
                }
                What::Birthday if self.is_day_of_year() && !self.is_birthday => {
                    self.is_birthday = true;
                    self.take(index);
                }
                What::When(_)
                | What::Length(..)
                | What::Repeat(_)
                | What::Count(_)
                | What::AllDay
                | What::Reminder(_)
                | What::Task
                | What::RemindedTask
                | What::Place(_)
                | What::Calendar(_)
                | What::OneOfCalendars(_)
                | What::Guest(_)
                | What::Link(_)
                | What::Birthday
                | What::Left(_) => {}
            }
        }
    }

    /// Whether a birthday would be every year: on one date, without a time.
    fn is_day_of_year(&self) -> bool {
        use crate::quick_add::day::Form;
        let is_date = self
            .start
            .day
            .is_some_and(|day| day.first == day.last && matches!(day.form, Form::MonthDay(..)));
        is_date
            && self.repeat.is_none()
            && !self.start.has_time()
            && !self.is_task
            && self.end.is_none()
            && self.amount.is_none()
    }
}

/// How much a phrase says.
fn weight(phrase: &Phrase) -> u32 {
    let start = &phrase.start;
    let is_full = (start.day.is_some() && start.has_time()) || phrase.end.is_some();
    let is_hours = hours(phrase).is_some();
    u32::from(is_full) * 4 + u32::from(phrase.is_said) * 2 + u32::from(!is_hours)
}

/// The length that a lone `8h` is, where it turns out not to be a time.
pub(super) fn hours(phrase: &Phrase) -> Option<Amount> {
    let start = &phrase.start;
    let is_alone = start.part.is_none() && phrase.end.is_none();
    let clock = start
        .clock
        .filter(|clock| clock.half == HalfDay::Hours && is_alone)?;
    let minutes = u32::try_from(i32::from(clock.hour) * 60 + i32::from(clock.minute)).ok()?;
    Some(Amount::of_minutes(minutes))
}
