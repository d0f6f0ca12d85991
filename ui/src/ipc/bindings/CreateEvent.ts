import type { WhenInput } from "./WhenInput";

export type CreateEvent = { calendar: string, title: string, when: WhenInput, place: string, notes: string, rule?: string, };
