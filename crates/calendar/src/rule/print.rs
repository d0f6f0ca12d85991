//! Writing a rule as RFC 5545 has it. Parts at their defaults are left out.

use std::fmt;

use super::{Rule, Skip, Weekday};
use crate::original::OriginalStart;

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.skip != Skip::Omit {
            f.write_str("RSCALE=GREGORIAN;")?;
        }
        write!(f, "FREQ={}", self.frequency.word())?;
        if let Some(until) = &self.until {
            write!(f, ";UNTIL={}", Basic(until))?;
        }
        if let Some(count) = self.count {
            write!(f, ";COUNT={count}")?;
        }
        if self.interval != 1 {
            write!(f, ";INTERVAL={}", self.interval)?;
        }
        numbers(f, "BYSECOND", &self.by_second)?;
        numbers(f, "BYMINUTE", &self.by_minute)?;
        numbers(f, "BYHOUR", &self.by_hour)?;
        let days = self.by_day.iter().map(|day| match day.ordinal {
            0 => day.weekday.letters().to_owned(),
            ordinal => format!("{ordinal}{}", day.weekday.letters()),
        });
        list(f, "BYDAY", &days.collect::<Vec<_>>())?;
        numbers(f, "BYMONTHDAY", &self.by_month_day)?;
        numbers(f, "BYYEARDAY", &self.by_year_day)?;
        numbers(f, "BYWEEKNO", &self.by_week)?;
        numbers(f, "BYMONTH", &self.by_month)?;
        numbers(f, "BYSETPOS", &self.by_position)?;
        if self.week_start != Weekday::Monday {
            write!(f, ";WKST={}", self.week_start.letters())?;
        }
        match self.skip {
            Skip::Omit => {}
            Skip::Backward => f.write_str(";SKIP=BACKWARD")?,
            Skip::Forward => f.write_str(";SKIP=FORWARD")?,
        }
        self.unknown
            .iter()
            .try_for_each(|part| write!(f, ";{part}"))
    }
}

fn numbers(f: &mut fmt::Formatter<'_>, name: &str, values: &[i32]) -> fmt::Result {
    list(
        f,
        name,
        &values.iter().map(ToString::to_string).collect::<Vec<_>>(),
    )
}

fn list(f: &mut fmt::Formatter<'_>, name: &str, values: &[String]) -> fmt::Result {
    if values.is_empty() {
        Ok(())
    } else {
        write!(f, ";{name}={}", values.join(","))
    }
}

/// A start in the form of RFC 5545, without dashes and colons.
pub(crate) struct Basic<'a>(pub(crate) &'a OriginalStart);

impl fmt::Display for Basic<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = self.0.date();
        write!(f, "{:04}{:02}{:02}", date.year(), date.month(), date.day())?;
        let at = match self.0 {
            OriginalStart::Date(_) => return Ok(()),
            OriginalStart::Local(at) | OriginalStart::Utc(at) => at,
        };
        write!(f, "T{:02}{:02}{:02}", at.hour(), at.minute(), at.second())?;
        if matches!(self.0, OriginalStart::Utc(_)) {
            f.write_str("Z")
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::BadRule;
    use super::*;

    fn check(text: &str, printed: &str) {
        let rule = Rule::parse(text).unwrap();
        assert_eq!(rule.to_string(), printed);
        assert_eq!(Rule::parse(printed), Ok(rule));
    }

    #[test]
    fn rules_read_and_print() {
        check("FREQ=DAILY", "FREQ=DAILY");
        check(
            "RRULE:freq=weekly;wkst=su;byday=we,MO",
            "FREQ=WEEKLY;BYDAY=MO,WE;WKST=SU",
        );
        check(
            "INTERVAL=2;FREQ=MONTHLY;BYDAY=-1FR,2TU;UNTIL=20261120T100000Z",
            "FREQ=MONTHLY;UNTIL=20261120T100000Z;INTERVAL=2;BYDAY=2TU,-1FR",
        );
        check(
            "FREQ=YEARLY;X-OURS=1;COUNT=3",
            "FREQ=YEARLY;COUNT=3;X-OURS=1",
        );
        check("FREQ=HOURLY;INTERVAL=86399;", "FREQ=HOURLY;INTERVAL=86399");
        check(
            "RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=FORWARD",
            "RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=FORWARD",
        );
    }

    #[test]
    fn what_means_nothing_is_refused() {
        assert_eq!(Rule::parse(""), Err(BadRule::NoFrequency));
        assert_eq!(Rule::parse("FREQ=SOMETIMES"), Err(BadRule::NoFrequency));
        assert_eq!(
            Rule::parse("FREQ=DAILY;COUNT=-1"),
            Err(BadRule::BadPart("COUNT".into()))
        );
        assert_eq!(
            Rule::parse("FREQ=DAILY;BYDAY=é"),
            Err(BadRule::BadPart("BYDAY".into()))
        );
        assert_eq!(
            Rule::parse("RSCALE=CHINESE;FREQ=DAILY"),
            Err(BadRule::OtherCalendar("CHINESE".into()))
        );
    }
}
