import type { WhenInput } from "./WhenInput";

export type EditEvent = { event: string, title?: string, place?: string, notes?: string, when?: WhenInput, calendar?: string, };
