//! `FIELD=VALUE` of `edit --set`.

use std::str::FromStr;

use almanac_client::{BusyView, EditEvent, Error, PrivacyView, StatusView, TimesInput};

/// One field and its new value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Assignment {
    pub(crate) field: Field,
    pub(crate) value: String,
}

/// What of an event can be set, by the names people use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    Title,
    Place,
    Notes,
    Start,
    End,
    Zone,
    Rule,
    Calendar,
    Status,
    Busy,
    Privacy,
    Color,
    Url,
    Conference,
    Categories,
    Reminders,
}

const FIELDS: [(&str, Field); 21] = [
    ("title", Field::Title),
    ("summary", Field::Title),
    ("place", Field::Place),
    ("location", Field::Place),
    ("notes", Field::Notes),
    ("description", Field::Notes),
    ("start", Field::Start),
    ("end", Field::End),
    ("zone", Field::Zone),
    ("rule", Field::Rule),
    ("calendar", Field::Calendar),
    ("status", Field::Status),
    ("busy", Field::Busy),
    ("privacy", Field::Privacy),
    ("color", Field::Color),
    ("colour", Field::Color),
    ("url", Field::Url),
    ("conference", Field::Conference),
    ("categories", Field::Categories),
    ("reminders", Field::Reminders),
    ("reminder", Field::Reminders),
];

impl FromStr for Assignment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = text
            .split_once('=')
            .ok_or_else(|| format!("“{text}” is not of the form FIELD=VALUE"))?;
        let wanted = name.trim().to_ascii_lowercase();
        let found = FIELDS.iter().find(|(name, _)| *name == wanted);
        let (_, field) = found.ok_or_else(|| {
            format!(
                "there is no field “{name}”; the fields are title, place, notes, start, end, zone, \
                 rule, calendar, status, busy, privacy, color, url, conference, categories and \
                 reminders"
            )
        })?;
        Ok(Self {
            field: *field,
            value: value.to_owned(),
        })
    }
}

/// What the assignments say together.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    /// Everything but times.
    pub(crate) edit: EditEvent,
    /// Times, to be read against those that the event has.
    pub(crate) times: TimesInput,
}

impl Wanted {
    /// Of two values of one field the later counts.
    pub(crate) fn of(assignments: Vec<Assignment>) -> Result<Self, Error> {
        let mut wanted = Self::default();
        for Assignment { field, value } in assignments {
            wanted.take(field, value)?;
        }
        Ok(wanted)
    }

    fn take(&mut self, field: Field, value: String) -> Result<(), Error> {
        let Self { edit, times } = self;
        let details = &mut edit.details;
        let place = match field {
            Field::Status => return put(&mut details.status, one_of(&value, &STATUSES)?),
            Field::Busy => return put(&mut details.busy, one_of(&value, &BUSY)?),
            Field::Privacy => return put(&mut details.privacy, one_of(&value, &PRIVACIES)?),
            Field::Categories => return put(&mut details.categories, list(&value)),
            Field::Reminders => return put(&mut details.reminders, list(&value)),
            Field::Title => &mut edit.title,
            Field::Place => &mut edit.place,
            Field::Notes => &mut edit.notes,
            Field::Rule => &mut edit.rule,
            Field::Calendar => &mut edit.calendar,
            Field::Start => &mut times.start,
            Field::End => &mut times.end,
            Field::Zone => &mut times.zone,
            Field::Color => &mut details.color,
            Field::Url => &mut details.url,
            Field::Conference => &mut details.conference,
        };
        put(place, value)
    }
}

const STATUSES: [(&str, StatusView); 3] = [
    ("confirmed", StatusView::Confirmed),
    ("tentative", StatusView::Tentative),
    ("cancelled", StatusView::Cancelled),
];
const BUSY: [(&str, BusyView); 2] = [("busy", BusyView::Busy), ("free", BusyView::Free)];
const PRIVACIES: [(&str, PrivacyView); 3] = [
    ("public", PrivacyView::Public),
    ("private", PrivacyView::Private),
    ("confidential", PrivacyView::Confidential),
];

fn put<T>(place: &mut Option<T>, value: T) -> Result<(), Error> {
    *place = Some(value);
    Ok(())
}

fn one_of<T: Copy>(value: &str, words: &[(&str, T)]) -> Result<T, Error> {
    let wanted = value.trim().to_ascii_lowercase();
    let found = words.iter().find(|(word, _)| *word == wanted);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let words = words.join(", ");
        Error::invalid(format!(
            "“{value}” does not fit here. Choose one of {words}. Nothing was changed."
        ))
    })
}

/// Values with commas between them.
fn list(value: &str) -> Vec<String> {
    let values = value.split(',').map(str::trim);
    values
        .filter(|value| !value.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_after_the_first_sign_is_the_value() {
        let one: Assignment = "summary=1 + 1 = 2".parse().unwrap();
        assert_eq!((one.field, one.value.as_str()), (Field::Title, "1 + 1 = 2"));
    }

    #[test]
    fn unknown_fields_and_bare_words_are_refused() {
        assert!(
            "flavour=red"
                .parse::<Assignment>()
                .unwrap_err()
                .contains("no field")
        );
        assert!(Wanted::of(vec!["status=perhaps".parse().unwrap()]).is_err());
        assert!(
            "title"
                .parse::<Assignment>()
                .unwrap_err()
                .contains("FIELD=VALUE")
        );
    }

    #[test]
    fn fields_come_together_and_the_later_counts() {
        let words = [
            "title=A",
            "categories=x, y,",
            "busy=Free",
            "title=B",
            "start=2026-11-20",
        ];
        let words = words.map(|word| word.parse::<Assignment>().unwrap());
        let wanted = Wanted::of(words.to_vec()).unwrap();
        assert_eq!(wanted.edit.title.as_deref(), Some("B"));
        assert_eq!(wanted.edit.details.busy, Some(BusyView::Free));
        let categories = wanted.edit.details.categories.unwrap();
        assert_eq!(categories, ["x", "y"]);
        assert_eq!(wanted.times.start.as_deref(), Some("2026-11-20"));
    }
}
