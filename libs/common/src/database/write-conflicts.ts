import { setTimeout as delay } from 'node:timers/promises';
import { isWriteConflict } from './engine.ts';

/** Less than a request waits for the database, so that it fails with the conflict. */
const LONGEST_MS = 8_000;
const FIRST_PAUSE_MS = 10;

/**
 * Writes until no conflict is in the way, with growing and random pauses.
 * @param write leaves nothing behind after a conflict, or may be done twice
 * @param longestMs after this time, and a second try, the conflict is thrown
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
    // The other writes may need as long as this one took to fail; sooner, all would conflict again.
    await delay(Math.random() * Math.max(pauseMs, performance.now() - triedAt));
  }
}
