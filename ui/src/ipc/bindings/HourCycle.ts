export type HourCycle = "h12" | "h23";
