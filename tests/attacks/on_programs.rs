//! Attacks on the programs as they run: with hostile files, and by reading what they write about themselves.

use std::fs;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use almanac_scenarios::{Device, Run, World};
use memchr::memmem;
use serde_json::Value;

/// How long a file may keep a program busy: a program as it ships, and one that was built to be debugged.
const BUSY_MAX: Duration = Duration::from_secs(if cfg!(debug_assertions) { 20 } else { 2 });
/// What it may have in memory, of which a guess at the passphrase takes 64 MiB before.
const PEAK_KIB_MAX: u64 = 200 * 1000 * 1000 / 1024;

/// The most memory that a process has had; nothing once it is gone.
fn peak_kib(child: &Child) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}

/// Runs a command that a file may not keep busy, nor have fill the memory.
fn stays_small(device: &Device, what: &str, arguments: &[&str]) {
    let mut command = device.command(arguments);
    command.env("ALMANAC_LOG", "off");
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let (start, mut peak, mut child) = (Instant::now(), 0, command.spawn().unwrap());
    let status = loop {
        peak = peak.max(peak_kib(&child).unwrap_or(0));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if start.elapsed() > BUSY_MAX {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("{what}: {arguments:?} is still busy");
        }
        std::thread::yield_now();
    };
    let code = status.code();
    assert!(
        matches!(code, Some(0 | 1)),
        "{what}: {arguments:?} ended with {code:?}"
    );
    assert!(peak > 0, "the memory of a process can be read");
    assert!(peak < PEAK_KIB_MAX, "{what}: {arguments:?} took {peak} KiB");
}

fn event(uid: &str, more: &str) -> String {
    format!(
        "BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:20261120T100000Z\r\n\
         DTEND:20261120T100001Z\r\nSUMMARY:{uid}\r\n{more}END:VEVENT\r\n"
    )
}

/// Components that hold more than they show, or show more than they hold.
fn bombs() -> [(&'static str, String); 6] {
    let skipped = (0..10_000).map(|n| format!("{:04}0101T100000Z", 1000 + n % 9000));
    let skipped: Vec<String> = skipped.collect();
    let each = skipped.iter().map(|one| format!("EXDATE:{one}\r\n"));
    let zone = "BEGIN:VTIMEZONE\r\nTZID:Bomb\r\nBEGIN:STANDARD\r\nDTSTART:16010101T000000\r\n\
                TZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nRRULE:FREQ=SECONDLY\r\nEND:STANDARD\r\n\
                END:VTIMEZONE\r\n";
    [
        (
            "secondly",
            event("secondly", "RRULE:FREQ=SECONDLY;COUNT=1000000000\r\n"),
        ),
        (
            "never",
            event("never", "RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30\r\n"),
        ),
        (
            "left out, in one line",
            event(
                "one line",
                &format!("RRULE:FREQ=DAILY\r\nEXDATE:{}\r\n", skipped.join(",")),
            ),
        ),
        (
            "left out, one by one",
            event(
                "one by one",
                &format!("RRULE:FREQ=DAILY\r\n{}", each.collect::<String>()),
            ),
        ),
        (
            "a zone",
            format!(
                "{zone}{}",
                event("a zone", "DTSTART;TZID=Bomb:20261120T100000\r\n")
            ),
        ),
        (
            "a long line",
            event(
                "a long line",
                &format!("DESCRIPTION:{}\r\n", "x".repeat(50_000_000)),
            ),
        ),
    ]
}

/// Row 45: files that say little and mean much, or say much and mean nothing.
#[test]
#[cfg(target_os = "linux")]
fn attack_45_files_that_fill_the_memory_and_the_time() {
    let world = World::new();
    let ada = world.device("ada");
    ada.init();
    for (what, content) in bombs() {
        let path = world.folder().join("bomb.ics");
        let head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//bomb//EN\r\n";
        fs::write(&path, format!("{head}{content}END:VCALENDAR\r\n")).unwrap();
        let path = path.to_str().unwrap();
        stays_small(&ada, what, &["import", path, "--calendar", "Personal"]);
        let day = [
            "list",
            "--from",
            "2026-11-20",
            "--to",
            "2026-11-21",
            "--zone",
            "UTC",
        ];
        stays_small(&ada, what, &day);
    }
    // What came before the bombs is still there, and what comes after.
    ada.add("after all", "2026-11-23T10:00");
    let listed = ada.ok(&[
        "list",
        "--from",
        "2026-11-23",
        "--to",
        "2026-11-24",
        "--zone",
        "UTC",
    ]);
    assert!(listed.to_string().contains("after all"), "{listed}");
}

/// What nobody may find in what programs write about themselves.
const PLANTED: [&str; 12] = [
    "Zx7PassphraseOfAdaQp4",
    "Zx7PassphraseOfBobQp4",
    "Zx7PassphraseOfBackupsQp4",
    "Zx7TitleQp4",
    "Zx7PlaceQp4",
    "Zx7NotesQp4",
    "Zx7GuestQp4",
    "Zx7CalendarQp4",
    "Zx7NameOfAdaQp4",
    "Zx7NameOfBobQp4",
    "Zx7TaskQp4",
    "Zx7SearchedForQp4",
];
/// Those that no answer to a person repeats either.
const NEVER_SAID: usize = 3;

/// Everything that programs have said.
#[derive(Default)]
struct Ear {
    answers: Vec<u8>,
    logs: Vec<u8>,
    /// Secrets that came into being meanwhile.
    more: Vec<String>,
}

impl Ear {
    fn hears(&mut self, run: &Run) {
        self.answers.extend(run.stdout.as_bytes());
        self.logs.extend(run.stderr.as_bytes());
    }

    /// Runs a command that must succeed.
    fn ok(&mut self, device: &Device, arguments: &[&str]) -> Value {
        let run = device.run(arguments);
        self.hears(&run);
        assert_eq!(run.status, Some(0), "{arguments:?}: {}", run.stderr);
        serde_json::from_str(&run.stdout).unwrap_or(Value::Null)
    }
}

/// A text as it stands, and as people write bytes down.
fn forms(text: &str) -> Vec<Vec<u8>> {
    let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    let listed: Vec<String> = text.bytes().map(|byte| byte.to_string()).collect();
    let mut forms = vec![
        text.as_bytes().to_vec(),
        hex.to_uppercase().into_bytes(),
        hex.into_bytes(),
        listed.join(", ").into_bytes(),
    ];
    for shift in 0..3 {
        let shifted = [&vec![0; shift], text.as_bytes()].concat();
        for last in [*b"+/", *b"-_"] {
            let text = base64(&shifted, last);
            // The first and the last group also hold bits of what stands beside it.
            forms.push(text[4..text.len() - 4].to_vec());
        }
    }
    forms
}

fn base64(bytes: &[u8], last: [u8; 2]) -> Vec<u8> {
    let letters = (b'A'..=b'Z')
        .chain(b'a'..=b'z')
        .chain(b'0'..=b'9')
        .chain(last);
    let letters: Vec<u8> = letters.collect();
    let groups = bytes.chunks(3).flat_map(|group| {
        let at = |place: usize| u32::from(group.get(place).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        [18, 12, 6, 0].map(|down| letters[usize::try_from(bits >> down & 63).unwrap()])
    });
    groups.collect()
}

fn is_in(place: &[u8], text: &str) -> bool {
    let mut forms = forms(text).into_iter();
    forms.any(|form| memmem::find(place, &form).is_some())
}

/// A device whose passphrase is this.
fn device(world: &World, name: &str, passphrase: &str) -> Device {
    let device = world.device(name);
    fs::write(device.folder().with_extension("passphrase"), passphrase).unwrap();
    device.init();
    device
}

/// Makes a backup that a passphrase opens, and tries it.
fn back_up(world: &World, ear: &mut Ear, ada: &Device, secret: &str) {
    let passphrase = world.folder().join("backups.txt");
    fs::write(&passphrase, secret).unwrap();
    let (folder, passphrase) = (
        world.folder().join("backups"),
        passphrase.display().to_string(),
    );
    let folder = folder.display().to_string();
    let schedule = [
        &["backup", "schedule", "--every", "never", "--to", &folder][..],
        &[
            "--backup-passphrase-file",
            &passphrase,
            "--backup-passphrase-memory",
            "64",
        ],
    ];
    ear.ok(ada, &schedule.concat());
    ear.ok(ada, &["backup", "now", "--verify"]);
}

/// A story in which every secret is used, with everything logged that can be.
fn story(world: &World) -> Ear {
    let relay = world.relay();
    let mut ear = Ear::default();
    let [
        ada,
        bob,
        backups,
        title,
        place,
        notes,
        guest,
        calendar,
        adas,
        bobs,
        task,
        searched,
    ] = PLANTED;
    let (ada, bob) = (device(world, "one", ada), device(world, "two", bob));
    for one in [&ada, &bob] {
        let invite = relay.new_invite();
        ear.ok(one, &["relay", "use", &relay.url(), "--invite", &invite]);
        ear.more.push(invite);
        ear.ok(one, &["sync"]);
    }
    let file = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//story//EN\r\nBEGIN:VEVENT\r\nUID:story-1\r\n\
         DTSTAMP:20261101T000000Z\r\nDTSTART:20261120T100000Z\r\nDTEND:20261120T110000Z\r\n\
         SUMMARY:{title}\r\nLOCATION:{place}\r\nDESCRIPTION:{notes}\r\n\
         ATTENDEE;CN={guest}:mailto:{guest}@example.org\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    let path = world.folder().join("story.ics");
    fs::write(&path, file).unwrap();
    ear.ok(&ada, &["calendar", "add", calendar]);
    ear.ok(
        &ada,
        &["import", path.to_str().unwrap(), "--calendar", calendar],
    );
    ear.ok(&ada, &["task", "add", task]);
    ear.ok(&ada, &["search", searched]);
    ear.ok(&ada, &["sync"]);
    let invite = ear.ok(&ada, &["share", calendar, "--role", "editor", "--as", adas]);
    let text = invite["text"].as_str().unwrap().to_owned();
    ear.ok(&bob, &["join", &text, "--as", bobs, "--yes"]);
    ear.more.push(text);
    ear.ok(&ada, &["member", "list", calendar]);
    ear.ok(&ada, &["member", "confirm", calendar, bobs, "--yes"]);
    ear.ok(&bob, &["sync"]);
    let listed = ear.ok(
        &bob,
        &["list", "--from", "2026-11-20", "--to", "2026-11-21"],
    );
    assert!(
        listed.to_string().contains(title),
        "it has all arrived: {listed}"
    );
    back_up(world, &mut ear, &ada, backups);
    ear.ok(&ada, &["status"]);
    ear.ok(&ada, &["ledger"]);
    // Wrong on purpose: what fails is told, too.
    ear.hears(&ada.run(&["join", "ALM1NOTHING", "--yes"]));
    ear.hears(&ada.run(&["show", title]));
    let log = relay.folder().with_extension("log");
    ear.logs.extend(fs::read(log).unwrap());
    ear
}

/// Row 57: everything that programs write about themselves, at their most talkative.
#[test]
fn attack_57_reading_secrets_out_of_logs() {
    let world = World::new();
    let ear = story(&world);
    assert!(
        ear.logs.len() > 10_000,
        "they were talkative: {}",
        ear.logs.len()
    );
    assert!(
        is_in(&ear.answers, PLANTED[3]),
        "a search finds what is there"
    );
    let in_logs = PLANTED
        .iter()
        .copied()
        .chain(ear.more.iter().map(String::as_str));
    let found: Vec<&str> = in_logs.filter(|secret| is_in(&ear.logs, secret)).collect();
    assert!(found.is_empty(), "{found:?}");
    let in_answers = PLANTED[..NEVER_SAID].iter();
    let found: Vec<_> = in_answers
        .filter(|secret| is_in(&ear.answers, secret))
        .collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn every_form_of_a_secret_is_recognised_in_a_log() {
    for secret in PLANTED {
        for form in forms(secret) {
            let log = [b"TRACE key=", &form[..], b" done"].concat();
            assert!(is_in(&log, secret));
        }
        let debug = format!("{:?}", secret.as_bytes());
        assert!(is_in(debug.as_bytes(), secret), "{debug}");
    }
}
