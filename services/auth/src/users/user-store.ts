import { createKeyedQueue } from '@quartet/common/concurrency/keyed-queue.ts';
import { findPage, isDuplicateKey, newestFirst } from '@quartet/common/database/database.ts';
import { MAY_LACK_FORM } from '@quartet/common/database/earlier-addresses.ts';
import { type OutboxEntry, outboxIndex } from '@quartet/common/events/outbox/outbox.ts';
import { storedAs } from '@quartet/common/http/input/email-address.ts';
import type { Page } from '@quartet/common/http/input/fields.ts';
import { type Collection, type Db, type Filter, ObjectId } from 'mongodb';
import { endLeftTransactions, freesChangedKeys, replaceInTransaction } from './unique-keys.ts';
import type { User, UserChange } from './user.ts';
import { applyWrite, toUpdate, type UserWrite } from './user-write.ts';

/** Thrown when a write would give two users one address. */
export class EmailTaken extends Error {
  override name = 'EmailTaken';
}

export type UserStore = Awaited<ReturnType<typeof openUserStore>>;

/** Opens the collection and sees to its indexes. */
export async function openUserStore(db: Db) {
  const users: Collection<User> = db.collection('users');
  await users.createIndexes([
    { key: { email: 1 }, unique: true },
    { key: newestFirst },
    { key: outboxIndex },
  ]);

  const freesKeys = await freesChangedKeys(db);
  if (!freesKeys) await endLeftTransactions(db);
  // DocumentDB lets writes of one new key wait for each other, and ends one of them a second: so they come one by one.
  const inTurn = createKeyedQueue();

  return {
    collection: users,

    /** @throws {EmailTaken} */
    async insert(user: User): Promise<void> {
      try {
        await inTurn(user.email, () => users.insertOne(user));
      } catch (err) {
        await throwIfTaken(err, user.email, user._id);
        throw err;
      }
    },

    /** @param text an address as somebody typed it */
    async findByEmail(text: string): Promise<User | null> {
      let found: User | null = null;
      // One after the other, as the form follows the spelling in a document; all of them, so that the time tells nothing.
      for (const email of storedAs(text)) {
        const user = await users.findOne({ email });
        found ??= user;
      }
      return alive(found);
    },

    async findById(id: string): Promise<User | null> {
      return alive(await users.findOne({ _id: new ObjectId(id) }));
    },

    /** Users in whose outboxes an event of one of these types waits. */
    withWaiting(types: readonly string[]): AsyncIterable<User> {
      // Bounded on both sides, as the sweep asks; the index finds all that waits, which is little.
      const waiting = { 'outbox.time': { $gt: '', $lt: '~' }, 'outbox.type': { $in: [...types] } };
      return users.find(waiting as Filter<User>);
    },

    async hasSuperuser(): Promise<boolean> {
      // Without an index: asked once at a start, and the first superuser is among the first documents.
      return (await users.findOne({ is_superuser: true }, { projection: { _id: 1 } })) !== null;
    },

    /** Newest first. A tombstone has no `created_at`, so the index itself leaves it out. */
    list(page: Page): Promise<{ data: User[]; count: number }> {
      return findPage(users, { created_at: { $gt: new Date(0) } }, page);
    },

    /**
     * Writes a change if the user is still as it was read.
     * @returns the user after the change, or null when somebody changed it meanwhile
     * @throws {EmailTaken}
     */
    async change(read: User, { set, endSessions, events, now }: UserChange): Promise<User | null> {
      const sessions = endSessions ? { spared_session: endSessions.spare } : {};
      try {
        return await write(read, {
          set: { ...set, ...sessions, updated_at: now },
          unset: set.email === undefined ? [] : ['spelled_before'],
          versions: { token_version: endSessions ? 1 : 0, email_version: set.email === undefined ? 0 : 1 },
          events,
        });
      } catch (err) {
        if (set.email !== undefined) await throwIfTaken(err, set.email, read._id);
        throw err;
      }
    },

    /** Users whose addresses an earlier release may have stored in another spelling, the oldest first. */
    perhapsSpelledOtherwise(): AsyncIterable<User> {
      const perhaps = { email: MAY_LACK_FORM, created_at: { $gt: new Date(0) } };
      return users.find(perhaps, { sort: { created_at: 1, _id: 1 } });
    },

    /**
     * Spells a user's address otherwise; it stays the same mailbox, so nobody is told.
     * @returns null when somebody changed the user meanwhile
     * @throws {EmailTaken}
     */
    async respell(read: User, email: string): Promise<User | null> {
      const versions = { token_version: 0, email_version: 0 } as const;
      try {
        return await write(read, {
          set: { email, spelled_before: read.email },
          unset: [],
          versions,
          events: [],
        });
      } catch (err) {
        await throwIfTaken(err, email, read._id);
        throw err;
      }
    },

    /**
     * Turns a user into a tombstone that carries its last events and gives its address free.
     * @returns null when somebody changed the user meanwhile
     */
    async bury(read: User, event: OutboxEntry, now: Date): Promise<User | null> {
      // The unique index wants a value: the id is one that no address can have.
      const email = read._id.toHexString();
      return write(read, {
        set: { email, is_active: false, is_superuser: false, deleted_at: now },
        unset: [
          ...(['full_name', 'hashed_password', 'created_at', 'updated_at'] as const),
          ...(['link_grants', 'undo_grants', 'spelled_before'] as const),
        ],
        versions: { token_version: 0, email_version: 1 },
        events: [event],
      });
    },

    /**
     * Stores an event with a user and changes nothing else, but for what it says of the event itself.
     * @returns null when somebody changed the user meanwhile
     */
    async addEvent(
      read: User,
      event: OutboxEntry,
      set: Pick<User, 'guessing_told_at' | 'link_grants'> = {},
    ): Promise<User | null> {
      return users.findOneAndUpdate(
        { _id: read._id, revision: read.revision },
        {
          $inc: { revision: 1 },
          $push: { outbox: event },
          ...(Object.keys(set).length > 0 ? { $set: set } : {}),
        },
        { returnDocument: 'after' },
      );
    },
  };

  async function write(read: User, change: UserWrite): Promise<User | null> {
    const filter = { _id: read._id, revision: read.revision };
    const update = () => users.findOneAndUpdate(filter, toUpdate(change), { returnDocument: 'after' });
    const replace = () => replaceInTransaction(users, filter, (user) => applyWrite(user, change));
    const { email } = change.set;
    return email === undefined ? update() : inTurn(email, freesKeys ? update : replace);
  }

  /** Engines word a duplicate differently, and one was seen to fail otherwise in a race: so look again. */
  async function throwIfTaken(err: unknown, email: string, id: ObjectId): Promise<void> {
    if (isDuplicateKey(err)) throw new EmailTaken();
    const holder = await users.findOne({ email }, { projection: { _id: 1 } });
    if (holder && !holder._id.equals(id)) throw new EmailTaken();
  }
}

const alive = (user: User | null): User | null => (user?.deleted_at ? null : user);
