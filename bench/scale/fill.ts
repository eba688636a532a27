import { setTimeout as delay } from 'node:timers/promises';
import { engineOf } from '@quartet/common/database/engine.ts';
import { type Db, type Document, ObjectId } from 'mongodb';
import { newSession } from '../../services/auth/src/sessions/session-rules.ts';
import { createUser } from '../../services/auth/src/users/users.ts';
import { openItemStore } from '../../services/items/src/item-store.ts';
import { createItem } from '../../services/items/src/items.ts';

export type Filled = {
  userIds: string[];
  itemIds: string[];
  sessionIds: string[];
  /** Only the first is a user, so that deleting users deletes no items. */
  ownerIds: string[];
  /** An operation has used these documents, and may have deleted them. */
  used: Set<string>;
};

export const ITEMS_OF_AN_OWNER = 1_000;
const BATCH = 2_000;
/** An index that is built over so many documents at once is filled several times as fast as one that grows with them; on the embedded engine, far slower. */
const MANY = 10_000;
const SAY_EVERY = 10_000;
const WITHIN_MS = 900_000;
/** PostgreSQL looks each minute for what is to be vacuumed; before that, counting reads every document. */
const REST_MS = 75_000;
/** The sweep must leave the sessions alone. */
const LONG_MS = 100 * 365 * 86_400_000;
/** From this time on, there is one document per second. */
const SINCE_MS = Date.UTC(2020, 0, 1);

export const nothingFilled = (ownerId: string): Filled => ({
  ...{ userIds: [], itemIds: [], sessionIds: [], used: new Set() },
  ownerIds: [ownerId],
});

export const titleOf = (n: number): string => `Item ${n}`;
export const createdAt = (n: number): Date => new Date(SINCE_MS + 1_000 * n);

/** The first items have one owner. The others have theirs by turns, so that no owner's items lie side by side. */
export const ownerOf = (n: number, documents: number): number =>
  n < ITEMS_OF_AN_OWNER ? 0 : 1 + (n % othersOf(documents));
const othersOf = (documents: number) => Math.max(1, Math.ceil(documents / ITEMS_OF_AN_OWNER) - 1);

/** These two words find ten items each: of all, and of an owner. */
const wordsAmong = (n: number, documents: number) => {
  const ofOwner = n < ITEMS_OF_AN_OWNER ? n : Math.floor((n - ITEMS_OF_AN_OWNER) / othersOf(documents));
  return { all: groupOf(n), owner: partOf(ofOwner) };
};
export const groupOf = (n: number): string => `group${Math.floor(n / 10)}x`;
export const partOf = (n: number): string => `part${Math.floor(n / 10)}x`;

export async function fill(
  db: Db,
  filled: Filled,
  { documents, onlyItems }: { documents: number; onlyItems: boolean },
  signal: AbortSignal,
): Promise<void> {
  const giveUpAt = performance.now() + WITHIN_MS;
  const add = async (
    name: 'users' | 'items' | 'sessions',
    ids: string[],
    make: (n: number, _id: ObjectId, now: Date) => Document,
  ) => {
    while (ids.length < documents) {
      signal.throwIfAborted();
      if (performance.now() > giveUpAt)
        throw new Error(`${documents} documents took more than a quarter of an hour`);
      const count = Math.min(BATCH, documents - ids.length);
      const batch = Array.from({ length: count }, (_, at) => {
        const n = ids.length + at;
        const now = createdAt(n);
        // Their events count as published.
        return { ...make(n, ObjectId.createFromTime(now.getTime() / 1_000), now), outbox: [] };
      });
      const { insertedIds } = await db.collection(name).insertMany(batch, { ordered: false });
      ids.push(...Object.values(insertedIds).map(String));
      if (ids.length % SAY_EVERY === 0) console.error(`${ids.length} of ${documents} ${name} ...`);
    }
  };
  const isMuch = documents - filled.itemIds.length >= MANY && (await engineOf(db)) !== 'embedded';
  if (isMuch) await db.collection('items').dropIndexes();
  await add('items', filled.itemIds, (n, _id, now) => {
    const owner = ownerOf(n, documents);
    const ownerId = filled.ownerIds[owner] ?? new ObjectId().toHexString();
    filled.ownerIds[owner] = ownerId;
    const words = wordsAmong(n, documents);
    const description = `${words.all} ${words.owner} ${'x'.repeat(80)}`;
    return createItem(_id, ownerId, { title: titleOf(n), description }, { now });
  });
  if (isMuch) {
    console.error('building the indexes of items ...');
    await openItemStore(db);
    console.error('resting ...');
    await delay(REST_MS, undefined, { signal });
  }
  if (onlyItems) return;
  await add('users', filled.userIds, (n, _id, now) => {
    const roles = { is_active: true, is_superuser: false };
    const fields = {
      ...roles,
      email: `filled-${n}@bench.example`,
      full_name: `User ${n}`,
      hashed_password: HASH,
    };
    return createUser(_id, fields, 'signup', { now });
  });
  await add('sessions', filled.sessionIds, (n, _id, now) => {
    const user = { _id: new ObjectId(filled.userIds[n]), token_version: 0 };
    const device = { userAgent: 'x'.repeat(100), address: '192.0.2.1' };
    return newSession(_id, user, device, now, new Date(now.getTime() + LONG_MS));
  });
}

/** No password matches it, because nobody logs in as one of these. */
const HASH = `$2b$04$${'x'.repeat(53)}`;
