/** Runs work, at most so much of it at a time, in the order of arrival. */
export type Gate = <T>(work: () => Promise<T>) => Promise<T>;

/** @param most how many pieces of work run at a time */
export function createGate(most: number): Gate {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running < most) running += 1;
    // A finished piece of work hands its place on, so `running` stays as it is.
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
