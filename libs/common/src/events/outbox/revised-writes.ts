import type { AnyBulkWriteOperation, Collection } from 'mongodb';
import { batchWrites } from '../../database/batched-writes.ts';
import {
  applyChange,
  type Change,
  conditionalUpdate,
  type Expected,
  updateIf,
} from '../../database/conditional-update.ts';
import { engineOf } from '../../database/engine.ts';
import type { OutboxEntry, Outboxed } from './outbox.ts';

/** Each write adds 1 to `revision`, which documents of release 0.1 may lack. */
export type Revised = Outboxed & { revision?: number; updated_at?: Date };

/** A change of a document together with the events that tell of it. */
export type RevisedWrite<D> = Omit<Change<D>, 'push'> & { events?: readonly OutboxEntry[] };

/** What a write must find as it was read. Release 0.1 grows no `revision` of items, but changes the others. */
type Compared = Pick<Revised, 'revision' | 'updated_at' | 'deleted_at'>;

const comparedIn = ({ revision, updated_at, deleted_at }: Compared) => ({ revision, updated_at, deleted_at });

const changeOf = <D extends Revised>({ events = [], grow = [], ...rest }: RevisedWrite<D>): Change<D> => ({
  ...rest,
  grow: ['revision', ...grow],
  ...(events.length > 0 ? { push: { outbox: events } as unknown as Change<D>['push'] } : {}),
});

/** Whether no write came between `read` and `stored`. */
export const isUnchanged = (stored: Compared, read: Compared): boolean =>
  stored.revision === read.revision &&
  stored.updated_at?.getTime() === read.updated_at?.getTime() &&
  stored.deleted_at?.getTime() === read.deleted_at?.getTime();

/** Returns the document as the write leaves it. */
export const applyWrite = <D extends Revised>(document: D, write: RevisedWrite<D>): D =>
  applyChange(document, changeOf(write));

/**
 * Returns the written document, or null when another write came first.
 * Its outbox may still have events that were published and removed since it was read.
 */
export async function writeRevised<D extends Revised>(
  collection: Collection<D>,
  read: D,
  write: RevisedWrite<D>,
): Promise<D | null> {
  const expected = comparedIn(read) as Expected<D>;
  return (await updateIf(collection, read._id, expected, changeOf(write))) ? applyWrite(read, write) : null;
}

/** Writes many documents in one request; one that another write changed first stays as it is. */
export async function writeManyRevised<D extends Revised>(
  collection: Collection<D>,
  writes: { read: Pick<Revised, '_id'> & Compared; write: RevisedWrite<D> }[],
): Promise<void> {
  const engine = await engineOf(collection.db);
  const operations = writes.map(({ read, write }) => {
    const { _id } = read;
    const updateOne = conditionalUpdate<D>(engine, _id, comparedIn(read) as Expected<D>, changeOf(write));
    return { _id, write: { updateOne } as AnyBulkWriteOperation<D> };
  });
  await batchWrites(collection, operations);
}

const MOST_RACES = 50;

/** Repeats an attempt while it returns null, which means that another write came first. */
export async function retryLostRaces<T>(attempt: () => Promise<T | null>): Promise<T> {
  for (let race = 0; race < MOST_RACES; race += 1) {
    const result = await attempt();
    if (result !== null) return result;
  }
  throw new Error(`a document changed ${MOST_RACES} times under a write`);
}
