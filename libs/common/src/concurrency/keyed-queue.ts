import { unavailable } from '../errors.ts';

/** Runs work of one key in sequence, in the order of arrival; work of different keys in parallel. */
export type KeyedQueue = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/**
 * Work that fails does not stop later work of its key.
 * @param most how many calls of one key may run or wait; a further one rejects with `unavailable`
 */
export function createKeyedQueue(most = Number.POSITIVE_INFINITY): KeyedQueue {
  const queues = new Map<string, { last: Promise<unknown>; length: number }>();
  return async (key, work) => {
    const queue = queues.get(key) ?? { last: Promise.resolve(), length: 0 };
    if (queue.length >= most) throw unavailable();
    const done = queue.last.then(work, work);
    queue.last = done;
    queue.length += 1;
    queues.set(key, queue);
    try {
      return await done;
    } finally {
      queue.length -= 1;
      if (queue.length === 0) queues.delete(key);
    }
  };
}
