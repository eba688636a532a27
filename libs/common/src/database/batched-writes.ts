import { type AnyBulkWriteOperation, type Collection, type Document, MongoBulkWriteError } from 'mongodb';
import { inOneOrder } from './engine.ts';
import { retryAfterConflicts } from './write-conflicts.ts';

export type WriteOfOne<D extends Document> = { _id: unknown; write: AnyBulkWriteOperation<D> };

/** Writes many documents in one request and repeats writes that conflict, so each must be repeatable. */
export async function batchWrites<D extends Document>(
  collection: Collection<D>,
  writes: WriteOfOne<D>[],
): Promise<void> {
  let left = inOneOrder(writes);
  if (left.length === 0) return;
  await retryAfterConflicts(async () => {
    try {
      await collection.bulkWrite(
        left.map(({ write }) => write),
        { ordered: false },
      );
    } catch (err) {
      left = undone(err, left);
      throw err;
    }
  });
}

/** Returns all writes when the error does not say which ones failed. */
function undone<W>(err: unknown, writes: W[]): W[] {
  if (!(err instanceof MongoBulkWriteError)) return writes;
  const failed = new Set([err.writeErrors].flat().map(({ index }) => index));
  return failed.size === 0 ? writes : writes.filter((_, index) => failed.has(index));
}
