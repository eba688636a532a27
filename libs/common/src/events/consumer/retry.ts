/** How often a failing message is tried, and how long the pauses between the attempts grow. */
export type RetryPolicy = { attempts: number; firstDelayMs: number; longestDelayMs: number };

/** 1 s to 1 h over 12 attempts. */
export const DEFAULT_RETRY: RetryPolicy = { attempts: 12, firstDelayMs: 1_000, longestDelayMs: 3_600_000 };

/**
 * Pause after a failed attempt (1 is the first), in milliseconds. Full jitter on the upper half: what failed together
 * does not come back together.
 */
export function retryPauseMs(
  { attempts, firstDelayMs, longestDelayMs }: RetryPolicy,
  attempt: number,
): number {
  const longestMs = Math.max(firstDelayMs, longestDelayMs);
  const growth = (longestMs / firstDelayMs) ** (1 / Math.max(attempts - 2, 1));
  const grownMs = Math.min(firstDelayMs * growth ** (attempt - 1), longestMs);
  return Math.round(grownMs * (0.5 + Math.random() / 2));
}
