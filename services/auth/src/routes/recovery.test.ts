import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adminUpdates, logInAdmin, newMember, signUp } from '../../../../tests/support/accounts.ts';
import type { Client } from '../../../../tests/support/client.ts';
import { allPublished, allWishesTold, eventsAbout, storedEvents } from '../../../../tests/support/events.ts';
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

describe('asking for a link', () => {
  const answered = {
    status: 200,
    body: { message: 'If that email is registered, we sent a password recovery link' },
  };

  test('given known, unknown, inactive and impossible addresses, then all answers are equal', async () => {
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

  test('given a request for a link, then no session ends and the user does not change', async () => {
    const { token, email, password: _, ...user } = await newMember(auth);
    await auth('POST', `/password-recovery/${email}`);
    expect((await auth('GET', '/users/me', { token })).body).toEqual({ email, ...user });
  });
});
