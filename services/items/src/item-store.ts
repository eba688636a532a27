import { batchWrites } from '@quartet/common/database/batched-writes.ts';
import { findPage, newestFirst } from '@quartet/common/database/database.ts';
import { type OutboxEntry, outboxIndex } from '@quartet/common/events/outbox/outbox.ts';
import type { Page } from '@quartet/common/http/input/fields.ts';
import { type Collection, type Db, ObjectId } from 'mongodb';

/** A tombstone has `deleted_at` and no owner; it is removed when its event is published. */
export type Item = {
  _id: ObjectId;
  owner_id: ObjectId;
  title: string;
  description: string | null;
  created_at: Date;
  updated_at: Date;
  deleted_at?: Date;
  outbox: OutboxEntry[];
};

/** What the owner sets. */
export type ItemFields = Omit<
  Item,
  '_id' | 'owner_id' | 'created_at' | 'updated_at' | 'deleted_at' | 'outbox'
>;

/** What a tombstone lacks: every field that it does not need. */
const cleared = {
  owner_id: '',
  title: '',
  description: '',
  created_at: '',
  updated_at: '',
} as const satisfies Record<Exclude<keyof Item, '_id' | 'deleted_at' | 'outbox'>, ''>;

export type ItemStore = Awaited<ReturnType<typeof openItemStore>>;

export async function openItemStore(db: Db) {
  const items: Collection<Item> = db.collection('items');
  await items.createIndexes([
    { key: { owner_id: 1, ...newestFirst } },
    { key: newestFirst },
    { key: outboxIndex },
  ]);
  const toTombstone = (event: OutboxEntry, now: Date) => ({
    $set: { deleted_at: now },
    $unset: cleared,
    $push: { outbox: event },
  });

  return {
    collection: items,

    async insert(item: Item): Promise<void> {
      await items.insertOne(item);
    },

    async findById(id: string): Promise<Item | null> {
      const item = await items.findOne({ _id: new ObjectId(id) });
      return item?.deleted_at ? null : item;
    },

    /** Tombstones have neither owner nor `created_at`, so the list leaves them out. */
    list(ownerId: string | undefined, page: Page): Promise<{ data: Item[]; count: number }> {
      const filter =
        ownerId === undefined ? { created_at: { $gt: new Date(0) } } : { owner_id: new ObjectId(ownerId) };
      return findPage(items, filter, page);
    },

    /** Returns null when the item was deleted meanwhile. */
    async update(
      id: ObjectId,
      set: Partial<ItemFields>,
      event: OutboxEntry,
      now: Date,
    ): Promise<Item | null> {
      return items.findOneAndUpdate(
        { _id: id, deleted_at: { $exists: false } },
        { $set: { ...set, updated_at: now }, $push: { outbox: event } },
        { returnDocument: 'after' },
      );
    },

    /** Returns null when the item was deleted already. */
    async softDelete(id: ObjectId, event: OutboxEntry, now: Date): Promise<Item | null> {
      return items.findOneAndUpdate({ _id: id, deleted_at: { $exists: false } }, toTombstone(event, now), {
        returnDocument: 'after',
      });
    },

    async someOf(ownerId: string, limit: number): Promise<Pick<Item, '_id' | 'owner_id'>[]> {
      const projection = { _id: 1, owner_id: 1 };
      return items.find({ owner_id: new ObjectId(ownerId) }, { projection, limit }).toArray();
    },

    async softDeleteMany(deletions: { id: ObjectId; event: OutboxEntry }[], now: Date): Promise<Item[]> {
      const writes = deletions.map(({ id, event }) => ({
        _id: id,
        write: {
          updateOne: {
            filter: { _id: id, deleted_at: { $exists: false } },
            update: toTombstone(event, now),
          },
        },
      }));
      await batchWrites(items, writes);
      return items.find({ _id: { $in: deletions.map(({ id }) => id) } }).toArray();
    },
  };
}
