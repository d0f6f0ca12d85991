//! From the names that files carry to the zones they mean.
//!
//! Only names that leave no doubt resolve. A place is never guessed from an offset: a name that is
//! an offset and nothing else is that offset for ever, and where a file describes the zone itself,
//! that description comes first.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock, OnceLock, RwLock};

use jiff::tz::TimeZoneDatabase;

use super::{Kind, Table, Zone};

/// Names remembered; beyond that many the cache no longer grows.
const REMEMBERED_MAX: usize = 4_096;

static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);
static TABLE: LazyLock<BTreeMap<String, &'static str>> = LazyLock::new(|| {
    [include_str!("windows.txt"), include_str!("aliases.txt")]
        .into_iter()
        .flat_map(str::lines)
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t'))
        .map(|(name, zone)| (name.to_lowercase(), zone))
        .collect()
});
/// IANA names by their letters alone. Names with digits or signs mean something by those, and are
/// not here; nor are two that differ in nothing else.
static LETTERS: LazyLock<BTreeMap<String, Option<String>>> = LazyLock::new(|| {
    let mut found = BTreeMap::new();
    for name in DATABASE.available() {
        let name = name.as_str();
        if !name.contains(|letter: char| letter.is_ascii_digit() || letter == '+') {
            found
                .entry(letters(name))
                .and_modify(|one| *one = None)
                .or_insert_with(|| Some(name.to_owned()));
        }
    }
    found
});
static REMEMBERED: LazyLock<RwLock<HashMap<String, Zone>>> = LazyLock::new(RwLock::default);

pub(super) fn utc() -> Zone {
    static UTC: OnceLock<Zone> = OnceLock::new();
    UTC.get_or_init(|| Zone(Arc::new(Kind::Utc(Table::fixed(0)))))
        .clone()
}

pub(super) fn resolve(name: &str) -> Option<Zone> {
    if let Some(zone) = REMEMBERED
        .read()
        .ok()
        .and_then(|known| known.get(name).cloned())
    {
        return Some(zone);
    }
    let zone = search(name)?;
    if let Ok(mut known) = REMEMBERED.write()
        && known.len() < REMEMBERED_MAX
    {
        known.insert(name.to_owned(), zone.clone());
    }
    Some(zone)
}

fn search(name: &str) -> Option<Zone> {
    let name = name.trim().trim_matches('"');
    let name = name.strip_prefix("TZID=").unwrap_or(name);
    let name = name.trim_end_matches(':').trim();
    if let Some(zone) = exact(name) {
        return Some(zone);
    }
    let plain = name.replace('\\', "");
    listed(&plain)
        .or_else(|| listed(after_offset(&plain)?))
        .or_else(|| behind_prefix(&plain))
        .or_else(|| respelled(&plain))
        .or_else(|| at_offset(offset_alone(&plain)?))
}

/// An IANA name in any letter case.
fn exact(name: &str) -> Option<Zone> {
    if name.is_empty() || name.len() > 60 || !name.is_ascii() {
        return None;
    }
    let upper = name.to_ascii_uppercase();
    if matches!(
        upper.as_str(),
        "UTC"
            | "Z"
            | "ETC/UTC"
            | "ETC/UCT"
            | "ETC/ZULU"
            | "UCT"
            | "ZULU"
            | "ETC/UNIVERSAL"
            | "UNIVERSAL"
            | "GMT"
            | "ETC/GMT"
            | "ETC/GREENWICH"
            | "GREENWICH"
            | "GMT0"
            | "GMT+0"
            | "GMT-0"
            | "ETC/GMT0"
            | "ETC/GMT+0"
            | "ETC/GMT-0"
    ) {
        return Some(utc());
    }
    let zone = DATABASE.get(name).ok()?;
    let name = zone.iana_name()?.to_owned();
    let table = Table::iana(zone);
    Some(Zone(Arc::new(Kind::Iana { name, table })))
}

/// A Windows name or a listed alias.
fn listed(name: &str) -> Option<Zone> {
    TABLE
        .get(&name.trim().to_lowercase())
        .and_then(|zone| exact(zone))
}

/// What stands after "(UTC+01:00)", "(GMT-05.00)" and the like.
fn after_offset(name: &str) -> Option<&str> {
    let inside = name.strip_prefix('(')?;
    let (offset, rest) = inside.split_once(')')?;
    let rest = rest.trim();
    let known = ["UTC", "GMT"]
        .iter()
        .any(|word| offset.trim_start().starts_with(word));
    if known && !rest.is_empty() {
        Some(rest)
    } else {
        None
    }
}

/// `/mozilla.org/20070129_1/Europe/Berlin`, `posix/Europe/Vaduz`: the longest tail that is a name.
fn behind_prefix(name: &str) -> Option<Zone> {
    let mut rest = name;
    while let Some((_, tail)) = rest.split_once('/') {
        // A tail of one word would make a city of any folder; zones have two words at least.
        if tail.contains('/')
            && let Some(zone) = exact(tail)
        {
            return Some(zone);
        }
        rest = tail;
    }
    let tail = name.strip_prefix('/')?;
    let last = tail.rsplit('/').next()?;
    if matches!(last, "GMT" | "UTC") {
        Some(utc())
    } else {
        None
    }
}

/// `US-Eastern`, `Europe_Berlin`, `America/Los Angeles`, `IndianReunion`: all the letters of a
/// name, and only what is between them different.
fn respelled(name: &str) -> Option<Zone> {
    if name.contains(|letter: char| letter.is_ascii_digit() || letter == '+') {
        return None;
    }
    exact(LETTERS.get(&letters(name))?.as_deref()?)
}

fn letters(name: &str) -> String {
    let letters = name.chars().filter(|letter| letter.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// The zone that is so many seconds east of Greenwich for ever: one of IANA's where the hours are
/// whole, which every program knows, or else one by the name of its offset.
fn at_offset(seconds: i64) -> Option<Zone> {
    let (hours, minutes) = (seconds.abs() / 3_600, seconds.abs() / 60 % 60);
    let is_east = seconds > 0;
    if minutes == 0 {
        // The names of IANA count west of Greenwich, as POSIX does.
        let sign = if is_east { '-' } else { '+' };
        return exact(&format!("Etc/GMT{sign}{hours}"));
    }
    let sign = if is_east { '+' } else { '-' };
    Some(Zone(Arc::new(Kind::Offset {
        name: format!("UTC{sign}{hours:02}:{minutes:02}"),
        table: Table::fixed(seconds),
    })))
}

/// The offset of a name that is nothing else, in seconds east: `GMT+0200`, `UTC-5:30`,
/// `(GMT +01:00)`. Offsets of the earth lie between -12 and +14 hours.
pub(super) fn offset_alone(name: &str) -> Option<i64> {
    let name = name.trim();
    let inside = name
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'));
    let name = inside.unwrap_or(name).trim();
    let (word, rest) = name.split_at_checked(3)?;
    let is_known = ["UTC", "GMT"]
        .iter()
        .any(|one| word.eq_ignore_ascii_case(one));
    let digits = rest.trim_start().strip_prefix(['+', '-'])?;
    let (hours, minutes) = digits.split_once([':', '.']).unwrap_or((digits, "00"));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_plain = is_digits(hours) && is_digits(minutes) && minutes.len() == 2;
    if !is_known || !is_plain {
        return None;
    }
    stated_offset(name).filter(|seconds| (-12 * 3_600..=14 * 3_600).contains(seconds))
}

/// The offset that a name nobody knows says itself, in seconds east: `UTC+01`, `(GMT -03:00)`,
/// `GMT +0100 (Standard) / GMT +0200 (Daylight)`. Where it says two, the first is that of winter.
pub(super) fn stated_offset(name: &str) -> Option<i64> {
    let upper = name.to_ascii_uppercase();
    let after = ["UTC", "GMT"]
        .iter()
        .find_map(|word| upper.split_once(word).map(|(_, after)| after.trim_start()));
    let after = after.unwrap_or(upper.trim());
    let (sign, digits) = match after.chars().next()? {
        '+' => (1, after.get(1..)?),
        '-' => (-1, after.get(1..)?),
        _ => return None,
    };
    let end = digits.find(|letter: char| !letter.is_ascii_digit() && !matches!(letter, ':' | '.'));
    let digits = digits.get(..end.unwrap_or(digits.len()))?;
    let (hours, minutes) = match digits.split_once([':', '.']) {
        Some(parts) => parts,
        None => match digits.len() {
            3 => digits.split_at_checked(1)?,
            4 => digits.split_at_checked(2)?,
            _ => (digits, ""),
        },
    };
    let number = |text: &str| {
        if text.is_empty() || text.len() > 2 {
            return None;
        }
        text.parse::<i64>().ok()
    };
    let minutes = if minutes.is_empty() {
        0
    } else {
        number(minutes)?
    };
    let hours = number(hours)?;
    if hours <= 14 && minutes < 60 {
        Some(sign * (hours * 3_600 + minutes * 60))
    } else {
        None
    }
}
