//! From the names that files carry to the zones they mean.
//!
//! Only names that leave no doubt resolve. A guess from an offset alone is never made: the file's
//! own description of the zone is better than that.

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
    let name = name.trim().trim_matches('"').trim();
    if let Some(zone) = exact(name) {
        return Some(zone);
    }
    let plain = name.replace('\\', "");
    listed(&plain)
        .or_else(|| listed(after_offset(&plain)?))
        .or_else(|| behind_prefix(&plain))
        .or_else(|| respelled(&plain))
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

/// `US-Eastern`, `Europe_Berlin`, `America/Los Angeles`.
fn respelled(name: &str) -> Option<Zone> {
    let spaced = name.replace(' ', "_");
    exact(&spaced)
        .or_else(|| exact(&spaced.replacen('-', "/", 1)))
        .or_else(|| exact(&spaced.replacen('_', "/", 1)))
}
