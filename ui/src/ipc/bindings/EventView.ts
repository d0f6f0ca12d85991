import type { Guest } from "./Guest";
import type { WhenInput } from "./WhenInput";

export type EventView = { event: string, occurrence: string, calendar: string, calendarName: string, color: string, title: string, place: string, notes: string, when: WhenInput, rule: string | null, ruleWords: string | null, guests: Array<Guest>, url: string | null, pending: boolean, };
