import { setTimeout as delay } from 'node:timers/promises';
import { isWriteConflict } from './engine.ts';

/** It is shorter than a request waits for the database, so that the request fails with the conflict. */
const LONGEST_MS = 8_000;
const FIRST_PAUSE_MS = 10;

/** Repeats a write while it conflicts. @throws the conflict after `longestMs` and at least two tries */
export async function retryAfterConflicts<T>(write: () => Promise<T>, longestMs = LONGEST_MS): Promise<T> {
  const began = performance.now();
  for (let pauseMs = FIRST_PAUSE_MS, tries = 1; ; pauseMs *= 2, tries += 1) {
    const triedAt = performance.now();
    try {
      return await write();
    } catch (err) {
      const isLate = tries > 1 && performance.now() - began > longestMs;
      if (isLate || !isWriteConflict(err)) throw err;
    }
    // The other writes may need as long as this one took to fail; an earlier retry would conflict again.
    await delay(Math.random() * Math.max(pauseMs, performance.now() - triedAt));
  }
}
