/** Limits how much work runs at a time; the rest waits in the order of arrival. */
export type Semaphore = {
  <T>(work: () => Promise<T>): Promise<T>;
  /** How many calls wait. */
  waiting(): number;
};

/** @param most how many calls run at a time */
export function createSemaphore(most: number): Semaphore {
  let running = 0;
  const queue: (() => void)[] = [];

  async function run<T>(work: () => Promise<T>): Promise<T> {
    if (running < most) running += 1;
    // A call that ends gives its place to the next, so `running` stays as it is.
    else await new Promise<void>((resolve) => queue.push(resolve));
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next) next();
      else running -= 1;
    }
  }

  return Object.assign(run, { waiting: () => queue.length });
}
