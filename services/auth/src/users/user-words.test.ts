import { timeOrderedId } from '@quartet/common/database/time-ordered-id.ts';
import { ObjectId } from 'mongodb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { logInAdmin, type UserBody } from '../../../../tests/support/accounts.ts';
import type { Client } from '../../../../tests/support/client.ts';
import { runAuth, runRolledOutAuth } from '../../../../tests/support/services.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';

let bed: Testbed;

beforeEach(async () => {
  bed = await startTestbed();
});
afterEach(() => bed.stop());

const usersOf = () => bed.database.db.collection('users');

/** A user as release 0.1 stored it. */
function earlierUser(n: number) {
  const at = new Date(Date.UTC(2026, 0, 1, 0, 0, n));
  return {
    _id: timeOrderedId(at),
    email: `earlier-${n}@zürich.example`,
    full_name: n % 2 === 0 ? null : `Name ${n}`,
    hashed_password: '',
    is_active: true,
    is_superuser: false,
    email_version: 0,
    token_version: 0,
    spared_session: null,
    revision: 0,
    created_at: at,
    updated_at: at,
    outbox: [],
  };
}

async function search(client: Client, token: string, query: string): Promise<UserBody[]> {
  const { status, body, text } = await client('GET', `/users/?${query}`, { token });
  if (status !== 200) throw new Error(`${status} ${text}`);
  return (body as { data: UserBody[] }).data;
}

test('given users of release 0.1, when auth has started, then they are found, sorted and changed like others', async () => {
  const stored = Array.from({ length: 7 }, (_, n) => earlierUser(n));
  const tombstone = { _id: new ObjectId(), email: '', is_active: false, deleted_at: new Date(), outbox: [] };
  tombstone.email = tombstone._id.toHexString();
  await usersOf().insertMany([...stored, tombstone]);
  const { client } = await runAuth(bed);
  const token = await logInAdmin(client);
  const emails = stored.map(({ email }) => email);
  await expect
    .poll(async () => (await search(client, token, 'q=zur%20earlier&sort=email')).map(({ email }) => email), {
      timeout: 20_000,
    })
    .toEqual(emails);
  expect((await search(client, token, 'q=name')).length).toBe(3);
  expect(
    (await search(client, token, 'sort=-updated_at&limit=7&is_superuser=false')).map(({ email }) => email),
  ).toEqual(emails.toReversed());
  const before = await usersOf().findOne({ _id: stored[1]?._id });
  expect(before).toMatchObject({ ...stored[1], words: ['1', 'earlier', 'example', 'name', 'zurich'] });
  expect(await usersOf().findOne({ _id: tombstone._id })).toEqual(tombstone);
  const path = `/users/${stored[1]?._id.toHexString()}`;
  expect((await client('PATCH', path, { token, body: { full_name: 'Later' } })).status).toBe(200);
  expect((await search(client, token, 'q=later%20zur')).length).toBe(1);
});

test('given a process of release 0.1 that changed a user meanwhile, then the user is found by the present words after the roll-out', async () => {
  const stored = earlierUser(1);
  await usersOf().insertOne(stored);
  const early = await runAuth(bed);
  const token = await logInAdmin(early.client);
  await expect
    .poll(() => search(early.client, token, 'q=name').then(({ length }) => length), { timeout: 20_000 })
    .toBe(1);
  await usersOf().updateOne(
    { _id: stored._id },
    { $set: { full_name: 'Renamed', updated_at: new Date() }, $inc: { revision: 1 } },
  );
  const { client } = await runRolledOutAuth(bed);
  await expect
    .poll(() => search(client, token, 'q=renamed').then(({ length }) => length), { timeout: 20_000 })
    .toBe(1);
  expect(await search(client, token, 'q=name')).toEqual([]);
});
