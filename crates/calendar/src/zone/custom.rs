//! A zone that came described in a file, under a name that is nobody's but the file's
//! (RFC 5545 §3.6.5).
//!
//! Keeps the block as it was, so that it can be written back, beside the table of jumps it
//! describes. Each part gives onsets: wall clocks on the clock before the jump.

use super::table::{Jump, Table};
use crate::civil::{DAY, seconds_of};
use crate::expand::onsets;
use crate::original::OriginalStart;
use crate::rule::Rule;

/// Jumps kept of one zone; two a year for five centuries and more.
const JUMPS_MAX: usize = 2_000;

/// A zone described by a `VTIMEZONE` block.
pub struct CustomZone {
    name: String,
    block: String,
    table: Table,
}

/// STANDARD or DAYLIGHT.
#[derive(Debug, Default)]
struct Part {
    start: Option<i64>,
    before: Option<i64>,
    after: Option<i64>,
    rules: Vec<Rule>,
    dates: Vec<OriginalStart>,
}

impl std::fmt::Debug for CustomZone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CustomZone({:?})", self.name)
    }
}

impl CustomZone {
    /// Reads a block with its lines unfolded; `None` where it has no name or no offset.
    #[must_use]
    pub fn parse(block: &str) -> Option<Self> {
        let mut name = None;
        let mut parts = Vec::new();
        let mut open: Option<Part> = None;
        for line in block.lines() {
            let Some((head, value)) = line.split_once(':') else {
                continue;
            };
            let head = head.split(';').next().unwrap_or(head).to_ascii_uppercase();
            match (head.as_str(), open.as_mut()) {
                ("BEGIN", _) if !value.eq_ignore_ascii_case("VTIMEZONE") => {
                    open = Some(Part::default());
                }
                ("END", _) => parts.extend(open.take()),
                ("TZID", None) => name = name.or_else(|| Some(value.trim().replace('\\', ""))),
                (_, Some(part)) => part.read(&head, value),
                _ => {}
            }
        }
        let table = table(&parts)?;
        let mut block = block.lines().collect::<Vec<_>>().join("\r\n");
        block.truncate(block.trim_end().len());
        Some(Self {
            name: name?,
            block,
            table,
        })
    }

    /// Its `TZID`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The block it was read from, lines joined by CRLF.
    #[must_use]
    pub fn block(&self) -> &str {
        &self.block
    }

    pub(crate) const fn table(&self) -> &Table {
        &self.table
    }
}

impl Part {
    fn read(&mut self, name: &str, value: &str) {
        match name {
            "DTSTART" => {
                let start = value.parse::<OriginalStart>().ok();
                self.start = start.map(|start| seconds_of(start.wall_clock()));
            }
            "TZOFFSETFROM" => self.before = offset(value),
            "TZOFFSETTO" => self.after = offset(value),
            "RRULE" => self.rules.extend(Rule::parse(value)),
            "RDATE" => {
                let starts = value
                    .split(',')
                    .map(|one| one.split('/').next().unwrap_or(one));
                self.dates
                    .extend(starts.filter_map(|one| one.parse::<OriginalStart>().ok()));
            }
            _ => {}
        }
    }

    /// Unix seconds at which this part begins, each time.
    fn onsets(&self) -> Vec<i64> {
        let (Some(start), Some(after)) = (self.start, self.after) else {
            return Vec::new();
        };
        let before = self.before.unwrap_or(after);
        let clock = Table::fixed(before);
        let mut found = vec![start - before];
        for rule in &self.rules {
            found.extend(onsets(rule, start, &clock, JUMPS_MAX));
        }
        let dates = self.dates.iter().map(|date| match date {
            OriginalStart::Utc(at) => seconds_of(*at),
            OriginalStart::Local(at) => seconds_of(*at) - before,
            OriginalStart::Date(_) => {
                seconds_of(date.wall_clock()) + start.rem_euclid(DAY) - before
            }
        });
        found.extend(dates);
        found
    }
}

/// `+0100`, `-053000`, `+01:00`, in seconds.
fn offset(value: &str) -> Option<i64> {
    let value = value.trim();
    let (sign, digits) = match value.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, value.strip_prefix('+').unwrap_or(value)),
    };
    let digits: String = digits.chars().filter(|letter| *letter != ':').collect();
    let part = |from: usize| -> Option<i64> {
        match digits.get(from..from + 2) {
            Some(two) => two.parse().ok(),
            None => Some(0),
        }
    };
    let is_plain = matches!(digits.len(), 2 | 4 | 6) && digits.bytes().all(|b| b.is_ascii_digit());
    if !is_plain {
        return None;
    }
    let seconds = part(0)? * 3_600 + part(2)? * 60 + part(4)?;
    if seconds <= DAY {
        Some(sign * seconds)
    } else {
        None
    }
}

fn table(parts: &[Part]) -> Option<Table> {
    let mut all: Vec<(i64, i64, i64)> = Vec::new();
    for part in parts {
        let Some(after) = part.after else {
            continue;
        };
        let before = part.before.unwrap_or(after);
        all.extend(part.onsets().into_iter().map(|at| (at, before, after)));
    }
    all.sort_unstable();
    all.dedup_by_key(|(at, _, _)| *at);
    let mut before = all.first().map(|(_, before, _)| *before)?;
    let first = before;
    let mut jumps = Vec::new();
    for (at, _, after) in all.into_iter().take(JUMPS_MAX) {
        if after != before {
            jumps.push(Jump { at, before, after });
        }
        before = after;
    }
    Some(Table::of(first, jumps))
}
