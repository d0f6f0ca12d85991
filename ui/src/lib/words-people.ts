// Words about people and devices: sharing a calendar, joining one, and linking a device.

import type { MemberRole, RevokeWord } from "../ipc/types";

const many = (count: number, one: string, more: string) => `${count} ${count === 1 ? one : more}`;
const quoted = (title: string) => `“${title}”`;

/** What a role is called, and what it means in a line. */
const roles: Record<MemberRole, { name: string; hint: string }> = {
  owner: { name: "Owner", hint: "Everything, and decides who is here" },
  editor: { name: "Can edit", hint: "Adds, changes and removes events" },
  viewer: { name: "Can view", hint: "Reads every event, changes nothing" },
  freeBusy: { name: "Only busy times", hint: "Sees when, never what" },
};

const given: Record<MemberRole, (calendar: string) => string> = {
  owner: (calendar) =>
    `They will see and change everything in ${calendar}, and decide with you who else does.`,
  editor: (calendar) =>
    `They will see every event in ${calendar}, and can add, change and remove events.`,
  viewer: (calendar) =>
    `They will see the title, time, place, guests and notes of every event in ${calendar}, and cannot change anything.`,
  freeBusy: (calendar) =>
    `They will see when the people of ${calendar} are busy, and never what with.`,
};

const taken: Record<MemberRole, string> = {
  owner: "You will see and change everything in it, and decide who else does.",
  editor: "You will see every event in it, and can add, change and remove events.",
  viewer: "You will see every event in it, and change nothing.",
  freeBusy: "You will see when its people are busy, and never what with.",
};

/** A code in a picture, for the camera of another device. */
const picture = {
  show: "Show as a picture",
  hide: "Hide the picture",
  label: "The same text as a picture for a camera",
};

export const peopleWords = {
  sharing: {
    title: (calendar: string) => `Share ${quoted(calendar)}`,
    memberTitle: (calendar: string) => `People in ${quoted(calendar)}`,
    private: "Only people you invite can read this calendar.",
    memberPrivate: "Only the people in this calendar can read it.",
    goneTitle: "You are no longer in this calendar. What you had of it stays here.",
    open: (calendar: string) => `Share ${calendar}`,
    openShared: (calendar: string, people: number) =>
      `${calendar}, ${many(people, "person", "people")}`,
    openGone: (calendar: string) => `${calendar}: you are no longer in it`,
    openAsked: (calendar: string) => `Someone asks to join ${calendar}`,
    people: (count: number) => many(count, "person", "people"),
    you: (name: string) => (name === "" ? "You" : `${name} (you)`),
    nameless: "Someone without a name yet",
    devices: (count: number) => many(count, "device", "devices"),
    confirmed: (ago: string) => `confirmed ${ago}`,
    roles,
    roleOf: (name: string) => `What ${name} may do`,
    remove: (name: string) => `Remove ${name}…`,
    removeNow: (name: string) => `Remove ${name}`,
    removeText: (name: string) =>
      `${name} keeps what is already on their devices, and sees nothing of this calendar after that.`,
    keep: "Keep",
    removed: (name: string) => `${name} is no longer in this calendar`,
    changed: (name: string, role: MemberRole) => `${name}: ${roles[role].name}`,
    compare: (name: string) => `Compare numbers with ${name}`,
    compareShort: "Compare numbers",
    compareText:
      "Read these numbers to each other, on the telephone or where you meet. If they are the same for both, nobody stands in between.",
    numbers: "Safety numbers",
    same: "They are the same",
    compared: (date: string) => `You compared them on ${date}`,
    comparedShort: "Numbers compared",
    forgetCompared: "Forget",
    forgotten: "Forgotten",
    asks: (name: string) => `${name} asks to join`,
    asksAs: (role: MemberRole) => roles[role].name,
    asksText:
      "Ask them for their numbers, on the telephone or where you meet. Only the person you invited sees these.",
    admit: (name: string) => `Let ${name} in`,
    admitting: "Letting in…",
    admitted: (name: string, calendar: string) => `${name} is in ${quoted(calendar)}`,
    notNow: "Not now",
    unheard: (message: string) => `Nobody can be let in right now. ${message}`,
    invite: "Invite someone",
    inviteRole: "What they may do",
    given,
    yourName: "Your name, as others will see it",
    makeInvite: "Make an invite",
    making: "Making an invite…",
    another: "Invite someone else",
    inviteText: "Invite",
    copy: "Copy text",
    copied: "Copied",
    picture,
    handOver: (date: string) =>
      `Give this text to one person yourself. It works once, until ${date}, and you let them in by name.`,
    waiting: "Once they have used it, their name appears here.",
    openInvites: (count: number) => `${many(count, "invite", "invites")} not used yet`,
    openUntil: (date: string, by: string) =>
      by === "" ? `Until ${date}` : `Until ${date}, from ${by}`,
    takeBack: "Take back",
    takeBackOf: (role: string, date: string) => `Take back: ${role}, until ${date}`,
    takingBack: "Taking back…",
    tookBack: "The invite is taken back",
    onlyOwners: "Owners decide who is in this calendar.",
    footer: "Anyone you remove can keep what they already received, and sees nothing after that.",
    done: "Done",
    leave: "Leave this calendar…",
    leaveText:
      "It goes from all your devices’ lists. Only an owner can take you out of its members: tell them.",
    leaveNow: "Leave",
    takeOff: "Take it off your list",
    takenOff: (calendar: string) => `${quoted(calendar)} is off your list`,
    left: (calendar: string) => `You left ${quoted(calendar)}`,
    unexpected: "Something went wrong. Nothing was changed.",
    unreachable:
      "The relay cannot be reached, so nothing was changed. Look whether this device is online, and try again.",
    heardAsk: (calendar: string) =>
      `Someone asks to join ${quoted(calendar)}. Open its people to let them in.`,
  },

  relaySetup: {
    share: "To share, your calendars need a relay",
    join: "This calendar is kept by a relay you do not use yet",
    link: "To use another device, your calendars need a relay",
    text: "A relay passes changes between devices and cannot read them. Whoever runs it gives you its address and a code.",
    address: "Address of the relay",
    addressHint: "https://cal.example.org",
    code: "Code",
    codeHint: "XXXXX-XXXXX-XXXXX-XXXXX",
    go: "Connect",
    busy: "Connecting…",
  },

  joining: {
    open: "Join a calendar…",
    title: "Join a calendar",
    paste: "Paste the invite you were given",
    pasteLabel: "Invite",
    pasteHint: "It begins with ALM1",
    looking: "Looking at the invite…",
    found: (members: number) =>
      members === 1
        ? "A calendar of one person"
        : `A calendar of ${many(members, "person", "people")}`,
    nameComes: "Its name comes with it, once its owner has let you in.",
    nameless: "Its name is not shown to you: give it one of your own.",
    call: "What you call it; only you see that",
    role: (role: MemberRole) => taken[role],
    until: (date: string) => `Open until ${date}`,
    numbersText:
      "Whoever invited you sees the same numbers. Compare them, on the telephone or where you meet.",
    yourName: "Your name, as others will see it",
    go: "Ask to join",
    busy: "Asking…",
    cancel: "Cancel",
    asked: "Waiting to be let in",
    askedText:
      "The owner sees your name now. As soon as they let you in, the calendar appears in your list by itself. You can close this.",
    close: "Done",
    another: "Another invite",
    awaited: "Waiting to be let in",
    awaitedLabel: "A shared calendar: waiting to be let in. Stop waiting",
    stop: "Stop waiting",
    stopped: "No longer waiting for that calendar",
    arrived: (calendar: string) => `You are in ${quoted(calendar)}`,
    elsewhere: (relay: string) =>
      `This calendar is kept by the relay ${relay}. Your devices will speak with it about this calendar, and with your own relay about all the rest.`,
  },

  devices: {
    title: "Your devices",
    open: "Your devices…",
    text: "Each of them has all your calendars.",
    this: "this one",
    unnamed: "A device without a name",
    since: (ago: string) => `confirmed ${ago}`,
    notYet: "has not confirmed anything yet",
    rename: "Rename this device",
    name: "Name of this device",
    save: "Save",
    cancel: "Cancel",
    renamed: (name: string) => `This device is now ${quoted(name)}`,
    remove: (name: string) => `Remove ${name}…`,
    removeShort: "Remove…",
    why: "Why is it to go?",
    reasons: {
      retired: "I no longer use it",
      lost: "I cannot find it",
      stolen: "Someone else has it",
    } as Record<RevokeWord, string>,
    removeText: (name: string) =>
      `${quoted(name)} keeps what it has read and is given nothing new. What it wrote until now stays. There is no way back but linking it again.`,
    removeNow: "Remove device",
    removing: "Removing…",
    removed: (name: string) => `${quoted(name)} is no longer one of your devices`,
    add: "Add a device",
    adding: "Getting ready…",
    addTitle: "Add a device",
    addStep:
      "On the new device, open Almanac, choose “I use Almanac already”, and give it this line:",
    copy: "Copy line",
    copied: "Copied",
    picture,
    waiting: "Waiting for the new device. The line works for five minutes.",
    digitsStep: "The new device shows nine digits. Type them here:",
    digits: "Nine digits",
    code: "Code of your authenticator",
    confirm: "Add device",
    confirming: "Adding…",
    added: "The new device is one of yours now. Its calendars are on their way.",
    again: "Start again",
    back: "Back",
    done: "Done",
  },

  linkHere: {
    title: "Use your calendars on this device",
    text: "On a device that has them, open “Your devices” and choose “Add a device”. Paste the line it shows.",
    line: "Line from the other device",
    lineHint: "https://cal.example.org ABCD-EFGH",
    name: "Name of this device",
    go: "Continue",
    busy: "Looking for the other device…",
    digits: "Type these digits on the other device",
    digitsText: "They show that nobody stands between the two. This device goes on by itself.",
    cancel: "Cancel",
    again: "Start again",
    inUse:
      "There are calendars on this device already, and linking would put others in their place. Nothing was changed.",
  },
};
