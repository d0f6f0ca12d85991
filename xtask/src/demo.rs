//! `cargo xtask demo`: the whole promise in a minute, with real processes on this machine.
//!
//! A relay and two devices of one person: the first imports a calendar, the second is linked by
//! nine digits, both edit the same event while the relay is down, and once it is back both show
//! the same week. At the end the relay's own files are searched for what the person wrote.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::places::Places;
use crate::setup::{self, Consent, Purpose};
use crate::window;

mod device;
mod folder;
mod relay;

use device::Device;
use folder::Folder;
use relay::Relay;

/// The week of `tests/corpus/demo.ics`.
const WEEK: [&str; 2] = ["2026-11-23", "2026-11-30"];
const ZONE: &str = "Europe/Berlin";
const CALENDAR: &str = "Home";
/// The event that both devices change.
const SHARED_EVENT: &str = "Dinner with Grace";
const NEW_PLACE: &str = "Kurfürstenstraße 27";
const NEW_TITLE: &str = "Dinner with Grace and Charles";
const ADDED_TITLE: &str = "Pick up the parcel";
/// Words a person wrote; none may be found in what the relay keeps.
const PRIVATE_WORDS: [&str; 4] = ["Dinner", "Grace", "parcel", "Kurfürstenstraße"];

/// Builds the two programs and tells the story; an error is a broken promise.
pub(crate) fn run(places: &Places, consent: Consent) -> Result<()> {
    setup::prepare(consent, &[Purpose::Build])?;
    println!("Building `almanac` and `almanac-relay` (the first time takes some minutes) …");
    window::build(places, &["almanac", "almanac-relay"])?;
    let folder = Folder::new()?;
    let relay_data = folder.path().join("relay");

    say("A relay starts, with an empty data folder and a free port");
    let mut relay = Relay::first_start(places.built("almanac-relay"), &relay_data)?;
    println!("  listening on {}", relay.url());

    say("Ada's laptop: a new account, and a calendar from an .ics file");
    let program = places.built("almanac");
    let laptop = Device::new(&program, folder.path(), "laptop")?;
    laptop.show(&["init", "--name", "Ada's laptop"])?;
    laptop.show(&["calendar", "add", CALENDAR])?;
    let file = places.root.join("tests/corpus/demo.ics");
    let file = file.to_str().context("the project's path is not Unicode")?;
    laptop.show(&["import", file, "--calendar", CALENDAR])?;
    laptop.show(&["relay", "use", relay.url(), "--invite", relay.invite()])?;
    laptop.show(&["sync"])?;

    say("Ada's desktop is linked: it shows nine digits, Ada types them into the laptop");
    let desktop = Device::new(&program, folder.path(), "desktop")?;
    device::link(&laptop, &desktop, relay.url(), "Ada's desktop")?;
    desktop.show(&["sync"])?;
    agree(&laptop, &desktop)?;

    say("The relay goes away. Both devices keep working, on the same event too");
    relay.kill()?;
    edit_apart(&laptop, &desktop)?;

    say("The relay is back; both devices sync");
    relay.start_again()?;
    laptop.show(&["sync"])?;
    desktop.show(&["sync"])?;
    laptop.show(&["sync"])?;
    let week = agree(&laptop, &desktop)?;
    for (field, wanted) in [
        ("summary", NEW_TITLE),
        ("location", NEW_PLACE),
        ("summary", ADDED_TITLE),
    ] {
        let is_there = week.iter().any(|row| row[field] == wanted);
        ensure!(is_there, "the edit “{wanted}” was lost");
    }
    print_week("Both devices show", &week);

    say("What the relay holds of all this");
    relay.kill()?;
    relay.inspect()?;
    let bytes = search_for_words(&relay_data, &PRIVATE_WORDS)?;
    println!("  {bytes} bytes in its folder; none of the words {PRIVATE_WORDS:?} is in them.");
    println!("\nBoth devices agree, nothing was lost, and the relay read nothing.");
    Ok(())
}

/// The laptop renames the dinner while the desktop moves it to another place and adds an event.
fn edit_apart(laptop: &Device, desktop: &Device) -> Result<()> {
    let dinner = event_called(&laptop.week(WEEK, ZONE)?, SHARED_EVENT)?;
    laptop.show(&["edit", &dinner, "--set", &format!("summary={NEW_TITLE}")])?;
    desktop.show(&["edit", &dinner, "--set", &format!("location={NEW_PLACE}")])?;
    let start = "2026-11-27T17:30";
    let end = "2026-11-27T18:00";
    desktop.show(&[
        "add",
        "--calendar",
        CALENDAR,
        "--summary",
        ADDED_TITLE,
        "--start",
        start,
        "--end",
        end,
        "--zone",
        ZONE,
    ])?;
    let (on_laptop, on_desktop) = (laptop.week(WEEK, ZONE)?, desktop.week(WEEK, ZONE)?);
    ensure!(
        on_laptop != on_desktop,
        "the devices agree although nothing connects them"
    );
    print_week("The laptop shows", &on_laptop);
    print_week("The desktop shows", &on_desktop);
    Ok(())
}

fn agree(laptop: &Device, desktop: &Device) -> Result<Vec<Value>> {
    let (on_laptop, on_desktop) = (laptop.week(WEEK, ZONE)?, desktop.week(WEEK, ZONE)?);
    if on_laptop != on_desktop {
        print_week("The laptop shows", &on_laptop);
        print_week("The desktop shows", &on_desktop);
        bail!("The two devices do not agree.");
    }
    ensure!(!on_laptop.is_empty(), "both devices agree on an empty week");
    println!(
        "  Both devices show the same {} occurrences.",
        on_laptop.len()
    );
    Ok(on_laptop)
}

fn event_called(week: &[Value], summary: &str) -> Result<String> {
    let row = week.iter().find(|row| row["summary"] == summary);
    let event = row.and_then(|row| row["event"].as_str());
    Ok(event
        .with_context(|| format!("no event is called “{summary}”"))?
        .to_owned())
}

fn say(line: &str) {
    println!("\n▸ {line}");
}

fn print_week(title: &str, week: &[Value]) {
    println!("  {title}:");
    for row in week {
        let text = |field: &str| row[field].as_str().unwrap_or_default().to_owned();
        println!(
            "    {:<25} {:<30} {}",
            text("start"),
            text("summary"),
            text("location")
        );
    }
}

/// Reads every file under the folder; finding one of the words is an error. Returns bytes read.
fn search_for_words(folder: &Path, words: &[&str]) -> Result<usize> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            bytes += search_for_words(&path, words)?;
            continue;
        }
        let content = fs::read(&path)?;
        for word in words {
            let needle = word.as_bytes();
            let is_found = content.windows(needle.len()).any(|window| window == needle);
            ensure!(
                !is_found,
                "“{word}” stands readable in the relay's {}",
                path.display()
            );
        }
        bytes += content.len();
    }
    ensure!(bytes > 0, "the relay kept nothing in {}", folder.display());
    Ok(bytes)
}
