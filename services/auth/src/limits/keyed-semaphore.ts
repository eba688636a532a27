import { createFairSemaphore, type FairSemaphore } from '@quartet/common/concurrency/fair-semaphore.ts';
import { unavailable } from '@quartet/common/errors.ts';

/** Networks take turns among the work that waits for one key. */
export type KeyedWork = { key: string; network: string; gone?: AbortSignal };

export type KeyedSemaphore = <T>(of: KeyedWork, work: () => Promise<T>) => Promise<T>;

/** A call rejects with `unavailable` when too much work of its key waits, from one network or in all. */
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

export type InFlightLimit = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/** A call rejects with `unavailable` while `most` calls of its key are in flight. */
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
