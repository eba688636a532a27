export type RetryPolicy = { attempts: number; firstDelayMs: number; longestDelayMs: number };

export const DEFAULT_RETRY: RetryPolicy = { attempts: 12, firstDelayMs: 1_000, longestDelayMs: 3_600_000 };

/** Returns the pause after a failed attempt; the jitter separates messages that failed together. */
export function retryPauseMs(
  { attempts, firstDelayMs, longestDelayMs }: RetryPolicy,
  attempt: number,
): number {
  const longestMs = Math.max(firstDelayMs, longestDelayMs);
  const growth = (longestMs / firstDelayMs) ** (1 / Math.max(attempts - 2, 1));
  const grownMs = Math.min(firstDelayMs * growth ** (attempt - 1), longestMs);
  return Math.round(grownMs * (0.5 + Math.random() / 2));
}
