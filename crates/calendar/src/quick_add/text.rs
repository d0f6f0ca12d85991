//! A typed line as tokens: words, numbers, signs, addresses and links, each with its place.
//!
//! Every token lies on character boundaries of the text. What stands between quotation marks, and
//! what the person has said is no more than words, is [`Kind::Plain`] and means nothing.

use std::ops::Range;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Letters.
    Word,
    /// Digits 0 to 9.
    Number,
    /// Any other single character.
    Sign,
    /// `name@host`.
    Address,
    /// `https://…`
    Link,
    /// Words that are only words.
    Plain,
}

/// What stands before a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    /// Nothing: it is glued to the token before it.
    None,
    /// Space.
    Space,
    /// A line break.
    Line,
}

/// A piece of the text.
#[derive(Debug, Clone)]
pub(super) struct Token {
    /// Bytes of the text.
    pub(super) range: Range<usize>,
    pub(super) kind: Kind,
    pub(super) gap: Gap,
    /// The value of a number; one too large to hold counts as the largest.
    pub(super) value: u32,
    /// In small letters and without accents; `ü` is `u` here.
    pub(super) folded: String,
}

impl Token {
    /// How many digits a number was written with.
    pub(super) const fn digits(&self) -> usize {
        self.range.end - self.range.start
    }
}

/// Quotation marks that open, each with those that close it.
const QUOTES: &[(char, &[char])] = &[
    ('"', &['"']),
    ('“', &['”', '"']),
    ('„', &['“', '”', '"']),
    ('«', &['»']),
    ('»', &['«']),
];

/// The tokens of a text.
pub(super) fn tokens(text: &str, plain: &[Range<usize>]) -> Vec<Token> {
    let mut found: Vec<Token> = Vec::new();
    let mut gap = Gap::None;
    let mut at = 0;
    let last_close = LastClose::of(text);
    while let Some(rest) = text.get(at..) {
        let Some(first) = rest.chars().next() else {
            break;
        };
        if first.is_whitespace() {
            let is_line = matches!(first, '\n' | '\r' | '\u{2028}');
            gap = if is_line { Gap::Line } else { gap.max_space() };
            at += first.len_utf8();
            continue;
        }
        let before = if gap == Gap::None { found.last() } else { None };
        let (kind, length) = next(rest, at, before, &last_close);
        let range = at..at + length;
        at = range.end;
        found.push(Token {
            value: number(rest.get(..length).unwrap_or_default(), kind),
            folded: match kind {
                Kind::Word | Kind::Sign => fold(rest.get(..length).unwrap_or_default()),
                Kind::Number | Kind::Address | Kind::Link | Kind::Plain => String::new(),
            },
            range,
            kind,
            gap,
        });
        gap = Gap::None;
    }
    make_plain(&mut found, plain);
    found
}

impl Gap {
    const fn max_space(self) -> Self {
        match self {
            Self::Line => Self::Line,
            Self::None | Self::Space => Self::Space,
        }
    }
}

/// Whether something that must stand at the beginning may follow this token without a space.
fn opens_inner(token: &Token) -> bool {
    token.kind == Kind::Sign && matches!(token.folded.as_str(), "(" | "[" | "<" | "{")
}

/// The kind and byte length of the token that a text begins with; `before` is glued to it.
fn next(rest: &str, at: usize, before: Option<&Token>, last_close: &LastClose) -> (Kind, usize) {
    if before.is_none_or(opens_inner) {
        if let Some(length) = link(rest) {
            return (Kind::Link, length);
        }
        if let Some(length) = address(rest) {
            return (Kind::Address, length);
        }
    }
    if before.is_none_or(|token| token.kind == Kind::Sign)
        && let Some(length) = quoted(rest, at, last_close)
    {
        return (Kind::Plain, length);
    }
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 {
        return (Kind::Number, digits);
    }
    let letters = word(rest);
    if letters > 0 {
        return (Kind::Word, letters);
    }
    (Kind::Sign, rest.chars().next().map_or(1, char::len_utf8))
}

/// Bytes of the word that a text begins with. An apostrophe belongs to it between letters.
fn word(rest: &str) -> usize {
    let mut end = 0;
    let mut chars = rest.char_indices().peekable();
    while let Some((at, one)) = chars.next() {
        let is_inner = at > 0
            && matches!(one, '\'' | '’')
            && chars.peek().is_some_and(|(_, next)| next.is_alphabetic());
        let is_letter = one.is_alphabetic() || (one.is_numeric() && !one.is_ascii_digit());
        if !(is_letter || is_inner || (at > 0 && is_mark(one))) {
            break;
        }
        end = at + one.len_utf8();
    }
    end
}

/// Bytes of the link that a text begins with; a full stop or comma at its end is not part of it.
fn link(rest: &str) -> Option<usize> {
    let starts = |word: &str| {
        rest.get(..word.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(word))
    };
    if !(starts("http://") || starts("https://") || starts("www.")) {
        return None;
    }
    let end = rest
        .find(|one: char| one.is_whitespace() || matches!(one, '<' | '>' | '"'))
        .unwrap_or(rest.len());
    let whole = rest.get(..end)?;
    let mut link = whole.trim_end_matches(['.', ',', ';', '!', '?']);
    if !link.contains('(') {
        link = link.trim_end_matches(')');
    }
    (link.len() > "https://".len()).then_some(link.len())
}

/// Bytes of the e-mail address that a text begins with (RFC 5322 §3.4.1, the part people use).
fn address(rest: &str) -> Option<usize> {
    const BYTES_MAX: usize = 254;
    let is_local = |one: char| one.is_alphanumeric() || "._%+-'".contains(one);
    let at = rest
        .char_indices()
        .take(65)
        .find(|(_, one)| !is_local(*one))
        .and_then(|(at, one)| (at > 0 && one == '@').then_some(at))?;
    let host = rest.get(at + 1..)?;
    let length = host
        .find(|one: char| !(one.is_alphanumeric() || matches!(one, '.' | '-')))
        .unwrap_or(host.len());
    let host = host.get(..length)?.trim_end_matches(['.', '-']);
    let (name, top) = host.rsplit_once('.')?;
    let is_host = !name.is_empty() && top.chars().all(char::is_alphabetic) && top.len() >= 2;
    let bytes = at + 1 + host.len();
    (is_host && bytes <= BYTES_MAX).then_some(bytes)
}

/// Where the last mark that closes each kind of quotation stands, so that a mark that is never
/// closed does not cost a search to the end of the text.
struct LastClose(Vec<Option<usize>>);

impl LastClose {
    fn of(text: &str) -> Self {
        let last = |closing: &[char]| text.rfind(closing);
        Self(QUOTES.iter().map(|(_, closing)| last(closing)).collect())
    }
}

/// Bytes of the quotation that a text begins with.
fn quoted(rest: &str, at: usize, last: &LastClose) -> Option<usize> {
    let open = rest.chars().next()?;
    let index = QUOTES.iter().position(|(mark, _)| *mark == open)?;
    let (_, closing) = QUOTES.get(index)?;
    let is_closed = (*last.0.get(index)?).is_some_and(|close| close > at);
    if !is_closed {
        return None;
    }
    let inner = rest.get(open.len_utf8()..)?;
    let end = inner.find(*closing)?;
    let close = inner.get(end..)?.chars().next()?;
    (end > 0).then_some(open.len_utf8() + end + close.len_utf8())
}

fn number(text: &str, kind: Kind) -> u32 {
    match kind {
        Kind::Number => text.parse().unwrap_or(u32::MAX),
        Kind::Word | Kind::Sign | Kind::Address | Kind::Link | Kind::Plain => 0,
    }
}

/// Takes the meaning from every token that one of the ranges touches.
fn make_plain(tokens: &mut [Token], plain: &[Range<usize>]) {
    for range in plain {
        // Nothing at the end of a word stands for what was concluded from the word.
        let is_empty = range.is_empty();
        let is_before = |token: &Token| {
            token.range.end < range.start || (token.range.end == range.start && !is_empty)
        };
        let from = tokens.partition_point(is_before);
        for token in tokens.iter_mut().skip(from) {
            if token.range.start >= range.end {
                break;
            }
            token.kind = Kind::Plain;
            token.folded.clear();
        }
    }
}

/// Accents that stand alone, as some systems write them.
const fn is_mark(one: char) -> bool {
    matches!(one, '\u{300}'..='\u{36f}')
}

/// Small letters without accents, so that `Für`, `fur` and `FÜR` are one word.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for one in text.chars().filter(|one| !is_mark(*one)) {
        for small in one.to_lowercase().filter(|small| !is_mark(*small)) {
            match small {
                'ß' => folded.push_str("ss"),
                'æ' => folded.push_str("ae"),
                'œ' => folded.push_str("oe"),
                '’' => folded.push('\''),
                other => folded.push(base(other)),
            }
        }
    }
    folded
}

/// The letter without its accent.
const fn base(letter: char) -> char {
    match letter {
        'à'..='å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => 'c',
        'ď' | 'đ' => 'd',
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => 'e',
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => 'g',
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => 'i',
        'ł' | 'ľ' | 'ĺ' | 'ļ' => 'l',
        'ñ' | 'ń' | 'ņ' | 'ň' => 'n',
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => 'o',
        'ŕ' | 'ř' | 'ŗ' => 'r',
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => 's',
        'ţ' | 'ť' | 'ț' => 't',
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => 'u',
        'ý' | 'ÿ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found = tokens(text, &[]);
        let shown: Vec<&str> = found
            .iter()
            .map(|token| text.get(token.range.clone()).unwrap())
            .collect();
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn texts_fall_into_words_numbers_and_signs() {
        check("Fri 2-3pm", &["Fri", "2", "-", "3", "pm"]);
        check("3.12. 9 o’clock", &["3", ".", "12", ".", "9", "o’clock"]);
        check("Ana's café", &["Ana's", "café"]);
        check("🎂 5", &["🎂", "5"]);
        check("", &[]);
    }

    #[test]
    fn addresses_links_and_quotations_are_one_piece() {
        check("a@b.org, x", &["a@b.org", ",", "x"]);
        check("<a.b@c-d.org>", &["<", "a.b@c-d.org", ">"]);
        check("@place a@b", &["@", "place", "a", "@", "b"]);
        check(
            "(https://a.b/c?d=1).",
            &["(", "https://a.b/c?d=1", ")", "."],
        );
        check("say „bis 5“ now", &["say", "„bis 5“", "now"]);
        check("5\" pipe", &["5", "\"", "pipe"]);
    }

    #[test]
    fn letters_fold() {
        assert_eq!(fold("MÄRZ Straße Łódź e\u{301}"), "marz strasse lodz e");
    }
}
