//! What holds for any text: an answer, chips in order, and a title that is the rest.

use super::*;
use proptest::prelude::*;

/// Words that the grammar knows, and what may stand between them.
fn line() -> impl Strategy<Value = String> {
    let phrases: Vec<&'static str> = [
        include_str!("../phrases/english.txt"),
        include_str!("../phrases/german.txt"),
    ]
    .into_iter()
    .flat_map(str::lines)
    .filter(|line| !line.starts_with('=') && !line.starts_with("# "))
    .flat_map(|line| line.split(' '))
    .collect();
    let word = prop_oneof![
        8 => prop::sample::select(phrases).prop_map(str::to_owned),
        1 => "[0-9]{1,5}[:./-]?[0-9]{0,4}",
        1 => "\\PC{0,6}",
        1 => "[@/#!\"„“()-]",
    ];
    let gap = prop::sample::select(vec![" ", " ", " ", "", ", ", "-", "\n", "\u{a0}"]);
    prop::collection::vec((word, gap), 0..24)
        .prop_map(|all| all.into_iter().map(|(word, gap)| word + gap).collect())
}

fn anyone() -> impl Strategy<Value = (DateTime, Language, DateOrder, &'static str)> {
    let now = (-9999_i16..=9999, 1_i8..=12, 1_i8..=28, 0_i8..24, 0_i8..60);
    let now = now.prop_map(|(year, month, day, hour, minute)| {
        jiff::civil::date(year, month, day).at(hour, minute, 17, 0)
    });
    let near = Just(at("2026-11-22T10:00:00"));
    (
        prop_oneof![3 => near, 1 => now, 1 => Just(DateTime::MAX), 1 => Just(DateTime::MIN)],
        prop::sample::select(vec![Language::English, Language::German]),
        prop::sample::select(vec![DateOrder::DayFirst, DateOrder::MonthFirst]),
        prop::sample::select(vec![
            "Europe/Berlin",
            "America/New_York",
            "Pacific/Apia",
            "UTC",
        ]),
    )
}

fn letters(text: &str) -> String {
    text.chars().filter(|one| one.is_alphanumeric()).collect()
}

fn check(text: &str, who: (DateTime, Language, DateOrder, &str)) {
    let zone = Zone::named(who.3);
    let context = Context {
        date_order: who.2,
        calendars: CALENDARS,
        ..Context::new(who.0, &zone, who.1)
    };
    let found = parse(text, &context);
    let mut rest = String::new();
    let mut end = 0;
    for chip in &found.chips {
        assert!(
            chip.range.start >= end && chip.range.end <= text.len(),
            "{chip:?}"
        );
        rest.push_str(text.get(end..chip.range.start).expect("a boundary"));
        end = chip.range.end;
    }
    rest.push_str(text.get(end..).expect("a boundary"));
    assert_eq!(letters(&rest), letters(&found.title), "{text:?}");
    for problem in &found.problems {
        assert!(text.get(problem.range.clone()).is_some(), "{problem:?}");
    }
    if let Some(When::AllDay { start, end }) = &found.when {
        assert!(end > start || *end == jiff::civil::Date::MAX, "{text:?}");
    }
    assert_eq!(parse(text, &context), found);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_line_of_known_words_has_an_answer(text in line(), who in anyone()) {
        check(&text, who);
    }

    #[test]
    fn any_text_has_an_answer(text in "\\PC{0,60}", who in anyone()) {
        check(&text, who);
    }

    #[test]
    fn any_part_taken_back_is_a_word_of_the_title(text in line(), who in anyone()) {
        let zone = Zone::named(who.3);
        let context = Context::new(who.0, &zone, who.1);
        let found = parse(&text, &context);
        let plain: Vec<_> = found.chips.iter().map(|chip| chip.range.clone()).collect();
        let again = parse(&text, &Context { plain: &plain, ..context });
        for chip in again.chips {
            let touches = |range: &Range<usize>| chip.range.start < range.end && range.start < chip.range.end;
            prop_assert!(!plain.iter().any(touches), "{:?} in {:?}", chip, text);
        }
    }
}

#[test]
fn a_number_of_any_length_has_an_answer() {
    let who = ("2026-11-22T10:00:00".parse().unwrap(), Language::English);
    for text in [
        "Lunch 15:00-99999999999 ",
        "Lunch 99999999999-9",
        "99999999999 days",
    ] {
        check(text, (who.0, who.1, DateOrder::DayFirst, "Europe/Berlin"));
    }
}

#[test]
fn long_texts_take_no_longer_than_their_length() {
    let zone = berlin();
    let context = super::context(&zone);
    for piece in [
        "\"",
        "every Monday and ",
        "9-",
        "@a ",
        "/x",
        "1.",
        "a@",
        "(",
        "in 3 ",
        "„",
    ] {
        let short = piece.repeat(TEXT_BYTES_MAX / piece.len() / 8);
        let long = piece.repeat(TEXT_BYTES_MAX / piece.len());
        // The best of several, for a machine has other things to do.
        let time = |text: &str| {
            let one = || {
                let begun = std::time::Instant::now();
                let found = parse(text, &context);
                assert!(found.chips.len() <= text.len());
                begun.elapsed()
            };
            (0..5).map(|_| one()).min().unwrap()
        };
        let (short, long) = (time(&short), time(&long));
        let most = short * 40 + std::time::Duration::from_millis(400);
        assert!(long < most, "{piece:?}: {short:?}, then {long:?}");
    }
}

#[test]
fn what_is_longer_than_a_line_stays_in_the_title() {
    let zone = berlin();
    let text = format!("tomorrow {}", "ä".repeat(TEXT_BYTES_MAX));
    let found = parse(&text, &super::context(&zone));
    assert_eq!(found.problems[0].kind, ProblemKind::TooLong);
    assert_eq!(found.title.chars().count(), TEXT_BYTES_MAX);
    assert!(found.when.is_some());
}
