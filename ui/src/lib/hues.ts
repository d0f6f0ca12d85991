// The names a calendar's colour may have; each stands for ten tokens in styles/hues.css.

export const hues = [
  "tomato",
  "orange",
  "amber",
  "lime",
  "green",
  "teal",
  "cyan",
  "blue",
  "indigo",
  "violet",
  "pink",
  "gray",
] as const;

export type Hue = (typeof hues)[number];

/** `color` if it is one of the twelve; gray otherwise, and for what has been cancelled. */
export function hueOf(color: string, cancelled = false): Hue {
  const known = hues.find((hue) => hue === color);
  return cancelled || known === undefined ? "gray" : known;
}
