import type { HourCycle } from "./HourCycle";
import type { Theme } from "./Theme";

export type Startup = { locale: string, firstDay: number, hourCycle: HourCycle, zone: string, theme: Theme, profileName: string, };
