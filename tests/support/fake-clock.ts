import type { Clock } from '../../services/auth/src/clock.ts';

export type FakeClock = Clock & {
  /** Moves the time and wakes the sleepers that are due. */
  advance(ms: number): void;
  sleepers(): number;
};

export function createFakeClock(startAt = Date.now()): FakeClock {
  let now = startAt;
  const asleep = new Set<{ until: number; wake: () => void }>();
  return {
    now: () => now,
    sleep(ms, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const sleeper = { until: now + ms, wake: resolve };
      const abort = () => reject(signal.reason);
      if (signal.aborted) abort();
      else signal.addEventListener('abort', abort, { once: true });
      asleep.add(sleeper);
      return promise.finally(() => {
        asleep.delete(sleeper);
        signal.removeEventListener('abort', abort);
      });
    },
    advance(ms) {
      now += ms;
      for (const { until, wake } of asleep) if (until <= now) wake();
    },
    sleepers: () => asleep.size,
  };
}
