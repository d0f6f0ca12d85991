//! `cargo xtask bench company`: what it costs to be many. A calendar of a hundred members from which one
//! is removed, the log of a calendar with a thousand links read for the first time, and a calendar of
//! ten thousand events that someone joins.
//!
//! The relay and every member are real and speak over loopback. A removal is timed until all that
//! follows from it is at the relay; its control is an edit by the same person, which takes the same way
//! without anything to decide. With `--json` the figures are one line of JSON.

#![expect(clippy::print_stdout, reason = "figures are what this program is for")]

use std::path::Path;
use std::time::Instant;

use almanac_benches::apart::{self, Figures, in_a_process, tell};
use almanac_benches::devices::{first_device, start_relay, unlock};
use almanac_benches::{calendar_file, cost, memory};
use almanac_client::{Client, CreateEvent, EventDetails, ImportFile, MemberRole, Mode, WhenView};
use almanac_relay::{Relay, create_invite};
use anyhow::{Context, Result, bail, ensure};

const CALENDAR: &str = "Team";
const MEMBERS: usize = 100;
/// How many of them are removed; the median is told.
const REMOVALS: usize = 5;
const LINKS: usize = 1_000;
const EVENTS: u64 = 10_000;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] => apart::show(LINES, &measure()?),
        ["--json"] => {
            println!("{}", apart::json(&measure()?));
            Ok(())
        }
        [part, folder] => {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .enable_all()
                .build()?;
            let figures = runtime.block_on(be(part, Path::new(folder)))?;
            runtime.shutdown_background();
            tell(&figures);
            Ok(())
        }
        _ => bail!("cargo xtask bench company [--json]"),
    }
}

fn measure() -> Result<Figures> {
    let mut figures = Figures::new();
    for parts in [&["members"][..], &["links", "look"], &["join"]] {
        let folder = tempfile::tempdir()?;
        for part in parts {
            eprintln!("measuring: {part} …");
            figures.extend(in_a_process(&[part], folder.path())?);
        }
    }
    Ok(figures)
}

async fn be(part: &str, folder: &Path) -> Result<Figures> {
    match part {
        "members" => members(folder).await,
        "links" => links(folder).await,
        "look" => look(folder),
        "join" => join(folder).await,
        _ => bail!("there is no part {part}"),
    }
}

/// A relay, and an owner of the calendar.
struct Company {
    relay: Relay,
    owner: Client,
}

impl Company {
    async fn found(folder: &Path) -> Result<Self> {
        let relay = start_relay(&folder.join("relay")).await?;
        let invite = relay.owner_invite().context("a first invite")?.to_owned();
        let owner = first_device(&folder.join("owner"), &url(&relay), &invite).await?;
        owner.add_calendar(CALENDAR, None)?;
        owner.sync(Mode::Once).await?;
        Ok(Self { relay, owner })
    }

    /// Someone new at the relay, who asks to be let in and is.
    async fn admit(&self, folder: &Path, name: &str) -> Result<Client> {
        let invite = create_invite(&folder.join("relay"))?;
        let guest = first_device(&folder.join(name), &url(&self.relay), &invite).await?;
        let made = self
            .owner
            .share(CALENDAR, MemberRole::Editor, Some("Owner"));
        guest
            .accept_invite(&made.await?.text, Some(name), None)
            .await?;
        let asking = self.owner.asking(CALENDAR).await?.into_iter().next();
        asking.context("someone asks")?.admit().await?;
        Ok(guest)
    }

    async fn edit(&self, title: &str) -> Result<()> {
        self.owner.create(CreateEvent {
            calendar: CALENDAR.to_owned(),
            title: title.to_owned(),
            when: WhenView::Timed {
                start: "2026-11-20T10:00".to_owned(),
                end: "2026-11-20T11:00".to_owned(),
                zone: "Europe/Berlin".to_owned(),
            },
            place: String::new(),
            notes: String::new(),
            rule: None,
            details: EventDetails::default(),
        })?;
        self.owner.sync(Mode::Once).await?;
        Ok(())
    }
}

fn url(relay: &Relay) -> String {
    format!("http://{}", relay.addr())
}

async fn members(folder: &Path) -> Result<Figures> {
    let company = Company::found(folder).await?;
    let mut admitted_ms = Vec::new();
    for number in 1..MEMBERS {
        let start = Instant::now();
        drop(company.admit(folder, &format!("member {number}")).await?);
        admitted_ms.push(ms_since(start));
    }
    let (mut removed_ms, mut cpu_ms, mut edited_ms) = (Vec::new(), Vec::new(), Vec::new());
    let mut sent = Vec::new();
    for number in 1..=REMOVALS {
        let (start, before_s) = (Instant::now(), cost::of_process_s()?);
        let bytes_before = stored_bytes(folder)?;
        let whom = format!("member {number}");
        company.owner.remove_member(CALENDAR, &whom).await?;
        removed_ms.push(ms_since(start));
        cpu_ms.push((cost::of_process_s()? - before_s) * 1e3);
        sent.push((stored_bytes(folder)? - bytes_before) / 1e3);
        let start = Instant::now();
        company.edit(&whom).await?;
        edited_ms.push(ms_since(start));
    }
    let left = company.owner.people(CALENDAR)?.people.len();
    ensure!(left == MEMBERS - REMOVALS, "{left} members are left");
    Ok(Figures::from([
        ("members".into(), MEMBERS as f64),
        ("admit_ms".into(), median(admitted_ms)?),
        ("remove_ms".into(), median(removed_ms)?),
        ("remove_cpu_ms".into(), median(cpu_ms)?),
        ("remove_kb".into(), median(sent)?),
        ("control_edit_ms".into(), median(edited_ms)?),
    ]))
}

/// What the relay keeps of members' keys and links.
fn stored_bytes(folder: &Path) -> Result<f64> {
    let database = rusqlite::Connection::open(folder.join("relay/relay.db"))?;
    let sum =
        "SELECT (SELECT total(length(record)) FROM box) + (SELECT total(length(bytes)) FROM link)";
    Ok(database.query_row(sum, [], |row| row.get(0))?)
}

/// Fills the log of a calendar: invites that are made and taken back.
async fn links(folder: &Path) -> Result<Figures> {
    let company = Company::found(folder).await?;
    for _ in 0..LINKS / 2 {
        let share = company
            .owner
            .share(CALENDAR, MemberRole::Viewer, Some("Owner"));
        share.await?;
        let invites = company.owner.people(CALENDAR)?.invites;
        let open = invites.first().context("an open invite")?;
        company.owner.take_back(CALENDAR, &open.id).await?;
    }
    company.edit("after all that").await?;
    Ok(Figures::from([("links".into(), LINKS as f64)]))
}

/// Opens the profile in a process that has judged nothing yet.
fn look(folder: &Path) -> Result<Figures> {
    let client = Client::open(&folder.join("owner"), &unlock())?;
    memory::forget_highest()?;
    let before_mb = memory::now_mb()?;
    let start = Instant::now();
    let first = client.people(CALENDAR)?;
    let first_ms = ms_since(start);
    let highest_mb = memory::highest_mb()?;
    let start = Instant::now();
    let again = client.people(CALENDAR)?;
    let again_ms = ms_since(start);
    ensure!(first.people.len() == 1 && again.people.len() == 1);
    Ok(Figures::from([
        ("look_first_ms".into(), first_ms),
        ("look_memory_mb".into(), highest_mb - before_mb),
        ("look_again_ms".into(), again_ms),
    ]))
}

async fn join(folder: &Path) -> Result<Figures> {
    let company = Company::found(folder).await?;
    let report = company.owner.import(ImportFile {
        calendar: CALENDAR.to_owned(),
        name: "ten-thousand.ics".to_owned(),
        bytes: calendar_file::bytes(EVENTS),
    })?;
    ensure!(report.imported == EVENTS, "imported {}", report.imported);
    company.owner.sync(Mode::Once).await?;
    let guest = company.admit(folder, "guest").await?;
    let (start, before_s) = (Instant::now(), cost::of_process_s()?);
    guest.sync(Mode::Once).await?;
    let joined_s = start.elapsed().as_secs_f64();
    let cpu_s = cost::of_process_s()? - before_s;
    let exported = guest.export(Some(CALENDAR))?;
    let events = exported.matches("BEGIN:VEVENT").count() as u64;
    ensure!(events >= EVENTS, "{events} events came");
    Ok(Figures::from([
        ("join_events".into(), EVENTS as f64),
        ("join_s".into(), joined_s),
        ("join_cpu_s".into(), cpu_s),
    ]))
}

fn ms_since(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}

fn median(mut all: Vec<f64>) -> Result<f64> {
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().context("a median")
}

/// Name of the figure, what it is, and the unit.
const LINES: &[(&str, &str, &str)] = &[
    ("members", "members of the calendar", ""),
    (
        "admit_ms",
        "someone new is let in, from their first start",
        "ms",
    ),
    (
        "remove_ms",
        "one is removed: new keys for all others at the relay",
        "ms",
    ),
    (
        "remove_cpu_ms",
        "  on processors, the relay's work with it",
        "ms",
    ),
    ("remove_kb", "  what the relay keeps of it", "kB"),
    (
        "control_edit_ms",
        "control: an edit that goes the same way",
        "ms",
    ),
    ("links", "links of a calendar's log", ""),
    (
        "look_first_ms",
        "who is in it, first look after the start",
        "ms",
    ),
    ("look_memory_mb", "  memory for it", "MB"),
    ("look_again_ms", "  and again", "ms"),
    ("join_events", "events of a calendar that someone joins", ""),
    ("join_s", "from being let in until they have all of it", "s"),
    (
        "join_cpu_s",
        "  on processors, the relay's work with it",
        "s",
    ),
];
