import {
  type Collection,
  type Db,
  type Filter,
  MongoServerError,
  type OptionalUnlessRequiredId,
  type WithId,
} from 'mongodb';

export { freesChangedKeys } from '@quartet/common/database/engine.ts';

/**
 * Ends the transactions that a killed process left open: SecantusDB, the engine that needs them, never does, and every later
 * change of their documents would wait for ever. Transactions of living processes are begun again.
 */
export async function endLeftTransactions(db: Db): Promise<void> {
  await db.admin().command({ killAllSessions: [] });
}

/** How often one replacement is begun again; each time, another auth process has just started. */
const MOST_ENDED = 20;

/** Another process ended it by {@link endLeftTransactions}; at times SecantusDB leaves out the label that tells the driver. */
const wasEnded = (err: unknown): boolean =>
  err instanceof MongoServerError && err.message.includes('transaction already closed');

/**
 * Changes a document by deleting and inserting it in one transaction, for an engine that does not free changed keys.
 * Readers see the document before or after the change, never its absence.
 * @returns the document after the change, or null when none matched
 */
export async function replaceInTransaction<D extends { _id: unknown }>(
  collection: Collection<D>,
  filter: Filter<D>,
  change: (document: WithId<D>) => D,
): Promise<D | null> {
  const session = collection.db.client.startSession();
  const replace = () =>
    session.withTransaction(async () => {
      const read = await collection.findOneAndDelete(filter, { session });
      if (!read) return null;
      const changed = change(read);
      await collection.insertOne(changed as OptionalUnlessRequiredId<D>, { session });
      return changed;
    });
  try {
    for (let ended = 0; ; ended += 1) {
      try {
        return await replace();
      } catch (err) {
        if (!wasEnded(err) || ended === MOST_ENDED) throw err;
      }
    }
  } catch (err) {
    // The transaction may still be open, if the engine could not be reached to end it.
    const ending = collection.db.admin().command({ killSessions: [session.id] });
    await ending.catch(() => undefined);
    throw err;
  } finally {
    await session.endSession();
  }
}
