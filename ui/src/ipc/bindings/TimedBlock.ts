import type { Status } from "./Status";

export type TimedBlock = { occurrence: string, event: string, calendar: string, day: number, startMinute: number, endMinute: number, startsBefore: boolean, endsAfter: boolean, color: string, title: string, place: string, repeats: boolean, status: Status, pending: boolean, start: string, end: string, };
