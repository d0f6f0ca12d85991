// Every word of the interface, in one place. A sentence says what happened, what is safe, and what
// to do next. Functions where the words depend on a number or a name.

import type { ImportReport } from "../ipc/types";
import type { ViewChoice } from "./views";
import { peopleWords } from "./words-people";

const many = (count: number, one: string, more: string) => `${count} ${count === 1 ? one : more}`;
const quoted = (title: string) => `“${title}”`;

export const words = {
  ...peopleWords,

  app: "Almanac",
  today: "Today",
  tomorrow: "Tomorrow",
  yesterday: "Yesterday",
  untitled: "Untitled",
  range: (from: string, to: string) => `${from} – ${to}`,
  spokenRange: (from: string, to: string) => `${from} to ${to}`,
  labelled: (label: string, value: string) => `${label}: ${value}`,
  join: (parts: readonly string[]) => parts.join(" · "),

  bar: {
    previous: {
      day: "Previous day",
      days: "Previous days",
      workWeek: "Previous week",
      week: "Previous week",
      month: "Previous month",
      year: "Previous year",
      agenda: "Previous month",
    },
    next: {
      day: "Next day",
      days: "Next days",
      workWeek: "Next week",
      week: "Next week",
      month: "Next month",
      year: "Next year",
      agenda: "Next month",
    },
    newEvent: "New event",
    showSidebar: "Show sidebar",
    hideSidebar: "Hide sidebar",
  },

  view: {
    label: "View",
    more: "More views",
    day: "Day",
    days: (count: number) => many(count, "day", "days"),
    workWeek: "Work week",
    week: "Week",
    month: "Month",
    year: "Year",
    agenda: "Agenda",
    name: ({ view, days }: ViewChoice): string =>
      view === "days" ? words.view.days(days) : words.view[view],
  },

  month: {
    label: (month: string) => `Month, ${month}`,
    week: (week: number) => `Week ${week}`,
    hint: "Arrow keys choose a day, Page Up and Page Down a month. Enter or typing adds an event there, Space opens the day. Tab goes through the events.",
    itemHint:
      "Enter opens. Alt and arrow keys move by days and weeks; then Enter keeps, Escape takes back.",
    openDay: (date: string) => `Open ${date}`,
    more: (count: number) => `+${count} more`,
    moreShort: (count: number) => `+${count}`,
    moreLabel: (count: number, date: string) =>
      `Open ${date}: ${many(count, "more event", "more events")}`,
    weekColumn: "Week number",
  },

  agenda: {
    nothingToday: "Nothing today",
    nothingThen: "Nothing on this day",
    nothing: (from: string, to: string) => `Nothing from ${from} to ${to}`,
    nothingSince: (date: string) => `Nothing since ${date}`,
    nothingUntil: (date: string) => `Nothing until ${date}`,
    lookBack: "Look further back",
    lookOn: "Look further ahead",
    dayOf: (day: number, days: number) => `Day ${day} of ${days}`,
    from: (time: string) => `from ${time}`,
    until: (time: string) => `until ${time}`,
  },

  year: {
    label: (year: string) => `Year ${year}`,
    openMonth: (month: string) => `Open ${month}`,
    monthOf: (month: string, year: string) => `${month} ${year}`,
    events: (count: number) => many(count, "event", "events"),
  },

  week: {
    number: (week: number) => `W${week}`,
    allDay: "all-day",
    label: (view: string, from: string, to: string) => `${view}, ${from} to ${to}`,
    roleName: "time grid",
    hint: "Arrow keys choose a time. Enter or typing adds an event there. Tab goes through the events.",
    blockHint:
      "Enter opens. Alt and arrow keys move, Alt, Shift and up or down change the end; then Enter keeps, Escape takes back.",
    dayHeading: (date: string, count: number) => `${date}, ${many(count, "event", "events")}`,
    more: (count: number) => `+${count}`,
    moreBars: (count: number) => `+${count} more`,
    moreLabel: (count: number, date: string) =>
      `Show ${many(count, "more event", "more events")}, ${date}`,
    fewer: "Show fewer",
    cursor: (date: string, time: string) => `${date}, ${time}`,
    cursorBusy: (date: string, time: string, count: number) =>
      `${date}, ${time}, ${many(count, "event", "events")}`,
    moving: (date: string, range: string) => `${date}, ${range}`,
    takenBack: "Taken back",
    missingHour: "The clock skips this time",
    repeatedHour: "The clock passes here twice",
    empty: "Nothing this week",
  },

  event: {
    allDay: "All day",
    repeats: "repeats",
    tentative: "tentative",
    cancelled: "cancelled",
    pending: "waiting to sync",
    inCalendar: (name: string) => `${name} calendar`,
    duration: (minutes: number) => {
      const hours = Math.floor(minutes / 60);
      const rest = minutes % 60;
      if (minutes >= 1440 && minutes % 1440 === 0) return many(minutes / 1440, "day", "days");
      if (hours === 0) return many(rest, "minute", "minutes");
      if (rest === 0) return many(hours, "hour", "hours");
      return `${hours} h ${rest} min`;
    },
    inZone: (zone: string) => `${zone.replace(/_/g, " ")} time`,
    floating: "Same clock time everywhere",
  },

  create: {
    label: "New event",
    title: "Add a title",
    titleLabel: "Title",
    place: "Add a place",
    placeLabel: "Place",
    calendarLabel: "Calendar",
    startDate: "Start date",
    startTime: "Start time",
    endDate: "End date",
    endTime: "End time",
    lastDay: "Last day",
    allDay: "All day",
    to: "to",
    save: "Save",
    discard: "discard",
    discardAgain: "press again to discard",
    badTime: "Write a time like 9:30, 930 or 2pm.",
    badDate: "Write a date like 27 Nov, Friday or 2026-11-27.",
    endsFirst: "The end comes before the start.",
  },

  inspector: {
    label: "Event",
    edit: "Edit",
    remove: "Delete",
    removeSeries: "Delete every repeat",
    close: "Close",
    when: "When",
    place: "Place",
    notes: "Notes",
    notesHint: "Add notes",
    repeats: "Repeats",
    guests: (count: number) => many(count, "guest", "guests"),
    link: "Link",
    cancel: "Cancel",
    save: "Save",
    seriesEdit: "This event repeats. What you change here changes every repeat.",
    seriesFirst: "The dates below are those of its first time.",
    seriesFixed: "This event repeats. Open it and choose Edit to change every repeat.",
    pending: "Saved here, waiting to sync",
    guestStatus: {
      accepted: "Yes",
      declined: "No",
      tentative: "Maybe",
      "needs-action": "No answer",
    } as Record<string, string>,
    noAnswer: "No answer",
  },

  done: {
    created: (title: string) => `${quoted(title)} added`,
    edited: (title: string) => `${quoted(title)} changed`,
    editedSeries: (title: string) => `Every repeat of ${quoted(title)} changed`,
    moved: (title: string, to: string) => `${quoted(title)} moved to ${to}`,
    removed: (title: string) => `${quoted(title)} deleted`,
    removedSeries: (title: string) => `${quoted(title)} and every repeat deleted`,
    undone: "Undone",
    nothingToUndo: "There is nothing left to undo.",
    undo: "Undo",
    dismiss: "Dismiss",
    calendarAdded: (name: string) => `Calendar ${quoted(name)} added`,
  },

  sidebar: {
    label: "Calendars",
    mine: "Calendars",
    shared: "Shared",
    show: (name: string) => `Show ${name}`,
    importFile: "Import a file…",
    newCalendar: "New calendar…",
    calendarName: "Name",
    calendarColour: "Colour",
    add: "Add",
    cancel: "Cancel",
    lightTheme: "Use light colours",
    darkTheme: "Use dark colours",
    help: "Keyboard shortcuts",
    previousMonth: "Previous month",
    nextMonth: "Next month",
    colours: {
      tomato: "Tomato",
      orange: "Orange",
      amber: "Amber",
      lime: "Lime",
      green: "Green",
      teal: "Teal",
      cyan: "Cyan",
      blue: "Blue",
      indigo: "Indigo",
      violet: "Violet",
      pink: "Pink",
      gray: "Grey",
    } as Record<string, string>,
  },

  sync: {
    local: "On this device only",
    connecting: "Connecting to the relay",
    upToDate: (devices: number) => `Up to date · ${many(devices, "device", "devices")}`,
    alone: "Up to date",
    toKnow: (findings: number) => `Up to date · ${many(findings, "thing", "things")} to know`,
    sending: (outbox: number) => `${many(outbox, "change", "changes")} waiting`,
    offline: "Relay not reachable · everything is saved here",
    trouble: "Sync needs a look · everything is saved here",
    quarantined: (count: number) =>
      `${many(count, "change", "changes")} could not be checked and ${count === 1 ? "is" : "are"} set aside`,
    title: "Sync",
    close: "Close",
    relay: (address: string) => `Relay ${address}`,
    noRelay:
      "No relay is set up: everything stays on this device. Add a device or share a calendar to set one up.",
    waiting: (outbox: number) =>
      outbox === 0
        ? "Nothing waits to be sent."
        : `${many(outbox, "change waits", "changes wait")} to be sent. All of it is saved here.`,
    know: "To know",
    setAside: "Set aside",
    setAsideLine: (count: number, calendar: string) => `${count} in ${calendar}`,
    devices: "Other devices",
    noDevices: "No other device is linked.",
    unnamed: "A device without a name",
    confirmed: (ago: string) => `confirmed ${ago}`,
    unconfirmed: "has not confirmed anything yet",
    since: (count: number) => `${many(count, "change", "changes")} since`,
    repair: "Check everything again",
    repairing: "Checking…",
    repairHint: "Builds what you see again from what is saved, and compares it with the relay.",
    repaired: (documents: number, accepted: number, setAside: number) => {
      const sentences = [`${many(documents, "document was", "documents were")} read again.`];
      if (accepted > 0) sentences.push(`${accepted} that had been set aside could be accepted.`);
      if (setAside > 0) sentences.push(`${setAside} stay set aside.`);
      return sentences.join(" ");
    },
    unreadable: "This could not be read. Nothing was changed.",
  },

  importing: {
    title: "Import a file",
    choose: "Choose an .ics file",
    into: (name: string) => `${name} goes into`,
    go: "Import",
    cancel: "Cancel",
    close: "Done",
    busy: "Importing…",
    again: "Events that are already there are updated, not doubled.",
    result: ({ imported, updated, unchanged, kept, replaced }: Omit<ImportReport, "problems">) => {
      const parts = [];
      if (imported > 0) parts.push(`${many(imported, "event", "events")} added`);
      if (updated > 0) parts.push(`${updated} updated`);
      if (unchanged > 0) parts.push(`${unchanged} already there`);
      if (parts.length === 0) return "No events were found in this file.";
      const sentences = [`${parts.join(", ")}.`];
      if (kept > 0) sentences.push(`In ${many(kept, "event", "events")} your own change was kept.`);
      if (replaced > 0)
        sentences.push(
          `In ${many(replaced, "event", "events")} the newer file replaced your change.`,
        );
      return sentences.join(" ");
    },
    problems: (count: number) => `${many(count, "thing", "things")} to know`,
    line: (line: number) => `Line ${line}`,
    tooLarge: "This file is larger than 64 MB. Export a shorter period and import that.",
    unreadable: "The file could not be read. Nothing was changed.",
  },

  welcome: {
    title: "Your week is ready",
    text: "Click any time to add something. It stays on this device until you choose otherwise.",
    importFile: "Import a file",
    importHint: "An .ics file from another calendar",
    device: "Use on another device",
    deviceHint: "Encrypted before it leaves this one",
    already: "I use Almanac already",
    alreadyHint: "Bring your calendars to this device",
    join: "Join a calendar",
    joinHint: "Someone gave you an invite",
    notNow: "Not now",
  },

  help: {
    title: "Keyboard shortcuts",
    close: "Close",
    groups: { go: "Go", view: "Views", event: "Events", window: "Window" } as Record<
      string,
      string
    >,
  },

  command: {
    today: "Go to today",
    next: "Go on",
    previous: "Go back",
    viewDay: "Day",
    viewWeek: "Week",
    viewMonth: "Month",
    viewDays: "Several days",
    viewAgenda: "Agenda",
    viewYear: "Year",
    viewWorkWeek: "Work week",
    create: "New event",
    createAllDay: "New all-day event",
    nextEvent: "Next event",
    previousEvent: "Previous event",
    edit: "Edit the chosen event",
    remove: "Delete the chosen event",
    undo: "Undo",
    sidebar: "Show or hide the sidebar",
    inspector: "Close the event",
    importFile: "Import a file",
    join: "Join a calendar",
    devices: "Your devices",
    sync: "Sync",
    help: "Keyboard shortcuts",
  },

  failure: {
    unexpected: "Something went wrong, and it was not your doing. What you had saved is safe.",
    view: "Your calendar could not be shown",
    startup: "Almanac could not open your calendar",
    retry: "Try again",
    noSaving: "Not saved",
  },

  lock: {
    title: "Almanac is locked",
    text: "Everything is saved. Type your passphrase to go on.",
    passphrase: "Passphrase",
    open: "Unlock",
    opening: "Unlocking",
    wrong: "This is not the passphrase. Capitals and spaces count.",
  },

  loading: "Loading",
};

export type CommandName = keyof typeof words.command;
