import { unavailable } from '../errors.ts';

/** Runs work of one key one after the other, in the order of arrival; work of different keys side by side. */
export type KeyedQueue = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/**
 * Work that fails does not keep what is behind it from its turn.
 * @param most how much work of one key may be running or waiting; beyond that a call rejects with `unavailable`
 */
export function createKeyedQueue(most = Number.POSITIVE_INFINITY): KeyedQueue {
  const lanes = new Map<string, { last: Promise<unknown>; length: number }>();
  return async (key, work) => {
    const lane = lanes.get(key) ?? { last: Promise.resolve(), length: 0 };
    if (lane.length >= most) throw unavailable();
    const done = lane.last.then(work, work);
    lane.last = done;
    lane.length += 1;
    lanes.set(key, lane);
    try {
      return await done;
    } finally {
      lane.length -= 1;
      if (lane.length === 0) lanes.delete(key);
    }
  };
}
