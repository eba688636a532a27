import { createFairSemaphore, type FairSemaphore } from '@quartet/common/concurrency/fair-semaphore.ts';
import { unavailable } from '@quartet/common/errors.ts';

/** The key of the work and the network it comes from; networks take turns among the work that waits for one key. */
export type KeyedWork = { key: string; network: string; gone?: AbortSignal };

/** Runs at most so much work of one key at a time; work of different keys runs side by side. */
export type KeyedSemaphore = <T>(of: KeyedWork, work: () => Promise<T>) => Promise<T>;

/**
 * @param most how much work of one key runs at a time
 * @param waiting how much work of one key may wait, from one network and in all; beyond that a call rejects with `unavailable`
 */
export function createKeyedSemaphore(
  most: number,
  waiting: { ofNetwork: number; inAll: number },
): KeyedSemaphore {
  const entries = new Map<string, { semaphore: FairSemaphore; users: number }>();
  const bounds = { ofGroup: waiting.ofNetwork, inAll: waiting.inAll };
  return async ({ key, network, ...rest }, work) => {
    const entry = entries.get(key) ?? {
      semaphore: createFairSemaphore(most, bounds, () => unavailable()),
      users: 0,
    };
    entries.set(key, entry);
    entry.users += 1;
    try {
      return await entry.semaphore({ group: network, member: '', ...rest }, work);
    } finally {
      entry.users -= 1;
      if (entry.users === 0) entries.delete(key);
    }
  };
}

/** Bounds the work of one key that is in flight, whether it runs or waits. */
export type InFlightLimit = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/** @param most how much work of one key may be in flight; beyond that a call rejects with `unavailable` */
export function createInFlightLimit(most: number, retryAfterSeconds: number): InFlightLimit {
  const counts = new Map<string, number>();
  return async (key, work) => {
    const count = counts.get(key) ?? 0;
    if (count >= most) throw unavailable('Service unavailable', retryAfterSeconds);
    counts.set(key, count + 1);
    try {
      return await work();
    } finally {
      const left = (counts.get(key) ?? 0) - 1;
      if (left > 0) counts.set(key, left);
      else counts.delete(key);
    }
  };
}
