//! What a person writes is in no file, in no log and in no byte between devices and relay.

use std::path::{Path, PathBuf};

use almanac_scenarios::{Proxy, World};

const CANARIES: [&str; 5] = [
    "Zx7CanaryTitleQp4",
    "Zx7CanaryPlaceQp4",
    "Zx7CanaryNotesQp4",
    "Zx7CanaryCalendarQp4",
    "Zx7CanaryGuestQp4",
];
/// Bytes that an inflated stream may have before the search in it ends.
const INFLATED_BYTES_MAX: usize = 16 * 1024;

/// Every canary of the story, found anywhere: where and in which form.
fn story(program: Option<&Path>) -> Vec<String> {
    let world = World::new();
    let relay = world.relay();
    let proxy = Proxy::start(relay.port());
    let (ada, desk) = (world.device("ada laptop"), world.device("ada desk"));
    let (ada, desk) = match program {
        Some(program) => (ada.with_program(program), desk.with_program(program)),
        None => (ada, desk),
    };
    let [title, place, notes, calendar, guest] = CANARIES;
    let file = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//story//EN\r\nBEGIN:VEVENT\r\nUID:canary-1\r\n\
         DTSTAMP:20261101T000000Z\r\nDTSTART:20261120T100000Z\r\nDTEND:20261120T110000Z\r\n\
         SUMMARY:{title}\r\nLOCATION:{place}\r\nDESCRIPTION:{notes}\r\n\
         ATTENDEE;CN={guest}:mailto:{guest}@example.org\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    let path = world.folder().join("canary.ics");
    std::fs::write(&path, file).unwrap();
    ada.init();
    ada.ok(&["calendar", "add", calendar]);
    ada.ok(&["import", path.to_str().unwrap(), "--calendar", calendar]);
    std::fs::remove_file(&path).unwrap();
    ada.ok(&["relay", "use", &proxy.url(), "--invite", relay.invite()]);
    ada.sync();
    desk.link_to(&ada, &proxy.url());
    desk.sync();
    assert_eq!(desk.titles(), [title], "the canary arrived");
    let exported = desk.run(&["export", "--calendar", calendar]).stdout;
    assert!(
        exported.contains(guest) && exported.contains(notes),
        "all of it arrived"
    );

    let mut places: Vec<(String, Vec<u8>)> = Vec::new();
    for file in files_below(world.folder()) {
        let bytes = std::fs::read(&file).unwrap();
        places.push((
            file.strip_prefix(world.folder())
                .unwrap()
                .display()
                .to_string(),
            bytes,
        ));
    }
    assert!(
        places
            .iter()
            .any(|(name, bytes)| name.ends_with(".log") && !bytes.is_empty())
    );
    let wire = proxy
        .recorded()
        .into_iter()
        .map(|bytes| ("the wire".to_owned(), bytes));
    places.extend(wire);
    places
        .iter()
        .flat_map(|(place, bytes)| found_in(place, bytes))
        .collect()
}

#[test]
fn nothing_that_a_person_writes_can_be_found() {
    let found = story(None);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn the_search_finds_everything_when_nothing_is_encrypted() {
    let found = story(Some(&program_without_encryption()));
    for canary in CANARIES {
        assert!(
            found.iter().any(|find| find.contains(canary)),
            "{canary} was not found"
        );
    }
    assert!(
        found.iter().any(|find| find.starts_with("relay")),
        "not in the relay's files"
    );
    assert!(
        found.iter().any(|find| find.starts_with("the wire")),
        "not on the wire"
    );
}

/// The client with a cipher that does nothing: only debug builds have it.
fn program_without_encryption() -> PathBuf {
    let normal = almanac_scenarios::almanac();
    let folder = normal.parent().unwrap();
    let words = [
        "-p",
        "almanac-cli",
        "--features",
        "identity-cipher",
        "--bin",
        "almanac-in-clear",
    ];
    almanac_scenarios::build(folder.parent().unwrap(), &words);
    folder.join("almanac-in-clear")
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files
}

fn found_in(place: &str, bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for canary in CANARIES {
        for (form, needle) in forms(canary) {
            if contains(bytes, &needle) {
                found.push(format!("{place}: {canary} {form}"));
            }
        }
    }
    for start in 0..bytes.len() {
        let inflated =
            miniz_oxide::inflate::decompress_to_vec_with_limit(&bytes[start..], INFLATED_BYTES_MAX);
        let inflated = inflated.unwrap_or_else(|stopped| stopped.output);
        if inflated.len() < CANARIES[0].len() {
            continue;
        }
        for canary in CANARIES {
            if contains(&inflated, canary.as_bytes()) {
                found.push(format!("{place}: {canary} deflated at {start}"));
            }
        }
    }
    found
}

fn forms(canary: &str) -> Vec<(&'static str, Vec<u8>)> {
    let hex: String = canary.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![
        ("raw", canary.as_bytes().to_vec()),
        ("hex", hex.clone().into_bytes()),
        ("HEX", hex.to_uppercase().into_bytes()),
        (
            "UTF-16LE",
            canary.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        ),
        (
            "UTF-16BE",
            canary.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        ),
    ];
    for shift in 0..3 {
        for (name, last) in [("base64", *b"+/"), ("base64url", *b"-_")] {
            let bytes = [&vec![0; shift], canary.as_bytes()].concat();
            let text = base64(&bytes, last);
            // The first and last group also hold bits of the neighbours.
            forms.push((name, text.as_bytes()[4..text.len() - 4].to_vec()));
        }
    }
    forms
}

fn base64(bytes: &[u8], last: [u8; 2]) -> String {
    let alphabet: Vec<u8> = (b'A'..=b'Z')
        .chain(b'a'..=b'z')
        .chain(b'0'..=b'9')
        .chain(last)
        .collect();
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = group
            .iter()
            .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte))
            << (8 * (3 - group.len()));
        for place in 0..4 {
            text.push(char::from(
                alphabet[(bits >> (18 - 6 * place) & 63) as usize],
            ));
        }
    }
    text
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    memchr::memmem::find(bytes, needle).is_some()
}

#[test]
fn every_form_of_a_canary_is_recognised() {
    let canary = CANARIES[0];
    for (form, needle) in forms(canary) {
        let place = [b"before".as_slice(), &needle, b"after"].concat();
        assert!(!found_in("here", &place).is_empty(), "{form}");
    }
    let deflated = miniz_oxide::deflate::compress_to_vec(canary.as_bytes(), 9);
    assert!(!found_in("here", &deflated).is_empty());
}
