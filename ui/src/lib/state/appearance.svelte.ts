// Light or dark, and whether the sidebar is out. The choice of colours is kept on this device;
// without one the system decides, also while the window is open.
import type { Theme } from "../../ipc/types";

const THEME_KEY = "almanac.theme";
const DARK = "(prefers-color-scheme: dark)";
const WIDE = "(min-width: 861px)";

export class Appearance {
  #choice = $state<Theme>("system");
  #systemDark = $state(matchMedia(DARK).matches);
  #sidebar = $state(matchMedia(WIDE).matches);

  readonly dark = $derived(
    this.#choice === "dark" || (this.#choice === "system" && this.#systemDark),
  );

  constructor(startup: Theme) {
    const kept = localStorage.getItem(THEME_KEY);
    this.#choice = kept === "light" || kept === "dark" ? kept : startup;
    matchMedia(DARK).addEventListener("change", (event) => (this.#systemDark = event.matches));
    matchMedia(WIDE).addEventListener("change", (event) => (this.#sidebar = event.matches));
  }

  get sidebar(): boolean {
    return this.#sidebar;
  }

  toggleSidebar(): void {
    this.#sidebar = !this.#sidebar;
  }

  /** The other colours; back to following the system where that gives the same. */
  toggleTheme(): void {
    const wanted: Theme = this.dark ? "light" : "dark";
    const system: Theme = this.#systemDark ? "dark" : "light";
    this.#choice = wanted === system ? "system" : wanted;
    if (this.#choice === "system") localStorage.removeItem(THEME_KEY);
    else localStorage.setItem(THEME_KEY, this.#choice);
  }
}
