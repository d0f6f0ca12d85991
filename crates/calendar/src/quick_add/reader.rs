//! A text with the meanings of its words, and the small questions that the grammar asks of it.
//!
//! The grammar is the same for every language. Each of its rules is given the token to begin at and
//! answers with what it read and the first token after it. Every rule looks at a bounded number of
//! tokens, so that reading a text costs time in proportion to its length.

use std::ops::Range;

use super::Context;
use super::language::{Reading, Table};
use super::text::{Gap, Kind, Token, tokens};
use super::word::{Meaning, Word};

/// A text that is being read.
pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) context: &'a Context<'a>,
    tokens: Vec<Token>,
    readings: Vec<Vec<Reading>>,
}

/// Something read, and the first token after it.
pub(super) type Found<T> = Option<(T, usize)>;

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, context: &'a Context<'a>) -> Self {
        let tokens = tokens(text, context.plain);
        let lexicon = context.language.lexicon();
        let readings = (0..tokens.len())
            .map(|at| lexicon.readings(text, &tokens, at))
            .collect();
        Self {
            text,
            context,
            tokens,
            readings,
        }
    }

    pub(super) fn table(&self) -> &'static Table {
        self.context.language.table()
    }

    pub(super) const fn len(&self) -> usize {
        self.tokens.len()
    }

    pub(super) fn token(&self, at: usize) -> Option<&Token> {
        self.tokens.get(at)
    }

    /// The bytes from one token up to another.
    pub(super) fn bytes(&self, range: Range<usize>) -> Range<usize> {
        let start = self
            .token(range.start)
            .map_or(self.text.len(), |t| t.range.start);
        let last = range.end.checked_sub(1).and_then(|last| self.token(last));
        let end = last.map_or(start, |t| t.range.end);
        start..end.max(start)
    }

    /// The text from one token up to another.
    pub(super) fn words(&self, range: Range<usize>) -> &'a str {
        self.text.get(self.bytes(range)).unwrap_or_default()
    }

    pub(super) fn readings(&self, at: usize) -> &[Reading] {
        self.readings.get(at).map_or(&[], Vec::as_slice)
    }

    /// The first reading of a token that is of the wanted kind.
    pub(super) fn read<T>(&self, at: usize, wanted: fn(Meaning) -> Option<T>) -> Found<T> {
        self.readings(at)
            .iter()
            .find_map(|reading| Some((wanted(reading.meaning)?, reading.end)))
    }

    /// The token after a small word, if it stands here.
    pub(super) fn is(&self, at: usize, word: Word) -> Option<usize> {
        self.readings(at)
            .iter()
            .find(|reading| reading.meaning == Meaning::Is(word))
            .map(|reading| reading.end)
    }

    /// The first of some small words that stands here, and the token after it.
    pub(super) fn any(&self, at: usize, words: &[Word]) -> Found<Word> {
        self.readings(at).iter().find_map(|reading| {
            let word = reading.meaning.word()?;
            words.contains(&word).then_some((word, reading.end))
        })
    }

    /// The token after any number of some small words, within reason.
    pub(super) fn skip(&self, at: usize, words: &[Word]) -> usize {
        let mut at = at;
        for _ in 0..3 {
            match self.any(at, words) {
                Some((_, end)) => at = end,
                None => break,
            }
        }
        at
    }

    /// The token after a sign, if it stands here.
    pub(super) fn sign(&self, at: usize, sign: &str) -> Option<usize> {
        self.token(at)
            .is_some_and(|token| token.kind == Kind::Sign && token.folded == sign)
            .then_some(at + 1)
    }

    /// The token after a sign that is glued to what stands before it.
    pub(super) fn glued_sign(&self, at: usize, sign: &str) -> Option<usize> {
        if self.is_glued(at) {
            self.sign(at, sign)
        } else {
            None
        }
    }

    /// Whether nothing stands between a token and the one before it.
    pub(super) fn is_glued(&self, at: usize) -> bool {
        self.token(at).is_some_and(|token| token.gap == Gap::None)
    }

    /// A number in digits, its value.
    pub(super) fn digits(&self, at: usize) -> Option<&Token> {
        self.token(at).filter(|token| token.kind == Kind::Number)
    }

    /// A number in digits that is glued to what stands before it.
    pub(super) fn glued_digits(&self, at: usize) -> Option<&Token> {
        if self.is_glued(at) {
            self.digits(at)
        } else {
            None
        }
    }

    /// Whether something may begin here: what stands before does not belong to it.
    pub(super) fn opens(&self, at: usize) -> bool {
        let before = at.checked_sub(1).and_then(|before| self.token(before));
        !self.is_glued(at)
            || before.is_none_or(|token| match token.kind {
                Kind::Sign => {
                    matches!(
                        token.folded.as_str(),
                        "(" | "[" | "{" | "," | ";" | ":" | "|" | "·"
                    )
                }
                Kind::Plain | Kind::Address | Kind::Link => true,
                Kind::Word | Kind::Number => false,
            })
    }

    /// Whether something may end before this token: what follows does not belong to it.
    pub(super) fn closes(&self, at: usize) -> bool {
        let Some(token) = self.token(at) else {
            return true;
        };
        if token.gap != Gap::None {
            return true;
        }
        let is_inner = matches!(token.folded.as_str(), "." | ":" | ",")
            && self.is_glued(at + 1)
            && self
                .token(at + 1)
                .is_some_and(|next| next.kind != Kind::Sign);
        token.kind == Kind::Sign
            && matches!(
                token.folded.as_str(),
                ")" | "]" | "}" | "," | ";" | ":" | "." | "!" | "?" | "…" | "\"" | "”" | "“" | "»"
            )
            && !is_inner
    }

    /// Whether something may end here, or be the beginning of a range.
    pub(super) fn stops(&self, at: usize) -> bool {
        self.closes(at) || self.dash(at).is_some() || self.time_letter(at).is_some()
    }

    /// The token after the `T` between date and time, as machines write them.
    pub(super) fn time_letter(&self, at: usize) -> Option<usize> {
        let is_t = self.is_glued(at) && self.token(at).is_some_and(|token| token.folded == "t");
        (is_t && self.glued_digits(at + 1).is_some()).then_some(at + 1)
    }

    /// The token after a dash.
    pub(super) fn dash(&self, at: usize) -> Option<usize> {
        ["-", "–", "—"].iter().find_map(|sign| self.sign(at, sign))
    }

    /// Whether no word of a title follows: the text ends, or another part of it begins.
    pub(super) fn ends_phrase(&self, at: usize) -> bool {
        const GRAMMAR: &[Word] = &[
            Word::At,
            Word::On,
            Word::In,
            Word::For,
            Word::From,
            Word::Starting,
            Word::To,
            Word::Until,
            Word::By,
            Word::Due,
            Word::Every,
            Word::With,
            Word::AllDay,
            Word::Remind,
            Word::This,
            Word::Next,
            Word::Coming,
            Word::And,
        ];
        let Some(token) = self.token(at) else {
            return true;
        };
        match token.kind {
            Kind::Address | Kind::Link => true,
            Kind::Sign => matches!(
                token.folded.as_str(),
                "," | ";"
                    | "."
                    | ":"
                    | "!"
                    | "?"
                    | ")"
                    | "]"
                    | "@"
                    | "/"
                    | "#"
                    | "("
                    | "-"
                    | "–"
                    | "—"
                    | "|"
                    | "·"
            ),
            Kind::Plain => false,
            Kind::Number | Kind::Word => self.readings(at).iter().any(|reading| {
                let meaning = reading.meaning;
                meaning.word().is_some_and(|word| GRAMMAR.contains(&word))
                    || meaning.weekday().is_some()
                    || meaning.weekly().is_some()
                    || meaning.day().is_some()
                    || meaning.feast().is_some()
                    || meaning.today().is_some()
                    || meaning.part().is_some()
                    || meaning.weekday_part().is_some()
                    || meaning.month().is_some()
                    || meaning.each_of().is_some()
                    || meaning.often().is_some()
            }),
        }
    }

    /// Whether the number here is the name of what stands before it: `Room 101`.
    pub(super) fn is_labelled(&self, at: usize) -> bool {
        at.checked_sub(1)
            .is_some_and(|before| self.is(before, Word::Label) == Some(at))
    }

    /// Whether the word here is someone's name: `Mr. March`, `with April`.
    pub(super) fn is_name(&self, at: usize) -> bool {
        let is_capital = self.words(at..at + 1).starts_with(char::is_uppercase);
        let dotted = at
            .checked_sub(1)
            .filter(|before| self.sign(*before, ".").is_some());
        let before = dotted.unwrap_or(at).checked_sub(1);
        is_capital
            && before.is_some_and(|before| {
                self.is(before, Word::Honorific).is_some()
                    || (dotted.is_none() && self.is(before, Word::With).is_some())
            })
    }

    /// Whether the number here, which ends before `after`, is that of a house in a street.
    pub(super) fn is_of_a_house(&self, after: usize) -> bool {
        const WORDS: usize = 3;
        let names_street = |token: &Token| {
            ["street", "strasse", "gasse"]
                .iter()
                .any(|ending| token.folded.ends_with(ending))
        };
        (after..after + WORDS)
            .take_while(|at| self.token(*at).is_some_and(|t| t.kind == Kind::Word))
            .any(|at| {
                (at > after && self.is(at, Word::Street).is_some())
                    || self.token(at).is_some_and(names_street)
            })
    }
}
