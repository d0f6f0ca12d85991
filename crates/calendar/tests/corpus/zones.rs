//! Zones: blocks that describe themselves, Windows names, and names of the wild.

use almanac_calendar::zone::custom::CustomZone;
use almanac_calendar::{OriginalStart, Zone};

use super::folder::{Outcome, Score, cases, path, text};

#[test]
fn blocks_give_the_offsets_they_describe() {
    let mut score = Score::of("described zones");
    for case in cases("zones/vtimezone-cases.jsonl") {
        // Blocks that contradict themselves are read differently by everyone.
        if case["unanimous"] == 0 {
            score.add(&case, "", Outcome::Argued);
            continue;
        }
        let samples = case["samples"].as_array().unwrap();
        let zone = CustomZone::parse(text(&case, "ics")).map(Zone::custom);
        let wrong: Vec<String> = samples
            .iter()
            .filter_map(|sample| {
                let at: OriginalStart = sample[0].as_str().unwrap().parse().unwrap();
                let wanted = sample[1].as_i64().unwrap();
                let found = zone
                    .as_ref()
                    .map(|zone| zone.offset_seconds(zone.instant(at.wall_clock())));
                if found == Some(wanted) {
                    None
                } else {
                    Some(format!("{at} {wanted} {found:?}"))
                }
            })
            .collect();
        let about = format!("{} {} {:?}", text(&case, "id"), text(&case, "tzid"), wrong);
        score.add(&case, &about, wrong.is_empty());
    }
    score.print();
    score.is_whole("zones/vtimezone-cases.jsonl");
    assert_eq!(score.failed(), 0);
}

/// Winters and summers of both halves of the world, before and after rules changed.
const INSTANTS: [&str; 8] = [
    "1995-01-15T12:00:00Z",
    "2004-07-15T12:00:00Z",
    "2016-01-15T12:00:00Z",
    "2022-07-15T12:00:00Z",
    "2026-01-15T12:00:00Z",
    "2026-07-15T12:00:00Z",
    "2099-07-15T12:00:00Z",
    "2150-01-15T12:00:00Z",
];

#[test]
fn every_windows_name_resolves() {
    let Some(path) = path("zones/windows-to-iana.001.json") else {
        return;
    };
    let names: std::collections::BTreeMap<String, String> =
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(names.len(), 139);
    for (windows, iana) in &names {
        let found = Zone::resolve(windows).unwrap();
        // The database itself says what is right, not our own reading of the second name.
        let expected = jiff::tz::TimeZone::get(iana).unwrap();
        for at in INSTANTS {
            let at: jiff::Timestamp = at.parse().unwrap();
            let wanted = i64::from(expected.to_offset(at).seconds());
            assert_eq!(found.offset_seconds(at), wanted, "{windows} {iana} {at}");
        }
    }
    println!("windows names: {} of 139", names.len());
}

#[test]
fn names_of_the_wild_resolve_where_they_leave_no_doubt() {
    let Some(path) = path("zones/tzids-in-the-wild.tsv") else {
        return;
    };
    let text = String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
    for line in text.lines().skip(1) {
        let mut fields = line.split('\t');
        let (name, class) = (fields.next().unwrap(), fields.nth(1).unwrap_or_default());
        if matches!(class, "iana" | "windows") {
            assert!(Zone::resolve(name).is_some(), "{name}");
        } else if std::env::var_os("ALMANAC_CORPUS_FAILURES").is_some() {
            println!("{name}: {:?}", Zone::resolve(name));
        }
    }
}
