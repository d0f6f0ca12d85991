import type { Transition } from "./Transition";

export type DayView = { date: string, transitions: Array<Transition>, };
