// What the window's own first command answers; its counterpart is in src-tauri/src/commands.rs.

export type Theme = "system" | "light" | "dark";

export interface Startup {
  /** Language and region for dates, such as "en-GB". */
  locale: string;
  /** ISO weekday on which a week begins. */
  firstDay: number;
  hourCycle: "h12" | "h23";
  zone: string;
  theme: Theme;
  profileName: string;
  /** Whether nobody has used this profile yet, so that another may take its place. */
  untouched: boolean;
}
