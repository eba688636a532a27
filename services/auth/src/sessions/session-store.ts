import { batchWrites } from '@quartet/common/database/batched-writes.ts';
import { updateIf } from '@quartet/common/database/conditional-update.ts';
import { findById } from '@quartet/common/database/find-by-id.ts';
import { outboxIndex } from '@quartet/common/events/outbox/outbox.ts';
import { type Collection, type Db, type Filter, ObjectId } from 'mongodb';
import type { StoredSession } from './stored-session.ts';

export type SessionStore = Awaited<ReturnType<typeof openSessionStore>>;

const PAGE = 500;

export async function openSessionStore(db: Db) {
  const sessions: Collection<StoredSession> = db.collection('sessions');
  await sessions.createIndexes([
    { key: { user_id: 1, last_used_at: -1 } },
    { key: { expires_at: 1 } },
    { key: outboxIndex },
  ]);

  return {
    collection: sessions,

    insert: (session: StoredSession) => sessions.insertOne(session),

    find: (_id: ObjectId): Promise<StoredSession | null> => findById(sessions, _id),

    /** Compares and sets. @returns false when another write came first */
    replace: ({ revision }: StoredSession, { _id, ...set }: StoredSession): Promise<boolean> =>
      updateIf(sessions, _id, { revision }, { set }),

    /** The last used one comes first. */
    ofUser(userId: string): AsyncIterable<StoredSession> {
      const filter = { user_id: new ObjectId(userId) };
      return sessions.find(filter, { sort: { last_used_at: -1 }, batchSize: PAGE });
    },

    withWaiting(): AsyncIterable<StoredSession> {
      const waiting = { 'outbox.time': { $gt: '', $lt: '~' } };
      return sessions.find(waiting as Filter<StoredSession>);
    },

    /** Some sessions that ended before `time`; those whose events wait are left out. */
    async expiredBefore(time: Date): Promise<StoredSession[]> {
      // One engine answers a range with one bound by reading everything.
      const filter = { expires_at: { $gt: new Date(0), $lt: time } };
      const found = await sessions.find(filter, { limit: PAGE, sort: { expires_at: 1 } }).toArray();
      return found.filter(({ outbox }) => outbox.length === 0);
    },

    remove: (ids: ObjectId[]): Promise<void> =>
      batchWrites(
        sessions,
        ids.map((_id) => ({ _id, write: { deleteOne: { filter: { _id } } } })),
      ),

    /** The engine's estimate: it includes sessions that have ended and are not removed yet. */
    estimate: (): Promise<number> => sessions.estimatedDocumentCount(),
  };
}
