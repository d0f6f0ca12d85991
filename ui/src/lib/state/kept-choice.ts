// Which view was on show when the window was last open; kept on this device.
import { readChoice, writeChoice, type ViewChoice } from "../views";

const KEY = "almanac.view";

export function keptChoice(): ViewChoice {
  return readChoice(localStorage.getItem(KEY));
}

export function keepChoice(choice: ViewChoice): void {
  localStorage.setItem(KEY, writeChoice(choice));
}
