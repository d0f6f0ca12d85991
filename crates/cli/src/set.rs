//! `FIELD=VALUE` of `edit --set`.

use std::str::FromStr;

/// One field and its new value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Assignment {
    pub(crate) field: Field,
    pub(crate) value: String,
}

/// What of an event can be set.
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
}

impl FromStr for Assignment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = text
            .split_once('=')
            .ok_or_else(|| format!("“{text}” is not of the form FIELD=VALUE"))?;
        let field = match name.trim().to_ascii_lowercase().as_str() {
            "title" | "summary" => Field::Title,
            "place" | "location" => Field::Place,
            "notes" | "description" => Field::Notes,
            "start" => Field::Start,
            "end" => Field::End,
            "zone" => Field::Zone,
            "rule" => Field::Rule,
            "calendar" => Field::Calendar,
            _ => {
                return Err(format!(
                    "there is no field “{name}”; the fields are title, place, notes, start, end, \
                     zone, rule and calendar"
                ));
            }
        };
        Ok(Self {
            field,
            value: value.to_owned(),
        })
    }
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
            "colour=red"
                .parse::<Assignment>()
                .unwrap_err()
                .contains("no field")
        );
        assert!(
            "title"
                .parse::<Assignment>()
                .unwrap_err()
                .contains("FIELD=VALUE")
        );
    }
}
