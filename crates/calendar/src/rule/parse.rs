//! Reading a rule from its text.

use std::str::FromStr;

use super::{BadRule, Frequency, Rule, RuleDay, Skip, Weekday};
use crate::original::OriginalStart;

/// Bytes of the longest rule we read. The longest honest one lists every day of a year.
const BYTES_MAX: usize = 16_384;

pub(super) fn rule(text: &str) -> Result<Rule, BadRule> {
    if text.len() > BYTES_MAX {
        return Err(BadRule::TooLong);
    }
    let text = text.trim();
    let text = match text.split_once(':') {
        Some((name, rest)) if is_property(name) => rest,
        _ => text,
    };
    let mut rule = Rule::every(Frequency::Daily);
    let mut frequency = None;
    for part in text
        .split(';')
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let (name, value) = (name.trim().to_ascii_uppercase(), value.trim());
        if name == "FREQ" {
            frequency = Some(Frequency::from_word(value).ok_or(BadRule::NoFrequency)?);
        } else {
            set(&mut rule, &name, value, part)?;
        }
    }
    rule.frequency = frequency.ok_or(BadRule::NoFrequency)?;
    Ok(rule)
}

fn is_property(name: &str) -> bool {
    let name = name.split(';').next().unwrap_or(name);
    name.eq_ignore_ascii_case("RRULE") || name.eq_ignore_ascii_case("EXRULE")
}

fn set(rule: &mut Rule, name: &str, value: &str, part: &str) -> Result<(), BadRule> {
    let bad = || BadRule::BadPart(name.to_owned());
    match name {
        "INTERVAL" => rule.interval = positive(value).ok_or_else(bad)?.max(1),
        "COUNT" => rule.count = Some(positive(value).ok_or_else(bad)?),
        "UNTIL" => rule.until = Some(until(value).ok_or_else(bad)?),
        "BYSECOND" => rule.by_second = numbers(value).ok_or_else(bad)?,
        "BYMINUTE" => rule.by_minute = numbers(value).ok_or_else(bad)?,
        "BYHOUR" => rule.by_hour = numbers(value).ok_or_else(bad)?,
        "BYDAY" | "BYWEEKDAY" => rule.by_day = days(value).ok_or_else(bad)?,
        "BYMONTHDAY" => rule.by_month_day = numbers(value).ok_or_else(bad)?,
        "BYYEARDAY" => rule.by_year_day = numbers(value).ok_or_else(bad)?,
        "BYWEEKNO" => rule.by_week = numbers(value).ok_or_else(bad)?,
        "BYMONTH" => rule.by_month = numbers(value).ok_or_else(bad)?,
        "BYSETPOS" => rule.by_position = numbers(value).ok_or_else(bad)?,
        "WKST" => rule.week_start = Weekday::from_letters(value).ok_or_else(bad)?,
        "SKIP" => {
            rule.skip = match value.to_ascii_uppercase().as_str() {
                "OMIT" => Skip::Omit,
                "BACKWARD" => Skip::Backward,
                "FORWARD" => Skip::Forward,
                _ => return Err(bad()),
            }
        }
        "RSCALE" if value.eq_ignore_ascii_case("GREGORIAN") => {}
        "RSCALE" => return Err(BadRule::OtherCalendar(value.to_owned())),
        _ => rule.unknown.push(part.to_owned()),
    }
    Ok(())
}

/// The last moment; some programs end it in two Zs.
fn until(value: &str) -> Option<OriginalStart> {
    let value = value
        .strip_suffix("ZZ")
        .map_or_else(|| value.to_owned(), |at| format!("{at}Z"));
    value.parse().ok()
}

/// A number that is not negative; one too large to hold counts as the largest.
fn positive(value: &str) -> Option<u32> {
    let digits = value.strip_prefix('+').unwrap_or(value);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(digits.parse().unwrap_or(u32::MAX))
}

/// Numbers separated by commas; empty places between commas do not count, and an empty list says
/// nothing.
fn numbers(value: &str) -> Option<Vec<i32>> {
    let mut found = list(value)
        .map(|one| one.parse::<i32>().ok())
        .collect::<Option<Vec<i32>>>()?;
    found.sort_unstable();
    found.dedup();
    Some(found)
}

fn days(value: &str) -> Option<Vec<RuleDay>> {
    let mut found = list(value).map(day).collect::<Option<Vec<RuleDay>>>()?;
    found.sort_unstable_by_key(|day| (day.weekday, day.ordinal));
    found.dedup();
    Some(found)
}

fn list(value: &str) -> impl Iterator<Item = &str> {
    value
        .split(',')
        .map(str::trim)
        .filter(|one| !one.is_empty())
}

fn day(text: &str) -> Option<RuleDay> {
    let (ordinal, letters) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let ordinal = if ordinal.is_empty() {
        0
    } else {
        ordinal.parse().ok()?
    };
    Some(RuleDay {
        ordinal,
        weekday: Weekday::from_letters(letters)?,
    })
}

impl FromStr for Rule {
    type Err = BadRule;

    fn from_str(text: &str) -> Result<Self, BadRule> {
        rule(text)
    }
}
