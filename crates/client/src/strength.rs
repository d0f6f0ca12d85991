//! How long a passphrase stands up to someone who guesses with a machine of their own (zxcvbn).
//!
//! What is asked for is an estimate of guesses, not a rule about characters: four common words in a
//! row pass, a decorated password does not.

use zxcvbn::{Score, zxcvbn};

use crate::error::{Error, Result};

/// The least that is taken: more than ten thousand million guesses, which with the cost of each are
/// centuries on one machine.
const LEAST: Score = Score::Four;
/// Characters that are looked at: the estimate takes longer the longer the text is, and what is
/// longer is strong.
const CHARS_MAX: usize = 100;

/// Refuses a passphrase that could be guessed, and says what would make it better.
pub(crate) fn check(passphrase: &str) -> Result<()> {
    let begin: zeroize::Zeroizing<String> =
        zeroize::Zeroizing::new(passphrase.chars().take(CHARS_MAX).collect());
    let estimate = zxcvbn(&begin, &["almanac", "calendar"]);
    if estimate.score() >= LEAST {
        return Ok(());
    }
    let mut why = String::from("This passphrase could be guessed, so it was not taken.");
    if let Some(feedback) = estimate.feedback() {
        if let Some(warning) = feedback.warning() {
            why.push(' ');
            why.push_str(&warning.to_string());
        }
        for suggestion in feedback.suggestions() {
            why.push(' ');
            why.push_str(&suggestion.to_string());
        }
    }
    why.push_str(" Five or six words that have nothing to do with each other are strong. Nothing was changed.");
    Err(Error::invalid(why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_choose_first_is_refused_and_a_row_of_words_is_not() {
        for weak in [
            "",
            "password",
            "Passw0rd!",
            "calendar2026",
            "qwertzuiop",
            "11.11.2011",
            "correcthorse",
        ] {
            let refused = check(weak).unwrap_err();
            assert!(refused.message.contains("could be guessed"), "{weak}");
        }
        for strong in [
            "correct horse battery staple",
            "violet anchor pickle thursday",
            "kX9#vLm2pQ7!tRw",
        ] {
            assert_eq!(check(strong), Ok(()), "{strong}");
        }
    }

    #[test]
    fn a_very_long_text_is_looked_at_quickly() {
        assert_eq!(check(&"the quick brown fox ".repeat(5_000)), Ok(()));
    }
}
