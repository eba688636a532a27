/** A slow read is repeated so seldom that it takes a twentieth of the time. */
const PAUSE_PER_COST = 19;

/**
 * Shares a read among its callers: at most one runs at a time, and its value is given for `forMs` after it; for 19
 * times as long as the read took, when that is more, but at most `longestMs`. A failure is not remembered.
 */
export function remembered<T>(read: () => Promise<T>, forMs: number, longestMs = forMs): () => Promise<T> {
  let current: Promise<T> | undefined;
  let freshUntil = Number.POSITIVE_INFINITY;
  return () => {
    if (current && performance.now() < freshUntil) return current;
    const startedAt = performance.now();
    freshUntil = Number.POSITIVE_INFINITY;
    const reading = read();
    current = reading;
    reading.then(
      () => {
        const endedAt = performance.now();
        const byCostMs = PAUSE_PER_COST * (endedAt - startedAt);
        freshUntil = endedAt + Math.max(forMs, Math.min(longestMs, byCostMs));
      },
      () => {
        current = undefined;
      },
    );
    return reading;
  };
}
