import { type Collection, type Db, type Filter, ObjectId, type WithId } from 'mongodb';
import type { Outboxed } from '../events/outbox/outbox.ts';
import type { Page } from '../http/input/fields.ts';
import { insertOnce, ROLLED_OUT_MS } from './database.ts';
import { engineOf, textBefore } from './engine.ts';

/** A tombstone has `deleted_at`, and an event in its outbox until it is removed. */
type Listed = Outboxed & { created_at: Date };

/** Where to begin, and how many to return: `after` a document, or behind the first `skip`. */
type Reading = { after?: Place | undefined; skip?: number; limit: number };
type Place = { key: Date | string; id: string };

export type AliveList<D extends Listed> = {
  /** Returns one page, newest first, and the exact count of all documents that are no tombstones. */
  page(page: Page): Promise<{ data: WithId<D>[]; count: number }>;
  /** Returns documents by `created_at`, then id: -1 for newest first. */
  read(direction: 1 | -1, reading: Reading): Promise<WithId<D>[]>;
  /** Returns the exact count of all documents that are no tombstones. */
  count(): Promise<number>;
};

type StoredOrder = { _id: string; in_order_since: Date };

/** What no list shows takes time to read. */
const projection = { words: 0, earlier: 0, outbox: 0 };
const ALIVE = { deleted_at: { $exists: false } };
/** A tombstone has no `created_at`. */
const CREATED = { created_at: { $gt: new Date(0) } };

/**
 * Lists a collection whose ids were made by `timeOrderedId` of `created_at`. Every engine finds the newest
 * of them by the index of `_id`. Ids of release 0.1 have another order, so pages with these are sorted.
 * Call it before the collection exists: what it finds out is kept in the collection `stateName`.
 */
export async function openAliveList<D extends Listed>(
  db: Db,
  collection: Collection<D>,
  stateName: string,
): Promise<AliveList<D>> {
  const since = await inOrderSince(db, collection.collectionName, stateName);
  const firstInOrder = ObjectId.createFromTime(Math.ceil(since.getTime() / 1_000));
  // Without the hint, DocumentDB sorts all documents while it has no statistics. With it, SecantusDB sorts none.
  const hint = (await engineOf(db)) === 'embedded' ? {} : { hint: { _id: 1 } };

  const isInOrder = ({ _id }: { _id: ObjectId }) => _id.toHexString() >= firstInOrder.toHexString();

  async function read(direction: 1 | -1, { after, skip = 0, limit }: Reading): Promise<WithId<D>[]> {
    const beyond = direction > 0 ? '$gt' : '$lt';
    const id = after && new ObjectId(after.id);
    const byId = { sort: { _id: direction }, ...hint, skip, limit, projection } as const;
    const range = id ? { _id: { [beyond]: id } } : {};
    if (!id || isInOrder({ _id: id })) {
      const found = await collection.find({ ...ALIVE, ...range } as Filter<D>, byId).toArray();
      const oldest = found.at(direction > 0 ? 0 : -1);
      if (!oldest || isInOrder(oldest)) return found;
    }
    const created = after
      ? { $or: [{ created_at: { [beyond]: after.key } }, { created_at: after.key, ...range }] }
      : {};
    const sort = { created_at: direction, _id: direction } as const;
    return collection
      .find({ ...CREATED, ...created } as Filter<D>, { sort, skip, limit, projection })
      .toArray();
  }

  return {
    read,
    count: () => countAlive(collection),
    async page(page) {
      const [data, count] = await Promise.all([read(-1, page), countAlive(collection)]);
      return { data, count };
    },
  };
}

/** Documents that are created from this time on have ids in the order of their times. */
async function inOrderSince(db: Db, listed: string, stateName: string): Promise<Date> {
  const state = db.collection<StoredOrder>(stateName);
  const _id = `list order ${listed}`;
  const known = await state.findOne({ _id });
  if (known) return known.in_order_since;
  const collections = db.listCollections({ name: listed }, { nameOnly: true, authorizedCollections: true });
  // Processes of release 0.1 may still run for a while beside this one.
  const since = (await collections.hasNext()) ? new Date(Date.now() + ROLLED_OUT_MS) : new Date(0);
  if (await insertOnce(state, { _id, in_order_since: since })) return since;
  return (await state.findOne({ _id }))?.in_order_since ?? since;
}

/** Each engine has its quickest form that is exact: see docs/databases.md. */
async function countAlive<D extends Listed>(collection: Collection<D>): Promise<number> {
  const { db, collectionName } = collection;
  switch (await engineOf(db)) {
    case 'embedded':
      return Number((await db.command({ count: collectionName, query: ALIVE })).n);
    case 'documentdb': {
      // One statement sees one state. The index alone counts all, and finds the few tombstones.
      const tombstones = { 'outbox.time': textBefore('~'), deleted_at: { $exists: true } };
      const counts = await collection
        .aggregate<{ _id: 'all' | 'tombstones'; n: number }>([
          { $group: { _id: 'all', n: { $sum: 1 } } },
          {
            $unionWith: {
              coll: collectionName,
              pipeline: [{ $match: tombstones }, { $group: { _id: 'tombstones', n: { $sum: 1 } } }],
            },
          },
        ])
        .toArray();
      return counts.reduce((alive, { _id, n }) => alive + (_id === 'all' ? n : -n), 0);
    }
    default:
      return collection.countDocuments(CREATED as Filter<D>);
  }
}
