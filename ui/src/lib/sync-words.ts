// The state of sync in one sentence, and how calm or urgent it should look.
import type { SyncStatus } from "../ipc/types";
import { words } from "./words";

export interface SyncSentence {
  text: string;
  tone: "device" | "good" | "waiting" | "away" | "trouble";
  /** More, where the core had more to say. */
  detail: string | null;
}

export function syncSentence(status: SyncStatus): SyncSentence {
  const detail =
    status.message ?? (status.quarantined > 0 ? words.sync.quarantined(status.quarantined) : null);
  const say = (text: string, tone: SyncSentence["tone"]): SyncSentence => ({ text, tone, detail });
  switch (status.state) {
    case "local":
      return say(words.sync.local, "device");
    case "connecting":
      return say(words.sync.connecting, "waiting");
    case "sending":
      return say(
        status.outbox > 0 ? words.sync.sending(status.outbox) : words.sync.connecting,
        "waiting",
      );
    case "offline":
      return say(words.sync.offline, "away");
    case "trouble":
      return say(words.sync.trouble, "trouble");
    case "upToDate":
      if (status.outbox > 0) return say(words.sync.sending(status.outbox), "waiting");
      if (status.toKnow > 0) return say(words.sync.toKnow(status.toKnow), "trouble");
      return say(
        status.devices > 1 ? words.sync.upToDate(status.devices) : words.sync.alone,
        "good",
      );
  }
}
