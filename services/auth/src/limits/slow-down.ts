import * as z from 'zod';

/** How attempts at one account are slowed down. */
export type SlowDownRule = {
  /** So many attempts cost nothing. */
  freeAttempts: number;
  longestPauseMs: number;
  /** Without an attempt for so long, those before count no more. */
  forgetMs: number;
  /** A place in the line that is further away is refused. */
  longestWaitMs: number;
};

/** Attempts at an account that were not right, or are not yet known to be, and when the next one may be made. */
export const attempts = z.object({ failures: z.int().min(0), freeAt: z.number() });
export type Attempts = z.output<typeof attempts>;

/** Either the place in the line, with the new state, or when to come back. */
export type Place = { next: Attempts; waitMs: number } | { retryAfterMs: number };

const FIRST_PAUSE_MS = 1_000;
/** Beyond this many doublings any pause is the longest. */
const MOST_DOUBLINGS = 30;

/**
 * Gives an attempt its place. It counts as failed from here on, so that many at once cannot slip through before the first
 * is known to be wrong.
 */
export function line(state: Attempts | undefined, now: number, rule: SlowDownRule): Place {
  const known = state && now < state.freeAt + rule.forgetMs ? state : { failures: 0, freeAt: now };
  // Nobody waits longer than a whole line does, whatever another process's clock said.
  const furthestMs = rule.longestWaitMs + rule.longestPauseMs;
  const waitMs = Math.min(Math.max(known.freeAt - now, 0), furthestMs);
  // Who comes back then waits for the rest, and has the same chance as those who do not keep away.
  if (waitMs > rule.longestWaitMs) return { retryAfterMs: waitMs - rule.longestWaitMs };
  const failures = known.failures + 1;
  return { next: { failures, freeAt: now + waitMs + pauseAfter(failures, rule) }, waitMs };
}

/** How long after so many attempts the next one may be made: 1, 2, 4 ... seconds once the free ones are used up. */
export function pauseAfter(failures: number, { freeAttempts, longestPauseMs }: SlowDownRule): number {
  if (failures < freeAttempts) return 0;
  const doublings = Math.min(failures - freeAttempts, MOST_DOUBLINGS);
  return Math.min(FIRST_PAUSE_MS * 2 ** doublings, longestPauseMs);
}

/**
 * The state as if an attempt had not been made, after which the next one had to pause for so long. Those that came after it
 * keep their places.
 */
export const giveBack = ({ failures, freeAt }: Attempts, pauseMs: number): Attempts => ({
  failures: Math.max(0, failures - 1),
  freeAt: freeAt - pauseMs,
});
