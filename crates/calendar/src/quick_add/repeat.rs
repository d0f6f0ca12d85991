//! How often: `every weekday`, `every other Friday`, `monthly on the 15th`, `jeden ersten Montag`,
//! `last Friday of every month`, `montags`.
//!
//! Choices: *every second Tuesday* is every other one; *every first*, *third*, *last Tuesday* is
//! the one of each month. Several weekdays without *every* are each of them once, with commas
//! between them or without (`mon wed fri`). A word like *weekly* before a word of the title belongs to the title
//! (`Weekly review`), for a series that nobody wanted is worse than one to ask for.

use super::clock::Lead;
use super::reader::{Found, Reader};
use super::text::Gap;
use super::word::{DayPart, Meaning, Unit, Word};
use crate::rule::{Frequency, Rule, RuleDay, Weekday};

/// A rule, with the part of the day that was named along with it.
#[derive(Debug, Clone)]
pub(super) struct Repeat {
    pub(super) rule: Rule,
    pub(super) part: Option<DayPart>,
}

/// The longest list of days or numbers.
const LIST_MAX: usize = 8;
/// The largest interval.
const INTERVAL_MAX: u32 = 1_000;

impl Reader<'_> {
    /// How often something happens.
    pub(super) fn repeat(&self, at: usize) -> Found<Repeat> {
        if !self.opens(at) {
            return None;
        }
        let led = self.skip(at, &[Word::On, Word::The]);
        let (rule, end) = self
            .every(at)
            .or_else(|| self.often(at))
            .or_else(|| self.weekly(led))
            .or_else(|| self.of_every_month(led))
            .or_else(|| self.several_days(led))?;
        let (rule, end) = self.without_days(rule, end);
        let (part, end) = match self.part(end).filter(|(_, end)| self.closes(*end)) {
            Some((part, after)) if self.is_part_of_repeat(end) => (Some(part), after),
            Some(_) | None => (None, end),
        };
        let part = part.or_else(|| self.part_within(at..end));
        self.closes(end).then_some((Repeat { rule, part }, end))
    }

    /// Whether a part of the day here can only be that, and no day (`morgen`).
    fn is_part_of_repeat(&self, at: usize) -> bool {
        self.read(at, Meaning::day).is_none() || self.any(at, &[Word::On, Word::In]).is_some()
    }

    /// The part of the day of `every morning`.
    fn part_within(&self, tokens: std::ops::Range<usize>) -> Option<DayPart> {
        let last = tokens.end.checked_sub(1)?;
        let is_inside = tokens.contains(&last) && last > tokens.start;
        let (part, end) = self.read(last, Meaning::part)?;
        (is_inside && end == tokens.end).then_some(part)
    }

    fn every(&self, at: usize) -> Found<Rule> {
        let next = self.is(at, Word::Every)?;
        if let Some(next) = self.is(next, Word::Other) {
            return self.every_nth(next, 2);
        }
        if let Some(found) = self.every_ordinal(next) {
            return Some(found);
        }
        let counted = match self.digits(next) {
            Some(token) => Some((token.value, next + 1)),
            None => self.read(next, Meaning::number),
        };
        match counted {
            Some((count, after)) if (1..=INTERVAL_MAX).contains(&count) => {
                self.every_unit(after, count)
            }
            Some(_) => None,
            None => self.every_nth(next, 1),
        }
    }

    /// What comes after "every" or "every other".
    fn every_nth(&self, at: usize, interval: u32) -> Found<Rule> {
        self.every_unit(at, interval)
            .or_else(|| self.every_weekday(at, interval))
            .or_else(|| self.every_date(at))
            .or_else(|| {
                let (_, end) = self.read(at, Meaning::part)?;
                Some((rule(Frequency::Daily, interval), end))
            })
    }

    fn every_unit(&self, at: usize, interval: u32) -> Found<Rule> {
        let is_letter = self.token(at).is_some_and(|token| token.folded.len() == 1);
        let (unit, end) = self.read(at, Meaning::unit).filter(|_| !is_letter)?;
        let rule = match unit {
            Unit::Minute => rule(Frequency::Minutely, interval),
            Unit::Hour => rule(Frequency::Hourly, interval),
            Unit::Day => rule(Frequency::Daily, interval),
            Unit::Week => rule(Frequency::Weekly, interval),
            Unit::Month => rule(Frequency::Monthly, interval),
            Unit::Quarter => rule(Frequency::Monthly, interval * 3),
            Unit::Year => rule(Frequency::Yearly, interval),
        };
        Some(self.with_days(rule, end))
    }

    fn every_weekday(&self, at: usize, interval: u32) -> Found<Rule> {
        let (days, end) = self.weekdays(at)?;
        let mut weekly = rule(Frequency::Weekly, interval);
        weekly.by_day = days.into_iter().map(each).collect();
        Some((weekly, end))
    }

    /// `every May 3`, `jeden 3. Mai`, `every New Year's Eve`.
    fn every_date(&self, at: usize) -> Found<Rule> {
        let date = || {
            let (written, end) = self.written(at, Some(Word::On))?;
            let super::day::Form::MonthDay(month, day) = written.day(self.today())?.form else {
                return None;
            };
            Some(((month, day), end))
        };
        let ((month, day), end) = self.read(at, Meaning::feast).or_else(date)?;
        let mut yearly = rule(Frequency::Yearly, 1);
        yearly.by_month = vec![month.into()];
        yearly.by_month_day = vec![day.into()];
        Some((yearly, end))
    }

    /// `every first Monday`, `every 1st and 15th`, `every second week`, `every last day`.
    fn every_ordinal(&self, at: usize) -> Found<Rule> {
        let (ordinals, next) = self.ordinals(at)?;
        let one = match ordinals.as_slice() {
            [one] => u32::try_from(*one).ok(),
            _ => None,
        };
        if let Some((unit, end)) = self.read(next, Meaning::unit) {
            if unit == Unit::Day
                && let Some((month, end)) = self.month_tail(end)
            {
                return Some((monthly_on(ordinals, month), end));
            }
            return match (ordinals.as_slice(), one) {
                ([-1], _) if unit == Unit::Day => Some((monthly_on(ordinals, None), end)),
                (_, Some(interval)) => self.every_unit(next, interval),
                (_, None) => None,
            };
        }
        if let Some((days, end)) = self.weekdays(next) {
            let tail = self.month_tail(end);
            if one == Some(2) && tail.is_none() {
                return self.every_weekday(next, 2);
            }
            let (month, end) = tail.unwrap_or((None, end));
            return Some((monthly_by(&ordinals, &days, month), end));
        }
        if let Some((_, end)) = self.written(at, Some(Word::On))
            && end > next
        {
            return self.every_date(at);
        }
        let (month, end) = self.month_tail(next).unwrap_or((None, next));
        Some((monthly_on(ordinals, month), end))
    }

    /// One or several places in an order: `first and third`.
    fn ordinals(&self, at: usize) -> Found<Vec<i32>> {
        let at = self.is(at, Word::The).unwrap_or(at);
        let (first, mut end) = self.ordinal(at)?;
        let mut all = vec![first];
        while all.len() < LIST_MAX
            && let Some(next) = self.is(end, Word::And)
            && let Some((more, after)) = self.ordinal(self.is(next, Word::The).unwrap_or(next))
        {
            all.push(more);
            end = after;
        }
        Some((all, end))
    }

    /// `of the month`, `im Monat`, `of every month`, `jeden Monats`, `of January`.
    fn month_tail(&self, at: usize) -> Found<Option<i32>> {
        let next = self.skip(at, &[Word::Of, Word::The, Word::Every]);
        if let Some((Unit::Month, end)) = self.read(next, Meaning::unit) {
            return (next > at).then_some((None, end));
        }
        let next = self.is(at, Word::Of)?;
        let (month, end) = self.month_name(next)?;
        Some((Some(month.into()), end))
    }

    /// Weekdays, one or several, also `Monday to Friday` and `weekday`.
    fn weekdays(&self, at: usize) -> Found<Vec<Weekday>> {
        if let Some((set, end)) = self.read(at, Meaning::one_of) {
            return Some((set.days().to_vec(), end));
        }
        let any = |at: usize| {
            self.weekday(at, true)
                .or_else(|| self.read(at, Meaning::weekly))
        };
        let (first, mut end) = any(at)?;
        let mut days = vec![first];
        while days.len() < LIST_MAX {
            let listed = self
                .is(end, Word::And)
                .or_else(|| self.glued_sign(end, "/"))
                .or_else(|| self.next_weekday(at, end));
            if let Some(next) = listed
                && let Some((day, after)) = any(self.is(next, Word::And).unwrap_or(next))
            {
                days.push(day);
                end = after;
                continue;
            }
            let Some((last, after)) = self.range_sign(end).and_then(any) else {
                break;
            };
            let from = days.last().copied().unwrap_or(first).index();
            let more = (from + 1..=from + 6)
                .map(|day| Weekday::ALL.into_iter().find(|one| one.index() == day % 7));
            for day in more.flatten() {
                days.push(day);
                if day == last {
                    break;
                }
            }
            end = after;
            break;
        }
        days.sort_unstable();
        days.dedup();
        Some((days, end))
    }

    /// Where a weekday goes on a list without commas: `Mo Mi Fr`. It is written as the first one
    /// is, and no word of a title follows: `Mo so` says nothing of Sunday.
    fn next_weekday(&self, first: usize, at: usize) -> Option<usize> {
        let is_small = |at: usize| self.words(at..at + 1).starts_with(char::is_lowercase);
        let (_, end) = self.read(at, Meaning::weekday)?;
        let is_beside = self.token(at).is_some_and(|token| token.gap == Gap::Space);
        let is_listed = self.ends_phrase(end) || self.digits(end).is_some();
        (is_beside && is_listed && is_small(first) == is_small(at)).then_some(at)
    }

    /// `Mondays and Thursdays`, `werktags`.
    fn weekly(&self, at: usize) -> Found<Rule> {
        let (days, end) = match self.read(at, Meaning::each_of) {
            Some((set, end)) => (set.days().to_vec(), end),
            None => {
                self.read(at, Meaning::weekly)?;
                self.weekdays(at)?
            }
        };
        let mut weekly = rule(Frequency::Weekly, 1);
        weekly.by_day = days.into_iter().map(each).collect();
        Some((weekly, end))
    }

    /// `daily`, `monthly on the 15th`, where it is not an adjective of the title.
    fn often(&self, at: usize) -> Found<Rule> {
        let ((frequency, interval), end) = self.read(at, Meaning::often)?;
        if !self.is_followed_by_part(end) {
            return None;
        }
        Some(self.with_days(rule(frequency, interval), end))
    }

    /// A word like `weekly` that stays in the title.
    pub(super) fn may_repeat(&self, at: usize) -> Option<usize> {
        self.opens(at).then_some(())?;
        self.read(at, Meaning::often).map(|(_, end)| end)
    }

    fn is_followed_by_part(&self, at: usize) -> bool {
        self.ends_phrase(at) || self.clock(at, Lead::None).is_some() || self.day(at, None).is_some()
    }

    /// The days that follow a frequency: `weekly on Monday`, `every month on the 15th`.
    fn with_days(&self, mut rule: Rule, at: usize) -> (Rule, usize) {
        let next = self.skip(at, &[Word::On, Word::The]);
        let is_of_weeks = rule.frequency == Frequency::Daily
            && rule.interval.is_multiple_of(7)
            && self.weekdays(next).is_some();
        if is_of_weeks {
            rule.frequency = Frequency::Weekly;
            rule.interval /= 7;
        }
        match rule.frequency {
            Frequency::Weekly => {
                if let Some((days, end)) = self.weekdays(next) {
                    rule.by_day = days.into_iter().map(each).collect();
                    return (rule, end);
                }
            }
            Frequency::Monthly if next > at => {
                if let Some((found, end)) = self.days_of_month(next) {
                    rule.by_day = found.by_day;
                    rule.by_month_day = found.by_month_day;
                    return (rule, end);
                }
            }
            Frequency::Secondly
            | Frequency::Minutely
            | Frequency::Hourly
            | Frequency::Daily
            | Frequency::Monthly
            | Frequency::Yearly => {}
        }
        (rule, at)
    }

    /// `every day except Sunday`, `werktags außer Mittwoch`.
    fn without_days(&self, mut rule: Rule, at: usize) -> (Rule, usize) {
        let is_daily = rule.frequency == Frequency::Daily && rule.interval == 1;
        let is_weekly = rule.frequency == Frequency::Weekly && !rule.by_day.is_empty();
        let except = self
            .is(at, Word::Except)
            .map(|next| self.skip(next, &[Word::On]));
        let Some((days, end)) = except.and_then(|next| self.weekdays(next)) else {
            return (rule, at);
        };
        if !is_daily && !is_weekly {
            return (rule, at);
        }
        if is_daily {
            rule.frequency = Frequency::Weekly;
            rule.by_day = Weekday::ALL.into_iter().map(each).collect();
        }
        rule.by_day.retain(|day| !days.contains(&day.weekday));
        if rule.by_day.is_empty() {
            return (Rule::every(Frequency::Daily), at);
        }
        (rule, end)
    }

    /// `Mon, Wed, Fri`: each of them once.
    fn several_days(&self, at: usize) -> Found<Rule> {
        let (days, end) = self.weekdays(at)?;
        let is_list = days.len() > 1
            && self.read(at, Meaning::one_of).is_none()
            && (at..end).all(|at| self.any(at, &[Word::To, Word::Until]).is_none());
        let mut weekly = rule(Frequency::Weekly, 1);
        weekly.count = u32::try_from(days.len()).ok();
        weekly.by_day = days.into_iter().map(each).collect();
        is_list.then_some((weekly, end))
    }

    /// `the 1st and 15th`, `first Monday`, `last day`.
    fn days_of_month(&self, at: usize) -> Found<Rule> {
        let (ordinals, next) = self.ordinals(at)?;
        if let Some((days, end)) = self.weekdays(next) {
            return Some((monthly_by(&ordinals, &days, None), end));
        }
        let end = match self.read(next, Meaning::unit) {
            Some((Unit::Day, end)) => end,
            Some(_) | None => next,
        };
        if self.read(end, Meaning::month).is_some() {
            return None;
        }
        Some((monthly_on(ordinals, None), end))
    }

    /// `last Friday of every month`, `am 15. jedes Monats`.
    fn of_every_month(&self, at: usize) -> Found<Rule> {
        let (mut rule, next) = self.days_of_month(at)?;
        let next = self.is(next, Word::Of).unwrap_or(next);
        let every = self.is(next, Word::Every)?;
        let (interval, unit_at) = match self.is(every, Word::Other) {
            Some(after) => (2, after),
            None => (1, every),
        };
        rule.interval = interval;
        match self.read(unit_at, Meaning::unit)? {
            (Unit::Month, end) => Some((rule, end)),
            (Unit::Quarter, end) => {
                rule.interval = 3;
                Some((rule, end))
            }
            _ => None,
        }
    }
}

fn rule(frequency: Frequency, interval: u32) -> Rule {
    let mut rule = Rule::every(frequency);
    rule.interval = interval;
    rule
}

const fn each(weekday: Weekday) -> RuleDay {
    RuleDay {
        ordinal: 0,
        weekday,
    }
}

/// On days of the month, in one month of the year if one is named.
fn monthly_on(mut days: Vec<i32>, month: Option<i32>) -> Rule {
    days.sort_unstable();
    let mut rule = in_month(month);
    rule.by_month_day = days;
    rule
}

/// On the nth weekdays of the month, in one month of the year if one is named.
fn monthly_by(ordinals: &[i32], days: &[Weekday], month: Option<i32>) -> Rule {
    let mut rule = in_month(month);
    // "The first weekday" is one day of five, which is a position in the list of them.
    if days.len() > 1 {
        rule.by_day = days.iter().copied().map(each).collect();
        rule.by_position = ordinals.to_vec();
        return rule;
    }
    for weekday in days.iter().copied() {
        let all = ordinals.iter().map(|ordinal| RuleDay {
            ordinal: *ordinal,
            weekday,
        });
        rule.by_day.extend(all);
    }
    rule
}

fn in_month(month: Option<i32>) -> Rule {
    match month {
        Some(month) => {
            let mut yearly = rule(Frequency::Yearly, 1);
            yearly.by_month = vec![month];
            yearly
        }
        None => rule(Frequency::Monthly, 1),
    }
}
