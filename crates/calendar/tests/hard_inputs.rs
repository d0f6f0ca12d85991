//! Files made to hurt: each is read in little time and little memory, and nothing overflows.
//!
//! Each runs in a process of its own, because only the most memory a process ever had can be
//! asked for. Without optimisation more time is given, never more memory.

#[cfg(test)]
mod hard_inputs {
    use std::process::Command;
    use std::time::{Duration, Instant};

    use almanac_calendar::ics;

    /// Names the input that a child process is to read.
    const INPUT: &str = "ALMANAC_HARD_INPUT";
    const KIB_MAX: u64 = 200 * 1_024;
    const PATIENCE: Duration = Duration::from_secs(if cfg!(debug_assertions) { 60 } else { 2 });

    const KINDS: [&str; 19] = [
        "a long title",
        "a long line nobody knows",
        "a long line that is none",
        "a long run of escapes",
        "deep folding",
        "deep folding that parts letters",
        "deep nesting",
        "endings without a beginning",
        "many exceptions in a line",
        "many exceptions in many lines",
        "many properties",
        "many properties of the calendar",
        "many lines that are none",
        "lines that end in CR",
        "open quotes",
        "many parameters",
        "many reminders",
        "many guests",
        "many overrides",
    ];

    fn event(lines: &str) -> Vec<u8> {
        format!(
            "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART:20260101T100000Z\r\n{lines}\r\n\
             END:VEVENT\r\nEND:VCALENDAR\r\n"
        )
        .into_bytes()
    }

    fn repeated(count: usize, line: impl Fn(usize) -> String) -> String {
        (0..count).map(line).collect()
    }

    /// Starts of a day, an hour apart each.
    fn hour(number: usize) -> String {
        let (day, hour) = (number / 24, number % 24);
        let (month, day) = (1 + day / 28 % 12, 1 + day % 28);
        format!("{}{month:02}{day:02}T{hour:02}0000Z", 2026 + number / 8_064)
    }

    fn input(kind: &str) -> Vec<u8> {
        const LONG: usize = 50_000_000;
        const MANY: usize = 1_000_000;
        match kind {
            "a long title" => event(&format!("SUMMARY:{}", "x".repeat(LONG))),
            "a long line nobody knows" => event(&format!("X-LONG:{}", "x".repeat(LONG))),
            "a long line that is none" => "x".repeat(LONG).into_bytes(),
            "a long run of escapes" => event(&format!("SUMMARY:{}", "\\n".repeat(LONG / 4))),
            "deep folding" => event(&format!("SUMMARY:a{}", "\r\n b".repeat(MANY))),
            "deep folding that parts letters" => {
                let mut bytes = event("SUMMARY:here");
                let at = bytes.len() - 30;
                let fold = b"\xc3\r\n \xa4".repeat(MANY);
                bytes.splice(at..at, fold);
                bytes
            }
            "deep nesting" => repeated(100_000, |_| "BEGIN:VEVENT\r\n".to_owned()).into_bytes(),
            "endings without a beginning" => {
                repeated(MANY, |number| format!("END:X{number}\r\n")).into_bytes()
            }
            "many exceptions in a line" => {
                let list = repeated(10_000, |number| format!("{},", hour(number)));
                event(&format!("RRULE:FREQ=HOURLY\r\nEXDATE:{list}"))
            }
            "many exceptions in many lines" => {
                let list = repeated(10_000, |number| format!("EXDATE:{}\r\n", hour(number)));
                event(&format!("RRULE:FREQ=HOURLY\r\n{list}"))
            }
            "many properties" => event(&repeated(MANY, |number| format!("X-{number}:y\r\n"))),
            "many properties of the calendar" => {
                let lines = repeated(MANY, |number| format!("X-{number}:y\r\n"));
                format!("BEGIN:VCALENDAR\r\n{lines}END:VCALENDAR\r\n").into_bytes()
            }
            "many lines that are none" => event(&"nothing\r\n".repeat(MANY)),
            "lines that end in CR" => repeated(MANY, |_| "X-A:b\r".to_owned()).into_bytes(),
            "open quotes" => event(&repeated(100_000, |_| {
                "X;A=\"b:c;D=\"\"\":\"\r\n".to_owned()
            })),
            "many parameters" => event(&format!("ATTENDEE{}:mailto:a", ";X-A=\"b\"".repeat(MANY))),
            "many reminders" => event(&repeated(100_000, |number| {
                format!("BEGIN:VALARM\r\nTRIGGER:-PT{number}M\r\nEND:VALARM\r\n")
            })),
            "many guests" => event(&repeated(200_000, |number| {
                format!("ATTENDEE;PARTSTAT=ACCEPTED:mailto:{number}@example.com\r\n")
            })),
            "many overrides" => {
                let mut bytes = event("RRULE:FREQ=HOURLY");
                let parts = repeated(5_000, |number| {
                    let at = hour(number);
                    format!(
                        "BEGIN:VEVENT\r\nUID:a\r\nRECURRENCE-ID:{at}\r\nDTSTART:{at}\r\nEND:VEVENT\r\n"
                    )
                });
                bytes.extend(parts.into_bytes());
                bytes
            }
            other => panic!("nobody knows {other}"),
        }
    }

    /// The most memory this process ever had, where the system tells.
    fn kib_most() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmHWM:"));
        let words = line.map(str::split_whitespace).into_iter().flatten();
        words
            .filter_map(|word| word.parse().ok())
            .next()
            .unwrap_or(0)
    }

    /// Reads an input and tells what that took. Writing it is tried too, and takes what it takes.
    fn read(kind: &str) {
        let bytes = input(kind);
        let before = kib_most();
        let began = Instant::now();
        let file = ics::read_file(&bytes);
        let took = began.elapsed();
        let most = kib_most();
        println!("{kind}: {took:?}, {most} KiB at most, {before} before it was read");
        assert!(took < PATIENCE, "{kind} took {took:?}");
        assert!(most < KIB_MAX, "{kind} took {most} KiB");
        let again = ics::read_file(ics::write_file(&file).as_bytes());
        assert_eq!(again.events.len(), file.events.len());
    }

    #[test]
    fn no_file_takes_much_time_or_memory() {
        if let Ok(kind) = std::env::var(INPUT) {
            return read(&kind);
        }
        let mut failed = Vec::new();
        for kind in KINDS {
            let output = Command::new(std::env::current_exe().unwrap())
                .args(["no_file_takes_much_time_or_memory", "--nocapture"])
                .env(INPUT, kind)
                .output()
                .unwrap();
            let told = String::from_utf8_lossy(&output.stdout).into_owned();
            print!(
                "{}",
                told.lines()
                    .filter(|line| line.contains("KiB"))
                    .collect::<String>()
            );
            println!();
            if !output.status.success() {
                let why = String::from_utf8_lossy(&output.stderr).into_owned();
                failed.push(format!("{kind}: {} {why}", output.status));
            }
        }
        assert!(failed.is_empty(), "{failed:#?}");
    }
}
