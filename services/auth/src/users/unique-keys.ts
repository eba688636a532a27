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

/**
 * Some engines do not free changed keys, so this deletes and inserts. Returns null when there is no such
 * document, or when `change` returns undefined.
 */
export async function replaceInTransaction<D extends { _id: unknown }>(
  collection: Collection<D>,
  _id: D['_id'],
  change: (document: WithId<D>) => D | undefined,
): Promise<D | null> {
  const session = collection.db.client.startSession();
  const filter = { _id } as Filter<D>;
  const replace = () =>
    session.withTransaction(async () => {
      const read = await collection.findOne(filter, { session });
      const changed = read && change(read);
      if (!changed) return null;
      await collection.deleteOne(filter, { session });
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
