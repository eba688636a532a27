import { setTimeout as delay } from 'node:timers/promises';
import { reasonOf } from '../errors.ts';
import type { Log } from './logging.ts';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
const LOG_EVERY_MS = 5_000;

const waits = new Set<string>();

/** Lists what this process waits for, in words. */
export const waitedFor = (): string[] => [...waits];

/** Returns the health of a process that is not ready yet. */
export const whileStarting = (): { problems: string[]; notes: string[] } => ({
  problems: ['starting', ...waitedFor().map((what) => `waiting for ${what}`)],
  notes: [],
});

/** Awaits work, and lists it in {@link waitedFor} until then. */
export async function waiting<T>(what: string, work: Promise<T>): Promise<T> {
  waits.add(what);
  try {
    return await work;
  } finally {
    waits.delete(what);
  }
}

/** Repeats `attempt` with growing pauses until it succeeds. @throws {Error} when the signal aborts first */
export function waitFor<T>(
  what: string,
  attempt: () => Promise<T>,
  log: Log,
  signal: AbortSignal,
): Promise<T> {
  return waiting(what, tryUntil(what, attempt, log, signal));
}

async function tryUntil<T>(
  what: string,
  attempt: () => Promise<T>,
  log: Log,
  signal: AbortSignal,
): Promise<T> {
  let loggedAt = Number.NEGATIVE_INFINITY;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch (err) {
      if (performance.now() - loggedAt >= LOG_EVERY_MS) {
        log.info({ reason: reasonOf(err) }, `waiting for ${what}`);
        loggedAt = performance.now();
      }
    }
    await delay(pauseMs, undefined, { signal });
  }
}
