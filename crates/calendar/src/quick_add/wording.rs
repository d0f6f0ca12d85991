//! How chips say what they mean. The words are in the tables of the languages, this is how they
//! are put together: short, and the same in every language.

use jiff::civil::{Date, DateTime};

use super::length::Amount;
use crate::rule::{Frequency, Rule, RuleDay, Weekday};

/// The words of a language for what was understood. `{}` is where a value goes.
pub(super) struct Wording {
    pub(super) weekdays: [&'static str; 7],
    pub(super) months: [&'static str; 12],
    pub(super) day: &'static str,
    pub(super) whole_day: &'static str,
    pub(super) lasts: &'static str,
    pub(super) before: &'static str,
    pub(super) at_start: &'static str,
    pub(super) until: &'static str,
    pub(super) due: &'static str,
    pub(super) times: &'static str,
    pub(super) task: &'static str,
    pub(super) zone: &'static str,
    /// Minutes, hours, days, weeks, months, years: one and several.
    pub(super) every: [(&'static str, &'static str); 6],
    /// Minutes, hours, days, weeks, months: one and several.
    pub(super) units: [(&'static str, &'static str); 5],
    pub(super) on: &'static str,
    pub(super) workdays: &'static str,
    pub(super) ordinals: [&'static str; 6],
    pub(super) last: &'static str,
    pub(super) day_of_month: &'static str,
    pub(super) last_day: &'static str,
    pub(super) impossible: &'static str,
    pub(super) second: &'static str,
    pub(super) no_calendar: &'static str,
    pub(super) several_calendars: &'static str,
    pub(super) skipped: &'static str,
    pub(super) twice: &'static str,
    pub(super) wrong_weekday: &'static str,
    pub(super) wrong_order: &'static str,
    pub(super) no_zone: &'static str,
    pub(super) may_repeat: &'static str,
    pub(super) too_long: &'static str,
}

/// A pattern with a value in it.
pub(super) fn fill(pattern: &str, value: &str) -> String {
    pattern.replace("{}", value)
}

impl Wording {
    pub(super) fn weekday(&self, date: Date) -> &'static str {
        let index = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or_default();
        self.weekdays.get(index).copied().unwrap_or_default()
    }

    /// `Fri 27 Nov`, with its year where that is not this one.
    pub(super) fn date(&self, date: Date, today: Date) -> String {
        let month = usize::try_from(date.month() - 1).unwrap_or_default();
        let month = self.months.get(month).copied().unwrap_or_default();
        let day = self
            .day
            .replace("{day}", &date.day().to_string())
            .replace("{month}", month);
        let weekday = self.weekday(date);
        if date.year() == today.year() {
            format!("{weekday} {day}")
        } else {
            format!("{weekday} {day} {}", date.year())
        }
    }

    /// `Fri 27 Nov`, or the first and the last day.
    pub(super) fn dates(&self, first: Date, last: Date, today: Date) -> String {
        let first_text = self.date(first, today);
        if last <= first {
            first_text
        } else {
            format!("{first_text} – {}", self.date(last, today))
        }
    }

    /// `12:30 – 13:30`, with the day of the end where it is another one.
    pub(super) fn times(&self, start: DateTime, end: DateTime, today: Date) -> String {
        let overnight = jiff::Span::new().days(1);
        let is_near = end.date() == start.date()
            || (end.date() == start.date().saturating_add(overnight) && end.time() <= start.time());
        if end <= start {
            time(start)
        } else if is_near {
            format!("{} – {}", time(start), time(end))
        } else {
            format!(
                "{} – {}, {}",
                time(start),
                self.date(end.date(), today),
                time(end)
            )
        }
    }

    /// `1 hour 30 min`.
    pub(super) fn amount(&self, amount: Amount) -> String {
        let (minutes, days) = (amount.minutes, amount.days);
        let is_weeks = days > 0 && days.is_multiple_of(7);
        let values = [
            (4, amount.months),
            (3, if is_weeks { days / 7 } else { 0 }),
            (2, if is_weeks { 0 } else { days }),
            (1, minutes / 60),
            (0, minutes % 60),
        ];
        let texts: Vec<String> = values
            .into_iter()
            .filter(|(_, value)| *value > 0)
            .map(|(unit, value)| self.counted(unit, value))
            .collect();
        texts.join(" ")
    }

    fn counted(&self, unit: usize, value: u32) -> String {
        let (one, several) = self.units.get(unit).copied().unwrap_or_default();
        if value == 1 {
            one.to_owned()
        } else {
            fill(several, &value.to_string())
        }
    }

    /// `every 2 weeks on Mon, Thu until Sun 20 Dec`.
    pub(super) fn rule(&self, rule: &Rule, until: Option<Date>, today: Date) -> String {
        let unit = match rule.frequency {
            Frequency::Secondly | Frequency::Minutely => 0,
            Frequency::Hourly => 1,
            Frequency::Daily => 2,
            Frequency::Weekly => 3,
            Frequency::Monthly => 4,
            Frequency::Yearly => 5,
        };
        let (one, several) = self.every.get(unit).copied().unwrap_or_default();
        let mut text = if rule.interval == 1 {
            one.to_owned()
        } else {
            fill(several, &rule.interval.to_string())
        };
        let days = self.days_of(rule);
        if !days.is_empty() {
            text.push(' ');
            text.push_str(&fill(self.on, &days));
        }
        if let Some(until) = until {
            text.push(' ');
            text.push_str(&fill(self.until, &self.date(until, today)));
        }
        if let Some(count) = rule.count {
            text.push_str(", ");
            text.push_str(&fill(self.times, &count.to_string()));
        }
        text
    }

    /// The days that a rule names.
    fn days_of(&self, rule: &Rule) -> String {
        let position = rule.by_position.first().map(|one| self.ordinal(*one));
        if rule.by_day.len() == 5
            && rule
                .by_day
                .iter()
                .all(|day| day.ordinal == 0 && day.weekday < Weekday::Saturday)
        {
            return [position.unwrap_or_default(), self.workdays]
                .join(" ")
                .trim()
                .to_owned();
        }
        let by_day = rule.by_day.iter().map(|day| self.rule_day(*day));
        let by_month_day = rule.by_month_day.iter().map(|day| match day {
            -1 => self.last_day.to_owned(),
            day => fill(self.day_of_month, &day.to_string()),
        });
        let days: Vec<String> = by_day.chain(by_month_day).collect();
        let months = rule.by_month.iter().filter_map(|month| {
            let index = usize::try_from(*month - 1).ok()?;
            self.months.get(index).copied()
        });
        let mut texts = vec![days.join(", ")];
        texts.extend(months.map(str::to_owned));
        texts.join(" ").trim().to_owned()
    }

    fn rule_day(&self, day: RuleDay) -> String {
        let index = usize::try_from(day.weekday.index()).unwrap_or_default();
        let name = self.weekdays.get(index).copied().unwrap_or_default();
        match day.ordinal {
            0 => name.to_owned(),
            ordinal => format!("{} {name}", self.ordinal(ordinal)),
        }
    }

    fn ordinal(&self, ordinal: i32) -> &'static str {
        let index = usize::try_from(ordinal).ok();
        index
            .and_then(|index| self.ordinals.get(index).copied())
            .unwrap_or(self.last)
    }
}

/// `09:15`.
pub(super) fn time(at: DateTime) -> String {
    format!("{:02}:{:02}", at.hour(), at.minute())
}
