import { setTimeout as delay } from 'node:timers/promises';
import { isWriteConflict } from './engine.ts';

/** Below the time that a request waits for the database, so that it hears of the conflict. */
const LONGEST_MS = 8_000;
const FIRST_PAUSE_MS = 10;

/**
 * Writes until no conflict is in the way, with growing and random pauses.
 * @param write of which nothing holds after a conflict, or what may be done twice
 * @param longestMs after this time, and a second try, a conflict is thrown as it is
 */
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
    // As long as it took to be undone, the others may need to come to their end: sooner, all would meet again.
    await delay(Math.random() * Math.max(pauseMs, performance.now() - triedAt));
  }
}
