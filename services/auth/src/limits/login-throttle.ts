import { tooManyRequests, unavailable } from '@quartet/common/errors.ts';
import type { Clock } from '../clock.ts';
import { createKeyedSemaphore } from './keyed-semaphore.ts';
import {
  type Attempts,
  giveBack,
  pauseAfter,
  type Slot,
  schedule,
  type ThrottleRule,
} from './login-pause.ts';
import type { LimitKeys, StateStore } from './state-store.ts';

export type Outcome<T> = { found: T | undefined; failures: number };

export type Attempt = { email: string; network: string; gone: AbortSignal };

/** After the free attempts, the attempts at one account run one by one over all replicas, with pauses. */
export type LoginThrottle = {
  /** @throws {AppError} `too-many` when the slot is too far away, `unavailable` when `ending` aborts */
  attempt<T>(attempt: Attempt, compare: () => Promise<T | undefined>): Promise<Outcome<T>>;
  forget(email: string): Promise<void>;
  /** While the account is slow, attempts from the owner's network count separately. */
  ownerIsIn(email: string, network: string): Promise<void>;
};

/** Metrics and stored keys contain this name. */
const LIMIT = 'login_slowdown';
const OWNERS_LIMIT = 'login_slowdown_owner';

/** Each success resets the count, so that this many logins at once do not use up the free attempts. */
const AT_ONCE = 3;
const WAITING = { ofNetwork: 100, inAll: 200 };

export function createLoginThrottle(
  rule: ThrottleRule,
  parts: {
    states: StateStore<Attempts>;
    keyOf: LimitKeys;
    clock: Clock;
    refused: (limit: string) => void;
    ending: AbortSignal;
    inBackground: (work: Promise<void>) => void;
  },
): LoginThrottle {
  const { states, keyOf, clock, refused, ending, inBackground } = parts;
  const semaphore = createKeyedSemaphore(AT_ONCE, WAITING);
  const publicKey = (email: string) => keyOf(LIMIT, email);
  const ownersKey = (email: string, network: string) => keyOf(OWNERS_LIMIT, `${email}\n${network}`);
  const reset = (key: string) =>
    states.change(key, () => ({ next: { failures: 0, freeAt: clock.now() }, result: undefined }));

  const slotOf = (key: string, isWanted: (slot: Slot, state: Attempts | undefined) => boolean) =>
    states.change<Slot | undefined>(key, (state) => {
      const slot = schedule(state, clock.now(), rule);
      if (!isWanted(slot, state)) return { result: undefined };
      return 'next' in slot ? { next: slot.next, result: slot } : { result: slot };
    });

  async function takeSlot({ email, network }: Attempt) {
    const [key, ownKey] = [publicKey(email), ownersKey(email, network)];
    const free = await slotOf(key, (slot) => 'next' in slot && slot.waitMs === 0);
    const owned = free ? undefined : await slotOf(ownKey, (_slot, state) => state !== undefined);
    const slot = free ?? owned ?? (await slotOf(key, () => true));
    if (slot && 'next' in slot) {
      const { waitMs, next } = slot;
      return {
        waitMs,
        failures: next.failures,
        succeed: () => (owned ? reset(ownKey) : states.forget(key)),
        undo: () =>
          states.change(owned ? ownKey : key, (state) => ({
            next: state && giveBack(state, pauseAfter(next.failures, rule)),
            result: undefined,
          })),
      };
    }
    refused(LIMIT);
    throw tooManyRequests((slot?.retryAfterMs ?? 0) / 1_000);
  }

  async function wait(ms: number, gone: AbortSignal): Promise<void> {
    await clock.sleep(ms, AbortSignal.any([gone, ending])).catch((err: unknown) => {
      throw ending.aborted ? unavailable() : err;
    });
  }

  return {
    async attempt<T>(attempt: Attempt, compare: () => Promise<T | undefined>) {
      const { email, network, gone } = attempt;
      const compareIn = async (slot: Awaited<ReturnType<typeof takeSlot>>): Promise<T | undefined> => {
        try {
          if (slot.waitMs > 0) await wait(slot.waitMs, gone);
          const found = await compare();
          // The store queues changes of a key, so this change comes before the next attempt.
          if (found !== undefined) inBackground(slot.succeed());
          return found;
        } catch (err) {
          inBackground(slot.undo());
          throw err;
        }
      };
      const { slot, found } = await semaphore({ key: publicKey(email), network, gone }, async () => {
        const slot = await takeSlot(attempt);
        // A later slot waits outside the semaphore: attempts that get a 429 must not wait behind it.
        return { slot, found: slot.waitMs > 0 ? undefined : await compareIn(slot) };
      });
      return { found: slot.waitMs > 0 ? await compareIn(slot) : found, failures: slot.failures };
    },
    forget: (email) => states.forget(publicKey(email)),
    ownerIsIn: (email, network) => reset(ownersKey(email, network)),
  };
}
