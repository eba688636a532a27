import * as z from 'zod';

export type ThrottleRule = {
  freeAttempts: number;
  longestPauseMs: number;
  /** After so long without an attempt, earlier ones no longer count. */
  forgetMs: number;
  longestWaitMs: number;
};

/** Attempts at an account that were not right, or are not yet known to be, and when the next one may be made. */
export const attempts = z.object({ failures: z.int().min(0), freeAt: z.number() });
export type Attempts = z.output<typeof attempts>;

/** How long an attempt has to wait, with the new state; or when it may be made again. */
export type Slot = { next: Attempts; waitMs: number } | { retryAfterMs: number };

const FIRST_PAUSE_MS = 1_000;
/** Beyond this many doublings any pause is the longest. */
const MOST_DOUBLINGS = 30;

/** The slot of an attempt. It counts as failed until it is known to be right, so that many at once cannot slip through. */
export function schedule(state: Attempts | undefined, now: number, rule: ThrottleRule): Slot {
  const known = state && now < state.freeAt + rule.forgetMs ? state : { failures: 0, freeAt: now };
  // The clock of the process that wrote the state may have been wrong.
  const furthestMs = rule.longestWaitMs + rule.longestPauseMs;
  const waitMs = Math.min(Math.max(known.freeAt - now, 0), furthestMs);
  // A caller who comes back then waits for the rest, and has the same chance as one who keeps asking.
  if (waitMs > rule.longestWaitMs) return { retryAfterMs: waitMs - rule.longestWaitMs };
  const failures = known.failures + 1;
  return { next: { failures, freeAt: now + waitMs + pauseAfter(failures, rule) }, waitMs };
}

/** The pause after so many attempts: 1, 2, 4 ... seconds once the free ones are used up. */
export function pauseAfter(failures: number, { freeAttempts, longestPauseMs }: ThrottleRule): number {
  if (failures < freeAttempts) return 0;
  const doublings = Math.min(failures - freeAttempts, MOST_DOUBLINGS);
  return Math.min(FIRST_PAUSE_MS * 2 ** doublings, longestPauseMs);
}

/** The state without one attempt and the pause that it caused. Attempts that came after it keep their slots. */
export const giveBack = ({ failures, freeAt }: Attempts, pauseMs: number): Attempts => ({
  failures: Math.max(0, failures - 1),
  freeAt: freeAt - pauseMs,
});
