import { type Db, MongoClient, ObjectId } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newEmail } from '../../../../tests/support/accounts.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';
import { EmailTaken } from './email-taken.ts';
import type { User } from './user.ts';
import { openUserStore, type UserStore } from './user-store.ts';
import { changeOf } from './user-write.ts';
import { createUser } from './users.ts';

const RACERS = 12;
const now = new Date();

let bed: Testbed;
let one: UserStore;
let another: UserStore;

beforeAll(async () => {
  bed = await startTestbed();
  one = await openUserStore(bed.database.db);
  another = await openUserStore(bed.database.db);
});
afterAll(() => bed.stop());

function userOf(email: string): User {
  const fields = { email, full_name: null, hashed_password: 'x', is_active: true, is_superuser: false };
  return createUser(new ObjectId(), fields, 'signup', { now });
}

const users = (count: number, email = newEmail) => Array.from({ length: count }, () => userOf(email()));

/** How many got the address, and how many were refused because it is taken. */
async function outcomes(racers: Promise<unknown>[]): Promise<{ has: number; taken: number }> {
  const settled = await Promise.allSettled(racers);
  const isTaken = (each: PromiseSettledResult<unknown>) =>
    each.status === 'rejected' && each.reason instanceof EmailTaken;
  return {
    has: settled.filter(({ status }) => status === 'fulfilled').length,
    taken: settled.filter(isTaken).length,
  };
}

/** The same database by a connection of its own, and how many writes it was asked for at a time, at most. */
async function counted(): Promise<{ db: Db; most: () => number }> {
  const client = await new MongoClient(bed.env.MONGODB_URL ?? '', { monitorCommands: true }).connect();
  bed.stopLater(() => client.close());
  const running = new Set<number>();
  let most = 0;
  client.on('commandStarted', ({ commandName, requestId }) => {
    if (!['insert', 'update', 'findAndModify'].includes(commandName)) return;
    running.add(requestId);
    most = Math.max(most, running.size);
  });
  client.on('commandSucceeded', ({ requestId }) => void running.delete(requestId));
  client.on('commandFailed', ({ requestId }) => void running.delete(requestId));
  return { db: client.db(bed.database.db.databaseName), most: () => most };
}

test('given new users of one address in two replicas, then one gets it and the others learn that it is taken', async () => {
  const email = newEmail();
  const racers = users(RACERS, () => email).map((user, n) => (n % 2 ? one : another).insert(user));
  expect(await outcomes(racers)).toEqual({ has: 1, taken: RACERS - 1 });
  expect(await one.collection.countDocuments({ email })).toBe(1);
});

test('given users who change to one address in two replicas, then one gets it and the others learn that it is taken', async () => {
  const email = newEmail();
  const racers = users(RACERS);
  await one.collection.insertMany(racers);
  const change = { set: { email }, events: [], now };
  const changes = racers.map((user, n) => (n % 2 ? one : another).write(user, changeOf(user, change)));
  expect(await outcomes(changes)).toEqual({ has: 1, taken: RACERS - 1 });
  expect(await one.collection.countDocuments({ email })).toBe(1);
});

test('given many requests for one address at one replica, then the database gets them one after the other', async () => {
  const { db, most } = await counted();
  const store = await openUserStore(db);
  const email = newEmail();
  const racers = users(RACERS);
  await store.collection.insertMany(racers);
  const change = { set: { email }, events: [], now };
  const changes = racers.map((user) => store.write(user, changeOf(user, change)));
  const inserts = users(RACERS, () => email).map((user) => store.insert(user));
  expect(await outcomes([...changes, ...inserts])).toEqual({ has: 1, taken: 2 * RACERS - 1 });
  expect(most()).toBe(1);
});
