// What the page asks for, what the shell answers and what the window is granted are one list.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const sorted = (names: Iterable<string>) => [...new Set(names)].sort();

const asked = sorted(
  [...read("ui/src/ipc/tauri.ts").matchAll(/\bask\("([a-z_]+)"/g)].map((found) => found[1] ?? ""),
);
const capability = JSON.parse(read("src-tauri/capabilities/main.json")) as {
  windows: string[];
  permissions: string[];
};
const configuration = JSON.parse(read("tauri.conf.json")) as {
  app: {
    withGlobalTauri: boolean;
    windows: { label: string; create: boolean; visible: boolean }[];
    security: { freezePrototype: boolean; capabilities: string[]; csp: Record<string, string> };
  };
};

describe("the window's rights", () => {
  it("are asked for at all", () => {
    expect(asked).toContain("startup");
    expect(asked.length).toBeGreaterThan(10);
  });

  it("name exactly the commands that the page asks for", () => {
    const list = /COMMANDS: &\[&str\] = &\[([^\]]*)\]/.exec(read("src-tauri/build.rs"))?.[1] ?? "";
    expect(sorted([...list.matchAll(/"([a-z_]+)"/g)].map((found) => found[1] ?? ""))).toEqual(
      asked,
    );
    const handlers = [
      ...read("src-tauri/src/lib.rs").matchAll(/\b(?:commands|sharing|devices)::([a-z_]+),/g),
    ];
    expect(sorted(handlers.map((found) => found[1] ?? ""))).toEqual(asked);
  });

  it("grant each of them, hearing notices, and nothing else", () => {
    const own = asked.map((command) => `allow-${command.replaceAll("_", "-")}`);
    const events = ["core:event:allow-listen", "core:event:allow-unlisten"];
    expect(sorted(capability.permissions)).toEqual(sorted([...own, ...events]));
    expect(capability.windows).toEqual(["main"]);
  });

  it("keep the page to itself", () => {
    const { withGlobalTauri, windows, security } = configuration.app;
    expect(withGlobalTauri).toBe(false);
    expect(security.freezePrototype).toBe(true);
    expect(security.capabilities).toEqual(["main"]);
    expect(windows).toMatchObject([{ label: "main", create: false, visible: false }]);
    expect(security.csp).toEqual({
      "default-src": "'none'",
      "script-src": "'self'",
      "style-src": "'self'",
      "img-src": "'self' data:",
      "font-src": "'self'",
      "connect-src": "ipc: http://ipc.localhost",
      "object-src": "'none'",
      "base-uri": "'none'",
      "form-action": "'none'",
      "frame-src": "'none'",
    });
  });
});
