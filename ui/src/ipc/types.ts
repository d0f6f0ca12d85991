// The types that cross between the window and the core. What stands in bindings/ is generated from
// the core's own description of itself; this file is the one door to it.
export type { AllDayBar } from "./bindings/AllDayBar";
export type { CalendarView } from "./bindings/CalendarView";
export type { CreateEvent } from "./bindings/CreateEvent";
export type { Done } from "./bindings/Done";
export type { EditEvent } from "./bindings/EditEvent";
export type { EventView } from "./bindings/EventView";
export type { GuestView } from "./bindings/GuestView";
export type { ImportFile } from "./bindings/ImportFile";
export type { ImportReport } from "./bindings/ImportReport";
export type { Moment } from "./bindings/Moment";
export type { Notice } from "./bindings/Notice";
export type { ProblemView } from "./bindings/ProblemView";
export type { RepairReport } from "./bindings/RepairReport";
export type { StatusView } from "./bindings/StatusView";
export type { SyncDetails } from "./bindings/SyncDetails";
export type { SyncState } from "./bindings/SyncState";
export type { SyncStatus } from "./bindings/SyncStatus";
export type { TimedBlock } from "./bindings/TimedBlock";
export type { ViewQuery } from "./bindings/ViewQuery";
export type { ViewSlice } from "./bindings/ViewSlice";
export type { WhenView } from "./bindings/WhenView";
export type { Startup, Theme } from "./startup";
