import type { Rate } from './rate.ts';

/** The time up to which a key has used what it may, in milliseconds since 1970; undefined when it has used nothing. */
export type UsedUntil = number | undefined;

/** Either taken, with the new state, or when to come back. */
export type Take = { usedUntil: number } | { retryAfterMs: number };

/** What divisions leave over must not cost anybody a place. */
const ROUNDING_MS = 0.5;

/**
 * The generic cell rate algorithm (ITU-T I.371): each take uses up its share of the period; who is a whole period ahead of
 * the clock must wait. So `count` may come at once, and then one in each share.
 */
export function take(used: UsedUntil, now: number, rate: Rate): Take {
  const from = begin(used, now, rate);
  const retryAfterMs = from + shareOf(rate) - now - rate.periodMs;
  return retryAfterMs > ROUNDING_MS ? { retryAfterMs } : { usedUntil: from + shareOf(rate) };
}

/** The state after one take is given back; undefined when there is nothing to give. */
export function giveBack(used: UsedUntil, now: number, rate: Rate): UsedUntil {
  const from = begin(used, now, rate);
  return from > now ? Math.max(now, from - shareOf(rate)) : undefined;
}

const shareOf = ({ count, periodMs }: Rate): number => periodMs / count;

/** No state is further ahead than a period, unless the rate or somebody's clock was another when it was written. */
function begin(used: UsedUntil, now: number, { periodMs }: Rate): number {
  return Math.min(Math.max(used ?? now, now), now + periodMs);
}
