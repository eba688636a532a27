/** Runs work, at most so much of it at a time, in the order of arrival. */
export type Semaphore = {
  <T>(work: () => Promise<T>): Promise<T>;
  /** How much work waits for its turn. */
  waiting(): number;
};

/** @param most how many pieces of work run at a time */
export function createSemaphore(most: number): Semaphore {
  let running = 0;
  const line: (() => void)[] = [];

  async function gate<T>(work: () => Promise<T>): Promise<T> {
    if (running < most) running += 1;
    // A finished piece of work hands its place on, so `running` stays as it is.
    else await new Promise<void>((resolve) => line.push(resolve));
    try {
      return await work();
    } finally {
      const next = line.shift();
      if (next) next();
      else running -= 1;
    }
  }

  return Object.assign(gate, { waiting: () => line.length });
}
