//! Which backups are kept: the newest of each of the last seven days that have one, of each of four
//! weeks, and of each of twelve months; the newest of all, and the one that was proven last, always.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;

const DAYS: usize = 7;
const WEEKS: usize = 4;
const MONTHS: usize = 12;
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// The places in `made_ms` of those that are kept.
pub(super) fn kept(made_ms: &[u64], proven: Option<usize>) -> BTreeSet<usize> {
    let mut order: Vec<usize> = (0..made_ms.len()).collect();
    order.sort_by_key(|place| std::cmp::Reverse(made_ms.get(*place).copied()));
    let mut kept: BTreeSet<usize> = proven.into_iter().collect();
    kept.extend(order.first());
    for (count, period) in [
        (DAYS, day as fn(u64) -> u64),
        (WEEKS, week),
        (MONTHS, month),
    ] {
        let mut seen = BTreeSet::new();
        for place in &order {
            let Some(made) = made_ms.get(*place) else {
                continue;
            };
            if seen.len() < count && seen.insert(period(*made)) {
                kept.insert(*place);
            }
        }
    }
    kept
}

const fn day(made_ms: u64) -> u64 {
    made_ms / DAY_MS
}

/// Weeks begin on Monday; the first of January 1970 was a Thursday.
const fn week(made_ms: u64) -> u64 {
    (day(made_ms) + 3) / 7
}

fn month(made_ms: u64) -> u64 {
    let ms = i64::try_from(made_ms).unwrap_or(i64::MAX);
    let date = Timestamp::from_millisecond(ms)
        .unwrap_or_default()
        .to_zoned(TimeZone::UTC)
        .date();
    let months = i64::from(date.year()) * 12 + i64::from(date.month());
    u64::try_from(months).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One a day for so many days, the newest last.
    fn daily(days: u64) -> Vec<u64> {
        let first = 1_700_000_000_000;
        (0..days).map(|day| first + day * DAY_MS).collect()
    }

    #[test]
    fn a_year_of_days_leaves_days_weeks_and_months() {
        let made = daily(400);
        let kept = kept(&made, None);
        assert!((393..400).all(|place| kept.contains(&place)), "a week");
        assert!(kept.len() <= DAYS + WEEKS + MONTHS);
        assert!(kept.len() >= DAYS + 2 + MONTHS - 1);
        let oldest = made[*kept.first().unwrap()];
        assert!(made[399] - oldest >= 300 * DAY_MS, "about a year back");
    }

    #[test]
    fn the_newest_and_the_proven_one_stay() {
        let made = daily(400);
        assert!(kept(&made, Some(3)).contains(&3));
        let same_day = vec![5, 9, 7];
        assert_eq!(kept(&same_day, None), BTreeSet::from([1]));
        assert_eq!(kept(&same_day, Some(0)), BTreeSet::from([0, 1]));
        assert!(kept(&[], None).is_empty());
    }

    #[test]
    fn what_is_kept_today_is_not_given_up_early() {
        // Made and rotated day by day, as a program does it.
        let mut files: Vec<u64> = Vec::new();
        for made in daily(400) {
            files.push(made);
            let keep = kept(&files, None);
            files = keep.iter().map(|place| files[*place]).collect();
        }
        let newest = *files.last().unwrap();
        let ages: Vec<u64> = files.iter().map(|made| (newest - made) / DAY_MS).collect();
        for (least, most) in [(0, 0), (6, 6), (14, 28), (90, 150), (270, 400)] {
            assert!(
                ages.iter().any(|age| (least..=most).contains(age)),
                "{least}..{most}: {ages:?}"
            );
        }
    }
}
