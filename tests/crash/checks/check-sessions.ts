import type { Memory } from '../observing/kept.ts';
import type { Fault } from './faults.ts';
import type { Model } from './model.ts';

/** A later start of the revocation memory would end sessions at any time. */
const BEGINS_WITHIN_MS = 5_000;

/** A refusal without a logout needs a memory of revocations that began after the session. */
export const checkSessions = ({ endedEarly }: Model, memories: readonly Memory[]): Fault[] =>
  endedEarly
    .filter(({ issuedAtMs, atMs }) => !mayEndEarly(issuedAtMs, memories, atMs))
    .map(({ what, issuedAtMs, atMs }) => ({
      kind: 'answer',
      about: 'session',
      detail: `${what}: a session of ${timeOf(issuedAtMs)} was refused at ${timeOf(atMs)}, and nobody had ended it`,
    }));

/** Returns whether a memory of revocations began after the session. */
export const mayEndEarly = (issuedAtMs: number, memories: readonly Memory[], atMs = Date.now()): boolean =>
  memories.some(
    ({ madeAtMs, sinceMs }) =>
      madeAtMs <= atMs && issuedAtMs < Math.min(sinceMs, madeAtMs + BEGINS_WITHIN_MS),
  );

const timeOf = (atMs: number): string => new Date(atMs).toISOString();
