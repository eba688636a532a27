import type { Backlog } from './status-report.ts';

/** Describes what waits; `oldest` is when the oldest of it began to wait, null when that is not known. */
export const backlogOf = (waiting: number, oldest: Date | null): Backlog => ({
  waiting,
  oldest_age_seconds: waiting === 0 ? null : ageSeconds(oldest),
});

/** Returns how long ago a time was, never below 0; null for null. */
export const ageSeconds = (time: Date | null): number | null =>
  time === null ? null : Math.max(0, Date.now() - time.getTime()) / 1000;
