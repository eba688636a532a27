import { setTimeout as delay } from 'node:timers/promises';
import { MongoBulkWriteError, MongoServerError } from 'mongodb';

/**
 * What a server says of a write that it undid because of another: MongoDB and DocumentDB's own gateway (WriteConflict),
 * and PostgreSQL's 40P01 (deadlock_detected) and 40001 (serialization_failure) as DocumentDB packs them into a number.
 */
const CONFLICTS = new Set<unknown>([112, 16_908_292, 16_777_220]);
/** FerretDB's answer to findAndModify and other whole commands has no code of its own for them. */
const INTERNAL_ERROR = 1;
const CONFLICT_WORDS = /^(deadlock detected|could not serialize access)/;
const TRANSIENT = 'TransientTransactionError';

/** Below the time that a request waits for the database, so that it hears of the conflict. */
const LONGEST_MS = 8_000;
const FIRST_PAUSE_MS = 10;

/**
 * Whether the database undid a write because it conflicted with another one, so that it can simply be done again: in a
 * deadlock it was the victim, or it lost a race in the engine. Of a bulk write: whether some of its writes were.
 */
export const isWriteConflict = (err: unknown): boolean =>
  err instanceof MongoServerError &&
  (CONFLICTS.has(err.code) ||
    (err.code === INTERNAL_ERROR && CONFLICT_WORDS.test(err.message)) ||
    err.hasErrorLabel(TRANSIENT) ||
    (err instanceof MongoBulkWriteError && [err.writeErrors].flat().some(({ code }) => CONFLICTS.has(code))));

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
