import { type Db, type Document, ObjectId } from 'mongodb';
import { newSession } from '../../services/auth/src/sessions/session-rules.ts';
import { createUser } from '../../services/auth/src/users/users.ts';
import { createItem } from '../../services/items/src/items.ts';

export type Filled = {
  userIds: string[];
  itemIds: string[];
  sessionIds: string[];
  /** Each owns 100 items; only the first is a user, so that deleting users deletes no items. */
  ownerIds: string[];
  /** An operation has used these documents, and may have deleted them. */
  used: Set<string>;
};

export const ITEMS_OF_AN_OWNER = 100;
const BATCH = 1_000;
const SAY_EVERY = 10_000;
const WITHIN_MS = 900_000;
/** The sweep must leave the sessions alone. */
const LONG_MS = 100 * 365 * 86_400_000;
/** From this time on, there is one document per second. */
const SINCE_MS = Date.UTC(2020, 0, 1);

export const nothingFilled = (ownerId: string): Filled => ({
  ...{ userIds: [], itemIds: [], sessionIds: [], used: new Set() },
  ownerIds: [ownerId],
});

export async function fill(db: Db, filled: Filled, documents: number, signal: AbortSignal): Promise<void> {
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
        const now = new Date(SINCE_MS + 1_000 * n);
        // Their events count as published.
        return { ...make(n, ObjectId.createFromTime(now.getTime() / 1_000), now), outbox: [] };
      });
      const { insertedIds } = await db.collection(name).insertMany(batch, { ordered: false });
      ids.push(...Object.values(insertedIds).map(String));
      if (ids.length % SAY_EVERY === 0) console.error(`${ids.length} of ${documents} ${name} ...`);
    }
  };
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
  await add('items', filled.itemIds, (n, _id, now) => {
    const owner = Math.floor(n / ITEMS_OF_AN_OWNER);
    const ownerId = filled.ownerIds[owner] ?? new ObjectId().toHexString();
    filled.ownerIds[owner] = ownerId;
    return createItem(
      _id,
      ownerId,
      { title: `Item ${n}`, description: `group${Math.floor(n / 10)}x ${'x'.repeat(90)}` },
      { now },
    );
  });
  await add('sessions', filled.sessionIds, (n, _id, now) => {
    const user = { _id: new ObjectId(filled.userIds[n]), token_version: 0 };
    const device = { userAgent: 'x'.repeat(100), address: '192.0.2.1' };
    return newSession(_id, user, device, now, new Date(now.getTime() + LONG_MS));
  });
}

/** No password matches it, because nobody logs in as one of these. */
const HASH = `$2b$04$${'x'.repeat(53)}`;
