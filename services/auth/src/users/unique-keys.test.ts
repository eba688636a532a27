import { MongoClient, ObjectId } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newMember } from '../../../../tests/support/accounts.ts';
import { allPublished } from '../../../../tests/support/events.ts';
import { runAuth } from '../../../../tests/support/services.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';
import { endLeftTransactions, freesChangedKeys, replaceInTransaction } from './unique-keys.ts';

let bed: Testbed;

beforeAll(async () => {
  bed = await startTestbed();
});
afterAll(() => bed.stop());

test('given a transaction that a killed process left open, when auth starts, then its user can be changed', async ({
  skip,
}) => {
  // Other engines end it themselves, and auth begins none there.
  if (await freesChangedKeys(bed.database.db)) skip();
  const member = await newMember((await runAuth(bed)).client);
  // Taking the published events off the user's document is a write too, and would conflict with the transaction.
  await allPublished(bed, 'users');
  const killed = await new MongoClient(bed.env.MONGODB_URL ?? '').connect();
  const session = killed.startSession();
  session.startTransaction();
  const users = killed.db(bed.database.db.databaseName).collection('users');
  await users.updateOne({ _id: new ObjectId(member.id) }, { $set: { full_name: 'left' } }, { session });

  const { client } = await runAuth(bed);
  const body = { full_name: 'after' };
  const answer = await client('PATCH', '/users/me', { token: member.token, body });
  expect(answer).toMatchObject({ status: 200, body });
  await killed.close();
});

test('given auth has started, then the database has only auth’s own collections', async () => {
  await runAuth(bed);
  const collections = await bed.database.db.listCollections({}, { nameOnly: true }).toArray();
  const names = collections.map(({ name }) => name);
  const own = [
    'auth_state',
    'recovery_requests',
    'sessions',
    'signing_keys',
    'users',
    'verification_requests',
  ];
  expect(own).toEqual(expect.arrayContaining(names));
});

test('given auth processes that start while documents are replaced, then each replacement happens once', {
  timeout: 180_000,
}, async ({ skip }) => {
  const { db } = bed.database;
  if (await freesChangedKeys(db)) skip();
  const documents = db.collection<{ _id: number; changes: number }>('replaced');
  const ids = Array.from({ length: 8 }, (_, n) => n);
  await documents.insertMany(ids.map((_id) => ({ _id, changes: 0 })));
  const replaceAll = () =>
    ids.map((_id) => replaceInTransaction(documents, _id, ({ changes }) => ({ _id, changes: changes + 1 })));
  for (let n = 0; n < 200; n += 1) await Promise.all([...replaceAll(), endLeftTransactions(db)]);
  expect(await documents.distinct('changes')).toEqual([200]);
});
