import type { Status } from "./Status";

export type AllDayBar = { occurrence: string, event: string, calendar: string, firstDay: number, lastDay: number, startsBefore: boolean, endsAfter: boolean, color: string, title: string, place: string, repeats: boolean, status: Status, pending: boolean, start: string, end: string, };
