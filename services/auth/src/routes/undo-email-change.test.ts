import { requestLink } from '@quartet/common/events/user-request.ts';
import { ObjectId } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import {
  adminUpdates,
  logInAdmin,
  newEmail,
  newMember,
  PASSWORD,
  signUp,
} from '../../../../tests/support/accounts.ts';
import { type Client, logIn } from '../../../../tests/support/client.ts';
import { documentOf, eventsAbout } from '../../../../tests/support/events.ts';
import { forge, shownLink } from '../../../../tests/support/forged-tokens.ts';
import { runAuth } from '../../../../tests/support/services.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';

let bed: Testbed;
let auth: Client;
let replica: Client;
let admin: string;

beforeAll(async () => {
  bed = await startTestbed();
  auth = (await runAuth(bed)).client;
  replica = (await runAuth(bed)).client;
  admin = await logInAdmin(auth);
});
afterAll(() => bed.stop());

const NEXT = 'password2';
const HOUR_MS = 3_600_000;
const invalid = { status: 400, body: { detail: 'Invalid token' } };
const none = { found: false };

const undo = (token: string, client = auth) =>
  client('POST', '/users/undo-email-change', { body: { token } });
const move = (token: string, email = newEmail()) => auth('PATCH', '/users/me', { token, body: { email } });
const statusOf = async (token: string) => (await auth('GET', '/users/me', { token })).status;
const addressOf = async (id: string) =>
  (await auth('GET', `/users/${id}`, { token: admin })).body as { email: string };
const reset = (token: string) => auth('POST', '/reset-password/', { body: { token, new_password: NEXT } });

const updated = z.object({ previous_email: z.string().optional() });

/** The events that say that an address changed, with the former address where it gets an e-mail. */
async function changesOf(id: string): Promise<{ eventId: string; told: string | undefined }[]> {
  return (await eventsAbout(bed, 'users', id))
    .filter(({ event }) => event.type === 'user.updated')
    .map(({ event }) => ({ eventId: event.id, told: updated.parse(event.data).previous_email }));
}

const linkOf = (id: string, eventId: string) =>
  requestLink(bed.broker, { by: 'email-change', event_id: eventId, user_id: id });

/** The token in the e-mail that went to a former address of a user. */
async function undoToken(id: string, address: string): Promise<string> {
  const change = (await changesOf(id)).find(({ told }) => told === address);
  const reply = await linkOf(id, change?.eventId ?? expect.fail(`${address} was not told`));
  if (!reply.found) throw new Error(`no link for ${address}`);
  return reply.token;
}

async function recoveryToken(email: string): Promise<string> {
  const reply = await requestLink(bed.broker, shownLink(bed, email));
  if (!reply.found) throw new Error(`no link for ${email}`);
  return reply.token;
}

/** A user whose address somebody else has changed by a stolen session. */
async function stolen() {
  const owner = await newMember(auth);
  const thief = await logIn(auth, owner.email, PASSWORD);
  const foreign = newEmail();
  expect((await move(thief, foreign)).status).toBe(200);
  return { owner, thief, foreign, link: await undoToken(owner.id, owner.email) };
}

describe('the link that goes to the former address', () => {
  test('given it is used, then the address is restored, all sessions end, and a recovery e-mail is sent', async () => {
    const { owner, thief, link } = await stolen();
    const { email, id } = owner;
    expect(await undo(link)).toMatchObject({ status: 200, body: { id, email, is_active: true } });
    expect([await statusOf(owner.token), await statusOf(thief)]).toEqual([403, 403]);
    const [change, request] = (await eventsAbout(bed, 'users', id)).slice(-2).map(({ event }) => event);
    const about = { user_id: id, email };
    expect(change).toMatchObject({
      type: 'user.updated',
      data: { ...about, changed: ['email', 'is_verified'] },
    });
    expect(change?.data).not.toHaveProperty('previous_email');
    expect(request).toMatchObject({ type: 'password.reset-requested', data: about });
    const asked = { by: 'event', event_id: request?.id ?? '', user_id: id } as const;
    const recovery = await requestLink(bed.broker, asked);
    expect(await reset(recovery.found ? recovery.token : '')).toMatchObject({ status: 200 });
    expect(await logIn(auth, email, NEXT)).toBeTruthy();
  });

  test('given it was used, then it is invalid', async () => {
    const { link } = await stolen();
    expect((await undo(link)).status).toBe(200);
    expect(await undo(link)).toMatchObject(invalid);
  });

  test('given a second request, then the link is the same, and it says how long it is valid', async () => {
    const { owner, link } = await stolen();
    const [change] = await changesOf(owner.id);
    const again = await linkOf(owner.id, change?.eventId ?? '');
    expect(again).toMatchObject({ found: true, valid_hours: 72, email: owner.email });
    const claimsOf = (token: string): unknown =>
      JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    expect(claimsOf(again.found ? again.token : '')).toEqual(claimsOf(link));
  });

  test('given 72 hours have passed, then it is invalid, and no e-mail gets another link', async () => {
    const { owner, link } = await stolen();
    const [change] = await changesOf(owner.id);
    const age = (ms: number) =>
      bed.database.db
        .collection('users')
        .updateOne(
          { _id: new ObjectId(owner.id) },
          { $set: { 'undo_grants.0.at': new Date(Date.now() - ms) } },
        );
    await age(72 * HOUR_MS);
    expect(await undo(link)).toMatchObject(invalid);
    expect(await linkOf(owner.id, change?.eventId ?? '')).toEqual(none);
    await age(71 * HOUR_MS);
    expect(await linkOf(owner.id, change?.eventId ?? '')).toMatchObject({ found: true, valid_hours: 1 });
    expect((await undo(link)).status).toBe(200);
  });

  test('given a token for another purpose or of no user, then it is refused; this token is also refused elsewhere', async () => {
    const { owner, link, foreign } = await stolen();
    const [change] = await changesOf(owner.id);
    const claims = { aud: 'quartet:undo', sub: owner.id, grant: change?.eventId };
    const ago = Math.floor(Date.now() / 1000) - 60;
    const wrong = [
      'x',
      '',
      owner.token,
      await recoveryToken(foreign),
      forge(bed, { ...claims, aud: 'quartet:link' }),
      forge(bed, { ...claims, sub: admin }),
      forge(bed, { ...claims, sub: 'f'.repeat(24) }),
      forge(bed, { ...claims, grant: 'another' }),
      forge(bed, { ...claims, grant: undefined }),
      forge(bed, { ...claims, iat: ago - 1, exp: ago }),
    ];
    for (const token of wrong) expect(await undo(token)).toMatchObject(invalid);
    expect(await reset(link)).toMatchObject(invalid);
    expect(await statusOf(link)).toBe(403);
    const other = await stolen();
    expect(await linkOf(other.owner.id, change?.eventId ?? '')).toEqual(none);
    expect((await undo(forge(bed, claims))).status).toBe(200);
  });

  test('given a reset link is requested for the event of a changed address, then there is none, and vice versa', async () => {
    const { owner, foreign } = await stolen();
    await auth('POST', `/password-recovery/${foreign}`);
    const events = (await eventsAbout(bed, 'users', owner.id)).map(({ event }) => event);
    const idOf = (type: string) => events.findLast((event) => event.type === type)?.id ?? '';
    const user_id = owner.id;
    const asReset = { by: 'event', event_id: idOf('user.updated'), user_id } as const;
    expect(await requestLink(bed.broker, asReset)).toEqual(none);
    expect(await linkOf(user_id, idOf('password.reset-requested'))).toEqual(none);
  });

  test('given an admin changed the address, then the owner is notified and can undo it as any other change', async () => {
    const { id, email } = await signUp(auth);
    await adminUpdates(auth, admin, id, { email: newEmail() });
    expect(await undo(await undoToken(id, email))).toMatchObject({ status: 200, body: { email } });
  });

  test('given only the spelling or another field changes, then no e-mail is sent', async () => {
    const { id, email, token } = await newMember(auth);
    await auth('PATCH', '/users/me', { token, body: { email: email.toUpperCase(), full_name: 'New' } });
    expect((await changesOf(id)).map(({ told }) => told)).toEqual([undefined]);
    expect(await documentOf(bed, 'users', id)).not.toHaveProperty('undo_grants');
  });
});

describe('a thief', () => {
  test('given a new password by the new address and another address, then the owner alone has the account again', async () => {
    const { owner, foreign, link } = await stolen();
    expect((await reset(await recoveryToken(foreign))).status).toBe(200);
    const thief = await logIn(auth, foreign, NEXT);
    const next = newEmail();
    expect((await move(thief, next)).status).toBe(200);
    const [theirs, prepared] = [await undoToken(owner.id, foreign), await recoveryToken(next)];

    expect(await undo(link)).toMatchObject({ status: 200, body: { email: owner.email } });
    expect(await statusOf(thief)).toBe(403);
    for (const [email, password] of [
      [owner.email, NEXT],
      [owner.email, PASSWORD],
      [foreign, NEXT],
      [next, NEXT],
    ] as const) {
      await expect(logIn(auth, email, password), email).rejects.toThrow('400');
    }
    expect(await undo(theirs)).toMatchObject(invalid);
    expect(await reset(prepared)).toMatchObject(invalid);
    expect(await addressOf(owner.id)).toMatchObject({ email: owner.email, is_superuser: false });
  });

  test('given the thief undoes a change of their own, then the owner’s link is still valid', async () => {
    const { owner, thief, foreign, link } = await stolen();
    await move(thief);
    expect(await undo(await undoToken(owner.id, foreign))).toMatchObject({ body: { email: foreign } });
    expect(await undo(link)).toMatchObject({ status: 200, body: { email: owner.email } });
  });

  test.each(['the owner’s session', 'an admin'])(
    'given %s brought the address back, then the thief’s address has no link, and the owner’s link still ends the thief’s access',
    async (by) => {
      const { owner, thief, foreign, link } = await stolen();
      const further = newEmail();
      await move(thief, further);
      const theirs = await undoToken(owner.id, foreign);
      if (by === 'an admin') await adminUpdates(auth, admin, owner.id, { email: owner.email });
      else expect((await move(owner.token, owner.email)).status).toBe(200);
      expect((await changesOf(owner.id)).map(({ told }) => told)).toEqual([owner.email, foreign, undefined]);
      expect(await undo(theirs)).toMatchObject(invalid);
      expect(await statusOf(thief)).toBe(200);
      expect(await undo(link)).toMatchObject({ status: 200, body: { email: owner.email } });
      expect(await statusOf(thief)).toBe(403);
    },
  );

  test('given the thief signs up with the freed address, then 409 until its owner has removed that account', async () => {
    const { owner, link } = await stolen();
    const squatter = await newMember(auth, owner.email);
    const taken = { status: 409, body: { detail: 'User with this email already exists' } };
    expect(await undo(link)).toMatchObject(taken);
    expect((await reset(await recoveryToken(owner.email))).status).toBe(200);
    expect(await statusOf(squatter.token)).toBe(403);
    const token = await logIn(auth, owner.email, NEXT);
    expect((await auth('DELETE', '/users/me', { token })).status).toBe(200);
    expect(await undo(link)).toMatchObject({ status: 200, body: { id: owner.id, email: owner.email } });
  });

  test('given the thief deleted the account, then 400', async () => {
    const { thief, link } = await stolen();
    await auth('DELETE', '/users/me', { token: thief });
    expect(await undo(link)).toMatchObject(invalid);
  });

  test('given an admin has deactivated the account, then the address is restored, and the account stays deactivated', async () => {
    const { owner, link } = await stolen();
    await adminUpdates(auth, admin, owner.id, { is_active: false });
    expect(await undo(link)).toMatchObject({ status: 200, body: { email: owner.email, is_active: false } });
    // A link to set a password would be refused.
    const types = (await eventsAbout(bed, 'users', owner.id)).map(({ event }) => event.type);
    expect(types.at(-1)).toBe('user.updated');
  });

  test('given very many changes, then the first link is kept, and the size of the document stays bounded', async () => {
    const { owner, thief, link } = await stolen();
    for (let n = 0; n < 110; n += 1) expect((await move(thief)).status).toBe(200);
    const document = await documentOf(bed, 'users', owner.id);
    expect(document?.undo_grants).toHaveLength(100);
    expect(await undo(link)).toMatchObject({ status: 200, body: { email: owner.email } });
  });
});

describe('at once', () => {
  test('given 20 undos with one link on two replicas, then one 200 and 19 400', async () => {
    const { link } = await stolen();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => undo(link, n % 2 === 0 ? auth : replica)),
    );
    const statuses = answers.map(({ status }) => status).toSorted();
    expect(statuses).toEqual([200, ...Array.from({ length: 19 }, () => 400)]);
  });

  test('given a thief who keeps changing it meanwhile, then the owner has the address in the end', async () => {
    const { owner, thief, link } = await stolen();
    const moveAt = async (client: Client) =>
      (await client('PATCH', '/users/me', { token: thief, body: { email: newEmail() } })).status;
    const goOn = async (client: Client): Promise<number> => {
      const status = await moveAt(client);
      return status === 200 ? goOn(client) : status;
    };
    const changing = Array.from({ length: 16 }, (_, n) => goOn(n % 2 === 0 ? auth : replica));
    expect(await undo(link)).toMatchObject({ status: 200, body: { email: owner.email } });
    expect(new Set(await Promise.all(changing))).toEqual(new Set([403]));
    expect(await addressOf(owner.id)).toMatchObject({ email: owner.email });
  });

  test('given a thief who deletes the account after the undo, then the account stays', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { owner, thief, link } = await stolen();
      const [undone, deleted] = await Promise.all([
        undo(link),
        replica('DELETE', '/users/me', { token: thief }),
      ]);
      const expected = undone.status === 200 ? [200, 403] : [400, 200];
      expect([undone.status, deleted.status]).toEqual(expected);
      const { status } = await auth('GET', `/users/${owner.id}`, { token: admin });
      expect(status).toBe(undone.status === 200 ? 200 : 404);
    }
  });
});
