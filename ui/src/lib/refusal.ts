// What is said in place when something that needs the relay, or another device, did not come about.
import { asFailure } from "../ipc/backend";
import { words } from "./words";

/** A sentence for a person. What is written waits for the relay; what is decided here does not. */
export function refusal(thrown: unknown): string {
  const failure = asFailure(thrown, words.sharing.unexpected);
  if (failure.code === "relayUnreachable") return words.sharing.unreachable;
  return failure.message;
}
