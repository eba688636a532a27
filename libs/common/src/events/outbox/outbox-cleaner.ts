import type { Collection, Filter, UpdateFilter } from 'mongodb';
import { batchWrites, type WriteOfOne } from '../../database/batched-writes.ts';
import type { Log } from '../../process/logging.ts';
import type { Outboxed } from './outbox.ts';

export type OutboxCleaner<D extends Outboxed> = {
  published(document: D): void;
  isPublished(eventId: string): boolean;
  flush(): Promise<void>;
};

const BATCH_PAUSE_MS = 25;

/** Collects published events for some milliseconds and removes them in one write. */
export function createOutboxCleaner<D extends Outboxed>(
  collection: Collection<D>,
  log: Log,
): OutboxCleaner<D> {
  const eventIds = new Set<string>();
  /** By document: one that changes often costs one removal, so its outbox cannot outgrow the cleaner. */
  let batch = new Map<string, D>();
  let timer: NodeJS.Timeout | undefined;
  let writing = Promise.resolve();

  const write = async (): Promise<void> => {
    const documents = [...batch.values()];
    batch = new Map();
    timer = undefined;
    if (documents.length === 0) return;
    try {
      await batchWrites(collection, documents.map(removal<D>));
    } catch (err) {
      // The sweep publishes them again, and the broker drops duplicates by id.
      log.warn({ err, documents: documents.length }, 'published events stay in their outboxes for now');
    }
    for (const document of documents) for (const { id } of document.outbox) eventIds.delete(id);
  };

  const writeNext = (): Promise<void> => {
    writing = writing.then(write);
    return writing;
  };

  return {
    published(document) {
      for (const { id } of document.outbox) eventIds.add(id);
      const id = document._id.toHexString();
      const earlier = batch.get(id)?.outbox ?? [];
      batch.set(id, { ...document, outbox: [...earlier, ...document.outbox] });
      timer ??= setTimeout(writeNext, BATCH_PAUSE_MS);
    },
    isPublished: (eventId) => eventIds.has(eventId),
    flush() {
      clearTimeout(timer);
      timer = undefined;
      return writeNext();
    },
  };
}

/** A tombstone is deleted with its last event. */
function removal<D extends Outboxed>({ _id, outbox, deleted_at }: D): WriteOfOne<D> {
  const filter = { _id } as Filter<D>;
  if (deleted_at) return { _id, write: { deleteOne: { filter } } };
  const ids = outbox.map(({ id }) => id);
  const update: UpdateFilter<Outboxed> = { $pull: { outbox: { id: { $in: ids } } } };
  return { _id, write: { updateOne: { filter, update: update as UpdateFilter<D> } } };
}
