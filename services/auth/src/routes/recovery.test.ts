import { randomUUID } from 'node:crypto';
import { requestLink } from '@quartet/common/events/user-request.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  adminUpdates,
  logInAdmin,
  newEmail,
  newMember,
  PASSWORD,
  signUp,
} from '../../../../tests/support/accounts.ts';
import { type Client, logIn } from '../../../../tests/support/client.ts';
import { allPublished, allWishesTold, eventsAbout, storedEvents } from '../../../../tests/support/events.ts';
import { forge, shownLink } from '../../../../tests/support/forged-tokens.ts';
import { runAuth } from '../../../../tests/support/services.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';

let bed: Testbed;
let auth: Client;
let admin: string;

beforeAll(async () => {
  bed = await startTestbed();
  auth = (await runAuth(bed)).client;
  admin = await logInAdmin(auth);
});
afterAll(() => bed.stop());

const NEXT = 'password2';
const done = { status: 200, body: { message: 'Password updated successfully' } };
const dead = { status: 400, body: { detail: 'Invalid token' } };
const inactive = { status: 400, body: { detail: 'Inactive user' } };

const reset = (token: string, new_password = NEXT) =>
  auth('POST', '/reset-password/', { body: { token, new_password } });

async function linkFor(email: string): Promise<string> {
  const reply = await requestLink(bed.broker, shownLink(bed, email));
  if (!reply.found) throw new Error(`no link for ${email}`);
  return reply.token;
}

const statusOf = async (token: string) => (await auth('GET', '/users/me', { token })).status;

describe('asking for a link', () => {
  const answered = {
    status: 200,
    body: { message: 'If that email is registered, we sent a password recovery link' },
  };

  test('given known, unknown, inactive and impossible addresses, then all answers are the same', async () => {
    const { id, email } = await signUp(auth);
    const off = await signUp(auth);
    await adminUpdates(auth, admin, off.id, { is_active: false });
    const addresses = [
      email,
      ` ${email.toUpperCase()} `,
      off.email,
      'nobody@example.com',
      'no address',
      'x',
      'a@b\0.com',
      'x'.repeat(5_000),
    ];
    for (const address of addresses) {
      const answer = await auth('POST', `/password-recovery/${encodeURIComponent(address)}`);
      expect(answer, address.slice(0, 30)).toMatchObject(answered);
      // A request that still waits in the outbox would stand for the user's next one.
      await allWishesTold(bed);
    }
    expect(await auth('POST', '/password-recovery/%zz')).toMatchObject(answered);

    const asked = (await eventsAbout(bed, 'users', id)).filter(({ event }) => event.type !== 'user.created');
    expect(asked.map(({ event }) => [event.type, event.data])).toEqual([
      ['password.reset-requested', { user_id: id, email }],
      ['password.reset-requested', { user_id: id, email }],
    ]);
    const others = (await storedEvents(bed)).filter(({ event }) => event.subject !== id);
    expect(others.map(({ event }) => event.type)).not.toContain('password.reset-requested');
  });

  test('given the user cannot be written to, then the answer does not wait for it, and the request is kept', async () => {
    const { id, email } = await signUp(auth);
    await allPublished(bed, 'users');
    const { db } = bed.database;
    const session = db.client.startSession();
    session.startTransaction();
    await db.collection('users').updateOne({ email }, { $set: { full_name: 'Held' } }, { session });
    expect(await auth('POST', `/password-recovery/${email}`)).toMatchObject(answered);
    await session.abortTransaction();
    await session.endSession();
    const types = async () => (await eventsAbout(bed, 'users', id)).map(({ event }) => event.type);
    await expect.poll(types).toContain('password.reset-requested');
  });

  test('given auth is killed before it processed a request, then the next one does', async () => {
    const { id, email } = await signUp(auth);
    const asked_at = new Date();
    const request = { event_id: randomUUID(), email, asked_at, due: asked_at };
    const requests = bed.database.db.collection('recovery_requests');
    await requests.insertOne({ ...request });
    await allWishesTold(bed);
    const types = async () => (await eventsAbout(bed, 'users', id)).map(({ event }) => event.type);
    expect(await types()).toEqual(['user.created', 'password.reset-requested']);
    // A process that was killed before it removed the request.
    await requests.insertOne({ ...request });
    await allWishesTold(bed);
    expect(await types()).toEqual(['user.created', 'password.reset-requested']);
  });

  test('given the user moves to another address while a request waits, then nobody is sent a link', async () => {
    const { id, email, token } = await newMember(auth);
    await allPublished(bed, 'users');
    const { db } = bed.database;
    const session = db.client.startSession();
    session.startTransaction();
    await db.collection('users').updateOne({ email }, { $set: { full_name: 'Held' } }, { session });
    const moved = auth('PATCH', '/users/me', { token, body: { email: newEmail() } });
    const due = new Date();
    const requests = db.collection('recovery_requests');
    const { insertedId } = await requests.insertOne({ event_id: randomUUID(), email, asked_at: due, due });
    const isTaken = async () => (await requests.findOne({ _id: insertedId, due: { $gt: due } })) !== null;
    await expect.poll(isTaken, { timeout: 10_000 }).toBe(true);
    await session.abortTransaction();
    await session.endSession();
    expect((await moved).status).toBe(200);
    await allWishesTold(bed);
    const types = (await eventsAbout(bed, 'users', id)).map(({ event }) => event.type);
    expect(types).toEqual(['user.created', 'user.updated']);
  });

  test('given it is asked for, then no session ends and the user stays as it is', async () => {
    const { token, email, password: _, ...user } = await newMember(auth);
    await auth('POST', `/password-recovery/${email}`);
    expect((await auth('GET', '/users/me', { token })).body).toEqual({ email, ...user });
  });
});

describe('resetting by a link', () => {
  test('given a good link, then it sets the password, once, and all sessions end', async () => {
    const { email, token } = await newMember(auth);
    const other = await logIn(auth, email, PASSWORD);
    const link = await linkFor(email);
    expect(await reset(link)).toMatchObject(done);
    expect(await reset(link, 'password3')).toMatchObject(dead);
    expect([await statusOf(token), await statusOf(other)]).toEqual([403, 403]);
    expect(await logIn(auth, email, NEXT)).toBeTruthy();
    await expect(logIn(auth, email, PASSWORD)).rejects.toThrow('400');
  });

  test('given the password that it is already, then the link is used up all the same', async () => {
    const { email } = await signUp(auth);
    const link = await linkFor(email);
    expect(await reset(link, PASSWORD)).toMatchObject(done);
    expect(await reset(link)).toMatchObject(dead);
  });

  test('given 50 resets at once with one link on two replicas, then one 200 and 49 400', async () => {
    const replica = (await runAuth(bed)).client;
    const { email } = await signUp(auth);
    const token = await linkFor(email);
    const resetAt = (client: Client, new_password: string) =>
      client('POST', '/reset-password/', { body: { token, new_password } });
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => resetAt(n % 2 === 0 ? auth : replica, `password-${n}`)),
    );
    const won = answers.findIndex(({ status }) => status === 200);
    expect(answers.map(({ status }) => status)).toEqual(answers.map((_, n) => (n === won ? 200 : 400)));
    for (const { status, body } of answers) if (status === 400) expect(body).toEqual(dead.body);
    expect(await logIn(auth, email, `password-${won}`)).toBeTruthy();
  });

  test('given two links, when one is used, then the other is dead', async () => {
    const { email } = await signUp(auth);
    const links = [await linkFor(email), await linkFor(email)];
    expect(await reset(links[1] ?? '')).toMatchObject(done);
    expect(await reset(links[0] ?? '')).toMatchObject(dead);
  });

  test('given an inactive user, then 400 says so, and the link works after reactivation', async () => {
    const { id, email } = await signUp(auth);
    const link = await linkFor(email);
    await adminUpdates(auth, admin, id, { is_active: false });
    expect(await reset(link)).toMatchObject(inactive);
    await adminUpdates(auth, admin, id, { is_active: true });
    expect(await reset(link)).toMatchObject(done);
  });

  test('given other changes of the user, then the link stays good', async () => {
    const { email, token } = await newMember(auth);
    const link = await linkFor(email);
    await auth('PATCH', '/users/me', { token, body: { full_name: 'Name' } });
    await auth('POST', `/password-recovery/${email}`);
    expect(await reset(link)).toMatchObject(done);
  });
});

describe('a link is dead', () => {
  test('when the password was changed', async () => {
    const { email, token } = await newMember(auth);
    const link = await linkFor(email);
    const body = { current_password: PASSWORD, new_password: NEXT };
    await auth('PATCH', '/users/me/password', { token, body });
    expect(await reset(link)).toMatchObject(dead);
  });

  test('when an admin set the password', async () => {
    const { email, id } = await signUp(auth);
    const link = await linkFor(email);
    await adminUpdates(auth, admin, id, { password: NEXT });
    expect(await reset(link)).toMatchObject(dead);
  });

  test.each(['owner', 'admin'])('when the address was changed by the %s', async (by) => {
    const { email, id, token } = await newMember(auth);
    const link = await linkFor(email);
    const body = { email: newEmail() };
    await auth('PATCH', by === 'owner' ? '/users/me' : `/users/${id}`, {
      token: by === 'owner' ? token : admin,
      body,
    });
    expect(await reset(link)).toMatchObject(dead);
  });

  test('when the address was changed and changed back', async () => {
    const { email, token } = await newMember(auth);
    const link = await linkFor(email);
    for (const address of [newEmail(), email]) {
      const changed = await auth('PATCH', '/users/me', { token, body: { email: address } });
      expect(changed.status).toBe(200);
    }
    expect(await reset(link)).toMatchObject(dead);
    expect(await reset(await linkFor(email))).toMatchObject(done);
  });

  test('when the user was deleted, also for who has the address then', async () => {
    const { email, id } = await signUp(auth);
    const link = await linkFor(email);
    await auth('DELETE', `/users/${id}`, { token: admin });
    expect(await reset(link)).toMatchObject(dead);
    await signUp(auth, email);
    expect(await reset(link)).toMatchObject(dead);
  });

  test('when it has expired', async () => {
    const { email } = await signUp(auth);
    const link = await linkFor(email);
    const [, payload = ''] = link.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { exp: number; iat: number };
    expect(claims.exp - claims.iat).toBe(48 * 3600);
    expect(await reset(forge(bed, { ...claims, exp: Math.floor(Date.now() / 1000) - 1 }))).toMatchObject(
      dead,
    );
    expect(await reset(forge(bed, claims))).toMatchObject(done);
  });

  test.each(['', 'nonsense', 'a.b.c', '😀', 'x'.repeat(50_000)])('when it is %.10s', async (token) => {
    expect(await reset(token)).toMatchObject(dead);
  });
});
