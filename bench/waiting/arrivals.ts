const ARRIVES_WITHIN_MS = 30_000;

/** Times are values of `performance.now()`; the first one counts. */
export type Arrivals = {
  arrived(key: string): void;
  /** @throws {Error} when it does not arrive within 30 s */
  timeOf(key: string): Promise<number>;
};

export function createArrivals(signal: AbortSignal): Arrivals {
  const entries = new Map<string, PromiseWithResolvers<number>>();
  const entryOf = (key: string) => {
    const entry = entries.get(key) ?? Promise.withResolvers<number>();
    entries.set(key, entry);
    return entry;
  };
  return {
    arrived: (key) => entryOf(key).resolve(performance.now()),
    async timeOf(key) {
      const late = Promise.withResolvers<never>();
      const timer = setTimeout(() => late.reject(new Error(`${key} did not arrive`)), ARRIVES_WITHIN_MS);
      const onAbort = () => late.reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        return await Promise.race([entryOf(key).promise, late.promise]);
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
      }
    },
  };
}
