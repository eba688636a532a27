import { randomUUID } from 'node:crypto';
import { requestAddress, requestLink } from '@quartet/common/events/user-request.ts';
import { ObjectId } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { logInAdmin, newEmail, newMember } from '../../../../tests/support/accounts.ts';
import type { Client } from '../../../../tests/support/client.ts';
import { documentOf, storedEvents } from '../../../../tests/support/events.ts';
import { type Running, runAuth } from '../../../../tests/support/services.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';

let bed: Testbed;
let running: Running;
let auth: Client;
let admin: string;

beforeAll(async () => {
  bed = await startTestbed();
  running = await runAuth(bed);
  auth = running.client;
  admin = await logInAdmin(auth);
});
afterAll(() => bed.stop());

const HOUR_MS = 3_600_000;
const none = { found: false };

const reset = async (token: string) =>
  (await auth('POST', '/reset-password/', { body: { token, new_password: 'password2' } })).status;

const grantsOf = async (id: string) =>
  z.array(z.object({ event_id: z.string() })).parse((await documentOf(bed, 'users', id))?.link_grants);
const ask = (event_id: string, user_id: string) =>
  requestLink(bed.broker, { by: 'event', event_id, user_id });

async function asked() {
  const member = await newMember(auth);
  await auth('POST', `/password-recovery/${member.email}`);
  await expect.poll(() => grantsOf(member.id)).toHaveLength(1);
  const [grant] = await grantsOf(member.id);
  return { ...member, eventId: grant?.event_id ?? '' };
}
const claimsOf = (token: string): unknown =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

test('given an event that auth published, then its user has one link, however often it is requested', async () => {
  const { id, eventId } = await asked();
  const [first, second] = [await ask(eventId, id), await ask(eventId, id)];
  if (!first.found || !second.found) throw new Error('there is no link');
  expect(first.valid_hours).toBe(48);
  expect(claimsOf(second.token)).toEqual(claimsOf(first.token));
  expect(await reset(first.token)).toBe(200);
  expect(await reset(second.token)).toBe(400);
});

test('given an invitation by an admin, then there is a link; given a sign-up, then there is none', async () => {
  const body = { email: newEmail(), password: 'password1' };
  const { id } = (await auth('POST', '/users/', { token: admin, body })).body as { id: string };
  const [grant] = await grantsOf(id);
  expect(await ask(grant?.event_id ?? '', id)).toMatchObject({ found: true });
  const member = await newMember(auth);
  const [created] = (await storedEvents(bed)).filter(({ event }) => event.subject === member.id);
  expect(await ask(created?.event.id ?? '', member.id)).toEqual(none);
});

test('given no event, or the event of another user, then there is no link', async () => {
  const [one, other] = [await asked(), await asked()];
  expect(await ask(randomUUID(), one.id)).toEqual(none);
  expect(await ask(other.eventId, one.id)).toEqual(none);
  expect(await ask(one.eventId, other.id)).toEqual(none);
});

test('given an event that is older than the life of a link, then there is no link', async () => {
  const { id, eventId } = await asked();
  const at = new Date(Date.now() - 48 * HOUR_MS);
  const users = bed.database.db.collection('users');
  await users.updateOne({ _id: new ObjectId(id) }, { $set: { 'link_grants.0.at': at } });
  expect(await ask(eventId, id)).toEqual(none);
});

test('when the address no longer belongs to the user, then there is no link, also when the user has it again', async () => {
  const { id, email, token, eventId } = await asked();
  expect(await ask(eventId, id)).toMatchObject({ found: true });
  await auth('PATCH', '/users/me', { token, body: { email: newEmail() } });
  expect(await ask(eventId, id)).toEqual(none);
  await auth('PATCH', '/users/me', { token, body: { email } });
  expect(await ask(eventId, id)).toEqual(none);
});

test('given a user’s id, then the address is that of the user as long as there is one', async () => {
  const { id, token } = await newMember(auth);
  const email = newEmail();
  await auth('PATCH', '/users/me', { token, body: { email } });
  expect(await requestAddress(bed.broker, id)).toBe(email);
  await auth('DELETE', '/users/me', { token });
  expect(await requestAddress(bed.broker, id)).toBeUndefined();
  expect(await requestAddress(bed.broker, new ObjectId().toHexString())).toBeUndefined();
});

test('given a caller who claims to be a superuser and is not, then there is no link', async () => {
  const { email, token } = await newMember(auth);
  for (const authorization of ['', 'Bearer x', `Bearer ${token}`]) {
    const asking = requestLink(bed.broker, { by: 'superuser', authorization, email });
    await expect(asking).rejects.toThrow('auth could not make a link');
  }
});

test('given a user and an e-mail of an earlier release, then there is a link for the first 48 hours, and not later', async () => {
  const { id } = await newMember(auth);
  const users = bed.database.db.collection<{ _id: ObjectId; link_grants?: unknown; created_at: Date }>(
    'users',
  );
  await users.updateOne(
    { _id: new ObjectId(id) },
    { $unset: { link_grants: '' }, $set: { created_at: new Date(0) } },
  );
  expect(await ask(randomUUID(), id)).toMatchObject({ found: true });
  const marks = bed.database.db.collection<{ _id: string }>('auth_state');
  const begun = new Date(Date.now() - 48 * HOUR_MS);
  await marks.updateOne({ _id: 'link-grants' }, { $set: { first_seen_at: begun } });
  await running.stop();
  await runAuth(bed);
  expect(await ask(randomUUID(), id)).toEqual(none);
});
