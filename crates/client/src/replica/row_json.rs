//! An event as its row keeps it: JSON without the fields that say nothing, which are most of them.
//! It is written once and read often.

use serde::Serialize;
use serde::ser::SerializeMap;
use serde_json::Serializer;

use almanac_calendar::Event;

use crate::error::{Error, Result};

/// The JSON of an event, from which reading it gives the same event.
pub(crate) fn row_json(event: &Event) -> Result<String> {
    let mut bytes = Vec::with_capacity(512);
    write(event, &mut Serializer::new(&mut bytes)).map_err(Error::internal)?;
    String::from_utf8(bytes).map_err(Error::internal)
}

fn write(event: &Event, to: &mut Serializer<&mut Vec<u8>>) -> serde_json::Result<()> {
    let mut map = serde::Serializer::serialize_map(to, None)?;
    macro_rules! fields {
        ($($field:ident),*) => {
            // A field that is new must be written, or it would be lost on the way.
            let Event { uid, when, $($field),* } = event;
            map.serialize_entry("uid", uid)?;
            map.serialize_entry("when", when)?;
            $( put(&mut map, stringify!($field), $field)?; )*
        };
    }
    fields!(
        title,
        notes,
        place,
        rules,
        dates,
        skipped,
        overrides,
        splits,
        guests,
        organizer,
        reminders,
        categories,
        attachments,
        url,
        status,
        busy,
        privacy,
        color,
        conference,
        geo,
        task,
        sequence,
        stamped,
        created,
        modified,
        unknown,
        trashed
    );
    map.end()
}

fn put<M: SerializeMap, T: Serialize + Default + PartialEq>(
    map: &mut M,
    name: &'static str,
    value: &T,
) -> std::result::Result<(), M::Error> {
    if *value == T::default() {
        Ok(())
    } else {
        map.serialize_entry(name, value)
    }
}

#[cfg(test)]
mod tests {
    use almanac_calendar::ics;

    use super::*;

    #[test]
    fn what_is_written_reads_as_the_same_event() {
        let text = include_bytes!("../../../../tests/corpus/demo.ics");
        let (events, _) = ics::read(text);
        assert!(events.len() > 2);
        for event in events {
            let json = row_json(&event).unwrap();
            assert_eq!(
                serde_json::from_str::<Event>(&json).unwrap(),
                event,
                "{json}"
            );
            assert!(!json.contains("null") && !json.contains("{}"), "{json}");
        }
    }
}
