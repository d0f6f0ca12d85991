//! The page that a person prints: the words of a recovery kit, and what to do with them.

use std::fmt::Write as _;

use zeroize::Zeroizing;

use crate::findings::instant;

/// The text of the page. Nothing of it is kept.
pub(super) fn page(words: &str, relay: Option<&str>, now_ms: u64) -> Zeroizing<String> {
    let mut page = Zeroizing::new(String::with_capacity(2_048));
    let made = instant(now_ms);
    let day = made.split('T').next().unwrap_or_default();
    // Writing into a string cannot fail.
    let _ = write!(
        page,
        "ALMANAC RECOVERY KIT\nmade on {day}\n\n\
         With these words you come back into your account when all your devices are gone. Whoever \
         has them can do the same: keep this page where you keep your passport, and not as a photo \
         or a file.\n\n"
    );
    let words: Vec<&str> = words.split_whitespace().collect();
    for (row, line) in words.chunks(4).enumerate() {
        for (column, word) in line.iter().enumerate() {
            let number = row * 4 + column + 1;
            let _ = write!(page, "{number:>4}. {word:<12}");
        }
        page.push('\n');
    }
    let relay = relay.unwrap_or("the address of your relay");
    let _ = write!(
        page,
        "\nHow to use them: install Almanac on a computer and run\n\n    almanac recovery use {relay} \
         --name \"NAME OF THE COMPUTER\"\n\nYour relay makes them wait for 24 hours, and tells every \
         device you still have. If one of them agrees, there is no wait. If you have set a second \
         factor, its code is asked for, too.\n\nIf somebody else has seen this page: make a new kit \
         at once. These words are worth nothing from then on.\n"
    );
    page
}

#[cfg(test)]
mod tests {
    use super::page;

    #[test]
    fn a_page_has_every_word_with_its_number() {
        let words: Vec<String> = (1..=24).map(|n| format!("word{n}")).collect();
        let page = page(&words.join(" "), Some("https://relay.example"), 0);
        for (number, word) in (1..).zip(&words) {
            assert!(page.contains(&format!("{number}. {word}")), "{word}");
        }
        assert!(page.contains("recovery use https://relay.example"));
    }
}
