import type { AllDayBar } from "./AllDayBar";
import type { DayView } from "./DayView";
import type { Moment } from "./Moment";
import type { TimedBlock } from "./TimedBlock";

export type ViewSlice = { revision: number, zone: string, from: string, to: string, now: Moment, days: Array<DayView>, timed: Array<TimedBlock>, allDay: Array<AllDayBar>, };
