import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Long, ObjectId } from 'mongodb';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { logInAdmin, newMember } from '../../tests/support/accounts.ts';
import { logIn } from '../../tests/support/client.ts';
import { runAuth, runItems } from '../../tests/support/services.ts';
import { startTestbed, type Testbed } from '../../tests/support/testbed.ts';
import { dump } from './dump.ts';
import { NotEmpty, restore } from './restore.ts';

let bed: Testbed;

beforeAll(async () => {
  bed = await startTestbed();
});
afterAll(() => bed.stop());

async function newFolder(): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'quartet-test-dump-'));
  onTestFinished(() => rm(parent, { recursive: true }));
  return join(parent, 'dump');
}

test('given users and items, when all is dumped, wiped and restored, then logins and items are as before', async () => {
  const { db } = bed.database;
  const folder = await newFolder();
  const auth = await runAuth(bed);
  const items = await runItems(bed, auth);
  const { email, token } = await newMember(auth.client);
  const made = await items.client('POST', '/items/', { token, body: { title: 'kept' } });
  expect(made.status).toBe(200);
  await items.stop();
  await auth.stop();
  const before = await db.collection('users').find().toArray();
  const counts = await dump(db, folder);
  expect(counts).toMatchObject({ users: 2, items: 1, signing_keys: 1, auth_state: 5, items_state: 3 });
  await db.dropDatabase();
  expect(await restore(db, folder)).toEqual(counts);
  expect(await db.collection('users').find().toArray()).toEqual(before);
  const again = await runAuth(bed);
  const itemsAgain = await runItems(bed, again);
  await logInAdmin(again.client);
  const list = await itemsAgain.client('GET', '/items/', {
    token: await logIn(again.client, email, 'password1'),
  });
  expect(list.body).toMatchObject({ count: 1, data: [made.body] });
  // The unique index exists again.
  const twice = await again.client('POST', '/users/signup', { body: { email, password: 'password1' } });
  expect(twice.status).toBe(400);
});

test('given a database with documents, then nothing is overwritten', async () => {
  const folder = await newFolder();
  await dump(bed.database.db, folder);
  await expect(restore(bed.database.db, folder)).rejects.toThrow(NotEmpty);
  await expect(dump(bed.database.db, folder)).rejects.toThrow('EEXIST');
});

test('given values that JavaScript has no type for, then they are unchanged', async () => {
  const folder = await newFolder();
  const { client } = bed.database.db;
  const [from, to] = ['a', 'b'].map((suffix) => client.db(`${bed.env.DOCUMENTDB_DB}_${suffix}`));
  if (!from || !to) throw new Error('two databases');
  onTestFinished(async () => {
    for (const db of [from, to]) await db.dropDatabase();
  });
  const document = {
    _id: new ObjectId(),
    long: Long.fromString('9007199254740993'),
    at: new Date(0),
    none: null,
  };
  await from.collection('things').insertOne(document);
  await dump(from, folder);
  await restore(to, folder);
  const raw = { promoteValues: false, promoteLongs: false };
  expect(await to.collection('things').findOne({}, raw)).toEqual(
    await from.collection('things').findOne({}, raw),
  );
});
