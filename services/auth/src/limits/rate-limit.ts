import { tooManyRequests } from '@quartet/common/errors.ts';
import type { Clock } from '../clock.ts';
import type { LimitKeys, StateStore } from './state-store.ts';

export type Rate = { count: number; periodMs: number };

/** A key has used its rate up to this time, in milliseconds since 1970. */
export type UsedUntil = number | undefined;

export type RateLimit = {
  /** @throws {AppError} `too-many` when the rate is used up; nothing is written then */
  take(subject: string): Promise<void>;
  giveBack(subject: string): Promise<void>;
};

export type RateLimitParts = {
  states: StateStore<number>;
  keyOf: LimitKeys;
  clock: Clock;
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

/** The rounding error of a division must not cost a request. */
const ROUNDING_MS = 0.5;

/** ITU-T I.371 (generic cell rate) allows `count` at once, and then one in each share of the period. */
export function take(
  used: UsedUntil,
  now: number,
  rate: Rate,
): { usedUntil: number } | { retryAfterMs: number } {
  const from = startOf(used, now, rate);
  const retryAfterMs = from + shareOf(rate) - now - rate.periodMs;
  return retryAfterMs > ROUNDING_MS ? { retryAfterMs } : { usedUntil: from + shareOf(rate) };
}

export function giveBack(used: UsedUntil, now: number, rate: Rate): UsedUntil {
  const from = startOf(used, now, rate);
  return from > now ? Math.max(now, from - shareOf(rate)) : undefined;
}

const shareOf = ({ count, periodMs }: Rate): number => periodMs / count;

/** Another rate or a wrong clock may have written a state that is more than a period ahead. */
const startOf = (used: UsedUntil, now: number, { periodMs }: Rate): number =>
  Math.min(Math.max(used ?? now, now), now + periodMs);
