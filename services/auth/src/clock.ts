import { setTimeout as delay } from 'node:timers/promises';

/** The time, and how to let some of it pass; limits know no other. */
export type Clock = {
  /** In milliseconds since 1970. */
  now(): number;
  /** Rejects when the signal aborts first. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
};

export const systemClock: Clock = {
  now: Date.now,
  sleep: (ms, signal) => delay(ms, undefined, { signal }),
};
