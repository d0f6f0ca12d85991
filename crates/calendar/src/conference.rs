//! Where to join online: the link among all that an event says, recognised by its address.
//!
//! A link counts when it is `https`, names a host of a known service exactly or as a subdomain,
//! and leads to a meeting rather than to a help page. Nothing is fetched.
//!
//! Looked at in this order, and within each the first that counts:
//! 1. `conference`, what a person or another calendar put down as the place to join. Any `https`
//!    address counts here, known or not.
//! 2. Properties for conferences that are not modelled: `CONFERENCE` (RFC 7986 §5.11),
//!    `X-GOOGLE-CONFERENCE`, `X-MICROSOFT-SKYPETEAMSMEETINGURL` and others named like them. Any
//!    address counts in `CONFERENCE` and `X-GOOGLE-CONFERENCE`.
//! 3. The page, 4. the place, 5. the notes, 6. the notes as HTML (`X-ALT-DESC`).

mod links;
mod providers;
mod unwrap;

use crate::event::Event;
use links::Link;

pub use providers::Provider;

/// A place to join online.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conference {
    /// Whose it is.
    pub provider: Provider,
    /// What people call it: the service where the host is its own, or else the host; for nothing
    /// but the host says whom one joins there.
    pub name: String,
    /// The address to open, always `https`.
    pub url: String,
}

/// Which links of a text count.
#[derive(Clone, Copy)]
enum Taken {
    /// Those of known services.
    Known,
    /// Any.
    Any,
}

/// The place to join an event online. For one occurrence ask with [`Event::at`].
#[must_use]
pub fn link(event: &Event) -> Option<Conference> {
    let said = event.conference.as_deref();
    let texts = said.into_iter().map(|text| (text, Taken::Any));
    let texts = texts.chain(properties(event, named_taken));
    let others = event
        .url
        .as_deref()
        .into_iter()
        .chain([event.place.as_str(), event.notes.as_str()]);
    let texts = texts.chain(others.map(|text| (text, Taken::Known)));
    let mut texts = texts.chain(properties(event, |name| {
        (name == "X-ALT-DESC").then_some(Taken::Known)
    }));
    texts.find_map(|(text, taken)| link_in(text, taken))
}

/// The place to join that a text names, of a service we know.
#[must_use]
pub fn link_in_text(text: &str) -> Option<Conference> {
    link_in(text, Taken::Known)
}

fn link_in(text: &str, taken: Taken) -> Option<Conference> {
    let all: Vec<Link> = links::all(text).map(unwrap::unwrapped).collect();
    let known = all.iter().find_map(|link| {
        let own = providers::by_host(link).map(|one| (one, one.name().to_owned()));
        let by_shape = || Some((providers::by_shape(link)?, link.host.clone()));
        let (provider, name) = own.or_else(by_shape)?;
        Some((provider, name, link))
    });
    let any = || match taken {
        Taken::Known => None,
        Taken::Any => all
            .first()
            .map(|link| (Provider::Other, link.host.clone(), link)),
    };
    let (provider, name, link) = known.or_else(any)?;
    Some(Conference {
        provider,
        name,
        url: link.url.clone(),
    })
}

/// Values of unmodelled properties, with which links count in them.
fn properties(
    event: &Event,
    taken: impl Fn(&str) -> Option<Taken>,
) -> impl Iterator<Item = (&str, Taken)> {
    event.unknown.iter().filter_map(move |line| {
        let name_end = line.find([':', ';'])?;
        let (name, rest) = line.split_at_checked(name_end)?;
        Some((rest, taken(&name.to_ascii_uppercase())?))
    })
}

/// What counts in a property by its name.
fn named_taken(name: &str) -> Option<Taken> {
    if matches!(
        name,
        "CONFERENCE" | "X-GOOGLE-CONFERENCE" | "X-GOOGLE-HANGOUT"
    ) {
        return Some(Taken::Any);
    }
    let words = [
        "CONF", "MEETING", "JOIN", "ZOOM", "WEBEX", "TELEMOST", "VIDEO", "LOCATION",
    ];
    let is_named_so = name.starts_with("X-") && words.iter().any(|word| name.contains(word));
    is_named_so.then_some(Taken::Known)
}

#[cfg(test)]
mod tests;
