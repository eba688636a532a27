import { setTimeout as delay } from 'node:timers/promises';
import { reasonOf } from '../errors.ts';
import type { Log } from './logging.ts';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
const SAY_EVERY_MS = 5_000;

/** Of this process, so that its health can tell why it is still starting. */
const waits = new Set<string>();

/** What this process waits for just now, in words. */
export const waitedFor = (): string[] => [...waits];

/** Awaits work, and until then counts it among what is {@link waitedFor}. */
export async function waiting<T>(what: string, work: Promise<T>): Promise<T> {
  waits.add(what);
  try {
    return await work;
  } finally {
    waits.delete(what);
  }
}

/**
 * Tries until it succeeds, with growing pauses and now and then a log line that says what is waited for.
 * @param what for the log, as in "waiting for the broker"; `attempt`'s errors stand beside it, with what is inside them
 * @throws when the signal aborts first
 */
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
  let saidAt = Number.NEGATIVE_INFINITY;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch (err) {
      if (performance.now() - saidAt >= SAY_EVERY_MS) {
        log.info({ reason: reasonOf(err) }, `waiting for ${what}`);
        saidAt = performance.now();
      }
    }
    await delay(pauseMs, undefined, { signal });
  }
}
