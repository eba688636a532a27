import type { LimitBucket } from '@quartet/common/events/kv/limit-bucket.ts';
import type { Log } from '@quartet/common/process/logging.ts';

export type CircuitBreaker = {
  /** Runs `work`; runs `fallback` instead while the circuit is open or when `work` fails. */
  run<T>(work: () => Promise<T>, fallback: () => T): Promise<T>;
  isOpen(): boolean;
};

/** While the broker is frozen, only one call in this time waits for it. */
const RETRY_AFTER_MS = 5_000;

/** `now` is in milliseconds, from a clock that never goes back. */
export function createCircuitBreaker(
  bucket: Pick<LimitBucket, 'isConnected'>,
  log: Log,
  now: () => number = () => performance.now(),
): CircuitBreaker {
  let isOpen = false;
  let retryAt = 0;
  const open = (err?: unknown): void => {
    if (!isOpen) log.warn({ err }, 'limits count in this process alone: the broker is away');
    isOpen = true;
  };
  const close = (): void => {
    if (isOpen) log.info('limits are shared with the other replicas again');
    isOpen = false;
  };

  function mayTry(): boolean {
    if (!bucket.isConnected()) {
      open();
      // The first call after a reconnect need not wait for the pause.
      retryAt = 0;
      return false;
    }
    if (!isOpen) return true;
    if (now() < retryAt) return false;
    retryAt = now() + RETRY_AFTER_MS;
    return true;
  }

  return {
    async run(work, fallback) {
      if (!mayTry()) return fallback();
      try {
        const result = await work();
        close();
        return result;
      } catch (err) {
        retryAt = now() + RETRY_AFTER_MS;
        open(err);
        return fallback();
      }
    },
    isOpen: () => isOpen || !bucket.isConnected(),
  };
}
