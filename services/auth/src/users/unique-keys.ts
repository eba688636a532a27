import {
  type Collection,
  type Db,
  type Filter,
  MongoServerError,
  type OptionalUnlessRequiredId,
  type WithId,
} from 'mongodb';

export { freesChangedKeys } from '@quartet/common/database/engine.ts';

/** SecantusDB never ends the transactions of a killed process. Living processes begin theirs again. */
export async function endLeftTransactions(db: Db): Promise<void> {
  await db.admin().command({ killAllSessions: [] });
}

/** Another auth process has just started each time a replacement begins again. */
const MOST_ENDED = 20;

/** SecantusDB sometimes omits the label that tells the driver of {@link endLeftTransactions}. */
const wasEnded = (err: unknown): boolean =>
  err instanceof MongoServerError && err.message.includes('transaction already closed');

/** Some engines do not free changed keys, so this deletes and inserts. Null means that none matched. */
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
    // The transaction may still be open when the engine could not be reached.
    const ending = collection.db.admin().command({ killSessions: [session.id] });
    await ending.catch(() => undefined);
    throw err;
  } finally {
    await session.endSession();
  }
}
