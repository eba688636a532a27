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

describe('resetting by a link', () => {
  test('given a valid link, then it sets the password once, and all sessions end', async () => {
    const { email, token } = await newMember(auth);
    const other = await logIn(auth, email, PASSWORD);
    const link = await linkFor(email);
    expect(await reset(link)).toMatchObject(done);
    expect(await reset(link, 'password3')).toMatchObject(dead);
    expect([await statusOf(token), await statusOf(other)]).toEqual([403, 403]);
    expect(await logIn(auth, email, NEXT)).toBeTruthy();
    await expect(logIn(auth, email, PASSWORD)).rejects.toThrow('400');
  });

  test('given the present password, then the link is still used up', async () => {
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

  test('given two links, when one is used, then the other is invalid', async () => {
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

  test('given other changes of the user, then the link stays valid', async () => {
    const { email, token } = await newMember(auth);
    const link = await linkFor(email);
    await auth('PATCH', '/users/me', { token, body: { full_name: 'Name' } });
    await auth('POST', `/password-recovery/${email}`);
    expect(await reset(link)).toMatchObject(done);
  });
});

describe('a link is invalid', () => {
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

  test('when the user was deleted, also for a new user of the address', async () => {
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
