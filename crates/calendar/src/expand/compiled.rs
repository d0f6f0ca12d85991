//! A rule made ready for stepping: its lists as bit masks, its unsaid parts taken from DTSTART.
//!
//! Unsaid parts (RFC 5545 §3.3.10): without any of BYWEEKNO, BYYEARDAY, BYMONTHDAY and BYDAY a
//! monthly or yearly rule keeps DTSTART's day of the month, a weekly one its weekday. Our own
//! choices: YEARLY with BYMONTHDAY and no BYMONTH means every month; YEARLY with BYWEEKNO and no
//! BYDAY means DTSTART's weekday.

use crate::civil::{DAY, weekday_of, ymd_of};
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
    pub(super) times: Vec<i64>,
    pub(super) positions: Vec<i64>,
}

/// BYMONTHDAY.
#[derive(Debug)]
pub(super) struct MonthDays {
    /// Bit d-1 for day d.
    pub(super) from_start: u32,
    /// Days from the end, the last is 1.
    pub(super) from_end: Vec<i64>,
    /// Days from the start that some month lacks: 29 to 31.
    pub(super) late: Vec<i64>,
}

/// BYDAY.
#[derive(Debug)]
pub(super) struct Days {
    /// Bit w for every weekday w, Monday is 0.
    pub(super) plain: u8,
    /// For a month that starts on weekday f: bit d-1 where day d is one of the plain ones.
    pub(super) patterns: [u32; 7],
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
        let mut compiled = Self {
            frequency: rule.frequency,
            interval: i64::from(rule.interval.max(1)),
            week_start: rule.week_start.index(),
            skip: rule.skip,
            start,
            months,
            month_days,
            year_days: wide(&rule.by_year_day),
            weeks: wide(&rule.by_week),
            days,
            hours: None,
            minutes: None,
            seconds: None,
            times: vec![0],
            positions: wide(&rule.by_position),
        };
        if !is_all_day {
            compiled.hours = mask(&rule.by_hour, 0, 23);
            compiled.minutes = mask(&rule.by_minute, 0, 59);
            compiled.seconds = mask(&rule.by_second, 0, 60);
            compiled.times = compiled.times_in_period();
        }
        if rule.frequency < Frequency::Daily {
            compiled.positions_fixed();
        }
        compiled
    }

    /// The times of one period, relative to its start.
    fn times_in_period(&self) -> Vec<i64> {
        let of_day = self.start.rem_euclid(DAY);
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
                // Nobody has leap seconds; 60 counts as 59, as RFC 5545 §3.3.10 asks.
                times.extend(
                    seconds
                        .iter()
                        .map(|s| hour * 3_600 + minute * 60 + (*s).min(59)),
                );
            }
        }
        times.dedup();
        times
    }

    /// Below a day every period has the same times, so BYSETPOS picks among them once.
    fn positions_fixed(&mut self) {
        if !self.positions.is_empty() {
            self.times = picked(&self.times, &self.positions);
            self.positions.clear();
        }
    }
}

impl MonthDays {
    fn new(list: &[i32]) -> Option<Self> {
        if list.is_empty() {
            return None;
        }
        let mut days = Self {
            from_start: 0,
            from_end: Vec::new(),
            late: Vec::new(),
        };
        for day in list.iter().map(|day| i64::from(*day)) {
            match day {
                1..=31 => {
                    days.from_start |= 1 << (day - 1);
                    if day > 28 {
                        days.late.push(day);
                    }
                }
                -31..=-1 => days.from_end.push(-day),
                _ => {}
            }
        }
        Some(days)
    }

    fn one(day: i64) -> Self {
        let late = if day > 28 { vec![day] } else { Vec::new() };
        Self {
            from_start: 1 << (day - 1),
            from_end: Vec::new(),
            late,
        }
    }

    /// The days of a month of this length as bits.
    pub(super) fn bits(&self, length: i64) -> u32 {
        let ends = self.from_end.iter().filter(|back| **back <= length);
        ends.fold(self.from_start, |bits, back| bits | 1 << (length - back))
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
        let mut plain = 0;
        for day in &rule.by_day {
            if day.ordinal == 0 || !counts {
                plain |= 1 << day.weekday.index();
            } else {
                days.ordinals
                    .push((i64::from(day.ordinal), day.weekday.index()));
            }
        }
        let ordinals = std::mem::take(&mut days.ordinals);
        let in_year = rule.frequency == Frequency::Yearly && rule.by_month.is_empty();
        Some(Self {
            ordinals,
            in_year,
            ..Self::plain(plain)
        })
    }

    fn plain(plain: u8) -> Self {
        let pattern = |first: i64| {
            (0..31)
                .filter(|day| plain & (1 << ((first + day) % 7)) != 0)
                .fold(0_u32, |bits, day| bits | 1 << day)
        };
        let patterns = [0, 1, 2, 3, 4, 5, 6].map(pattern);
        Self {
            plain,
            patterns,
            ordinals: Vec::new(),
            in_year: false,
        }
    }
}

/// The members of a period that BYSETPOS names, ascending.
pub(super) fn picked(members: &[i64], positions: &[i64]) -> Vec<i64> {
    let count = i64::try_from(members.len()).unwrap_or(i64::MAX);
    let mut found: Vec<i64> = positions
        .iter()
        .filter_map(|position| {
            let index = if *position > 0 {
                position - 1
            } else {
                count + position
            };
            let index = usize::try_from(index).ok().filter(|_| *position != 0)?;
            members.get(index).copied()
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    found
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
        Some(mask) => (0..=60).filter(|value| mask & (1 << value) != 0).collect(),
    }
}

fn wide(list: &[i32]) -> Vec<i64> {
    list.iter().map(|value| i64::from(*value)).collect()
}
