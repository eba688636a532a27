import { createFairLine, type Place } from './fair-line.ts';

/** Runs work, at most so much of it at a time; what waits is taken from one group after the other, in a group from one member. */
export type FairGate = {
  /** @param gone aborted when nobody wants the work any more: what still waits then rejects with its reason */
  <T>(place: Place & { gone?: AbortSignal }, work: () => Promise<T>): Promise<T>;
  /** How much work waits for its turn. */
  waiting(): number;
};

type Waiter = { start: () => void; refuse: (error: unknown) => void };

/**
 * A gate at which nobody keeps others from their turn by having much to do.
 * @param most how many pieces of work run at a time
 * @param bounds how many may wait, of one group and in all; see {@link createFairLine} for who has to go
 * @param refusal what those reject with that may not wait
 */
export function createFairGate(
  most: number,
  bounds: { ofGroup: number; inAll: number },
  refusal: () => Error,
): FairGate {
  const line = createFairLine<Waiter>(bounds);
  let running = 0;

  async function wait({ gone, ...place }: Place & { gone?: AbortSignal }): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter = { start: resolve, refuse: reject };
    const leave = (): void => {
      if (line.remove(place, waiter)) reject(gone?.reason);
    };
    gone?.throwIfAborted();
    line.add(place, waiter)?.refuse(refusal());
    gone?.addEventListener('abort', leave, { once: true });
    return promise.finally(() => gone?.removeEventListener('abort', leave));
  }

  async function gate<T>(place: Place & { gone?: AbortSignal }, work: () => Promise<T>): Promise<T> {
    if (running < most) running += 1;
    // A finished piece of work hands its place on, so `running` stays as it is.
    else await wait(place);
    try {
      return await work();
    } finally {
      const next = line.next();
      if (next) next.start();
      else running -= 1;
    }
  }

  return Object.assign(gate, { waiting: line.size });
}
