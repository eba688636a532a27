import { createFairQueue, type Place } from './fair-queue.ts';

export type FairSemaphore = {
  /** A waiting call rejects with the reason of `gone` when that aborts. */
  <T>(place: Place & { gone?: AbortSignal }, work: () => Promise<T>): Promise<T>;
  waiting(): number;
};

type Waiter = { start: () => void; refuse: (err: unknown) => void };

/** A group with more waiting calls leaves one slot free, so that a call of another group starts at once. */
const MANY = 10;

/** Runs `most` calls at a time; a call that {@link createFairQueue} drops rejects with a `refusal`. */
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
