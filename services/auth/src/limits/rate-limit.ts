import { tooManyRequests } from '@quartet/common/errors.ts';
import type { Clock } from '../clock.ts';
import type { LimitKeys, StateStore } from './state-store.ts';

export type Rate = { count: number; periodMs: number };

/** The time up to which a key has used its rate, in milliseconds since 1970; undefined for a key that has used nothing. */
export type UsedUntil = number | undefined;

export type RateLimit = {
  /** @throws {AppError} `too-many`, and then nothing is written */
  take(subject: string): Promise<void>;
  giveBack(subject: string): Promise<void>;
};

export type RateLimitParts = {
  states: StateStore<number>;
  keyOf: LimitKeys;
  clock: Clock;
  /** Called with the limit's name at every refusal. */
  refused: (limit: string) => void;
};

export function createRateLimit(name: string, rate: Rate, parts: RateLimitParts): RateLimit {
  const { states, keyOf, clock, refused } = parts;
  return {
    async take(subject) {
      const retryAfterMs = await states.change(keyOf(name, subject), (used) => {
        const taken = take(used, clock.now(), rate);
        return 'usedUntil' in taken
          ? { next: taken.usedUntil, result: undefined }
          : { result: taken.retryAfterMs };
      });
      if (retryAfterMs === undefined) return;
      refused(name);
      throw tooManyRequests(retryAfterMs / 1_000);
    },
    giveBack: (subject) =>
      states.change(keyOf(name, subject), (used) => ({
        next: giveBack(used, clock.now(), rate),
        result: undefined,
      })),
  };
}

/** A rounding error of a division must not cost anybody a request. */
const ROUNDING_MS = 0.5;

/**
 * The generic cell rate algorithm (ITU-T I.371): each take uses up its share of the period, and a key that is a whole period
 * ahead of the clock must wait. So `count` may come at once, and then one in each share.
 */
export function take(
  used: UsedUntil,
  now: number,
  rate: Rate,
): { usedUntil: number } | { retryAfterMs: number } {
  const from = startOf(used, now, rate);
  const retryAfterMs = from + shareOf(rate) - now - rate.periodMs;
  return retryAfterMs > ROUNDING_MS ? { retryAfterMs } : { usedUntil: from + shareOf(rate) };
}

/** The state after one take is given back; undefined when there is nothing to give. */
export function giveBack(used: UsedUntil, now: number, rate: Rate): UsedUntil {
  const from = startOf(used, now, rate);
  return from > now ? Math.max(now, from - shareOf(rate)) : undefined;
}

const shareOf = ({ count, periodMs }: Rate): number => periodMs / count;

/** A state is further ahead than a period only when it was written with another rate or by a wrong clock. */
const startOf = (used: UsedUntil, now: number, { periodMs }: Rate): number =>
  Math.min(Math.max(used ?? now, now), now + periodMs);
