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

impl Name {
    /// The name written so, in any letter case.
    pub(super) fn of(name: &[u8]) -> Self {
        let found = Self::in_capitals(name);
        if found != Self::Other || !name.iter().any(u8::is_ascii_lowercase) {
            return found;
        }
        Self::in_capitals(&name.to_ascii_uppercase())
    }

    fn in_capitals(name: &[u8]) -> Self {
        match name {
            b"BEGIN" => Self::Begin,
            b"END" => Self::End,
            b"UID" => Self::Uid,
            b"DTSTART" => Self::Start,
            b"DTEND" => Self::Until,
            b"DURATION" => Self::Duration,
            b"DUE" => Self::Due,
            b"COMPLETED" => Self::Completed,
            b"PERCENT-COMPLETE" => Self::Percent,
            b"PRIORITY" => Self::Priority,
            b"RRULE" => Self::Rule,
            b"EXRULE" => Self::ExclusionRule,
            b"RDATE" => Self::Dates,
            b"EXDATE" => Self::Skipped,
            b"RECURRENCE-ID" => Self::Original,
            b"SUMMARY" => Self::Summary,
            b"DESCRIPTION" => Self::Description,
            b"LOCATION" => Self::Location,
            b"URL" => Self::Url,
            b"COLOR" => Self::Color,
            b"CONFERENCE" => Self::Conference,
            b"GEO" => Self::Geo,
            b"STATUS" => Self::Status,
            b"TRANSP" => Self::Transparency,
            b"CLASS" => Self::Class,
            b"SEQUENCE" => Self::Sequence,
            b"DTSTAMP" => Self::Stamped,
            b"CREATED" => Self::Created,
            b"LAST-MODIFIED" => Self::Modified,
            b"ORGANIZER" => Self::Organizer,
            b"ATTENDEE" => Self::Attendee,
            b"CATEGORIES" => Self::Categories,
            b"ATTACH" => Self::Attach,
            b"TRIGGER" => Self::Trigger,
            b"ACTION" => Self::Action,
            b"FREEBUSY" => Self::FreeBusy,
            _ => Self::Other,
        }
    }

    /// The word of RFC 5545; empty for a name we do not know.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Other => "",
            Self::Begin => "BEGIN",
            Self::End => "END",
            Self::Uid => "UID",
            Self::Start => "DTSTART",
            Self::Until => "DTEND",
            Self::Duration => "DURATION",
            Self::Due => "DUE",
            Self::Completed => "COMPLETED",
            Self::Percent => "PERCENT-COMPLETE",
            Self::Priority => "PRIORITY",
            Self::Rule => "RRULE",
            Self::ExclusionRule => "EXRULE",
            Self::Dates => "RDATE",
            Self::Skipped => "EXDATE",
            Self::Original => "RECURRENCE-ID",
            Self::Summary => "SUMMARY",
            Self::Description => "DESCRIPTION",
            Self::Location => "LOCATION",
            Self::Url => "URL",
            Self::Color => "COLOR",
            Self::Conference => "CONFERENCE",
            Self::Geo => "GEO",
            Self::Status => "STATUS",
            Self::Transparency => "TRANSP",
            Self::Class => "CLASS",
            Self::Sequence => "SEQUENCE",
            Self::Stamped => "DTSTAMP",
            Self::Created => "CREATED",
            Self::Modified => "LAST-MODIFIED",
            Self::Organizer => "ORGANIZER",
            Self::Attendee => "ATTENDEE",
            Self::Categories => "CATEGORIES",
            Self::Attach => "ATTACH",
            Self::Trigger => "TRIGGER",
            Self::Action => "ACTION",
            Self::FreeBusy => "FREEBUSY",
        }
    }

    /// A bit of its own in a set.
    pub(super) const fn bit(self) -> u64 {
        1 << self as u8
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
        for name in [Name::Original, Name::Percent, Name::FreeBusy, Name::Geo] {
            assert_eq!(Name::of(name.word().as_bytes()), name);
        }
    }
}
