import { createFairQueue, type Place } from './fair-queue.ts';

/** Limits how much work runs at a time. Groups get places in rotation, and so do the members within a group. */
export type FairSemaphore = {
  /** @param gone aborted when the work is not wanted any more: a call that still waits rejects with its reason */
  <T>(place: Place & { gone?: AbortSignal }, work: () => Promise<T>): Promise<T>;
  /** How many calls wait. */
  waiting(): number;
};

type Waiter = { start: () => void; refuse: (err: unknown) => void };

/** A group with more waiting calls leaves one place free, so that a single call of another group starts at once. */
const MANY = 10;

/**
 * @param most how many calls run at a time
 * @param bounds how many may wait, of one group and in all; {@link createFairQueue} says which call is refused
 * @param refusal makes the error of a refused call
 */
export function createFairSemaphore(
  most: number,
  bounds: { ofGroup: number; inAll: number },
  refusal: () => Error,
): FairSemaphore {
  const queue = createFairQueue<Waiter>(bounds);
  const runningOf = new Map<string, number>();
  let running = 0;

  const count = (group: string, more: 1 | -1): void => {
    running += more;
    const left = (runningOf.get(group) ?? 0) + more;
    if (left > 0) runningOf.set(group, left);
    else runningOf.delete(group);
  };
  const mayRun = (group: string, waiting: number): boolean =>
    waiting <= MANY || (runningOf.get(group) ?? 0) < Math.max(1, most - 1);

  function fill(): void {
    while (running < most) {
      const next = queue.next(mayRun);
      if (!next) return;
      count(next.group, 1);
      next.item.start();
    }
  }

  async function wait({ gone, ...place }: Place & { gone?: AbortSignal }): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter = { start: resolve, refuse: reject };
    const leave = (): void => {
      if (!queue.remove(place, waiter)) return;
      reject(gone?.reason);
      fill();
    };
    gone?.throwIfAborted();
    queue.add(place, waiter)?.refuse(refusal());
    gone?.addEventListener('abort', leave, { once: true });
    fill();
    return promise.finally(() => gone?.removeEventListener('abort', leave));
  }

  async function run<T>(place: Place & { gone?: AbortSignal }, work: () => Promise<T>): Promise<T> {
    await wait(place);
    try {
      return await work();
    } finally {
      count(place.group, -1);
      fill();
    }
  }

  return Object.assign(run, { waiting: queue.size });
}
