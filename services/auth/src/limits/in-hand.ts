import { unavailable } from '@quartet/common/errors.ts';

/** Lets in so much work of one key; what is let in may wait for its turn elsewhere. */
export type InHand = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/** @param most how much of one key may be in hand; beyond that a call rejects with `unavailable` */
export function createInHand(most: number, retryAfterSeconds: number): InHand {
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
