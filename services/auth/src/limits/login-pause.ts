import * as z from 'zod';

export type ThrottleRule = {
  freeAttempts: number;
  longestPauseMs: number;
  /** After this time without an attempt, earlier attempts do not count. */
  forgetMs: number;
  longestWaitMs: number;
};

/** `failures` includes attempts that still run; the next attempt may run at `freeAt`. */
export const attempts = z.object({ failures: z.int().min(0), freeAt: z.number() });
export type Attempts = z.output<typeof attempts>;

export type Slot = { next: Attempts; waitMs: number } | { retryAfterMs: number };

const FIRST_PAUSE_MS = 1_000;
const MOST_DOUBLINGS = 30;

/** An attempt counts as failed until it succeeds, so that many at once cannot exceed the limit. */
export function schedule(state: Attempts | undefined, now: number, rule: ThrottleRule): Slot {
  const known = state && now < state.freeAt + rule.forgetMs ? state : { failures: 0, freeAt: now };
  // The clock of the process that wrote the state may have been wrong.
  const furthestMs = rule.longestWaitMs + rule.longestPauseMs;
  const waitMs = Math.min(Math.max(known.freeAt - now, 0), furthestMs);
  // A caller who returns then waits for the rest, with the same chance as one who keeps asking.
  if (waitMs > rule.longestWaitMs) return { retryAfterMs: waitMs - rule.longestWaitMs };
  const failures = known.failures + 1;
  return { next: { failures, freeAt: now + waitMs + pauseAfter(failures, rule) }, waitMs };
}

export function pauseAfter(failures: number, { freeAttempts, longestPauseMs }: ThrottleRule): number {
  if (failures < freeAttempts) return 0;
  const doublings = Math.min(failures - freeAttempts, MOST_DOUBLINGS);
  return Math.min(FIRST_PAUSE_MS * 2 ** doublings, longestPauseMs);
}

/** Later attempts keep their slots. */
export const giveBack = ({ failures, freeAt }: Attempts, pauseMs: number): Attempts => ({
  failures: Math.max(0, failures - 1),
  freeAt: freeAt - pauseMs,
});
