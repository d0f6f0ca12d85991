//! Parameters that nobody models stay with the property they came with.

use super::*;

#[test]
fn an_occurrence_named_by_a_day_keeps_its_other_parameters_too() {
    for parameter in ["VALUE=DTE", "A=1", "X-OTHER=\"a;b\""] {
        let text = file(&format!(
            "BEGIN:VEVENT
            UID:a
            DTSTART:20260305T100000
            END:VEVENT
            BEGIN:VEVENT
            UID:a
            RECURRENCE-ID;{parameter};VALUE=DATE:20260306
            DTSTART:20260306T110000
            END:VEVENT"
        ));
        let first = read_file(text.as_bytes());
        let written = write_file(&first);
        let name = format!("RECURRENCE-ID;{parameter};VALUE=DATE:20260306");
        assert!(written.contains(&name), "{written}");
        let second = read_file(written.as_bytes());
        let parts = |file: &CalendarFile| file.events[0].overrides.clone();
        assert_eq!(parts(&first).len(), 1);
        let kept = |file| parts(file).into_values().map(|part| part.unknown);
        assert!(kept(&first).eq(kept(&second)), "{written}");
    }
}
