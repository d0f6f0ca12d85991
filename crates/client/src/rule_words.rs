//! A recurrence rule in words: “Every 2 weeks on Monday and Friday, until 31 December 2026”.
//!
//! Rules that people make have words of their own; the rest is called what it is instead of being
//! told half.

use almanac_calendar::Rule;
use almanac_calendar::rule::{Frequency, RuleDay, Skip, Weekday};
use jiff::civil::Date;

const OTHER: &str = "Repeats by a rule of its own";
const ORDINALS: [&str; 5] = ["first", "second", "third", "fourth", "fifth"];
const WORKDAYS: [Weekday; 5] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
];

/// The rule of a series that starts on `start`, in words.
pub(crate) fn rule_words(rule: &Rule, start: Date) -> String {
    let mut words = middle(rule, start).unwrap_or_else(|| OTHER.to_owned());
    match (rule.count, rule.until) {
        (Some(1), _) => words.push_str(", once"),
        (Some(count), _) => words.push_str(&format!(", {count} times")),
        (None, Some(until)) => words.push_str(&format!(", until {}", long_date(until.date()))),
        (None, None) => {}
    }
    words
}

fn middle(rule: &Rule, start: Date) -> Option<String> {
    let is_plain = rule.by_hour.is_empty()
        && rule.by_minute.is_empty()
        && rule.by_second.is_empty()
        && rule.by_week.is_empty()
        && rule.by_year_day.is_empty()
        && rule.skip == Skip::Omit
        && rule.unknown.is_empty();
    if !is_plain {
        return None;
    }
    match rule.frequency {
        Frequency::Weekly | Frequency::Daily
            if rule.interval == 1 && is_workdays(rule) && has_only_days(rule) =>
        {
            Some("Every weekday".to_owned())
        }
        Frequency::Daily if rule.by_day.is_empty() && has_only_days(rule) => {
            Some(every(rule, "day"))
        }
        Frequency::Weekly if has_only_days(rule) => weekly(rule, start),
        Frequency::Monthly if rule.by_month.is_empty() => Some(format!(
            "{} on {}",
            every(rule, "month"),
            day_of_month(rule, start)?
        )),
        Frequency::Yearly => yearly(rule, start),
        Frequency::Hourly if rule.by_day.is_empty() && has_only_days(rule) => {
            Some(every(rule, "hour"))
        }
        Frequency::Secondly
        | Frequency::Minutely
        | Frequency::Hourly
        | Frequency::Daily
        | Frequency::Weekly
        | Frequency::Monthly => None,
    }
}

fn weekly(rule: &Rule, start: Date) -> Option<String> {
    if rule.by_day.iter().any(|day| day.ordinal != 0) {
        return None;
    }
    let mut days: Vec<Weekday> = rule.by_day.iter().map(|day| day.weekday).collect();
    if days.is_empty() {
        days.push(weekday_of(start)?);
    }
    let names: Vec<String> = Weekday::ALL
        .into_iter()
        .filter(|day| days.contains(day))
        .map(day_name)
        .collect();
    Some(format!("{} on {}", every(rule, "week"), listed(&names)))
}

fn yearly(rule: &Rule, start: Date) -> Option<String> {
    let month = match rule.by_month.as_slice() {
        [] if rule.by_day.is_empty() && rule.by_month_day.is_empty() => i32::from(start.month()),
        [month] => *month,
        _ => return None,
    };
    let month = month_name(month)?;
    let day = match (rule.by_month_day.as_slice(), rule.by_day.as_slice()) {
        ([], []) => {
            return Some(format!(
                "{} on {} {month}",
                every(rule, "year"),
                start.day()
            ));
        }
        ([day @ 1..=31], []) => return Some(format!("{} on {day} {month}", every(rule, "year"))),
        _ => day_of_month(rule, start)?,
    };
    Some(format!("{} on {day} of {month}", every(rule, "year")))
}

/// `the 15th`, `the last Friday`, `the first weekday`.
fn day_of_month(rule: &Rule, start: Date) -> Option<String> {
    match (
        rule.by_month_day.as_slice(),
        rule.by_day.as_slice(),
        rule.by_position.as_slice(),
    ) {
        ([], [], []) => Some(format!("the {}", numbered(i32::from(start.day())))),
        ([-1], [], []) => Some("the last day".to_owned()),
        (days, [], []) if days.iter().all(|day| (1..=31).contains(day)) => {
            let names: Vec<String> = days.iter().map(|day| numbered(*day)).collect();
            Some(format!("the {}", listed(&names)))
        }
        ([], [RuleDay { ordinal, weekday }], []) if *ordinal != 0 => {
            Some(format!("the {} {}", place(*ordinal)?, day_name(*weekday)))
        }
        (
            [],
            [
                RuleDay {
                    ordinal: 0,
                    weekday,
                },
            ],
            [position],
        ) => Some(format!("the {} {}", place(*position)?, day_name(*weekday))),
        ([], _, [position]) if is_workdays(rule) => {
            Some(format!("the {} weekday", place(*position)?))
        }
        _ => None,
    }
}

fn has_only_days(rule: &Rule) -> bool {
    rule.by_month_day.is_empty() && rule.by_month.is_empty() && rule.by_position.is_empty()
}

fn is_workdays(rule: &Rule) -> bool {
    let has = |weekday| {
        rule.by_day.contains(&RuleDay {
            ordinal: 0,
            weekday,
        })
    };
    rule.by_day.len() == WORKDAYS.len() && WORKDAYS.into_iter().all(has)
}

fn every(rule: &Rule, unit: &str) -> String {
    match rule.interval {
        1 => format!("Every {unit}"),
        interval => format!("Every {interval} {unit}s"),
    }
}

/// `first`, `last`, `second last`.
fn place(ordinal: i32) -> Option<String> {
    let index = usize::try_from(ordinal.unsigned_abs())
        .ok()?
        .checked_sub(1)?;
    let name = ORDINALS.get(index)?;
    Some(match ordinal {
        -1 => "last".to_owned(),
        ..0 => format!("{name} last"),
        0.. => (*name).to_owned(),
    })
}

fn numbered(day: i32) -> String {
    let ending = match (day % 100, day % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{day}{ending}")
}

fn listed(names: &[String]) -> String {
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

fn weekday_of(date: Date) -> Option<Weekday> {
    let index = usize::try_from(date.weekday().to_monday_zero_offset()).ok()?;
    Weekday::ALL.get(index).copied()
}

fn day_name(day: Weekday) -> String {
    format!("{day:?}")
}

fn month_name(month: i32) -> Option<String> {
    let date = Date::new(2000, i8::try_from(month).ok()?, 1).ok()?;
    Some(date.strftime("%B").to_string())
}

fn long_date(date: Date) -> String {
    date.strftime("%-d %B %Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_that_people_make_have_words() {
        let start = "2026-11-20".parse().unwrap();
        for (rule, words) in [
            ("FREQ=DAILY", "Every day"),
            ("FREQ=DAILY;INTERVAL=3;COUNT=5", "Every 3 days, 5 times"),
            ("FREQ=WEEKLY", "Every week on Friday"),
            (
                "FREQ=WEEKLY;BYDAY=FR,MO,WE",
                "Every week on Monday, Wednesday and Friday",
            ),
            ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "Every weekday"),
            (
                "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;UNTIL=20261231T235959Z",
                "Every 2 weeks on Tuesday, until 31 December 2026",
            ),
            ("FREQ=MONTHLY", "Every month on the 20th"),
            (
                "FREQ=MONTHLY;BYMONTHDAY=1,22",
                "Every month on the 1st and 22nd",
            ),
            ("FREQ=MONTHLY;BYMONTHDAY=-1", "Every month on the last day"),
            (
                "FREQ=MONTHLY;BYDAY=2TU",
                "Every month on the second Tuesday",
            ),
            (
                "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
                "Every month on the last weekday",
            ),
            ("FREQ=YEARLY", "Every year on 20 November"),
            (
                "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH",
                "Every year on the fourth Thursday of November",
            ),
            ("FREQ=YEARLY;BYWEEKNO=20", "Repeats by a rule of its own"),
            (
                "FREQ=MINUTELY;COUNT=2",
                "Repeats by a rule of its own, 2 times",
            ),
        ] {
            assert_eq!(
                rule_words(&Rule::parse(rule).unwrap(), start),
                words,
                "{rule}"
            );
        }
    }
}
