import { tooManyRequests, unavailable } from '@quartet/common/errors.ts';
import type { Clock } from './clock.ts';
import { createKeyedGates } from './keyed-gates.ts';
import type { LimitKeys } from './limit-keys.ts';
import type { SharedStates } from './shared-states.ts';
import { type Attempts, giveBack, line, type Place, pauseAfter, type SlowDownRule } from './slow-down.ts';

/** What became of an attempt: what was found, if the password was right, and the how manieth in its line it was. */
export type Outcome<T> = { found: T | undefined; failures: number };

/** Who tries which account, and from where. */
export type Attempt = { email: string; network: string; gone: AbortSignal };

/** Lets attempts at one account through, after the free ones one after the other, over all replicas. */
export type LoginLine = {
  /**
   * Makes an attempt when its turn has come. Where `compare` was not called, or threw, it does not count.
   * @param compare gives what the right password opens, or undefined
   * @throws {AppError} `too-many` when that would be too long; `unavailable` when `ending` aborts while it waits
   * @throws when `gone` aborts while it waits
   */
  attempt<T>(attempt: Attempt, compare: () => Promise<T | undefined>): Promise<Outcome<T>>;
  /** Sets the count to nothing. */
  forget(email: string): Promise<void>;
  /** The owner is in this network: while the account is slow, attempts from there have a line of their own. */
  ownerIsIn(email: string, network: string): Promise<void>;
};

/** The limit's name. */
const SLOW_DOWN = 'login_slowdown';
const OWNERS_LINE = 'login_slowdown_owner';

/**
 * More than these of one account are not compared at a time in one process: as many as are hashed at a time anyhow. So many
 * right logins at once set the count back as they go, rather than use up what is free.
 */
const AT_ONCE = 3;
/** Right logins of one account that wait for those, in one process. */
const WAITING = { ofNetwork: 100, inAll: 200 };

export function createLoginLine(
  rule: SlowDownRule,
  parts: {
    states: SharedStates<Attempts>;
    keyOf: LimitKeys;
    clock: Clock;
    refused: (limit: string) => void;
    ending: AbortSignal;
    inBackground: (work: Promise<void>) => void;
  },
): LoginLine {
  const { states, keyOf, clock, refused, ending, inBackground } = parts;
  const gates = createKeyedGates(AT_ONCE, WAITING);
  const publicKey = (email: string) => keyOf(SLOW_DOWN, email);
  const ownersKey = (email: string, network: string) => keyOf(OWNERS_LINE, `${email}\n${network}`);
  const beginAnew = (key: string) =>
    states.change(key, () => ({ next: { failures: 0, freeAt: clock.now() }, result: undefined }));

  /** @param isWanted whether to take a place as it is; nothing is written for one that is not wanted */
  const placeIn = (key: string, isWanted: (place: Place, state: Attempts | undefined) => boolean) =>
    states.change<Place | undefined>(key, (state) => {
      const place = line(state, clock.now(), rule);
      if (!isWanted(place, state)) return { result: undefined };
      return 'next' in place ? { next: place.next, result: place } : { result: place };
    });

  /** A place, what the right password then does, and what undoes it when no password was compared. */
  async function takePlace({ email, network }: Attempt) {
    const [key, own] = [publicKey(email), ownersKey(email, network)];
    const free = await placeIn(key, (place) => 'next' in place && place.waitMs === 0);
    const owned = free ? undefined : await placeIn(own, (_place, state) => state !== undefined);
    const place = free ?? owned ?? (await placeIn(key, () => true));
    if (place && 'next' in place) {
      const { waitMs, next } = place;
      return {
        waitMs,
        failures: next.failures,
        succeed: () => (owned ? beginAnew(own) : states.forget(key)),
        undo: () =>
          states.change(owned ? own : key, (state) => ({
            next: state && giveBack(state, pauseAfter(next.failures, rule)),
            result: undefined,
          })),
      };
    }
    refused(SLOW_DOWN);
    throw tooManyRequests((place?.retryAfterMs ?? 0) / 1_000);
  }

  async function wait(ms: number, gone: AbortSignal): Promise<void> {
    await clock.sleep(ms, AbortSignal.any([gone, ending])).catch((err: unknown) => {
      throw ending.aborted ? unavailable() : err;
    });
  }

  return {
    async attempt<T>(attempt: Attempt, compare: () => Promise<T | undefined>) {
      const { email, network, gone } = attempt;
      const compared = async (place: Awaited<ReturnType<typeof takePlace>>): Promise<T | undefined> => {
        try {
          if (place.waitMs > 0) await wait(place.waitMs, gone);
          const found = await compare();
          // In the key's lane, hence before the attempt that comes next here is counted.
          if (found !== undefined) inBackground(place.succeed());
          return found;
        } catch (err) {
          inBackground(place.undo());
          throw err;
        }
      };
      const { place, found } = await gates({ key: publicKey(email), network, gone }, async () => {
        const place = await takePlace(attempt);
        // Who has to wait does it outside, and holds up nobody who would be told at once to come back later.
        return { place, found: place.waitMs > 0 ? undefined : await compared(place) };
      });
      return { found: place.waitMs > 0 ? await compared(place) : found, failures: place.failures };
    },
    forget: (email) => states.forget(publicKey(email)),
    ownerIsIn: (email, network) => beginAnew(ownersKey(email, network)),
  };
}
