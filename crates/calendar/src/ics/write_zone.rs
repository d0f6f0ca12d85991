//! Writing a zone: the block it came as, or one made from its jumps (RFC 5545 §3.6.5).

use std::collections::BTreeSet;
use std::fmt::Write;

use super::out::Out;
use crate::civil::datetime_of;
use crate::original::OriginalStart;
use crate::rule::Basic;
use crate::zone::Zone;

/// Years of a zone that are written out before and after the events that use it.
const YEARS_AROUND: i64 = 10;
const YEAR: i64 = 31_556_952;

/// Writes a VTIMEZONE: the block it came as, or the jumps of the years around its use, the last
/// of them as rules that go on.
pub(super) fn zone_block(out: &mut Out, zone: &Zone, first: i64, last: i64) {
    if let Some(block) = zone.block() {
        out.raw(block);
        return;
    }
    out.line("BEGIN:VTIMEZONE");
    out.line(&format!("TZID:{}", zone.name()));
    let (offset, jumps) = zone.table().jumps();
    let from = first - YEARS_AROUND * YEAR;
    let until = last + YEARS_AROUND * YEAR;
    let before = jumps.iter().rev().find(|jump| jump.at < from);
    let offset = before.map_or(offset, |jump| jump.after);
    part(
        out,
        offset,
        offset,
        offset,
        from.div_euclid(YEAR) * YEAR,
        None,
    );
    let inside: Vec<_> = jumps
        .iter()
        .filter(|jump| jump.at >= from && jump.at < until)
        .collect();
    let last_two: BTreeSet<i64> = inside.iter().rev().take(2).map(|jump| jump.at).collect();
    let goes_on = jumps.last().is_some_and(|jump| jump.at >= until + 2 * YEAR);
    let smallest = inside.iter().map(|jump| jump.after).min().unwrap_or(offset);
    for jump in inside {
        let local = jump.at + jump.before;
        let rule = if goes_on && last_two.contains(&jump.at) {
            yearly(local)
        } else {
            None
        };
        part(out, jump.before, jump.after, smallest, local, rule);
    }
    out.line("END:VTIMEZONE");
}

/// The rule by which a jump comes again every year: the same weekday of the month.
fn yearly(local: i64) -> Option<String> {
    let date = datetime_of(local)?.date();
    let weekday = usize::try_from(date.weekday().to_monday_zero_offset()).ok()?;
    let letters = crate::rule::Weekday::ALL.get(weekday)?.letters();
    let is_last = date.day() + 7 > date.days_in_month();
    let ordinal = if is_last {
        -1
    } else {
        (date.day() - 1) / 7 + 1
    };
    Some(format!(
        "FREQ=YEARLY;BYMONTH={};BYDAY={ordinal}{letters}",
        date.month()
    ))
}

fn part(out: &mut Out, before: i64, after: i64, least: i64, local: i64, rule: Option<String>) {
    let name = if after > least {
        "DAYLIGHT"
    } else {
        "STANDARD"
    };
    let start = OriginalStart::Local(datetime_of(local).unwrap_or_default());
    out.line(&format!("BEGIN:{name}"));
    out.line(&format!("DTSTART:{}", Basic(&start)));
    out.line(&format!("TZOFFSETFROM:{}", offset_text(before)));
    out.line(&format!("TZOFFSETTO:{}", offset_text(after)));
    if let Some(rule) = rule {
        out.line(&format!("RRULE:{rule}"));
    }
    out.line(&format!("END:{name}"));
}

fn offset_text(seconds: i64) -> String {
    let (sign, size) = if seconds < 0 {
        ('-', -seconds)
    } else {
        ('+', seconds)
    };
    let mut text = format!("{sign}{:02}{:02}", size / 3_600, size / 60 % 60);
    if size % 60 != 0 {
        let _ = write!(text, "{:02}", size % 60);
    }
    text
}
