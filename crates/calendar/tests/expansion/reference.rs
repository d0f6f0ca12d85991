//! The slow reference: every day, or every second, is asked whether the rule's words name it.
//!
//! Nothing here is shared with the engine but the words of the rule: dates are `jiff`'s, clocks
//! too, and nothing jumps. It is only fit for short stretches.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the other frequencies are alike here"
)]

use std::collections::{BTreeMap, BTreeSet};

use almanac_calendar::rule::{Frequency, RuleDay, Skip};
use almanac_calendar::{OriginalStart, Rule};
use jiff::civil::{Date, DateTime, Weekday, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// The civil starts of a rule of a day or longer from `start` on, before the day `until`.
pub(super) fn by_day(rule: &Rule, start: DateTime, until: Date) -> Vec<DateTime> {
    let mut periods: BTreeMap<i64, BTreeSet<DateTime>> = BTreeMap::new();
    // Far enough before that the first period is whole.
    let mut day = start.date().saturating_sub(400.days());
    while day < until.saturating_add(400.days()) {
        if let Some(period) = period_of(rule, start, day)
            && names_day(rule, start, day)
        {
            let times = times(rule, start)
                .into_iter()
                .map(|time| day.to_datetime(time));
            periods.entry(period).or_default().extend(times);
        }
        day = day.tomorrow().unwrap();
    }
    for (period, day) in stand_ins(rule, start, until) {
        let times = times(rule, start)
            .into_iter()
            .map(|time| day.to_datetime(time));
        periods.entry(period).or_default().extend(times);
    }
    let all: BTreeSet<DateTime> = periods
        .into_values()
        .flat_map(|members| picked(rule, members.into_iter().collect()))
        .filter(|at| *at >= start)
        .collect();
    let all = all.into_iter().filter(|at| match rule.until {
        None => true,
        Some(OriginalStart::Date(last)) => *at <= last.at(0, 0, 0, 0),
        Some(OriginalStart::Local(last) | OriginalStart::Utc(last)) => *at <= last,
    });
    all.take(count(rule))
        .filter(|at| at.date() < until)
        .collect()
}

/// The instants of a rule below a day, before `until`.
pub(super) fn by_second(
    rule: &Rule,
    start: DateTime,
    zone: &TimeZone,
    until: Timestamp,
) -> Vec<Timestamp> {
    let first = instant(start, zone);
    let (unit, phase) = match rule.frequency {
        Frequency::Hourly => (
            3_600,
            i64::from(start.minute()) * 60 + i64::from(start.second()),
        ),
        Frequency::Minutely => (60, i64::from(start.second())),
        _ => (1, 0),
    };
    let origin = first.as_second() - phase;
    let mut periods: BTreeMap<i64, Vec<Timestamp>> = BTreeMap::new();
    for second in origin..until.as_second() + unit {
        let after = second - origin;
        let at = Timestamp::from_second(second).unwrap();
        let wall = zone.to_datetime(at);
        let is_named = (after / unit) % i64::from(rule.interval) == 0
            && (unit == 1 || said_or(&rule.by_second, wall.second(), after % 60 == phase % 60))
            && (unit > 1 || said_or(&rule.by_second, wall.second(), true))
            && said_or(
                &rule.by_minute,
                wall.minute(),
                unit < 3_600 || after % 3_600 / 60 == phase / 60,
            )
            && said_or(&rule.by_hour, wall.hour(), true)
            && names_day(rule, start, wall.date());
        if is_named {
            periods.entry(after / unit).or_default().push(at);
        }
    }
    let all = periods
        .into_values()
        .flat_map(|members| picked(rule, members));
    all.filter(|at| *at >= first)
        .take(count(rule))
        .filter(|at| *at < until)
        .collect()
}

/// The instant of a wall clock: before a gap's offset, the first of two.
pub(super) fn instant(at: DateTime, zone: &TimeZone) -> Timestamp {
    zone.to_ambiguous_timestamp(at).compatible().unwrap()
}

fn count(rule: &Rule) -> usize {
    rule.count
        .map_or(usize::MAX, |count| usize::try_from(count).unwrap())
}

fn said_or(list: &[i32], value: i8, unsaid: bool) -> bool {
    if list.is_empty() {
        unsaid
    } else {
        list.contains(&i32::from(value)) || value == 59 && list.contains(&60)
    }
}

fn picked<T: Copy>(rule: &Rule, members: Vec<T>) -> Vec<T> {
    if rule.by_position.is_empty() {
        return members;
    }
    let count = members.len();
    let named = |index: usize| {
        let forth = i32::try_from(index + 1).unwrap();
        let back = -i32::try_from(count - index).unwrap();
        rule.by_position.contains(&forth) || rule.by_position.contains(&back)
    };
    let named = members
        .iter()
        .enumerate()
        .filter(|(index, _)| named(*index));
    named.map(|(_, member)| *member).collect()
}

/// Which period a day lies in, where it is one the interval steps on.
fn period_of(rule: &Rule, start: DateTime, day: Date) -> Option<i64> {
    let year = |day: Date| i64::from(day.year());
    let month = |day: Date| year(day) * 12 + i64::from(day.month());
    let days = |day: Date| i64::from((day - date(1970, 1, 1)).get_days());
    let (own, first) = match rule.frequency {
        Frequency::Yearly if !rule.by_week.is_empty() => (week_of(rule, day).0, year(start.date())),
        Frequency::Yearly => (year(day), year(start.date())),
        Frequency::Monthly => (month(day), month(start.date())),
        Frequency::Weekly => {
            let week = |day: Date| days(week_start(rule, day)).div_euclid(7);
            (week(day), week(start.date()))
        }
        _ => (days(day), days(start.date())),
    };
    let is_step = (own - first).rem_euclid(i64::from(rule.interval)) == 0;
    is_step.then_some(own)
}

/// Whether the words about days name a day that exists.
fn names_day(rule: &Rule, start: DateTime, day: Date) -> bool {
    let own = start.date();
    let is_bare = rule.by_week.is_empty()
        && rule.by_year_day.is_empty()
        && rule.by_month_day.is_empty()
        && rule.by_day.is_empty();
    let said = |list: &[i32], forth: i16, back: i16| {
        list.is_empty() || list.contains(&i32::from(forth)) || list.contains(&i32::from(back))
    };
    let month_back = i16::from(day.day()) - i16::from(day.days_in_month()) - 1;
    let year_back = day.day_of_year() - day.days_in_year() - 1;
    let (_, week, week_back) = week_of(rule, day);
    let implied = match rule.frequency {
        Frequency::Yearly if is_bare && rule.by_month.is_empty() => {
            day.month() == own.month() && day.day() == own.day()
        }
        Frequency::Yearly | Frequency::Monthly if is_bare => day.day() == own.day(),
        Frequency::Weekly if rule.by_day.is_empty() => day.weekday() == own.weekday(),
        Frequency::Yearly if is_bare_week(rule) => day.weekday() == own.weekday(),
        _ => true,
    };
    implied
        && said(&rule.by_month, i16::from(day.month()), 0)
        && said(&rule.by_year_day, day.day_of_year(), year_back)
        && said(&rule.by_month_day, i16::from(day.day()), month_back)
        && said(&rule.by_week, week, week_back)
        && (rule.by_day.is_empty() || rule.by_day.iter().any(|one| is_day(rule, one, day)))
}

/// BYWEEKNO and no word about days within the week.
fn is_bare_week(rule: &Rule) -> bool {
    !rule.by_week.is_empty()
        && rule.by_day.is_empty()
        && rule.by_month_day.is_empty()
        && rule.by_year_day.is_empty()
}

fn is_day(rule: &Rule, wanted: &RuleDay, day: Date) -> bool {
    let letters = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
    let index = usize::try_from(day.weekday().to_monday_zero_offset()).unwrap();
    if wanted.weekday.letters() != letters[index] {
        return false;
    }
    let stretch = match rule.frequency {
        Frequency::Yearly if rule.by_month.is_empty() => day.first_of_year()..=day.last_of_year(),
        Frequency::Yearly | Frequency::Monthly => day.first_of_month()..=day.last_of_month(),
        _ => return true,
    };
    if wanted.ordinal == 0 {
        return true;
    }
    let mut same = Vec::new();
    let mut one = *stretch.start();
    while one <= *stretch.end() {
        if one.weekday() == day.weekday() {
            same.push(one);
        }
        one = one.tomorrow().unwrap();
    }
    let nth = |index: usize| same.get(index) == Some(&day);
    let place = usize::try_from(wanted.ordinal.unsigned_abs()).unwrap() - 1;
    if wanted.ordinal > 0 {
        nth(place)
    } else {
        place < same.len() && nth(same.len() - 1 - place)
    }
}

/// The first day of the week that a day lies in.
fn week_start(rule: &Rule, day: Date) -> Date {
    let days = [
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
        Weekday::Friday,
        Weekday::Saturday,
        Weekday::Sunday,
    ];
    let letters = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
    let at = letters
        .iter()
        .position(|one| *one == rule.week_start.letters());
    let mut first = day;
    while first.weekday() != days[at.unwrap()] {
        first = first.yesterday().unwrap();
    }
    first
}

/// The year of whole weeks, the number of the week in it, and that number from the end. A week
/// belongs to the year that most of its days are in.
fn week_of(rule: &Rule, day: Date) -> (i64, i16, i16) {
    let middle = week_start(rule, day).saturating_add(3.days());
    let week = (middle.day_of_year() - 1) / 7 + 1;
    let mut weeks = week;
    let mut next = middle.saturating_add(7.days());
    while next.year() == middle.year() {
        weeks += 1;
        next = next.saturating_add(7.days());
    }
    (i64::from(middle.year()), week, week - weeks - 1)
}

fn times(rule: &Rule, start: DateTime) -> Vec<jiff::civil::Time> {
    let list = |said: &[i32], own: i8, most: i8| -> BTreeSet<i8> {
        if said.is_empty() {
            return BTreeSet::from([own]);
        }
        said.iter()
            .map(|one| i8::try_from(*one).unwrap().min(most))
            .collect()
    };
    let mut found = Vec::new();
    for hour in list(&rule.by_hour, start.hour(), 23) {
        for minute in list(&rule.by_minute, start.minute(), 59) {
            for second in list(&rule.by_second, start.second(), 59) {
                found.push(jiff::civil::time(hour, minute, second, 0));
            }
        }
    }
    found
}

/// The days that stand in for days of the month that do not exist (RFC 7529 §4.1), each with the
/// period it belongs to; of rules that step by months.
fn stand_ins(rule: &Rule, start: DateTime, until: Date) -> Vec<(i64, Date)> {
    let mut found = Vec::new();
    if rule.skip == Skip::Omit || rule.frequency != Frequency::Monthly {
        return found;
    }
    let own = [i32::from(start.day())];
    let list = match (rule.by_month_day.as_slice(), rule.by_day.is_empty()) {
        ([], true) => &own[..],
        (list, _) => list,
    };
    let mut month = start.date().first_of_month().saturating_sub(2.months());
    while month < until.saturating_add(2.months()) {
        let length = i32::from(month.days_in_month());
        let is_in_month =
            rule.by_month.is_empty() || rule.by_month.contains(&i32::from(month.month()));
        for wanted in list {
            let day = match (*wanted > length, -*wanted > length, rule.skip) {
                (true, _, Skip::Backward) => month.last_of_month(),
                (true, _, _) => month.last_of_month().tomorrow().unwrap(),
                (_, true, Skip::Backward) => month.yesterday().unwrap(),
                (_, true, _) => month,
                (false, false, _) => continue,
            };
            let is_weekday =
                rule.by_day.is_empty() || rule.by_day.iter().any(|one| is_day(rule, one, day));
            if let Some(period) = period_of(rule, start, month)
                && is_in_month
                && is_weekday
            {
                found.push((period, day));
            }
        }
        month = month.saturating_add(1.month());
    }
    found
}
