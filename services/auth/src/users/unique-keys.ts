import { randomBytes } from 'node:crypto';
import { isDuplicateKey } from '@quartet/common/database/database.ts';
import {
  type Collection,
  type Db,
  type Filter,
  MongoServerError,
  type OptionalUnlessRequiredId,
  type WithId,
} from 'mongodb';

/**
 * Whether the engine gives a unique key free when an update changes it. MongoDB and DocumentDB do; SecantusDB
 * 0.6.0b17 keeps the old key for good, so that an address once changed could never be used again.
 */
export async function freesChangedKeys(db: Db): Promise<boolean> {
  // One collection for all probes: a database user of auth's can be allowed this name, and no pattern of names.
  const probes = db.collection<{ by: string; key: string }>('unique_key_probes');
  const by = randomBytes(6).toString('hex');
  const [first, second] = [`${by} 1`, `${by} 2`];
  try {
    await probes.createIndex({ key: 1 }, { unique: true });
    await probes.insertOne({ by, key: first });
    await probes.updateOne({ key: first }, { $set: { key: second } });
    await probes.insertOne({ by, key: first });
    return true;
  } catch (err) {
    if (isDuplicateKey(err)) return false;
    throw err;
  } finally {
    await probes.deleteMany({ by });
  }
}

/**
 * Ends the transactions that a killed process has left open: the engine that needs them never does, and whoever wants to
 * change their documents would wait for ever. A transaction of a process that lives is begun again.
 */
export async function endLeftTransactions(db: Db): Promise<void> {
  await db.admin().command({ killAllSessions: [] });
}

/** How often one replacement is begun again; each time, another auth has started just then. */
const MOST_ENDED = 20;

/** Ended by {@link endLeftTransactions} of another process: at times the engine says so without the label that begins it again. */
const wasEnded = (err: unknown): boolean =>
  err instanceof MongoServerError && err.message.includes('transaction already closed');

/**
 * Changes a document by deleting and inserting it in one transaction: what an engine needs that does not free
 * changed keys. Readers see the document before or after, never its absence.
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
    // It may be open still, at an engine that could not be asked to end it; a restart of the engine ends it too.
    const ending = collection.db.admin().command({ killSessions: [session.id] });
    await ending.catch(() => undefined);
    throw err;
  } finally {
    await session.endSession();
  }
}
