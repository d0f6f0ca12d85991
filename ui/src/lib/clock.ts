// The only place that reads the time. It tells how much has passed, and guesses the date until the
// core, which knows the zone, has said what day it is.
import { dateText } from "./civil";

export interface Clock {
  /** Milliseconds on a scale of its own: only differences mean anything. */
  elapsed(): number;
  /** The date on this device, as a first guess. */
  guessDate(): string;
  /** Calls `tick` at every turn of the minute until the returned function is called. */
  everyMinute(tick: () => void): () => void;
}

const MINUTE_MS = 60_000;

export const systemClock: Clock = {
  elapsed: () => Date.now(),
  guessDate: () => {
    const now = new Date();
    return dateText(now.getFullYear(), now.getMonth() + 1, now.getDate());
  },
  everyMinute: (tick) => {
    let timer = 0;
    const arm = () => {
      timer = window.setTimeout(
        () => {
          tick();
          arm();
        },
        MINUTE_MS - (Date.now() % MINUTE_MS),
      );
    };
    arm();
    return () => window.clearTimeout(timer);
  },
};

/** A clock that stands still, for pictures and tests. */
export function stillClock(date: string): Clock {
  return { elapsed: () => 0, guessDate: () => date, everyMinute: () => () => {} };
}
