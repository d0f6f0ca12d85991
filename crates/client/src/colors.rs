//! The twelve hues: what a calendar stores and the interface draws, always by name.
//!
//! Any colour that comes from outside is mapped to the hue nearest to it in the OKLCH space, so
//! that text stays readable on it whatever a file asked for.

mod css;

use crate::error::{Error, Result};

/// Every hue in the order of the colour circle, with its angle in OKLCH; gray has none.
const HUES: [(&str, f64); 11] = [
    ("tomato", 25.0),
    ("orange", 52.0),
    ("amber", 78.0),
    ("lime", 122.0),
    ("green", 150.0),
    ("teal", 182.0),
    ("cyan", 215.0),
    ("blue", 255.0),
    ("indigo", 277.0),
    ("violet", 300.0),
    ("pink", 350.0),
];
const GRAY: &str = "gray";
/// In which order new calendars take hues: neighbours in the list look unlike each other.
const FRESH: [&str; 12] = [
    "blue", "green", "tomato", "violet", "amber", "teal", "pink", "indigo", "orange", "cyan",
    "lime", GRAY,
];
/// Below this chroma a colour is a gray.
const GRAY_CHROMA_MAX: f64 = 0.03;

/// The hue of a stored or foreign colour: a hue's name, a CSS name or `#rrggbb`.
pub(crate) fn hue_of(color: &str) -> Option<&'static str> {
    let color = color.trim().to_ascii_lowercase();
    if let Some(name) = FRESH.iter().find(|name| **name == color) {
        return Some(name);
    }
    let rgb = match color.strip_prefix('#') {
        Some(digits) => from_digits(digits),
        None => css::rgb_of(&color),
    };
    rgb.map(nearest)
}

/// The hue that a person asked for by name.
pub(crate) fn asked(color: &str) -> Result<&'static str> {
    hue_of(color).ok_or_else(|| {
        Error::invalid(format!(
            "There is no colour “{color}”. Choose one of tomato, orange, amber, lime, green, teal, \
             cyan, blue, indigo, violet, pink and gray, or write #rrggbb."
        ))
    })
}

/// The hue for one more calendar: the first that none of `taken` has.
pub(crate) fn fresh(taken: &[String]) -> &'static str {
    let is_free = |hue: &&&str| !taken.iter().any(|other| other == **hue);
    FRESH
        .iter()
        .find(is_free)
        .or(FRESH.get(taken.len() % FRESH.len()))
        .copied()
        .unwrap_or(GRAY)
}

/// `rrggbb`, `rgb`, or `rrggbbaa` whose transparency is left out.
fn from_digits(digits: &str) -> Option<u32> {
    let number = u32::from_str_radix(digits, 16).ok()?;
    match digits.len() {
        3 => {
            let [r, g, b] = [number >> 8, number >> 4 & 15, number & 15].map(|part| part * 17);
            Some(r << 16 | g << 8 | b)
        }
        6 => Some(number),
        8 => Some(number >> 8),
        _ => None,
    }
}

fn nearest(rgb: u32) -> &'static str {
    let (chroma, angle) = chroma_and_angle(rgb);
    if chroma < GRAY_CHROMA_MAX {
        return GRAY;
    }
    let distance = |hue: f64| {
        let apart = (hue - angle).abs();
        apart.min(360.0 - apart)
    };
    let by_distance = |a: &&(&str, f64), b: &&(&str, f64)| distance(a.1).total_cmp(&distance(b.1));
    HUES.iter()
        .min_by(by_distance)
        .map_or(GRAY, |(name, _)| name)
}

/// Chroma and hue angle in OKLCH (Ottosson's OKLab, 2020).
fn chroma_and_angle(rgb: u32) -> (f64, f64) {
    let [r, g, b] = [rgb >> 16 & 255, rgb >> 8 & 255, rgb & 255].map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.040_45 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    });
    let l = (0.412_221_470_8 * r + 0.536_332_536_3 * g + 0.051_445_992_9 * b).cbrt();
    let m = (0.211_903_498_2 * r + 0.680_699_545_1 * g + 0.107_396_956_6 * b).cbrt();
    let s = (0.088_302_461_9 * r + 0.281_718_837_6 * g + 0.629_978_700_5 * b).cbrt();
    let a = 1.977_998_495_1 * l - 2.428_592_205_0 * m + 0.450_593_709_9 * s;
    let b = 0.025_904_037_1 * l + 0.782_771_766_2 * m - 0.808_675_766_0 * s;
    (a.hypot(b), b.atan2(a).to_degrees().rem_euclid(360.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_colours_become_their_hue() {
        for (color, hue) in [
            ("tomato", "tomato"),
            ("#da534f", "tomato"),
            ("#3186E9", "blue"),
            ("#f00", "tomato"),
            ("#00ff00ff", "green"),
            ("RebeccaPurple", "violet"),
            ("navy", "blue"),
            ("gold", "amber"),
            ("black", "gray"),
            ("#e8e9ec", "gray"),
        ] {
            assert_eq!(hue_of(color), Some(hue), "{color}");
        }
        for color in ["", "#12345", "#ggg", "mauvish"] {
            assert_eq!(hue_of(color), None, "{color}");
        }
    }

    #[test]
    fn new_calendars_look_different_until_the_hues_run_out() {
        let mut taken = Vec::new();
        for _ in 0..12 {
            let hue = fresh(&taken).to_owned();
            assert!(!taken.contains(&hue));
            taken.push(hue);
        }
        assert!(FRESH.contains(&fresh(&taken)));
    }
}
