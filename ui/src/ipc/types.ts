// The types that cross between the window and the core. What stands in bindings/ is the core's own
// description of itself; this file is the one door to it.
export type { AllDayBar } from "./bindings/AllDayBar";
export type { CalendarView } from "./bindings/CalendarView";
export type { CreateEvent } from "./bindings/CreateEvent";
export type { DayView } from "./bindings/DayView";
export type { Done } from "./bindings/Done";
export type { EditEvent } from "./bindings/EditEvent";
export type { ErrorView } from "./bindings/ErrorView";
export type { EventView } from "./bindings/EventView";
export type { Guest } from "./bindings/Guest";
export type { HourCycle } from "./bindings/HourCycle";
export type { ImportIcs } from "./bindings/ImportIcs";
export type { ImportProblem } from "./bindings/ImportProblem";
export type { ImportReport } from "./bindings/ImportReport";
export type { Moment } from "./bindings/Moment";
export type { Notice } from "./bindings/Notice";
export type { Startup } from "./bindings/Startup";
export type { Status } from "./bindings/Status";
export type { SyncState } from "./bindings/SyncState";
export type { SyncStatus } from "./bindings/SyncStatus";
export type { Theme } from "./bindings/Theme";
export type { TimedBlock } from "./bindings/TimedBlock";
export type { Transition } from "./bindings/Transition";
export type { ViewQuery } from "./bindings/ViewQuery";
export type { ViewSlice } from "./bindings/ViewSlice";
export type { WhenInput } from "./bindings/WhenInput";
