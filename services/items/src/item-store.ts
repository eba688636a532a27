import { openAliveList } from '@quartet/common/database/alive-list.ts';
import { findPage, newestFirst } from '@quartet/common/database/database.ts';
import { findById } from '@quartet/common/database/find-by-id.ts';
import { type OutboxEntry, outboxIndex } from '@quartet/common/events/outbox/outbox.ts';
import {
  type RevisedWrite,
  writeManyRevised,
  writeRevised,
} from '@quartet/common/events/outbox/revised-writes.ts';
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
  /** Each write adds 1; items of release 0.1 have none. */
  revision?: number;
  outbox: OutboxEntry[];
};

/** What a write compares with what is stored, and what a deletion needs. */
export type ItemHead = Pick<Item, '_id' | 'owner_id' | 'revision' | 'updated_at'>;

/** What the owner sets. */
export type ItemFields = Omit<
  Item,
  '_id' | 'owner_id' | 'created_at' | 'updated_at' | 'deleted_at' | 'revision' | 'outbox'
>;

/** The tombstone keeps no field that it does not need. */
const deletion = (event: OutboxEntry, now: Date): RevisedWrite<Item> => ({
  set: { deleted_at: now },
  unset: ['owner_id', 'title', 'description', 'created_at', 'updated_at'],
  events: [event],
});

export type ItemStore = Awaited<ReturnType<typeof openItemStore>>;

export async function openItemStore(db: Db) {
  const items: Collection<Item> = db.collection('items');
  const everybodys = await openAliveList(db, items, 'items_state');
  await items.createIndexes([
    { key: { owner_id: 1, ...newestFirst } },
    { key: newestFirst },
    { key: outboxIndex },
  ]);

  return {
    collection: items,

    async insert(item: Item): Promise<void> {
      await items.insertOne(item);
    },

    async findById(id: string): Promise<Item | null> {
      const item = await findById(items, new ObjectId(id));
      return item?.deleted_at ? null : item;
    },

    count: everybodys.count,

    /** Tombstones have no owner, so an owner's list leaves them out. */
    list(ownerId: string | undefined, page: Page): Promise<{ data: Item[]; count: number }> {
      if (ownerId === undefined) return everybodys.page(page);
      return findPage(items, { owner_id: new ObjectId(ownerId) }, page);
    },

    /** Returns null when another write came first. */
    update(item: Item, set: Partial<ItemFields>, event: OutboxEntry, now: Date): Promise<Item | null> {
      return writeRevised(items, item, { set: { ...set, updated_at: now }, events: [event] });
    },

    /** Returns null when another write came first. */
    softDelete(item: Item, event: OutboxEntry, now: Date): Promise<Item | null> {
      return writeRevised(items, item, deletion(event, now));
    },

    async someOf(ownerId: string, limit: number): Promise<ItemHead[]> {
      const projection = { _id: 1, owner_id: 1, revision: 1, updated_at: 1 };
      return items.find({ owner_id: new ObjectId(ownerId) }, { projection, limit }).toArray();
    },

    /** Returns the tombstones. An item stays when another write came first. */
    async softDeleteMany(deletions: { read: ItemHead; event: OutboxEntry }[], now: Date): Promise<Item[]> {
      await writeManyRevised(
        items,
        deletions.map(({ read, event }) => ({ read, write: deletion(event, now) })),
      );
      const written = items.find({ _id: { $in: deletions.map(({ read }) => read._id) } });
      return (await written.toArray()).filter(({ deleted_at }) => deleted_at);
    },
  };
}
