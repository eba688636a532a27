import { createKeyedQueue } from '@quartet/common/concurrency/keyed-queue.ts';
import { openAliveList } from '@quartet/common/database/alive-list.ts';
import { isDuplicateKey } from '@quartet/common/database/database.ts';
import { MAY_LACK_FORM } from '@quartet/common/database/earlier-addresses.ts';
import { textBefore } from '@quartet/common/database/engine.ts';
import { findById } from '@quartet/common/database/find-by-id.ts';
import { outboxIndex } from '@quartet/common/events/outbox/outbox.ts';
import { applyWrite, isUnchanged, writeRevised } from '@quartet/common/events/outbox/revised-writes.ts';
import { storedAs } from '@quartet/common/http/input/email-address.ts';
import type { CursorScope } from '@quartet/common/lists/cursors.ts';
import type { ListQuery } from '@quartet/common/lists/list-query.ts';
import { type ListPage, openSortedList } from '@quartet/common/lists/sorted-list.ts';
import { listIndexes } from '@quartet/common/lists/stored-order.ts';
import { sweepWords } from '@quartet/common/lists/word-sweep.ts';
import type { Log } from '@quartet/common/process/logging.ts';
import { type Collection, type Db, type Filter, ObjectId } from 'mongodb';
import { EmailTaken } from './email-taken.ts';
import { conditionsOf, keepListed, SORTED_BY, type UserFilters, wordsOf } from './listed-user.ts';
import { endLeftTransactions, freesChangedKeys, replaceInTransaction } from './unique-keys.ts';
import type { User } from './user.ts';
import type { UserWrite } from './user-write.ts';

const STATE = 'auth_state';

export type UserStore = Awaited<ReturnType<typeof openUserStore>>;

export async function openUserStore(db: Db) {
  const users: Collection<User> = db.collection('users');
  const everybodys = await openAliveList(db, users, STATE);
  await users.createIndexes([
    { key: { email: 1 }, unique: true },
    ...listIndexes([], SORTED_BY),
    { key: outboxIndex },
  ]);

  const list = await openSortedList<User>({
    ...{ db, collection: users, everybodys, wordsOf },
    stateName: STATE,
    // A tombstone has an address of its own.
    alive: { deleted_at: { $exists: false } },
  });

  const freesKeys = await freesChangedKeys(db);
  if (!freesKeys) await endLeftTransactions(db);
  // DocumentDB makes writes of one new key wait for each other, and fails one of them each second.
  const queue = createKeyedQueue();

  return {
    collection: users,

    /** @throws {EmailTaken} when another user has the address */
    async insert(user: User): Promise<void> {
      try {
        await queue(user.email, () => users.insertOne(user));
      } catch (err) {
        await throwIfTaken(err, user.email, user._id);
        throw err;
      }
    },

    async findByEmail(text: string): Promise<User | null> {
      let found: User | null = null;
      // All spellings are tried, so that the time shows nothing about the address.
      for (const email of storedAs(text)) {
        const user = await users.findOne({ email });
        found ??= user;
      }
      return alive(found);
    },

    async findById(id: string): Promise<User | null> {
      return alive(await findById(users, new ObjectId(id)));
    },

    async *withWaiting(types: readonly string[]): AsyncIterable<User> {
      // The index answers this range, which the sweep uses too; with the types in it, an engine reads everything.
      const waiting = users.find({ 'outbox.time': textBefore('~') } as Filter<User>);
      for await (const user of waiting) {
        if (user.outbox.some(({ type }) => types.includes(type))) yield user;
      }
    },

    async hasSuperuser(): Promise<boolean> {
      // There is no index: this runs once at a start, and the first superuser is an early document.
      return (await users.findOne({ is_superuser: true }, { projection: { _id: 1 } })) !== null;
    },

    count: everybodys.count,

    list(query: ListQuery & UserFilters, scope: CursorScope): Promise<ListPage<User>> {
      return list.page({ prefix: {}, filter: conditionsOf(query), query, scope });
    },

    /** Gives users of an earlier release their words; ends when all have them, or `signal` is aborted. */
    sweepWords(log: Log, signal: AbortSignal, afterMs?: number): Promise<void> {
      const fields = ['email', 'full_name'] as const;
      return sweepWords<User>({
        ...{ collection: users, stateName: STATE, fields, wordsOf },
        log,
        signal,
        afterMs,
      });
    },

    perhapsSpelledOtherwise(): AsyncIterable<User> {
      const perhaps = { email: MAY_LACK_FORM, created_at: { $gt: new Date(0) } };
      return users.find(perhaps, { sort: { created_at: 1, _id: 1 } });
    },

    /** Returns null when another write came first. @throws {EmailTaken} when the address is taken */
    async write(read: User, decided: UserWrite): Promise<User | null> {
      const write = keepListed(read, decided);
      const update = () => writeRevised(users, read, write);
      const replace = () =>
        replaceInTransaction(users, read._id, (stored) =>
          isUnchanged(stored, read) ? applyWrite(stored, write) : undefined,
        );
      const { email } = write.set;
      if (email === undefined) return update();
      try {
        return await queue(email, freesKeys ? update : replace);
      } catch (err) {
        await throwIfTaken(err, email, read._id);
        throw err;
      }
    },
  };

  /** Engines report a duplicate differently, and one has another error in a race, so this looks it up. */
  async function throwIfTaken(err: unknown, email: string, id: ObjectId): Promise<void> {
    if (isDuplicateKey(err)) throw new EmailTaken();
    const holder = await users.findOne({ email }, { projection: { _id: 1 } });
    if (holder && !holder._id.equals(id)) throw new EmailTaken();
  }
}

const alive = (user: User | null): User | null => (user?.deleted_at ? null : user);
