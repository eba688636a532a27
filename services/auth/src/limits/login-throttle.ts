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

/** What the right password opened, and the number of attempts that count against the account. */
export type Outcome<T> = { found: T | undefined; failures: number };

export type Attempt = { email: string; network: string; gone: AbortSignal };

/** Slows down attempts at one account over all replicas: after the free ones they are made one by one, with growing pauses. */
export type LoginThrottle = {
  /**
   * Makes an attempt in its slot. An attempt whose `compare` was not called, or threw, does not count.
   * @throws {AppError} `too-many` when the slot is too far away; `unavailable` when `ending` aborts while it waits
   * @throws when `gone` aborts while it waits
   */
  attempt<T>(attempt: Attempt, compare: () => Promise<T | undefined>): Promise<Outcome<T>>;
  forget(email: string): Promise<void>;
  /** The owner is in this network: while the account is slow, attempts from there are counted separately. */
  ownerIsIn(email: string, network: string): Promise<void>;
};

/** The limit's name in metrics, and in the keys of its states. */
const LIMIT = 'login_slowdown';
const OWNERS_LIMIT = 'login_slowdown_owner';

/** As many as are hashed at a time. Each right login resets the count, so that many at once do not use up the free attempts. */
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

  /** Takes the next slot of a key if it is wanted; otherwise nothing is written. */
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
          // The store queues changes of a key, so this comes before the next attempt is counted.
          if (found !== undefined) inBackground(slot.succeed());
          return found;
        } catch (err) {
          inBackground(slot.undo());
          throw err;
        }
      };
      const { slot, found } = await semaphore({ key: publicKey(email), network, gone }, async () => {
        const slot = await takeSlot(attempt);
        // A later slot is waited for outside the semaphore: attempts that get a 429 must not wait behind it.
        return { slot, found: slot.waitMs > 0 ? undefined : await compareIn(slot) };
      });
      return { found: slot.waitMs > 0 ? await compareIn(slot) : found, failures: slot.failures };
    },
    forget: (email) => states.forget(publicKey(email)),
    ownerIsIn: (email, network) => reset(ownersKey(email, network)),
  };
}
