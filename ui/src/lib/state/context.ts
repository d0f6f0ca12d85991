// The state of the window, handed down the component tree: one pair for each class.
import { createContext } from "svelte";
import type { Appearance } from "./appearance.svelte";
import type { Company } from "./company.svelte";
import type { Desk } from "./desk.svelte";
import type { Planner } from "./planner.svelte";
import type { Speaker } from "./speaker.svelte";
import type { Toasts } from "./toasts.svelte";

export const [usePlanner, providePlanner] = createContext<Planner>();
export const [useDesk, provideDesk] = createContext<Desk>();
export const [useToasts, provideToasts] = createContext<Toasts>();
export const [useSpeaker, provideSpeaker] = createContext<Speaker>();
export const [useCompany, provideCompany] = createContext<Company>();
export const [useAppearance, provideAppearance] = createContext<Appearance>();
