// Who shares what, as the window follows it.
import { expect, it } from "vitest";
import { MockBackend } from "../../ipc/mock";
import type { Notice } from "../../ipc/types";
import { Company } from "./company.svelte";

/** A core in memory that can be made to say something. */
class Speaking extends MockBackend {
  readonly #heard: ((notice: Notice) => void)[] = [];

  override async listen(heard: (notice: Notice) => void): Promise<() => void> {
    this.#heard.push(heard);
    return () => void this.#heard.splice(this.#heard.indexOf(heard), 1);
  }

  say(notice: Notice): void {
    this.#heard.forEach((heard) => heard(notice));
  }
}

it("knows what is shared, and remembers who asks until somebody has looked", async () => {
  const core = new Speaking({ seed: "typical" });
  const company = new Company(core);
  const asked: string[] = [];
  const stop = await company.open((calendar) => asked.push(calendar));
  expect(company.of("product")).toMatchObject({ people: 5, role: "owner" });
  expect(company.of("personal")).toBeUndefined();
  expect(["personal", "product", "family"].filter((one) => company.mayWrite(one))).toEqual([
    "personal",
    "product",
  ]);
  core.say({ kind: "asked", calendar: "product" });
  expect(asked).toEqual(["product"]);
  expect([company.heard, company.isAsked("product"), company.isAsked("family")]).toEqual([
    1,
    true,
    false,
  ]);
  company.looked("product");
  expect(company.isAsked("product")).toBe(false);
  stop();
  core.say({ kind: "asked", calendar: "family" });
  expect(asked).toEqual(["product"]);
});

it("takes the newest answer where an older one comes later", async () => {
  const core = new Speaking({ seed: "typical" });
  const full = await core.shared();
  const answers: ((shared: typeof full) => void)[] = [];
  core.shared = () => new Promise((answer) => answers.push(answer));
  const company = new Company(core);
  const [first, second] = [company.refresh(), company.refresh()];
  answers[1]?.(full);
  await second;
  answers[0]?.({ ...full, calendars: [] });
  await first;
  expect(company.of("product")).toBeDefined();
});
