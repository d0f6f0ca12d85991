//! Giving an event other times: the whole series moves, and its exceptions move with it.
//!
//! Exceptions are named by the start their rule gave them. When the series moves, so do those
//! names, or every skipped occurrence would be back.

use almanac_calendar::rule::{Frequency, Weekday};
use almanac_calendar::{Event, OriginalStart, Override, Rule, When, Zone};
use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Span};

/// Gives an event other times. `when` is that of the first occurrence.
pub(crate) fn set_when(event: &mut Event, when: When) {
    if event.when == when {
        return;
    }
    let shift = Shift::between(&event.when, &when);
    if event.is_series() || !event.overrides.is_empty() {
        shift.rules(&mut event.rules.rules);
        shift.rules(&mut event.rules.exclusions);
        event.dates = moved_keys(&shift, &event.dates);
        event.overrides = moved_keys(&shift, &event.overrides);
        event.splits = moved_keys(&shift, &event.splits);
        event.skipped = event.skipped.iter().map(|key| shift.key(*key)).collect();
        event
            .overrides
            .values_mut()
            .for_each(|change| shift.change(change));
        for split in event.splits.values_mut() {
            shift.change(&mut split.change);
            if let Some(rules) = &mut split.rules {
                shift.rules(&mut rules.rules);
                shift.rules(&mut rules.exclusions);
            }
        }
    }
    event.when = when;
}

fn moved_keys<T: Clone>(
    shift: &Shift<'_>,
    entries: &std::collections::BTreeMap<OriginalStart, T>,
) -> std::collections::BTreeMap<OriginalStart, T> {
    entries
        .iter()
        .map(|(key, value)| (shift.key(*key), value.clone()))
        .collect()
}

/// From the old times to the new ones.
struct Shift<'a> {
    from: &'a When,
    to: &'a When,
    /// By how much the wall clock of the start moves.
    by: SignedDuration,
    /// By how many days it moves.
    days: i64,
}

impl<'a> Shift<'a> {
    fn between(from: &'a When, to: &'a When) -> Self {
        let by = to.start().duration_since(from.start());
        let between = to.start().date().duration_since(from.start().date());
        Self {
            from,
            to,
            by,
            days: between.as_hours() / 24,
        }
    }

    fn clock(&self, at: DateTime) -> DateTime {
        at.checked_add(self.by).unwrap_or(at)
    }

    fn day(&self, day: Date) -> Date {
        day.checked_add(Span::new().days(self.days)).unwrap_or(day)
    }

    /// The name of an occurrence after the move.
    fn key(&self, key: OriginalStart) -> OriginalStart {
        let day = self.day(key.date());
        match (self.from.is_all_day(), self.to.is_all_day(), key) {
            (_, true, _) => OriginalStart::Date(day),
            // A date among times skips that whole day.
            (false, false, OriginalStart::Date(_)) => OriginalStart::Date(day),
            (true, false, _) => self.named(day.to_datetime(self.to.start().time())),
            (false, false, OriginalStart::Local(at)) => self.named(self.clock(at)),
            // Among times of a zone, this is the second of two equal wall clocks.
            (false, false, OriginalStart::Utc(at)) if self.is_from_utc() => {
                self.named(self.clock(at))
            }
            (false, false, OriginalStart::Utc(at)) => OriginalStart::Utc(self.clock(at)),
        }
    }

    fn named(&self, at: DateTime) -> OriginalStart {
        match self.to.original() {
            OriginalStart::Date(_) => OriginalStart::Date(at.date()),
            OriginalStart::Local(_) => OriginalStart::Local(at),
            OriginalStart::Utc(_) => OriginalStart::Utc(at),
        }
    }

    fn is_from_utc(&self) -> bool {
        self.from.zone().is_some_and(Zone::is_utc)
    }

    /// Moves what one occurrence, or all from one on, have of their own.
    fn change(&self, change: &mut Override) {
        let Some(when) = change.when.take() else {
            return;
        };
        if self.from.is_all_day() != self.to.is_all_day() {
            return;
        }
        let moved = when.moved_to(self.clock(when.start()));
        change.when = Some(match (moved, self.to) {
            (When::Zoned { start, zone, end }, When::Zoned { zone: new, .. })
                if Some(&zone) == self.from.zone() =>
            {
                When::Zoned {
                    start,
                    zone: new.clone(),
                    end,
                }
            }
            (moved, _) => moved,
        });
    }

    fn rules(&self, rules: &mut [Rule]) {
        for rule in rules {
            rule.until = rule.until.map(|until| self.until(until));
            self.days_of(rule);
        }
    }

    fn until(&self, until: OriginalStart) -> OriginalStart {
        let OriginalStart::Utc(at) = until else {
            let clock = self.clock(until.wall_clock());
            return match until {
                OriginalStart::Date(day) => OriginalStart::Date(self.day(day)),
                OriginalStart::Local(_) | OriginalStart::Utc(_) => OriginalStart::Local(clock),
            };
        };
        // An instant: what counts is the wall clock of the series at that moment.
        let utc = Zone::utc();
        let clock = self.clock(self.from.zone().unwrap_or(&utc).wall_clock(utc.instant(at)));
        match self.to {
            When::AllDay { .. } => OriginalStart::Date(clock.date()),
            When::Floating { .. } => OriginalStart::Local(clock),
            When::Zoned { zone, .. } => OriginalStart::Utc(utc.wall_clock(zone.instant(clock))),
        }
    }

    /// Days that a rule names and that moved along with the start.
    fn days_of(&self, rule: &mut Rule) {
        let (old, new) = (self.from.start().date(), self.to.start().date());
        match rule.frequency {
            Frequency::Weekly => {
                for day in &mut rule.by_day {
                    day.weekday = rotated(day.weekday, self.days);
                }
            }
            Frequency::Monthly if rule.by_month_day == [i32::from(old.day())] => {
                rule.by_month_day = vec![i32::from(new.day())];
            }
            Frequency::Yearly
                if rule.by_month_day == [i32::from(old.day())]
                    && rule.by_month == [i32::from(old.month())] =>
            {
                rule.by_month_day = vec![i32::from(new.day())];
                rule.by_month = vec![i32::from(new.month())];
            }
            Frequency::Secondly
            | Frequency::Minutely
            | Frequency::Hourly
            | Frequency::Daily
            | Frequency::Monthly
            | Frequency::Yearly => {}
        }
    }
}

fn rotated(day: Weekday, days: i64) -> Weekday {
    let steps = usize::try_from(days.rem_euclid(7)).unwrap_or_default();
    let from = Weekday::ALL
        .iter()
        .cycle()
        .skip_while(|other| **other != day);
    from.copied().nth(steps).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use almanac_calendar::Rules;

    use super::*;

    fn series(rule: &str) -> Event {
        let zone = Zone::named("Europe/Berlin");
        let when = When::from_people("2026-11-02T09:15", None, Some(&zone)).unwrap();
        let mut event = Event::new("a@x", "Stand-up", when);
        event.rules = Rules::one(Rule::parse(rule).unwrap());
        event.skipped.insert("2026-11-25T09:15".parse().unwrap());
        let change = Override {
            title: Some("Later".into()),
            ..Override::default()
        };
        event
            .overrides
            .insert("2026-11-26T09:15".parse().unwrap(), change);
        event
    }

    fn moved(mut event: Event, start: &str, zone: &str) -> Event {
        let zone = Zone::named(zone);
        set_when(
            &mut event,
            When::from_people(start, None, Some(&zone)).unwrap(),
        );
        event
    }

    #[test]
    fn exceptions_move_with_the_series() {
        let event = moved(series("FREQ=DAILY"), "2026-11-02T11:00", "Europe/Berlin");
        assert!(event.skipped.contains(&"2026-11-25T11:00".parse().unwrap()));
        assert!(
            event
                .overrides
                .contains_key(&"2026-11-26T11:00".parse().unwrap())
        );
    }

    #[test]
    fn a_new_zone_keeps_the_exceptions_where_they_are() {
        let event = moved(series("FREQ=DAILY"), "2026-11-02T09:15", "America/New_York");
        assert!(event.skipped.contains(&"2026-11-25T09:15".parse().unwrap()));
        let event = moved(series("FREQ=DAILY"), "2026-11-02T09:15", "UTC");
        assert!(
            event
                .skipped
                .contains(&"2026-11-25T09:15Z".parse().unwrap())
        );
    }

    #[test]
    fn the_days_of_a_weekly_rule_move_along() {
        let event = moved(
            series("FREQ=WEEKLY;BYDAY=MO,SU"),
            "2026-11-03T09:15",
            "Europe/Berlin",
        );
        assert_eq!(event.rules.rules[0].to_string(), "FREQ=WEEKLY;BYDAY=TU,MO");
        assert!(event.skipped.contains(&"2026-11-26T09:15".parse().unwrap()));
    }

    #[test]
    fn the_last_occurrence_stays_the_last() {
        let event = series("FREQ=DAILY;UNTIL=20261127T081500Z");
        let event = moved(event, "2026-11-02T11:15", "America/New_York");
        assert_eq!(
            event.rules.rules[0].to_string(),
            "FREQ=DAILY;UNTIL=20261127T161500Z"
        );
    }

    #[test]
    fn whole_days_name_their_exceptions_by_date() {
        let event = moved(series("FREQ=DAILY"), "2026-11-02", "UTC");
        assert!(event.skipped.contains(&"2026-11-25".parse().unwrap()));
    }
}
