//! The names of properties we model, told apart once for each line.

/// A property we model; anything else is `Other` and kept as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Name {
    Other,
    Begin,
    End,
    Uid,
    Start,
    Until,
    Duration,
    Due,
    Completed,
    Percent,
    Priority,
    Rule,
    ExclusionRule,
    Dates,
    Skipped,
    Original,
    Summary,
    Description,
    Location,
    Url,
    Color,
    Conference,
    Geo,
    Status,
    Transparency,
    Class,
    Sequence,
    Stamped,
    Created,
    Modified,
    Organizer,
    Attendee,
    Categories,
    Attach,
    Trigger,
    Action,
    FreeBusy,
}

const LENGTH_3: &[(&str, Name)] = &[
    ("END", Name::End),
    ("UID", Name::Uid),
    ("URL", Name::Url),
    ("GEO", Name::Geo),
    ("DUE", Name::Due),
];
const LENGTH_5: &[(&str, Name)] = &[
    ("BEGIN", Name::Begin),
    ("DTEND", Name::Until),
    ("CLASS", Name::Class),
    ("RRULE", Name::Rule),
    ("RDATE", Name::Dates),
    ("COLOR", Name::Color),
];
const LENGTH_6: &[(&str, Name)] = &[
    ("STATUS", Name::Status),
    ("EXDATE", Name::Skipped),
    ("TRANSP", Name::Transparency),
    ("ACTION", Name::Action),
    ("ATTACH", Name::Attach),
    ("EXRULE", Name::ExclusionRule),
];
const LENGTH_7: &[(&str, Name)] = &[
    ("DTSTART", Name::Start),
    ("DTSTAMP", Name::Stamped),
    ("SUMMARY", Name::Summary),
    ("CREATED", Name::Created),
    ("TRIGGER", Name::Trigger),
];
const LENGTH_8: &[(&str, Name)] = &[
    ("ATTENDEE", Name::Attendee),
    ("LOCATION", Name::Location),
    ("SEQUENCE", Name::Sequence),
    ("DURATION", Name::Duration),
    ("PRIORITY", Name::Priority),
    ("FREEBUSY", Name::FreeBusy),
];
const LENGTH_9: &[(&str, Name)] = &[
    ("ORGANIZER", Name::Organizer),
    ("COMPLETED", Name::Completed),
];
const LENGTH_10: &[(&str, Name)] = &[
    ("CATEGORIES", Name::Categories),
    ("CONFERENCE", Name::Conference),
];
const LENGTH_11: &[(&str, Name)] = &[("DESCRIPTION", Name::Description)];
const LENGTH_13: &[(&str, Name)] = &[
    ("LAST-MODIFIED", Name::Modified),
    ("RECURRENCE-ID", Name::Original),
];
const LENGTH_16: &[(&str, Name)] = &[("PERCENT-COMPLETE", Name::Percent)];

impl Name {
    /// The name written so, in any letter case.
    pub(super) fn of(name: &[u8]) -> Self {
        with_length(name.len())
            .iter()
            .find(|(word, _)| word.as_bytes().eq_ignore_ascii_case(name))
            .map_or(Self::Other, |(_, name)| *name)
    }

    /// The word of RFC 5545; empty for a name we do not know.
    pub(super) fn word(self) -> &'static str {
        (3..=16)
            .flat_map(with_length)
            .find(|(_, name)| *name == self)
            .map_or("", |(word, _)| word)
    }

    /// A bit of its own in a set.
    pub(super) const fn bit(self) -> u64 {
        1 << self as u8
    }
}

/// Names of so many letters.
const fn with_length(length: usize) -> &'static [(&'static str, Name)] {
    match length {
        3 => LENGTH_3,
        5 => LENGTH_5,
        6 => LENGTH_6,
        7 => LENGTH_7,
        8 => LENGTH_8,
        9 => LENGTH_9,
        10 => LENGTH_10,
        11 => LENGTH_11,
        13 => LENGTH_13,
        16 => LENGTH_16,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_in_any_letter_case() {
        assert_eq!(Name::of(b"dtStart"), Name::Start);
        assert_eq!(Name::of(b"X-DTSTART"), Name::Other);
        assert_eq!(Name::of(b""), Name::Other);
        assert_eq!(Name::Original.word(), "RECURRENCE-ID");
    }
}
