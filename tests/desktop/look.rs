//! What can be said about the look of a page without taste: text is readable against what is
//! behind it, none of it is cut off, and every colour is one of the house's.

use serde_json::{Value, json};

use crate::webdriver::Window;

/// WCAG 2.2, 1.4.3, for text of ordinary size.
const CONTRAST_MIN: f64 = 4.5;

/// Texts whose contrast to what is behind them is too low, as sentences.
pub(crate) fn faint_texts(window: &Window) -> Vec<String> {
    sentences(&window.script(&format!("{COLOURS}{FAINT}"), &[json!(CONTRAST_MIN)]))
}

/// Texts that do not fit their box and are cut although nothing says so by an ellipsis.
pub(crate) fn clipped_texts(window: &Window) -> Vec<String> {
    sentences(&window.script(CLIPPED, &[]))
}

/// Colours on the page that are no value of a custom property of the house.
pub(crate) fn foreign_colours(window: &Window) -> Vec<String> {
    sentences(&window.script(&format!("{COLOURS}{FOREIGN}"), &[]))
}

fn sentences(list: &Value) -> Vec<String> {
    let list = list.as_array().expect("a list");
    list.iter()
        .map(|entry| entry.as_str().unwrap_or_default().to_owned())
        .collect()
}

/// Any CSS colour becomes four numbers by being painted once.
const COLOURS: &str = r"
const canvas = document.createElement('canvas');
canvas.width = canvas.height = 1;
const brush = canvas.getContext('2d', { willReadFrequently: true });
const known = new Map();
function rgba(colour) {
  if (!known.has(colour)) {
    brush.clearRect(0, 0, 1, 1);
    brush.fillStyle = '#000';
    brush.fillStyle = colour;
    brush.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = brush.getImageData(0, 0, 1, 1).data;
    known.set(colour, [r, g, b, a / 255]);
  }
  return known.get(colour);
}
function over(top, below) {
  const a = top[3];
  return [0, 1, 2].map((i) => top[i] * a + below[i] * (1 - a)).concat(1);
}
function isShown(element) {
  const box = element.getBoundingClientRect();
  const style = getComputedStyle(element);
  return box.width > 1 && box.height > 1 && style.visibility === 'visible'
    && Number(style.opacity) > 0.1 && box.bottom > 0 && box.right > 0
    && box.top < innerHeight && box.left < innerWidth;
}
function ownText(element) {
  return [...element.childNodes].filter((n) => n.nodeType === 3)
    .map((n) => n.textContent.trim()).join(' ').trim();
}
function behind(element) {
  const layers = [];
  for (let at = element; at; at = at.parentElement) {
    const colour = rgba(getComputedStyle(at).backgroundColor);
    layers.push(colour);
    if (colour[3] === 1) break;
  }
  return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255, 1]);
}
";

const FAINT: &str = r"
const least = arguments[0];
function light([r, g, b]) {
  const [x, y, z] = [r, g, b].map((v) => v / 255)
    .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * x + 0.7152 * y + 0.0722 * z;
}
const faint = [];
for (const element of document.querySelectorAll('body *')) {
  const text = ownText(element);
  if (!text || !isShown(element) || element.closest('[aria-disabled=true], :disabled')) continue;
  const below = behind(element);
  const ink = over(rgba(getComputedStyle(element).color), below);
  const [high, low] = [light(ink), light(below)].sort((a, b) => b - a);
  const ratio = (high + 0.05) / (low + 0.05);
  if (ratio < least) faint.push(`“${text.slice(0, 40)}” ${ratio.toFixed(2)}:1`);
}
return faint;
";

const CLIPPED: &str = r"
const clipped = [];
for (const element of document.querySelectorAll('body *')) {
  const text = [...element.childNodes].filter((n) => n.nodeType === 3)
    .map((n) => n.textContent.trim()).join(' ').trim();
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  if (!text || box.width <= 1 || box.height <= 1 || style.visibility !== 'visible') continue;
  if (style.textOverflow === 'ellipsis' || style.webkitLineClamp !== 'none') continue;
  const cuts = (value) => value === 'hidden' || value === 'clip';
  const tooWide = cuts(style.overflowX) && element.scrollWidth > element.clientWidth + 1;
  const tooHigh = cuts(style.overflowY) && element.scrollHeight > element.clientHeight + 1;
  if (tooWide || tooHigh) clipped.push(`“${text.slice(0, 40)}”`);
}
return clipped;
";

const FOREIGN: &str = r"
const house = new Set(['0,0,0,0']);
const name = (colour) => rgba(colour).map((v) => Math.round(v * 100) / 100).join(',');
const rootStyle = getComputedStyle(document.documentElement);
for (const sheet of document.styleSheets) {
  const walk = (rules) => {
    for (const rule of rules) {
      if (rule.cssRules) walk(rule.cssRules);
      for (const property of rule.style ?? []) {
        if (!property.startsWith('--')) continue;
        for (const value of [rule.style.getPropertyValue(property), rootStyle.getPropertyValue(property)]) {
          if (CSS.supports('color', value.trim())) house.add(name(value.trim()));
        }
      }
    }
  };
  walk(sheet.cssRules);
}
const foreign = new Set();
for (const element of document.querySelectorAll('body *')) {
  if (!isShown(element)) continue;
  const style = getComputedStyle(element);
  for (const property of ['color', 'backgroundColor', 'borderTopColor', 'borderLeftColor']) {
    const width = property.startsWith('border') ? style[property.replace('Color', 'Width')] : '1px';
    if (width === '0px' || house.has(name(style[property]))) continue;
    foreign.add(`${element.tagName.toLowerCase()}.${[...element.classList].join('.')} ${property} ${style[property]}`);
  }
}
return [...foreign];
";
