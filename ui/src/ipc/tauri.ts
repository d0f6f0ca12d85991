// The core behind the desktop window. The only file that knows Tauri; one line per command.
import { invoke, type InvokeArgs } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import { words } from "../lib/words";
import { asFailure, type Backend } from "./backend";
import type { Notice } from "./types";

async function ask<T>(command: string, args?: InvokeArgs): Promise<T> {
  try {
    return await invoke<T>(command, args);
  } catch (thrown) {
    throw asFailure(thrown, words.failure.unexpected);
  }
}

/** Whether the page runs inside the desktop window. */
export function insideWindow(): boolean {
  return "__TAURI_INTERNALS__" in window;
}

export function windowBackend(): Backend {
  return {
    startup: () => ask("startup"),
    unlock: (passphrase) => ask("unlock", { passphrase }),
    seen: () => ask("seen"),
    calendars: () => ask("calendars"),
    view: (query) => ask("view", { query }),
    event: (event, occurrence) => ask("event", { event, occurrence: occurrence ?? null }),
    create: (input) => ask("create", { input }),
    edit: (input) => ask("edit", { input }),
    remove: (event) => ask("remove", { event }),
    undo: (token) => ask("undo", { token }),
    importIcs: (input) => ask("import_ics", { input }),
    addCalendar: (name, color) => ask("add_calendar", { name, color }),
    setCalendarHidden: (id, hidden) => ask("set_calendar_hidden", { id, hidden }),
    people: (calendar) => ask("people", { calendar }),
    shared: () => ask("shared"),
    share: (calendar, role, name) => ask("share", { calendar, role, name }),
    whoAsks: (calendar) => ask("who_asks", { calendar }),
    admit: (admission) => ask("admit", { admission }),
    setRole: (calendar, person, role) => ask("set_role", { calendar, person, role }),
    removeMember: (calendar, person) => ask("remove_member", { calendar, person }),
    leaveCalendar: (calendar) => ask("leave_calendar", { calendar }),
    setCompared: (person, same) => ask("set_compared", { person, same }),
    takeBack: (calendar, invite) => ask("take_back", { calendar, invite }),
    inviteAddress: (text) => ask("invite_address", { text }),
    viewInvite: (text) => ask("view_invite", { text }),
    acceptInvite: (text, name, call) => ask("accept_invite", { text, name, call }),
    stopWaiting: (calendar) => ask("stop_waiting", { calendar }),
    useRelay: (address, code) => ask("use_relay", { address, code }),
    devices: () => ask("devices"),
    renameDevice: (name) => ask("rename_device", { name }),
    revokeDevice: (device, reason) => ask("revoke_device", { device, reason }),
    openLinking: () => ask("open_linking"),
    linkingJoined: () => ask("linking_joined"),
    confirmLinking: (digits, code) => ask("confirm_linking", { digits, code }),
    stopLinking: () => ask("stop_linking"),
    linkHere: (line, name) => ask("link_here", { line, name }),
    syncStatus: () => ask("sync_status"),
    syncDetails: () => ask("sync_details"),
    repair: () => ask("repair"),
    listen: (heard) => listen<Notice>("notice", (event) => heard(event.payload)),
    ready: () => ask("ui_ready"),
  };
}
