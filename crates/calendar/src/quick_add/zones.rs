//! Zones by the names that people give them: cities, abbreviations, offsets, IANA names.
//!
//! An abbreviation stands for the place where people use it, summer and winter: `PST` is the time
//! of Los Angeles. One that belongs to several places is the one most people live in.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::reader::{Found, Reader};
use super::text::{Gap, fold};
use super::word::Word;
use crate::zone::Zone;

/// Cities by name, in small letters without accents, words separated by one space.
static CITIES: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    include_str!("cities.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t'))
        .flat_map(|(names, zone)| names.split('|').map(move |name| (fold(name), zone)))
        .collect()
});

/// Abbreviations and where they hold.
const ABBREVIATIONS: &[(&[&str], &str)] = &[
    (&["utc", "gmt"], "UTC"),
    (&["cet", "cest", "mez", "mesz"], "Europe/Berlin"),
    (&["eet", "eest", "oez", "oesz"], "Europe/Athens"),
    (&["wet", "west"], "Europe/Lisbon"),
    (&["bst"], "Europe/London"),
    (&["msk"], "Europe/Moscow"),
    (&["trt"], "Europe/Istanbul"),
    (&["est", "edt"], "America/New_York"),
    (&["cst", "cdt"], "America/Chicago"),
    (&["mst", "mdt"], "America/Denver"),
    (&["pst", "pdt"], "America/Los_Angeles"),
    (&["akst", "akdt"], "America/Anchorage"),
    (&["hst"], "Pacific/Honolulu"),
    (&["brt"], "America/Sao_Paulo"),
    (&["sast"], "Africa/Johannesburg"),
    (&["gst"], "Asia/Dubai"),
    (&["ist"], "Asia/Kolkata"),
    (&["sgt"], "Asia/Singapore"),
    (&["hkt"], "Asia/Hong_Kong"),
    (&["jst"], "Asia/Tokyo"),
    (&["kst"], "Asia/Seoul"),
    (&["awst"], "Australia/Perth"),
    (&["aest", "aedt"], "Australia/Sydney"),
    (&["nzst", "nzdt"], "Pacific/Auckland"),
];

/// Abbreviations of two letters, which count in capitals only.
const SHORT: &[(&str, &str)] = &[
    ("ET", "America/New_York"),
    ("CT", "America/Chicago"),
    ("MT", "America/Denver"),
    ("PT", "America/Los_Angeles"),
];

/// Words that the name of a city has at most.
const WORDS_MAX: usize = 3;

impl Reader<'_> {
    /// A zone, right after a time.
    pub(super) fn zone(&self, at: usize) -> Found<Zone> {
        let at = self
            .sign(at, "(")
            .filter(|next| self.is_closed(*next))
            .unwrap_or(at);
        let (zone, end) = self
            .offset(at)
            .or_else(|| self.abbreviation(at))
            .or_else(|| self.iana(at))
            .or_else(|| self.city(at))?;
        let end = self.sign(end, ")").unwrap_or(end);
        self.stops(end).then_some((zone, end))
    }

    /// Whether a bracket closes soon.
    fn is_closed(&self, at: usize) -> bool {
        (at..at + 6).any(|at| self.sign(at, ")").is_some())
    }

    /// `UTC+2`, `GMT-5`, `UTC+5:30`.
    fn offset(&self, at: usize) -> Found<Zone> {
        let end = self.offset_end(at)?;
        let name = self.words(at..end).replace('−', "-");
        Some((Zone::resolve(&name)?, end))
    }

    /// Whether an offset from UTC is written here, and be it one that nobody keeps.
    pub(super) fn is_offset(&self, at: usize) -> Option<usize> {
        self.offset_end(at).filter(|end| self.closes(*end))
    }

    fn offset_end(&self, at: usize) -> Option<usize> {
        let name = &self.token(at)?.folded;
        let sign = ["+", "-", "−"]
            .iter()
            .find_map(|sign| self.glued_sign(at + 1, sign))?;
        self.glued_digits(sign)?;
        let end = match self.glued_sign(sign + 1, ":") {
            Some(minutes) if self.glued_digits(minutes).is_some() => minutes + 1,
            Some(_) | None => sign + 1,
        };
        matches!(name.as_str(), "utc" | "gmt").then_some(end)
    }

    fn abbreviation(&self, at: usize) -> Found<Zone> {
        let folded = self.token(at)?.folded.as_str();
        let long = ABBREVIATIONS
            .iter()
            .find(|(names, _)| names.contains(&folded))
            .map(|(_, zone)| *zone);
        let written = self.words(at..at + 1);
        let short = || {
            SHORT
                .iter()
                .find(|(name, _)| *name == written)
                .map(|(_, zone)| *zone)
        };
        let name = long.or_else(short)?;
        let end = self.is(at + 1, Word::Time).unwrap_or(at + 1);
        // "West" is a word as well.
        let is_word = folded == "west" && written != "WEST";
        (!is_word && self.stops(end)).then(|| Some((Zone::resolve(name)?, end)))?
    }

    /// `Europe/Berlin`, `America/New_York`.
    fn iana(&self, at: usize) -> Found<Zone> {
        const TOKENS_MAX: usize = 9;
        self.glued_sign(at + 1, "/")?;
        let end = (at + 1..at + TOKENS_MAX)
            .find(|next| self.token(*next).is_none_or(|token| token.gap != Gap::None))?;
        let name = self.words(at..end);
        let closing = name.trim_end_matches([',', '.', ';', ')', '!', '?']);
        let end = end - (name.len() - closing.len());
        Some((Zone::resolve(closing)?, end))
    }

    /// A city, where no word of a title follows; with or without a word for "time".
    fn city(&self, at: usize) -> Found<Zone> {
        if self.is_glued(at) {
            return None;
        }
        let name = |words: usize| {
            let parts: Option<Vec<&str>> = (at..at + words)
                .map(|at| self.token(at).map(|token| token.folded.as_str()))
                .collect();
            Some(parts?.join(" "))
        };
        (1..=WORDS_MAX).rev().find_map(|words| {
            let name = name(words)?;
            let end = at + words;
            let timed = self.is(end, Word::Time);
            // "Londoner Zeit", "Berlin's time".
            let stem = ["er", "'s"]
                .iter()
                .find_map(|ending| name.strip_suffix(ending));
            let known = CITIES
                .get(&name)
                .or_else(|| timed.and_then(|_| CITIES.get(stem?)))?;
            let is_meant = timed.is_some() || self.ends_phrase(end) && self.closes(end);
            is_meant.then(|| Some((Zone::resolve(known)?, timed.unwrap_or(end))))?
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_city_and_abbreviation_has_a_zone() {
        assert!(CITIES.len() > 250);
        let short = SHORT.iter().map(|(_, zone)| *zone);
        let long = ABBREVIATIONS.iter().map(|(_, zone)| *zone);
        for zone in CITIES.values().copied().chain(short).chain(long) {
            assert!(Zone::resolve(zone).is_some(), "{zone}");
        }
    }
}
