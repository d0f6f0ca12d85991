//! The tables of docs/protocol.md are the code's: every label, link, frame, message and reason of one
//! stands in the other.

use std::collections::BTreeSet;
use std::path::Path;

use almanac_protocol::frame::FrameType;
use almanac_protocol::message::Message;

use crate::{read, sources};

/// The page from a heading to the next one of its kind or above.
fn section(heading: &str) -> String {
    let page = read(Path::new("docs/protocol.md"));
    let (_, rest) = page
        .split_once(&format!("\n{heading}\n"))
        .unwrap_or_else(|| panic!("docs/protocol.md has no section {heading}"));
    let end = rest.find("\n## ").into_iter().chain(rest.find("\n### "));
    rest[..end.min().unwrap_or(rest.len())].to_owned()
}

/// What stands between backticks.
fn quoted(text: &str) -> BTreeSet<String> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// The words of a name like `TooLarge`.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(letter.to_ascii_lowercase());
        }
    }
    words
}

fn shouted(name: &str) -> String {
    words(name).join("_").to_ascii_uppercase()
}

/// Texts in quotation marks of the code that begin like this, without that beginning.
fn texts_of_the_code(beginning: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (file, text) in sources(&["rs"]) {
        if file.starts_with("crates/protocol/src") || file.starts_with("crates/crypto/src") {
            let quotation = format!("\"{beginning}");
            let texts = text.split(quotation.as_str()).skip(1);
            found.extend(texts.filter_map(|rest| rest.split('"').next().map(str::to_owned)));
        }
    }
    found
}

#[test]
fn every_label_stands_in_the_table() {
    let labels = section("### Labels");
    let (contexts, others) = labels.split_once("Signature purposes").unwrap();
    let contexts: BTreeSet<String> = contexts
        .lines()
        .filter(|line| line.starts_with("| `"))
        .flat_map(quoted)
        .collect();
    assert_eq!(contexts, texts_of_the_code("almanac 2026-11 "));
    let others: BTreeSet<String> = quoted(others)
        .iter()
        .filter_map(|label| label.strip_prefix("almanac/").map(str::to_owned))
        .collect();
    assert_eq!(others, texts_of_the_code("almanac/"));
}

#[test]
fn every_type_of_link_stands_in_the_list() {
    let section = section("### 2.1 Link");
    let (_, list) = section.split_once("Types: account ").unwrap();
    let (list, _) = list.split_once("(hexadecimal)").unwrap();
    let (account, calendar) = list.split_once("calendar ").unwrap();
    let listed = |text: &str, of: &str| -> BTreeSet<(u8, String)> {
        let entries = text.split(['`', ',', ';']).map(str::trim);
        let entries: Vec<&str> = entries.filter(|entry| !entry.is_empty()).collect();
        let pairs = entries.chunks(2).map(|pair| {
            let name = match pair[1] {
                "GENESIS" => format!("{of}_GENESIS"),
                name => name.to_owned(),
            };
            (u8::from_str_radix(pair[0], 16).unwrap(), name)
        });
        pairs.collect()
    };
    let mut of_the_page = listed(account, "ACCOUNT");
    of_the_page.extend(listed(calendar, "CALENDAR"));
    let code = read(Path::new("crates/protocol/src/membership/link.rs"));
    let arms = code.lines().filter_map(|line| {
        let (name, number) = line.trim().strip_prefix("Self::")?.split_once(" => 0x")?;
        let number = u8::from_str_radix(number.trim_end_matches(','), 16).ok()?;
        Some((number, shouted(name)))
    });
    let of_the_code: BTreeSet<(u8, String)> = arms.collect();
    assert_eq!(of_the_page, of_the_code);
}

#[test]
fn every_type_of_frame_stands_in_the_list() {
    let section = section("## 4. Frames");
    let (_, list) = section.split_once("| type: ").unwrap();
    let (list, _) = list.split_once(';').unwrap();
    let of_the_page: BTreeSet<String> = list.split(", ").map(str::to_owned).collect();
    let of_the_code = (0..=u8::MAX).filter_map(|number| {
        let known = format!("{:?}", FrameType::from_number(number));
        let name = match known.as_str() {
            "FreeBusy" => "free/busy".to_owned(),
            name if name.starts_with("Unknown") => return None,
            name => name.to_lowercase(),
        };
        Some(format!("{number} {name}"))
    });
    assert_eq!(of_the_page, of_the_code.collect());
}

#[test]
fn every_message_stands_in_the_table() {
    let section = section("## 6. Connection");
    let rows = section.lines().filter_map(|line| {
        let mut cells = line.split('|').map(str::trim).skip(1);
        let number = cells.next()?.split(' ').next()?.parse().ok()?;
        Some((number, cells.next()?.to_owned()))
    });
    let of_the_page: BTreeSet<(u8, String)> = rows.collect();
    let of_the_code = (0..=u8::MAX)
        .filter_map(|number| Some((number, shouted(Message::kind_name(number)?))))
        .collect();
    assert_eq!(of_the_page, of_the_code);
}

#[test]
fn every_reason_stands_in_the_list() {
    let section = section("### 6.3 Reasons");
    let (list, _) = section.trim().split_once('.').unwrap();
    let listed = list.split('·').map(|entry| {
        let (number, name) = entry.trim().split_once(' ').unwrap();
        (number.parse().unwrap(), name.to_owned())
    });
    let of_the_page: BTreeSet<(u8, String)> = listed.collect();
    let of_the_code = (0..24)
        .filter_map(|number| {
            let nack = Message::decode(&[12, 0xA3, 1, 0, 2, number, 3, 0]).ok()?;
            let Message::Nack(nack) = nack else {
                return None;
            };
            Some((number, words(&format!("{:?}", nack.reason)).join(" ")))
        })
        .collect();
    assert_eq!(of_the_page, of_the_code);
}
