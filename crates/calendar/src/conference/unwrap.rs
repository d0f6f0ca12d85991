//! Links inside links: what mail filters and search engines wrap around an address.

use super::links::{Link, decoded};

/// Wrappers inside wrappers that are followed.
const LAYERS_MAX: usize = 4;

/// The link that a wrapper leads to; a link that is none stays as it is.
pub(super) fn unwrapped(link: Link) -> Link {
    let mut link = link;
    for _ in 0..LAYERS_MAX {
        match inside(&link) {
            Some(inner) => link = inner,
            None => break,
        }
    }
    link
}

fn inside(link: &Link) -> Option<Link> {
    let by_query = |name: &str| Link::of(&link.query(name)?);
    let path = link.path();
    if link.is_at("safelinks.protection.outlook.com")
        || link.is_at("safelinks.protection.office365.us")
        || (link.host == "statics.teams.cdn.office.net" && path.contains("/safelinks/"))
    {
        return by_query("url");
    }
    if (link.host == "www.google.com" || link.host == "google.com") && path == "/url" {
        return by_query("q").or_else(|| by_query("url"));
    }
    if link.is_at("linkprotect.cudasvc.com") && path == "/url" {
        return by_query("a");
    }
    if link.is_at("slack-redir.net") && path == "/link" {
        return by_query("url");
    }
    if (link.host == "l.facebook.com" || link.host == "lm.facebook.com") && path == "/l.php" {
        return by_query("u");
    }
    if link.is_at("urldefense.com")
        || link.is_at("urldefense.us")
        || link.is_at("urldefense.proofpoint.com")
    {
        return defended(link);
    }
    None
}

/// Proofpoint's three ways of writing an address into another.
fn defended(link: &Link) -> Option<Link> {
    let path = link.path();
    if path.starts_with("/v1/") {
        return Link::of(&link.query("u")?);
    }
    if path.starts_with("/v2/") {
        // Percent signs are written as dashes, and slashes as underscores.
        let text = link.query("u")?;
        return Link::of(&decoded(&text.replace('-', "%").replace('_', "/")));
    }
    // The third stands as it is between underscores; letters it could not write are stars,
    // spelled out at the end. None of those are part of a link that joins anything.
    let rest = link.after_host().strip_prefix("/v3/__")?;
    let inner = rest.get(..rest.find("__;")?)?;
    // Some servers on the way make one slash of two.
    let inner = match inner.split_once(":/") {
        Some((scheme, rest)) => format!("{scheme}://{}", rest.trim_start_matches('/')),
        None => inner.to_owned(),
    };
    Link::of(&inner)
}
