import type { Memory } from '../observing/kept.ts';
import type { Fault } from './faults.ts';
import type { Model } from './model.ts';

/** Longer after it was made no memory of revocations may begin: everybody could be logged out at any time. */
const BEGINS_WITHIN_MS = 5_000;

/**
 * Checks that a session which nobody ended was refused only by a memory of revocations that began after it.
 * @param memories all that there were
 */
export const checkSessions = ({ endedEarly }: Model, memories: readonly Memory[]): Fault[] =>
  endedEarly
    .filter(({ issuedAtMs, atMs }) => !mayEndEarly(issuedAtMs, memories, atMs))
    .map(({ what, issuedAtMs, atMs }) => ({
      kind: 'answer',
      about: 'session',
      detail: `${what}: a session of ${timeOf(issuedAtMs)} was refused at ${timeOf(atMs)}, and nobody had ended it`,
    }));

/** Whether there was a memory of revocations that does not reach back to when the session began. */
export const mayEndEarly = (issuedAtMs: number, memories: readonly Memory[], atMs = Date.now()): boolean =>
  memories.some(
    ({ madeAtMs, sinceMs }) =>
      madeAtMs <= atMs && issuedAtMs < Math.min(sinceMs, madeAtMs + BEGINS_WITHIN_MS),
  );

const timeOf = (atMs: number): string => new Date(atMs).toISOString();
