import { unavailable } from '../errors.ts';

export type KeyedQueue = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/** Runs work of a key in sequence. @throws {AppError} `unavailable` when `most` calls of it run or wait */
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
