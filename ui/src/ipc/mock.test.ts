// The core in memory keeps the promises that the interface builds on.
import { describe, expect, it, vi } from "vitest";
import { MockBackend } from "./mock";
import type { Notice } from "./types";

const WEEK = { from: "2026-11-23", to: "2026-11-30" };
const WHEN = {
  kind: "timed" as const,
  start: "2026-11-27T12:30",
  end: "2026-11-27T13:30",
  zone: "Europe/Berlin",
};
const lunch = { calendar: "personal", title: "Lunch with Sam", when: WHEN, place: "", notes: "" };

describe("the core in memory", () => {
  it("shows what was created where it was put, and tells listeners", async () => {
    const core = new MockBackend({ seed: "empty" });
    const heard: Notice[] = [];
    await core.listen((notice) => heard.push(notice));
    const done = await core.create(lunch);
    const { timed, revision } = await core.view(WEEK);
    expect(timed).toMatchObject([{ title: "Lunch with Sam", day: 4, startMinute: 750 }]);
    expect(revision).toBe(done.revision);
    expect(heard).toEqual([{ kind: "changed", revision, calendars: ["personal"] }]);
  });

  it("opens with its passphrase and no other, and tells when it locks", async () => {
    const core = new MockBackend({ seed: "empty", passphrase: "violet anchor" });
    const heard: Notice[] = [];
    await core.listen((notice) => heard.push(notice));
    await expect(core.startup()).rejects.toMatchObject({ code: "locked" });
    await expect(core.unlock("violet")).rejects.toMatchObject({ code: "wrongPassphrase" });
    expect((await core.unlock("violet anchor")).profileName).toBe("This computer");
    core.lock();
    expect(heard).toEqual([{ kind: "locked" }]);
    await expect(core.startup()).rejects.toMatchObject({ code: "locked" });
  });

  it("takes each change back, once", async () => {
    const core = new MockBackend({ seed: "typical" });
    const before = await core.view(WEEK);
    for (const change of [
      () => core.create(lunch),
      () => core.edit({ event: "seed-10", title: "Later" }),
      () => core.remove("seed-10"),
    ]) {
      const { undo } = await change();
      await core.undo(undo ?? -1);
      expect({ ...(await core.view(WEEK)), revision: 0 }).toEqual({ ...before, revision: 0 });
      await expect(core.undo(undo ?? -1)).rejects.toMatchObject({ code: "notFound" });
    }
  });

  it("cuts what crosses midnight and raises what lasts a day", async () => {
    const core = new MockBackend({ seed: "empty" });
    await core.create({ ...lunch, when: { ...WHEN, end: "2026-11-28T02:00" } });
    await core.create({ ...lunch, when: { ...WHEN, end: "2026-11-29T12:30" } });
    const { timed, allDay } = await core.view(WEEK);
    expect(timed.map(({ day, startMinute, endMinute }) => [day, startMinute, endMinute])).toEqual([
      [4, 750, 1440],
      [5, 0, 120],
    ]);
    expect(timed.map(({ startsBefore, endsAfter }) => [startsBefore, endsAfter])).toEqual([
      [false, true],
      [true, false],
    ]);
    expect(allDay).toMatchObject([{ firstDay: 4, lastDay: 6 }]);
  });

  it("repeats a weekly event in later weeks and not before its first", async () => {
    const core = new MockBackend({ seed: "typical" });
    const standUps = async (from: string, to: string) =>
      (await core.view({ from, to })).timed.filter((block) => block.title === "Stand-up").length;
    expect(await standUps(WEEK.from, WEEK.to)).toBe(5);
    expect(await standUps("2027-03-01", "2027-03-08")).toBe(5);
    expect(await standUps("2026-11-16", "2026-11-23")).toBe(0);
  });

  it("reports an import event by event", async () => {
    const core = new MockBackend({ seed: "empty" });
    const file = [
      "BEGIN:VCALENDAR",
      "BEGIN:VEVENT",
      "UID:1",
      "SUMMARY:Dentist",
      "DTSTART:20261127T130000",
      "DTEND:20261127T140000",
      "END:VEVENT",
      "BEGIN:VEVENT",
      "UID:2",
      "SUMMARY:No start",
      "END:VEVENT",
      "END:VCALENDAR",
    ].join("\r\n");
    const input = {
      calendar: "personal",
      name: "a.ics",
      bytes: [...new TextEncoder().encode(file)],
    };
    expect(await core.importIcs(input)).toMatchObject({
      imported: 1,
      unchanged: 0,
      problems: [{ line: 8, uid: "2" }],
    });
    expect(await core.importIcs(input)).toMatchObject({ imported: 0, unchanged: 1 });
  });

  it("lets in whom an owner lets in, once somebody was invited and has asked", async () => {
    const core = new MockBackend({ seed: "empty" });
    const heard: Notice[] = [];
    await core.listen((notice) => heard.push(notice));
    expect((await core.people("personal")).people).toMatchObject([{ this: true, role: "owner" }]);
    const { text } = await core.share("personal", "viewer", "Ada");
    expect(await core.viewInvite(text)).toMatchObject({ safetyNumber: expect.any(String) });
    await expect(core.viewInvite(text.slice(0, 40))).rejects.toMatchObject({
      code: "inviteInvalid",
    });
    await vi.waitFor(() => expect(heard).toContainEqual({ kind: "asked", calendar: "personal" }));
    const [asks] = await core.whoAsks("personal");
    const { id: person = "", role = "viewer" } = asks ?? {};
    await core.admit({ calendar: "personal", person, role });
    expect(await core.whoAsks("personal")).toEqual([]);
    expect((await core.shared()).calendars).toEqual([
      { calendar: "personal", people: 2, role: "owner" },
    ]);
    await expect(core.leaveCalendar("personal")).rejects.toMatchObject({ code: "notAllowed" });
    await core.removeMember("personal", person);
    expect((await core.shared()).calendars).toEqual([]);
  });

  it("adds a device for the right digits and no others", async () => {
    const core = new MockBackend({ seed: "typical" });
    await core.openLinking();
    await expect(core.confirmLinking("111 111 111")).rejects.toMatchObject({
      code: "linkingFailed",
    });
    await core.confirmLinking("372 457 141");
  });

  it("leaves out hidden calendars unless they are asked for", async () => {
    const core = new MockBackend({ seed: "empty" });
    await core.create(lunch);
    await core.setCalendarHidden("personal", true);
    expect((await core.view(WEEK)).timed).toHaveLength(0);
    expect((await core.view({ ...WEEK, calendars: ["personal"] })).timed).toHaveLength(1);
  });
});
