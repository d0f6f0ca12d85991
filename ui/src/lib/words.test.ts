import { expect, test } from "vitest";

import { words } from "./words";

test("an import says what came, and whose change won", () => {
  const nothing = { imported: 0, updated: 0, unchanged: 0, kept: 0, replaced: 0 };
  const { result } = words.importing;
  expect(result(nothing)).toBe("No events were found in this file.");
  expect(result({ ...nothing, imported: 1, unchanged: 2 })).toBe("1 event added, 2 already there.");
  expect(result({ ...nothing, updated: 3, kept: 1, replaced: 2 })).toBe(
    "3 updated. In 1 event your own change was kept. In 2 events the newer file replaced your change.",
  );
});
