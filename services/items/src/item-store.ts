import { openAliveList } from '@quartet/common/database/alive-list.ts';
import { findById } from '@quartet/common/database/find-by-id.ts';
import { type OutboxEntry, outboxIndex } from '@quartet/common/events/outbox/outbox.ts';
import {
  type RevisedWrite,
  writeManyRevised,
  writeRevised,
} from '@quartet/common/events/outbox/revised-writes.ts';
import { type ListPage, type ListRequest, openSortedList } from '@quartet/common/lists/sorted-list.ts';
import { listIndexes } from '@quartet/common/lists/stored-order.ts';
import { keptVersions, type Versioned, writeTime } from '@quartet/common/lists/versions.ts';
import { sweepWords } from '@quartet/common/lists/word-sweep.ts';
import type { Log } from '@quartet/common/process/logging.ts';
import { type Collection, type Db, ObjectId } from 'mongodb';
import { wordsOf } from './item-words.ts';

/** What lists are sorted by, besides `created_at`. */
type ItemVersion = { title: string; updated_at: Date };

/** A tombstone has `deleted_at` and no owner; it is removed when its event is published. */
export type Item = Versioned<ItemVersion> & {
  _id: ObjectId;
  owner_id: ObjectId;
  description: string | null;
  /** The folded words of title and description; items of earlier releases have none until the sweep. */
  words?: string[];
  deleted_at?: Date;
  /** Each write adds 1; items of release 0.1 have none. */
  revision?: number;
  outbox: OutboxEntry[];
};

/** What a write compares with what is stored, and what a deletion needs. */
export type ItemHead = Pick<Item, '_id' | 'owner_id' | 'revision' | 'updated_at'>;

/** What the owner sets. */
export type ItemFields = Pick<Item, 'title' | 'description'>;

const SORTED_BY = ['created_at', 'updated_at', 'title'];
const STATE = 'items_state';

/** The tombstone keeps no field that it does not need. */
const deletion = (event: OutboxEntry, now: Date): RevisedWrite<Item> => ({
  set: { deleted_at: now },
  unset: ['owner_id', 'title', 'description', 'words', 'created_at', 'updated_at', 'earlier'],
  events: [event],
});

export type ItemStore = Awaited<ReturnType<typeof openItemStore>>;

export async function openItemStore(db: Db) {
  const items: Collection<Item> = db.collection('items');
  const everybodys = await openAliveList(db, items, STATE);
  await items.createIndexes([
    ...listIndexes(['owner_id'], SORTED_BY),
    ...listIndexes([], SORTED_BY),
    { key: outboxIndex },
  ]);
  const list = await openSortedList<Item>({ db, collection: items, everybodys, stateName: STATE, wordsOf });

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
    list(
      ownerId: string | undefined,
      request: Pick<ListRequest<Item>, 'query' | 'scope'>,
    ): Promise<ListPage<Item>> {
      return list.page({
        ...request,
        prefix: ownerId === undefined ? {} : { owner_id: new ObjectId(ownerId) },
      });
    },

    /** Returns null when another write came first. */
    update(item: Item, fields: Partial<ItemFields>, event: OutboxEntry, now: Date): Promise<Item | null> {
      const updated_at = writeTime(item, now);
      const { title, updated_at: before } = item;
      const earlier = keptVersions(item, { title, updated_at: before }, updated_at);
      const set = { ...fields, words: wordsOf({ ...item, ...fields }), updated_at, earlier };
      return writeRevised(items, item, { set, events: [event] });
    },

    /** Returns null when another write came first. */
    softDelete(item: Item, event: OutboxEntry, now: Date): Promise<Item | null> {
      return writeRevised(items, item, deletion(event, now));
    },

    /** Ends when no item of an earlier release lacks its words. */
    sweepWords(log: Log, signal: AbortSignal, afterMs?: number): Promise<void> {
      const fields = ['title', 'description'] as const;
      return sweepWords<Item>({ collection: items, stateName: STATE, fields, wordsOf, log, signal, afterMs });
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
