export type Semaphore = {
  <T>(work: () => Promise<T>): Promise<T>;
  waiting(): number;
};

/** Runs at most `most` calls at a time; the others wait in the order of arrival. */
export function createSemaphore(most: number): Semaphore {
  let running = 0;
  const queue: (() => void)[] = [];

  async function run<T>(work: () => Promise<T>): Promise<T> {
    if (running < most) running += 1;
    // A call that ends passes its slot on, so `running` stays the same.
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
