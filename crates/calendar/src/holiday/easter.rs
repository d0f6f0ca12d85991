//! Easter Sunday as the Western and the Orthodox churches reckon it, as a civil day.

use crate::civil::days_of;

/// The Gregorian Easter, by the lunar table of 1582.
pub(super) const fn gregorian(year: i64) -> i64 {
    let golden = year.rem_euclid(19);
    let century = year.div_euclid(100);
    // How far the moon and the leap years have moved since the Julian table.
    let leaps = century - century.div_euclid(4);
    let moon = (8 * century + 13).div_euclid(25);
    let age = (19 * golden + leaps - moon + 15).rem_euclid(30);
    // The two dates the table leaves out, so that no full moon comes twice in 19 years.
    let full = age
        - if age == 29 || (age == 28 && golden > 10) {
            1
        } else {
            0
        };
    after_full_moon(days_of(year, 3, 21) + full)
}

/// The Julian Easter, which most Orthodox churches keep.
pub(super) const fn orthodox(year: i64) -> i64 {
    let full = (19 * year.rem_euclid(19) + 15).rem_euclid(30);
    // 21 March of the Julian calendar, so many days later in ours.
    let century = year.div_euclid(100);
    let behind = century - century.div_euclid(4) - 2;
    after_full_moon(days_of(year, 3, 21) + behind + full)
}

/// The Sunday after a day.
const fn after_full_moon(day: i64) -> i64 {
    day + 7 - (crate::civil::weekday_of(day) + 1).rem_euclid(7)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::civil::ymd_of;

    fn check(year: i64, western: (i64, i64), eastern: (i64, i64)) {
        let (_, month, day) = ymd_of(gregorian(year));
        assert_eq!((month, day), western, "{year}");
        let (_, month, day) = ymd_of(orthodox(year));
        assert_eq!((month, day), eastern, "{year}");
    }

    #[test]
    fn easter_falls_where_the_churches_say() {
        check(1818, (3, 22), (4, 26));
        check(1943, (4, 25), (4, 25));
        check(1954, (4, 18), (4, 25));
        check(1981, (4, 19), (4, 26));
        check(2000, (4, 23), (4, 30));
        check(2016, (3, 27), (5, 1));
        check(2024, (3, 31), (5, 5));
        check(2025, (4, 20), (4, 20));
        check(2026, (4, 5), (4, 12));
        check(2038, (4, 25), (4, 25));
        check(2049, (4, 18), (4, 25));
        check(2285, (3, 22), (4, 26));
    }
}
