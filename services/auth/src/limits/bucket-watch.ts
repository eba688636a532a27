import type { LimitBucket } from '@quartet/common/events/kv/limit-bucket.ts';
import type { Log } from '@quartet/common/process/logging.ts';

/** Knows whether the shared counts can be had. */
export type BucketWatch = {
  /** Whether to ask the bucket now. After a failure it is left alone for a while, then one question tries it. */
  isWorthAsking(): boolean;
  answered(): void;
  failed(err: unknown): void;
  /** Whether this process counts by itself. */
  isLocal(): boolean;
};

/** So that while the broker is frozen one login in so long waits for it in vain, and not every one. */
const LEAVE_ALONE_MS = 5_000;

/** @param now in milliseconds; of a clock that never goes back */
export function createBucketWatch(
  bucket: Pick<LimitBucket, 'isConnected'>,
  log: Log,
  now: () => number = () => performance.now(),
): BucketWatch {
  let isLocal = false;
  let askAgainAt = 0;
  const begin = (err?: unknown): void => {
    if (!isLocal) log.warn({ err }, 'limits count in this process alone: the broker is away');
    isLocal = true;
  };
  return {
    isWorthAsking() {
      if (!bucket.isConnected()) {
        begin();
        // As soon as the connection is back it is worth a question.
        askAgainAt = 0;
        return false;
      }
      if (!isLocal) return true;
      if (now() < askAgainAt) return false;
      askAgainAt = now() + LEAVE_ALONE_MS;
      return true;
    },
    answered() {
      if (isLocal) log.info('limits are shared with the other replicas again');
      isLocal = false;
    },
    failed(err) {
      askAgainAt = now() + LEAVE_ALONE_MS;
      begin(err);
    },
    isLocal: () => isLocal || !bucket.isConnected(),
  };
}
