// Starts the interface: on the core of the desktop window, or on one in memory where there is none
// (a browser with `?mock`, or the development server).
import { mount } from "svelte";
import App from "./App.svelte";
import type { Backend } from "./ipc/backend";
import { insideWindow, windowBackend } from "./ipc/tauri";
import type { SyncState } from "./ipc/types";
import { stillClock, systemClock, type Clock } from "./lib/clock";
import "./styles/app.css";

async function choose(): Promise<{ backend: Backend; clock: Clock }> {
  if (insideWindow()) return { backend: windowBackend(), clock: systemClock };
  const { MockBackend } = await import("./ipc/mock");
  const { SEED_NOW } = await import("./ipc/mock/seeds");
  const asked = new URLSearchParams(location.search);
  const seed = asked.get("mock");
  const theme = asked.get("theme");
  const broken = asked.get("broken");
  const backend = new MockBackend({
    seed: seed === "empty" || seed === "dense" ? seed : "typical",
    theme: theme === "dark" || theme === "light" ? theme : "system",
    ...(asked.has("sync") ? { sync: asked.get("sync") as SyncState } : {}),
    ...(broken ? { broken } : {}),
    ...(asked.has("slow") ? { slowMs: Number(asked.get("slow")) } : {}),
    ...(asked.has("failing") ? { failing: true } : {}),
    ...(asked.has("locked") ? { passphrase: asked.get("locked") ?? "" } : {}),
  });
  return { backend, clock: stillClock(SEED_NOW.date) };
}

const chosen = await choose();
mount(App, { target: document.body, props: chosen });
