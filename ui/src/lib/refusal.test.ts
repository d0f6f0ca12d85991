import { expect, test } from "vitest";
import { Failure } from "../ipc/backend";
import { refusal } from "./refusal";
import { words } from "./words";

test("a relay that cannot be reached has not been told anything", () => {
  const offline = new Failure("relayUnreachable", "Everything will be sent later.");
  expect(refusal(offline)).toBe(words.sharing.unreachable);
});

test("other refusals are told in the words of the core, and what is none in ours", () => {
  expect(refusal({ code: "inviteInvalid", message: "It is over." })).toBe("It is over.");
  expect(refusal(new TypeError("x is undefined"))).toBe(words.sharing.unexpected);
});
