//! Days and seconds as plain integers, the arithmetic under every rule of time.
//!
//! A civil day is a count of days since 1970-01-01 in the proleptic Gregorian calendar; a civil
//! second is a count of wall-clock seconds since that midnight, without any zone. Conversions to
//! `jiff` values are refused outside the years it knows (-9999 to 9999).

use jiff::civil::{Date, DateTime};

/// Seconds of one civil day.
pub(crate) const DAY: i64 = 86_400;

/// Seconds by which days on the wall, in whichever zones, may be off from exact time.
pub(crate) const WALL_MAX: i64 = 2 * DAY;

/// The first and last civil day we give to anyone.
pub(crate) const FIRST_DAY: i64 = -4_371_587;
/// See [`FIRST_DAY`].
pub(crate) const LAST_DAY: i64 = 2_932_896;

/// Days since 1970-01-01 of a date; the month counts from 1.
pub(crate) const fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year - era * 400;
    let shifted = (month + 9) % 12;
    let day_of_year = (153 * shifted + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Year, month and day of a count of days.
pub(crate) const fn ymd_of(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days - era * 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

/// Whether February has 29 days.
pub(crate) const fn is_leap(year: i64) -> bool {
    year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0)
}

/// Days of a month; the month counts from 1.
pub(crate) const fn month_days(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days of a year.
pub(crate) const fn year_days(year: i64) -> i64 {
    if is_leap(year) { 366 } else { 365 }
}

/// The weekday of a day, Monday is 0.
pub(crate) const fn weekday_of(days: i64) -> i64 {
    (days + 3).rem_euclid(7)
}

/// The count of days of a date.
pub(crate) fn days_of_date(date: Date) -> i64 {
    days_of(
        i64::from(date.year()),
        i64::from(date.month()),
        i64::from(date.day()),
    )
}

/// The date of a count of days, while it is one `jiff` can hold.
pub(crate) fn date_of(days: i64) -> Option<Date> {
    if !(FIRST_DAY..=LAST_DAY).contains(&days) {
        return None;
    }
    let (year, month, day) = ymd_of(days);
    Date::new(
        i16::try_from(year).ok()?,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
    )
    .ok()
}

/// The civil second of a wall-clock time; parts of a second are dropped.
pub(crate) fn seconds_of(at: DateTime) -> i64 {
    days_of_date(at.date()) * DAY
        + i64::from(at.hour()) * 3_600
        + i64::from(at.minute()) * 60
        + i64::from(at.second())
}

/// The wall-clock time of a civil second, while it is one `jiff` can hold.
pub(crate) fn datetime_of(seconds: i64) -> Option<DateTime> {
    let date = date_of(seconds.div_euclid(DAY))?;
    let rest = seconds.rem_euclid(DAY);
    let part = |value: i64| i8::try_from(value).ok();
    Some(date.at(
        part(rest / 3_600)?,
        part(rest / 60 % 60)?,
        part(rest % 60)?,
        0,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_agree_with_jiff() {
        let mut date = Date::MIN;
        let mut days = FIRST_DAY;
        assert_eq!(date_of(days), Some(Date::MIN));
        assert_eq!(date_of(LAST_DAY), Some(Date::MAX));
        while date < Date::MAX {
            assert_eq!(days_of_date(date), days);
            assert_eq!(date_of(days), Some(date));
            assert_eq!(
                weekday_of(days),
                i64::from(date.weekday().to_monday_zero_offset())
            );
            let step = 1 + days.rem_euclid(97);
            days += step;
            date = date.saturating_add(jiff::Span::new().days(step));
        }
        assert_eq!(date_of(LAST_DAY + 1), None);
    }
}
