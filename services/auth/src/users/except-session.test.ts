import { type Collection, ObjectId } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newEmail, newMember, PASSWORD } from '../../../../tests/support/accounts.ts';
import { logIn } from '../../../../tests/support/client.ts';
import { allPublished } from '../../../../tests/support/events.ts';
import { type Running, runAuth, runItems } from '../../../../tests/support/services.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';
import { endSessionsAsRelease01, isLetInByRelease01, storeAsRelease01 } from '../../test/users.ts';
import type { User } from './user.ts';
import { userEvent } from './user-events.ts';

let bed: Testbed;
let auth: Running;
let items: Running;
let users: Collection<User>;

beforeAll(async () => {
  bed = await startTestbed();
  auth = await runAuth(bed);
  items = await runItems(bed, auth);
  users = bed.database.db.collection<User>('users');
});
afterAll(() => bed.stop());

const NEXT = 'password2';

const sessionIdOf = (token: string): string => {
  const claims: { sid: string } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  return claims.sid;
};
const statusOf = async (at: Running, token: string) =>
  (await at.client('GET', '/users/me', { token })).status;
const setPassword = (token: string, current_password: string, new_password: string) =>
  auth.client('PATCH', '/users/me/password', { token, body: { current_password, new_password } });

/** What a replica of release 0.1 does to the user's document when it sets a password. */
async function setPasswordAsRelease01(id: string, except: string | null): Promise<void> {
  const _id = new ObjectId(id);
  const user = await users.findOne({ _id });
  const data = { user_id: id, email: String(user?.email), by: 'owner' as const };
  const event = userEvent('password.changed', _id, data, { now: new Date() });
  await users.updateOne({ _id }, endSessionsAsRelease01(except, String(user?.hashed_password), event));
}

/** Two sessions of a user. */
async function newSessions() {
  const { id, email, token } = await newMember(auth.client, newEmail());
  return { id, email, one: token, other: await logIn(auth.client, email, PASSWORD) };
}

/** Asks auth, an auth that starts now, and a process that knows the revocations only. */
async function answersTo(...tokens: string[]): Promise<number[][]> {
  await allPublished(bed, 'users');
  const restarted = await runAuth(bed);
  return Promise.all(
    tokens.map(async (token) => {
      const read = items.client('GET', '/items/', { token });
      return [await statusOf(auth, token), await statusOf(restarted, token), (await read).status];
    }),
  );
}
const IN = [200, 200, 200];
const ENDED = [403, 403, 403];

test('given a password that release 0.1 has set, then only the session that it excepted is valid', async () => {
  const { id, one, other } = await newSessions();
  await storeAsRelease01(users, new ObjectId(id));
  await setPasswordAsRelease01(id, sessionIdOf(one));
  expect(await answersTo(one, other)).toEqual([IN, ENDED]);
});

test('given a session that this release excepted, when release 0.1 ends all sessions, then it is invalid', async () => {
  const { id, one } = await newSessions();
  expect((await setPassword(one, PASSWORD, NEXT)).status).toBe(200);
  expect(await statusOf(auth, one)).toBe(200);
  await setPasswordAsRelease01(id, null);
  expect(await answersTo(one)).toEqual([ENDED]);
});

test('given a session that this release excepted, when release 0.1 excepts another, then only that one is valid', async () => {
  const { id, email, one } = await newSessions();
  expect((await setPassword(one, PASSWORD, NEXT)).status).toBe(200);
  const fresh = await logIn(auth.client, email, NEXT);
  await setPasswordAsRelease01(id, sessionIdOf(fresh));
  expect(await answersTo(fresh, one)).toEqual([IN, ENDED]);
});

test('given a session that release 0.1 excepted, when this release excepts another, then release 0.1 accepts only that one', async () => {
  const { id, email, one } = await newSessions();
  await storeAsRelease01(users, new ObjectId(id));
  await setPasswordAsRelease01(id, sessionIdOf(one));
  await allPublished(bed, 'users');
  const fresh = await logIn(auth.client, email, PASSWORD);
  expect((await setPassword(fresh, PASSWORD, NEXT)).status).toBe(200);
  const user = (await users.findOne({ _id: new ObjectId(id) })) ?? expect.fail();
  const isIn = (token: string) =>
    isLetInByRelease01(user, { sessionId: sessionIdOf(token), tokenVersion: 0 });
  expect([isIn(fresh), isIn(one)]).toEqual([true, false]);
  expect(await answersTo(fresh, one)).toEqual([IN, ENDED]);
});

test('given a user that release 0.1 created, when a password is set and the session logs out, then it has ended', async () => {
  const { id, one } = await newSessions();
  await storeAsRelease01(users, new ObjectId(id));
  expect((await setPassword(one, PASSWORD, NEXT)).status).toBe(200);
  const sessionId = sessionIdOf(one);
  expect(await users.findOne({ _id: new ObjectId(id) })).toMatchObject({
    token_version: 1,
    except_session: { id: sessionId, token_version: 1 },
    spared_session: sessionId,
  });
  expect((await auth.client('POST', '/logout', { token: one })).status).toBe(200);
  expect(await answersTo(one)).toEqual([ENDED]);
});
