//! Finds `https` links in a text, and takes each apart into host, path and what follows.
//!
//! Stricter than a browser: a host is plain letters, digits, dashes and dots, with no name before
//! it and no backslash anywhere, so that what we read is what a browser opens.

use memchr::memmem;

/// A link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    /// The whole of it, as it is opened.
    pub(super) url: String,
    /// Its host, in small letters.
    pub(super) host: String,
    /// Where the path begins in `url`.
    path_at: usize,
}

/// Hosts are at most this long (RFC 1035 §2.3.4).
const HOST_MAX: usize = 253;
/// No link that joins anything is longer.
const LINK_MAX: usize = 4_096;
/// Links looked at in one text.
const LINKS_MAX: usize = 200;
/// Places in one text that are tried as the beginning of a link. Each costs up to [`LINK_MAX`]
/// bytes of reading, whatever the length of the text.
const STARTS_MAX: usize = 1_000;

impl Link {
    /// Takes an address apart; `None` where it is not a plain `https` address.
    pub(super) fn of(text: &str) -> Option<Self> {
        let scheme = text.get(..8)?;
        if !scheme.eq_ignore_ascii_case("https://") || text.len() > LINK_MAX {
            return None;
        }
        let rest = text.get(8..)?;
        let authority = rest.get(..rest.find(['/', '?', '#']).unwrap_or(rest.len()))?;
        let (host, port) = authority.split_once(':').unwrap_or((authority, ""));
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
        let is_host = host.len() <= HOST_MAX
            && host.contains('.')
            && host.bytes().all(is_plain)
            && host.split('.').all(|label| !label.is_empty())
            && port.len() <= 5
            && port.bytes().all(|byte| byte.is_ascii_digit());
        let is_safe =
            |letter: char| !letter.is_whitespace() && !letter.is_control() && letter != '\\';
        if !is_host || !text.chars().all(is_safe) {
            return None;
        }
        let host = host.to_ascii_lowercase();
        let port = if port.is_empty() {
            String::new()
        } else {
            format!(":{port}")
        };
        let start = format!("https://{host}{port}");
        let after = rest.get(authority.len()..)?;
        Some(Self {
            path_at: start.len(),
            url: start + after,
            host,
        })
    }

    /// From the path on: path, query and fragment.
    pub(super) fn after_host(&self) -> &str {
        self.url.get(self.path_at..).unwrap_or_default()
    }

    /// The path.
    pub(super) fn path(&self) -> &str {
        let rest = self.after_host();
        rest.get(..rest.find(['?', '#']).unwrap_or(rest.len()))
            .unwrap_or_default()
    }

    /// A value of the query, decoded.
    pub(super) fn query(&self, name: &str) -> Option<String> {
        let rest = self.after_host();
        let query = rest.split_once('?')?.1.split('#').next()?;
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let (_, value) = pairs.find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some(decoded(value))
    }

    /// Whether its host is this one or lies below it.
    pub(super) fn is_at(&self, host: &str) -> bool {
        let below = self.host.strip_suffix(host);
        below.is_some_and(|below| below.is_empty() || below.ends_with('.'))
    }
}

/// The links of a text, in its order.
pub(super) fn all(text: &str) -> impl Iterator<Item = Link> {
    let is_scheme = |word: &&str| {
        word.get(..5)
            .is_some_and(|word| word.eq_ignore_ascii_case("https"))
    };
    memmem::find_iter(text.as_bytes(), "://")
        .filter_map(move |mark| text.get(mark.checked_sub(5)?..))
        .filter(is_scheme)
        .take(STARTS_MAX)
        .filter_map(|start| Link::of(&mended(start)?))
        .take(LINKS_MAX)
}

/// A link from its start on, without what follows it, and with the `&` that HTML and escaping
/// in a file have changed. `None` where it does not end within [`LINK_MAX`] bytes.
fn mended(text: &str) -> Option<String> {
    let is_end = |letter: char| {
        letter.is_whitespace()
            || letter.is_control()
            || matches!(
                letter,
                '"' | '<' | '>' | '`' | '|' | '{' | '}' | '^' | '“' | '”' | '«' | '»'
            )
    };
    let read = text
        .get(..text.floor_char_boundary(LINK_MAX + 1))
        .unwrap_or_default();
    let end = read.find(is_end).unwrap_or(read.len());
    let mut link = read.get(..end).unwrap_or_default();
    // Unmodelled properties keep the escapes of RFC 5545 §3.3.11; a break there ends the link.
    for end in [
        "\\n", "\\N", "&quot;", "&#34;", "&#39;", "&apos;", "&lt;", "&gt;", "&nbsp;",
    ] {
        link = link.split(end).next().unwrap_or(link);
    }
    let is_cut = link.len() == read.len() && read.len() < text.len();
    if is_cut || link.len() > LINK_MAX {
        return None;
    }
    let plain = link.replace("\\,", ",").replace("\\;", ";");
    let mut plain = plain.replace("&amp;", "&").replace("&#38;", "&");
    let kept = without_punctuation(&plain).len();
    plain.truncate(kept);
    Some(plain)
}

/// Without the marks of the sentence around it. A bracket stays where the link opened it.
fn without_punctuation(link: &str) -> &str {
    let count = |wanted: char| link.matches(wanted).count();
    let (round, square) = (count('('), count('['));
    let (mut round_closed, mut square_closed) = (count(')'), count(']'));
    link.trim_end_matches(|last: char| match last {
        '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '\\' | '…' | '’' => true,
        ')' => closes_more(&mut round_closed, round),
        ']' => closes_more(&mut square_closed, square),
        _ => false,
    })
}

/// Whether more brackets are closed than opened; then the last of them is taken away.
fn closes_more(closed: &mut usize, opened: usize) -> bool {
    let is_more = *closed > opened;
    *closed -= usize::from(is_more);
    is_more
}

/// Without percent signs (RFC 3986 §2.1); what is not UTF-8 then is left as it was.
pub(super) fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let pair = after
            .get(..2)
            .and_then(|pair| std::str::from_utf8(pair).ok());
        let value = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok());
        match value.filter(|_| *first == b'%') {
            Some(value) => {
                bytes.push(value);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}
