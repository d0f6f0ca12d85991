//! How a person writes dates and times, from the system's locale: words stay English, the region
//! decides the clock and the first day of the week (CLDR `supplemental/weekData` and `timeData`).

/// Regions whose week begins on Sunday.
const SUNDAY_FIRST: &[&str] = &[
    "AG", "AS", "BD", "BR", "BS", "BT", "BW", "BZ", "CA", "CO", "DM", "DO", "ET", "GT", "GU", "HK",
    "HN", "ID", "IL", "IN", "JM", "JP", "KE", "KH", "KR", "LA", "MH", "MM", "MO", "MT", "MX", "MZ",
    "NI", "NP", "PA", "PE", "PH", "PK", "PR", "PT", "PY", "SA", "SG", "SV", "TH", "TT", "TW", "UM",
    "US", "VE", "VI", "WS", "YE", "ZA", "ZW",
];
/// Regions whose week begins on Saturday.
const SATURDAY_FIRST: &[&str] = &[
    "AE", "AF", "BH", "DJ", "DZ", "EG", "IQ", "IR", "JO", "KW", "LY", "OM", "QA", "SD", "SY",
];
/// Regions that read the clock in twelve hours.
const TWELVE_HOURS: &[&str] = &[
    "AE", "AG", "AS", "AU", "BB", "BD", "BH", "BM", "BS", "CA", "CO", "DJ", "DM", "DZ", "EG", "ER",
    "ET", "FJ", "FM", "GD", "GH", "GM", "GU", "GY", "HK", "IN", "IQ", "JM", "JO", "KI", "KN", "KR",
    "KW", "KY", "LB", "LC", "LR", "LY", "MH", "MO", "MR", "MW", "MX", "MY", "NZ", "OM", "PA", "PG",
    "PH", "PK", "PR", "PS", "PW", "QA", "SA", "SB", "SD", "SG", "SL", "SS", "SY", "SZ", "TC", "TT",
    "TW", "UM", "US", "VC", "VE", "VG", "VI", "WS", "YE", "ZM",
];
const MONDAY: u8 = 1;
const SATURDAY: u8 = 6;
const SUNDAY: u8 = 7;

/// The habits of one region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Habits {
    /// Language and region for formatting, such as `en-GB`.
    pub(crate) locale: String,
    /// ISO weekday on which a week begins.
    pub(crate) first_day: u8,
    /// `h12` or `h23`.
    pub(crate) hour_cycle: &'static str,
}

impl Habits {
    /// The habits of whoever runs this program.
    pub(crate) fn of_the_system() -> Self {
        let named = ["LC_ALL", "LC_TIME", "LANG"]
            .into_iter()
            .filter_map(|name| std::env::var(name).ok())
            .find(|value| !value.is_empty());
        Self::of(named.as_deref().unwrap_or_default())
    }

    /// The habits of a POSIX locale such as `de_DE.UTF-8`; of no region, weeks from Monday and a
    /// clock of 24 hours.
    fn of(posix: &str) -> Self {
        let place = posix.split(['.', '@']).next().unwrap_or_default();
        let region = place
            .split('_')
            .nth(1)
            .filter(|region| region.len() == 2 && region.bytes().all(|b| b.is_ascii_uppercase()));
        let Some(region) = region else {
            return Self {
                locale: "en-GB".to_owned(),
                first_day: MONDAY,
                hour_cycle: "h23",
            };
        };
        let first_day = match region {
            region if SUNDAY_FIRST.contains(&region) => SUNDAY,
            region if SATURDAY_FIRST.contains(&region) => SATURDAY,
            _ => MONDAY,
        };
        let hour_cycle = if TWELVE_HOURS.contains(&region) {
            "h12"
        } else {
            "h23"
        };
        Self {
            locale: format!("en-{region}"),
            first_day,
            hour_cycle,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(posix: &str, locale: &str, first_day: u8, hour_cycle: &str) {
        let habits = Habits::of(posix);
        assert_eq!(
            (habits.locale.as_str(), habits.first_day),
            (locale, first_day),
            "{posix}"
        );
        assert_eq!(habits.hour_cycle, hour_cycle, "{posix}");
    }

    #[test]
    fn the_region_decides_the_week_and_the_clock() {
        check("en_US.UTF-8", "en-US", SUNDAY, "h12");
        check("de_DE.UTF-8", "en-DE", MONDAY, "h23");
        check("ar_EG", "en-EG", SATURDAY, "h12");
        check("ca_ES@valencia", "en-ES", MONDAY, "h23");
    }

    #[test]
    fn a_locale_without_a_region_is_no_guess_at_one() {
        for posix in ["", "C", "C.UTF-8", "POSIX", "eo", "de_", "de_Latn"] {
            check(posix, "en-GB", MONDAY, "h23");
        }
    }
}
