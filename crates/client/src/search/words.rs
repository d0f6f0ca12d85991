//! Words as search knows them: without case and accents, so that what is typed in a hurry finds
//! what was written with care.
//!
//! The one way in which texts, queries and highlights are cut and folded.

use std::ops::Range;

use icu_normalizer::properties::{CanonicalDecompositionBorrowed, Decomposed};

/// Folded letters that count of one word; the rest of a longer one is not looked at.
const LETTERS_MAX: usize = 40;

/// Hands over each word of a text, folded, and the bytes of the text that it stands on.
///
/// A word is letters and digits in a row. In Chinese and Japanese, which put no spaces, every
/// character is one, and so is every pictograph.
pub(super) fn each(text: &str, mut found: impl FnMut(&str, Range<usize>)) {
    let mut word = String::new();
    let mut start = 0;
    for (at, c) in text.char_indices() {
        let is_alone = stands_alone(c);
        if !is_alone && (c.is_alphanumeric() || is_mark(c)) {
            if word.is_empty() {
                start = at;
            }
            fold(c, &mut word);
            continue;
        }
        end_word(&mut word, start..at, &mut found);
        if is_alone {
            fold(c, &mut word);
            end_word(&mut word, at..at + c.len_utf8(), &mut found);
        }
    }
    end_word(&mut word, start..text.len(), &mut found);
}

/// The folded words of a text.
pub(super) fn list(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    each(text, |word, _| words.push(word.to_owned()));
    words
}

/// A text as one folded word, for names that are compared whole.
pub(super) fn folded(text: &str) -> String {
    let mut word = String::new();
    text.trim().chars().for_each(|c| fold(c, &mut word));
    word
}

fn end_word(word: &mut String, range: Range<usize>, found: &mut impl FnMut(&str, Range<usize>)) {
    if word.is_empty() {
        return;
    }
    if let Some((end, _)) = word.char_indices().nth(LETTERS_MAX) {
        word.truncate(end);
    }
    found(word, range);
    word.clear();
}

/// Appends a character without case and accents.
fn fold(c: char, to: &mut String) {
    if c.is_ascii() {
        to.push(c.to_ascii_lowercase());
        return;
    }
    if let Some(plain) = plain(c) {
        to.push_str(plain);
        return;
    }
    match CanonicalDecompositionBorrowed::new().decompose(c) {
        // Syllables of Korean come apart too, which does no harm: beginnings stay beginnings.
        Decomposed::Expansion(first, second) => {
            fold(first, to);
            fold(second, to);
        }
        Decomposed::Singleton(other) => fold(other, to),
        Decomposed::Default => {
            let wide = wide_ascii(c).unwrap_or(c);
            to.extend(wide.to_lowercase().filter(|c| !is_mark(*c)));
        }
    }
}

/// Letters that are no others with an accent, as people write them who do not have them.
const fn plain(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' | 'ẞ' => "ss",
        'æ' | 'Æ' => "ae",
        'œ' | 'Œ' => "oe",
        'ø' | 'Ø' => "o",
        'đ' | 'Đ' | 'ð' | 'Ð' => "d",
        'þ' | 'Þ' => "th",
        'ł' | 'Ł' => "l",
        'ħ' | 'Ħ' => "h",
        'ı' => "i",
        'ς' => "σ",
        _ => return None,
    })
}

/// The plain form of the wide letters and digits of East Asia.
fn wide_ascii(c: char) -> Option<char> {
    let offset = u32::from(c).checked_sub(0xff01)?;
    if offset < 0x5e {
        char::from_u32(0x21 + offset)
    } else {
        None
    }
}

/// Accents and vowel points that stand on the letter before.
const fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5bd}' | '\u{5bf}'..='\u{5c7}'
        | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

/// Characters that are words of their own: Han, Hiragana, Katakana and pictographs.
const fn stands_alone(c: char) -> bool {
    matches!(c,
        '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}'
        | '\u{2300}'..='\u{23ff}' | '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}'
        | '\u{1f000}'..='\u{1faff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(list(text), expected, "{text}");
    }

    #[test]
    fn case_and_accents_do_not_matter() {
        check("Café MÜLLER", &["cafe", "muller"]);
        check("Cafe\u{301}", &["cafe"]);
        check("Straße STRASSE", &["strasse", "strasse"]);
        check("İstanbul ılık", &["istanbul", "ilik"]);
        check("Łódź, Ærø", &["lodz", "aero"]);
        check("ΣΊΣΥΦΟΣ Σίσυφος", &["σισυφοσ", "σισυφοσ"]);
        check("ＡＢＣ１", &["abc1"]);
        check("Ёлка ёлка", &["елка", "елка"]);
        check("שָׁלוֹם", &["שלום"]);
    }

    #[test]
    fn words_end_where_letters_and_digits_do() {
        check("ada12@example.org", &["ada12", "example", "org"]);
        check("one-on-one (Q4)", &["one", "on", "one", "q4"]);
        check("", &[]);
        check(" … ", &[]);
        check("東京タワー", &["東", "京", "タ", "ワ", "ー"]);
        check("x東y", &["x", "東", "y"]);
        check("Party 🎂☀\u{fe0f}!", &["party", "🎂", "☀"]);
    }

    #[test]
    fn a_word_knows_where_it_stands() {
        let text = "… Übergabe an Ada";
        let mut found = Vec::new();
        each(text, |word, range| {
            found.push((word.to_owned(), text.get(range).unwrap().to_owned()));
        });
        let expected = [("ubergabe", "Übergabe"), ("an", "an"), ("ada", "Ada")];
        assert_eq!(
            found,
            expected.map(|(word, stands)| (word.to_owned(), stands.to_owned()))
        );
    }

    #[test]
    fn endless_words_are_cut() {
        assert_eq!(list(&"ä".repeat(100_000)), ["a".repeat(LETTERS_MAX)]);
    }

    #[test]
    fn cutting_the_folded_form_again_changes_nothing() {
        for c in ('\0'..=char::MAX).filter(|c| c.is_alphanumeric()) {
            for word in list(&c.to_string()) {
                let again = list(&word);
                assert!(
                    again.len() <= 1 || again.concat() == word,
                    "{c:?} {word:?} {again:?}"
                );
            }
        }
    }
}
