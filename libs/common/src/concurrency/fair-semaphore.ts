import { createFairQueue, type Place } from './fair-queue.ts';

/** Runs work, at most so much of it at a time; what waits is taken from one group after the other, in a group from one member. */
export type FairSemaphore = {
  /** @param gone aborted when nobody wants the work any more: what still waits then rejects with its reason */
  <T>(place: Place & { gone?: AbortSignal }, work: () => Promise<T>): Promise<T>;
  /** How much work waits for its turn. */
  waiting(): number;
};

type Waiter = { start: () => void; refuse: (err: unknown) => void };

/** A group of which more wait leaves one place to the others, so that who comes by themselves need not wait for what runs. */
const MANY = 10;

/**
 * A gate at which nobody keeps others from their turn by having much to do.
 * @param most how many pieces of work run at a time
 * @param bounds how many may wait, of one group and in all; see {@link createFairQueue} for who has to go
 * @param refusal what those reject with that may not wait
 */
export function createFairSemaphore(
  most: number,
  bounds: { ofGroup: number; inAll: number },
  refusal: () => Error,
): FairSemaphore {
  const line = createFairQueue<Waiter>(bounds);
  const runningOf = new Map<string, number>();
  let running = 0;

  const count = (group: string, more: 1 | -1): void => {
    running += more;
    const left = (runningOf.get(group) ?? 0) + more;
    if (left > 0) runningOf.set(group, left);
    else runningOf.delete(group);
  };
  const mayHave = (group: string, waiting: number): boolean =>
    waiting <= MANY || (runningOf.get(group) ?? 0) < Math.max(1, most - 1);

  function fill(): void {
    while (running < most) {
      const next = line.next(mayHave);
      if (!next) return;
      count(next.group, 1);
      next.one.start();
    }
  }

  async function wait({ gone, ...place }: Place & { gone?: AbortSignal }): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter = { start: resolve, refuse: reject };
    const leave = (): void => {
      if (!line.remove(place, waiter)) return;
      reject(gone?.reason);
      fill();
    };
    gone?.throwIfAborted();
    line.add(place, waiter)?.refuse(refusal());
    gone?.addEventListener('abort', leave, { once: true });
    fill();
    return promise.finally(() => gone?.removeEventListener('abort', leave));
  }

  async function gate<T>(place: Place & { gone?: AbortSignal }, work: () => Promise<T>): Promise<T> {
    await wait(place);
    try {
      return await work();
    } finally {
      count(place.group, -1);
      fill();
    }
  }

  return Object.assign(gate, { waiting: line.size });
}
