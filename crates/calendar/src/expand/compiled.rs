//! A rule made ready for stepping: its lists as bit masks, its unsaid parts taken from DTSTART.
//!
//! Unsaid parts (RFC 5545 §3.3.10): without any of BYWEEKNO, BYYEARDAY, BYMONTHDAY and BYDAY a
//! monthly or yearly rule keeps DTSTART's day of the month, a weekly one its weekday. Our own
//! choices: YEARLY with BYMONTHDAY and no BYMONTH means every month; YEARLY with BYWEEKNO and no
//! BYDAY means DTSTART's weekday.

use crate::civil::{DAY, month_days, weekday_of, ymd_of};
use crate::rule::{Frequency, Rule, Skip};

/// A rule made ready.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) frequency: Frequency,
    pub(super) interval: i64,
    /// Monday is 0.
    pub(super) week_start: i64,
    pub(super) skip: Skip,
    /// Civil second of DTSTART.
    pub(super) start: i64,
    /// Whether its starts are dates.
    pub(super) is_all_day: bool,
    /// Bit m for month m; `None` for any.
    pub(super) months: Option<u32>,
    pub(super) month_days: Option<MonthDays>,
    pub(super) year_days: Vec<i64>,
    pub(super) weeks: Vec<i64>,
    pub(super) days: Option<Days>,
    pub(super) hours: Option<u64>,
    pub(super) minutes: Option<u64>,
    pub(super) seconds: Option<u64>,
    /// Seconds into the day (into the period, for rules below a day), ascending.
    pub(super) times: Times,
    pub(super) positions: Vec<i64>,
    /// Whether no day or week that it names is one that some year has.
    names_nothing: bool,
}

/// Times of a period, ascending; most rules have one.
#[derive(Debug)]
pub(super) enum Times {
    One([i64; 1]),
    Many(Vec<i64>),
}

/// BYMONTHDAY.
#[derive(Debug, Clone, Copy)]
pub(super) struct MonthDays {
    /// Bit d-1 for day d.
    pub(super) from_start: u32,
    /// Bit d-1 for the d-th day from the end.
    pub(super) from_end: u32,
}

/// BYDAY.
#[derive(Debug)]
pub(super) struct Days {
    /// Bit w for every weekday w, Monday is 0.
    pub(super) plain: u8,
    /// Ordinal and weekday.
    pub(super) ordinals: Vec<(i64, i64)>,
    /// Whether ordinals count within the year.
    pub(super) in_year: bool,
}

impl Compiled {
    pub(super) fn new(rule: &Rule, start: i64, is_all_day: bool) -> Self {
        let (_, month, day) = ymd_of(start.div_euclid(DAY));
        let is_bare = rule.by_week.is_empty()
            && rule.by_year_day.is_empty()
            && rule.by_month_day.is_empty()
            && rule.by_day.is_empty();
        let mut months = mask(&rule.by_month, 1, 12).map(low_bits);
        let mut month_days = MonthDays::new(&rule.by_month_day);
        let mut days = Days::new(rule);
        let own_weekday = || Days::plain(1 << weekday_of(start.div_euclid(DAY)));
        match rule.frequency {
            Frequency::Yearly if is_bare => {
                months = months.or(Some(1 << month));
                month_days = Some(MonthDays::one(day));
            }
            Frequency::Monthly if is_bare => month_days = Some(MonthDays::one(day)),
            Frequency::Weekly if rule.by_day.is_empty() => days = Some(own_weekday()),
            Frequency::Yearly
                if !rule.by_week.is_empty()
                    && rule.by_day.is_empty()
                    && rule.by_month_day.is_empty()
                    && rule.by_year_day.is_empty() =>
            {
                days = Some(own_weekday());
            }
            Frequency::Yearly
            | Frequency::Monthly
            | Frequency::Weekly
            | Frequency::Daily
            | Frequency::Hourly
            | Frequency::Minutely
            | Frequency::Secondly => {}
        }
        let interval = i64::from(rule.interval.max(1));
        let (frequency, interval) = if is_all_day {
            in_days(rule.frequency, interval)
        } else {
            (rule.frequency, interval)
        };
        let mut compiled = Self {
            frequency,
            interval,
            week_start: rule.week_start.index(),
            skip: rule.skip,
            start,
            is_all_day,
            months,
            month_days,
            year_days: wide(&rule.by_year_day, 366),
            weeks: wide(&rule.by_week, 53),
            days,
            hours: None,
            minutes: None,
            seconds: None,
            times: Times::One([0]),
            positions: wide(&rule.by_position, i64::MAX),
            names_nothing: false,
        };
        compiled.names_nothing = rule.by_year_day.is_empty() != compiled.year_days.is_empty()
            || rule.by_week.is_empty() != compiled.weeks.is_empty();
        if !is_all_day {
            compiled.set_times(rule);
        }
        if frequency < Frequency::Daily && !compiled.positions.is_empty() {
            // Below a day every period has the same times, so BYSETPOS picks among them once.
            let times = picked(compiled.times.as_slice(), &compiled.positions);
            compiled.times = Times::Many(times);
        }
        compiled
    }

    fn set_times(&mut self, rule: &Rule) {
        self.hours = mask(&rule.by_hour, 0, 23);
        self.minutes = mask(&rule.by_minute, 0, 59);
        // Nobody has leap seconds; 60 counts as 59, as RFC 5545 §3.3.10 asks.
        let seconds = mask(&rule.by_second, 0, 60);
        self.seconds = seconds.map(|seconds| (seconds & !(1 << 60)) | (seconds >> 60 << 59));
        self.times = self.times_in_period();
    }

    /// Whether some part names nothing that exists, so that there is no start at all.
    pub(super) fn is_dead(&self) -> bool {
        let is_none = |mask: Option<u64>| mask == Some(0);
        self.names_nothing
            || self.times.as_slice().is_empty()
            || is_none(self.hours)
            || is_none(self.minutes)
            || is_none(self.seconds)
            || self.months == Some(0)
            || self.month_days.is_some_and(|days| self.has_no_day(days))
    }

    /// Whether none of the months has any of the days, in leap years neither. What stands in for
    /// them (SKIP) counts as one.
    fn has_no_day(&self, days: MonthDays) -> bool {
        let months = self.months.unwrap_or(0x1ffe);
        let has = |length: i64| days.bits(length) & (u32::MAX >> (32 - length)) != 0;
        let has_day = (1..=12)
            .filter(|month| months & (1 << month) != 0)
            .any(|month| has(month_days(2024, month)) || month == 2 && has(28));
        let is_said = days.from_start | days.from_end != 0;
        !(has_day || is_said && self.skip != Skip::Omit)
    }

    /// Whether more than the weekday decides about a day.
    pub(super) const fn looks_beyond_weekdays(&self) -> bool {
        self.months.is_some()
            || self.month_days.is_some()
            || !self.year_days.is_empty()
            || !self.weeks.is_empty()
    }

    /// The times of one period, relative to its start.
    fn times_in_period(&self) -> Times {
        let of_day = self.start.rem_euclid(DAY);
        if self.hours.is_none() && self.minutes.is_none() && self.seconds.is_none() {
            return Times::One([match self.frequency {
                Frequency::Secondly => 0,
                Frequency::Minutely => of_day % 60,
                Frequency::Hourly => of_day % 3_600,
                Frequency::Daily | Frequency::Weekly | Frequency::Monthly | Frequency::Yearly => {
                    of_day
                }
            }]);
        }
        let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
        let hours = match self.frequency {
            Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => vec![0],
            Frequency::Daily | Frequency::Weekly | Frequency::Monthly | Frequency::Yearly => {
                listed(self.hours, hour)
            }
        };
        let minutes = match self.frequency {
            Frequency::Minutely | Frequency::Secondly => vec![0],
            Frequency::Hourly
            | Frequency::Daily
            | Frequency::Weekly
            | Frequency::Monthly
            | Frequency::Yearly => listed(self.minutes, minute),
        };
        let seconds = match self.frequency {
            Frequency::Secondly => vec![0],
            Frequency::Minutely
            | Frequency::Hourly
            | Frequency::Daily
            | Frequency::Weekly
            | Frequency::Monthly
            | Frequency::Yearly => listed(self.seconds, second),
        };
        let mut times = Vec::with_capacity(hours.len() * minutes.len() * seconds.len());
        for hour in &hours {
            for minute in &minutes {
                let minute = hour * 3_600 + minute * 60;
                times.extend(seconds.iter().map(|second| minute + second));
            }
        }
        Times::Many(times)
    }
}

impl Times {
    pub(super) fn as_slice(&self) -> &[i64] {
        match self {
            Self::One(one) => one,
            Self::Many(many) => many,
        }
    }
}

/// Steps below a day between whole days: a day is a start where at least one step falls in it.
/// RFC 5545 has no meaning for such a rule; this one loses no day that it could have meant.
fn in_days(frequency: Frequency, interval: i64) -> (Frequency, i64) {
    let unit = match frequency {
        Frequency::Secondly => 1,
        Frequency::Minutely => 60,
        Frequency::Hourly => 3_600,
        Frequency::Daily | Frequency::Weekly | Frequency::Monthly | Frequency::Yearly => {
            return (frequency, interval);
        }
    };
    let step = interval * unit;
    if step <= DAY {
        (Frequency::Daily, 1)
    } else if step % DAY == 0 {
        (Frequency::Daily, step / DAY)
    } else {
        (frequency, interval)
    }
}

impl MonthDays {
    fn new(list: &[i32]) -> Option<Self> {
        if list.is_empty() {
            return None;
        }
        let mut days = Self {
            from_start: 0,
            from_end: 0,
        };
        for day in list {
            match day {
                1..=31 => days.from_start |= 1 << (day - 1),
                -31..=-1 => days.from_end |= 1 << (-day - 1),
                _ => {}
            }
        }
        Some(days)
    }

    fn one(day: i64) -> Self {
        Self {
            from_start: 1 << (day - 1),
            from_end: 0,
        }
    }

    /// The days of a month of this length as bits; days it lacks may be among them.
    pub(super) const fn bits(self, length: i64) -> u32 {
        self.from_start | (self.from_end.reverse_bits() >> (32 - length))
    }

    /// Whether the month lacks a day counted from its start.
    pub(super) const fn lacks_late(self, length: i64) -> bool {
        self.from_start >> length != 0
    }

    /// Whether the month lacks a day counted from its end.
    pub(super) const fn lacks_early(self, length: i64) -> bool {
        self.from_end >> length != 0
    }
}

impl Days {
    fn new(rule: &Rule) -> Option<Self> {
        if rule.by_day.is_empty() {
            return None;
        }
        // Below a month an ordinal says nothing (RFC 5545 §3.3.10) and the weekday remains.
        let counts = rule.frequency >= Frequency::Monthly;
        let mut days = Self::plain(0);
        for day in &rule.by_day {
            if day.ordinal == 0 || !counts {
                days.plain |= 1 << day.weekday.index();
            } else {
                days.ordinals
                    .push((i64::from(day.ordinal), day.weekday.index()));
            }
        }
        days.in_year = rule.frequency == Frequency::Yearly && rule.by_month.is_empty();
        Some(days)
    }

    const fn plain(plain: u8) -> Self {
        Self {
            plain,
            ordinals: Vec::new(),
            in_year: false,
        }
    }

    /// The plain ones of seven days that begin on a weekday: bit 0 for the first of them.
    pub(super) fn week_bits(&self, first: i64) -> u32 {
        let plain = u32::from(self.plain);
        (plain >> first | plain << (7 - first)) & 0x7f
    }
}

/// The members of a period that BYSETPOS names, ascending.
fn picked(members: &[i64], positions: &[i64]) -> Vec<i64> {
    let mut chosen = Vec::new();
    choose(members.len(), positions, &mut chosen);
    let found = chosen.iter().filter_map(|index| members.get(*index));
    found.copied().collect()
}

/// Which of so many members BYSETPOS names, ascending.
pub(super) fn choose(count: usize, positions: &[i64], into: &mut Vec<usize>) {
    into.clear();
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    for position in positions {
        let index = if *position > 0 {
            position - 1
        } else {
            count + position
        };
        if *position != 0 && (0..count).contains(&index) {
            into.extend(usize::try_from(index));
        }
    }
    if into.len() > 1 {
        into.sort_unstable();
        into.dedup();
    }
}

/// Values in range as bits; `None` where nothing was said.
fn mask(list: &[i32], min: i32, max: i32) -> Option<u64> {
    if list.is_empty() {
        return None;
    }
    let inside = list.iter().filter(|value| (min..=max).contains(value));
    Some(inside.fold(0, |bits, value| bits | 1 << value))
}

fn low_bits(mask: u64) -> u32 {
    u32::try_from(mask & 0xffff_ffff).unwrap_or(0)
}

fn listed(mask: Option<u64>, own: i64) -> Vec<i64> {
    match mask {
        None => vec![own],
        Some(mask) => (0..60).filter(|value| mask & (1 << value) != 0).collect(),
    }
}

/// Values that are not further from zero than some year can have.
fn wide(list: &[i32], most: i64) -> Vec<i64> {
    let values = list.iter().map(|value| i64::from(*value));
    values.filter(|value| value.abs() <= most).collect()
}
