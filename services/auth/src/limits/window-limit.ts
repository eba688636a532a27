import { tooManyRequests } from '@quartet/common/errors.ts';
import type { Clock } from './clock.ts';
import { giveBack, take } from './gcra.ts';
import type { LimitKeys } from './limit-keys.ts';
import type { Rate } from './rate.ts';
import type { SharedStates } from './shared-states.ts';

/** So many in such a time, for each subject. */
export type WindowLimit = {
  /** @throws {AppError} `too-many`, and then nothing is written */
  take(subject: string): Promise<void>;
  /** Undoes one take. */
  giveBack(subject: string): Promise<void>;
};

export function createWindowLimit(
  name: string,
  rate: Rate,
  parts: {
    states: SharedStates<number>;
    keyOf: LimitKeys;
    clock: Clock;
    /** Told of every refusal. */
    refused: (limit: string) => void;
  },
): WindowLimit {
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
