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
import { emoji } from '../../../../tests/support/faults.ts';
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

const change = (token: string, current_password: string, new_password: string) =>
  auth('PATCH', '/users/me/password', { token, body: { current_password, new_password } });

const statusOf = async (token: string) => (await auth('GET', '/users/me', { token })).status;

describe('changing the password', () => {
  test('given the current one, then the new one logs in, the old one does not', async () => {
    const { token, email } = await newMember(auth);
    expect(await change(token, PASSWORD, NEXT)).toMatchObject({
      status: 200,
      body: { message: 'Password updated successfully' },
    });
    expect(await logIn(auth, email, NEXT)).toBeTruthy();
    await expect(logIn(auth, email, PASSWORD)).rejects.toThrow('Incorrect email or password');
  });

  test.each([
    ['a wrong one', NEXT, 'password3', 'Incorrect password'],
    ['a wrong one that is to be set', NEXT, NEXT, 'Incorrect password'],
    [
      'the current one to be set again',
      PASSWORD,
      PASSWORD,
      'New password cannot be the same as the current one',
    ],
  ])('given %s, then 400 and nothing changes', async (_name, current, wanted, detail) => {
    const { token, email } = await newMember(auth);
    expect(await change(token, current, wanted)).toMatchObject({ status: 400, body: { detail } });
    expect(await logIn(auth, email, PASSWORD)).toBeTruthy();
    expect(await statusOf(token)).toBe(200);
  });

  test('given several sessions, then the calling one stays valid and all others end', async () => {
    const { token, email } = await newMember(auth);
    const others = [await logIn(auth, email, PASSWORD), await logIn(auth, email, PASSWORD)];
    await change(token, PASSWORD, NEXT);
    expect(await statusOf(token)).toBe(200);
    for (const other of others) expect(await statusOf(other)).toBe(403);
  });

  test('given a second change by a new session, then the excepted session ends too', async () => {
    const { token, email } = await newMember(auth);
    await change(token, PASSWORD, NEXT);
    const fresh = await logIn(auth, email, NEXT);
    expect(await statusOf(fresh)).toBe(200);
    await change(fresh, NEXT, 'password3');
    expect(await statusOf(fresh)).toBe(200);
    expect(await statusOf(token)).toBe(403);
  });

  test('given 10 changes at once by 10 sessions, then one succeeds and one session is left', async () => {
    const { email } = await newMember(auth);
    const tokens = await Promise.all(Array.from({ length: 10 }, () => logIn(auth, email, PASSWORD)));
    const answers = await Promise.all(tokens.map((token, n) => change(token, PASSWORD, `password-${n}`)));
    const succeeded = answers.map(({ status }) => status === 200);
    expect(succeeded.filter(Boolean)).toHaveLength(1);
    for (const { status } of answers) expect([200, 400, 403]).toContain(status);
    expect(await Promise.all(tokens.map(statusOf))).toEqual(succeeded.map((yes) => (yes ? 200 : 403)));
  });
});

describe('given an admin who sets a password', () => {
  test('then all sessions of the user end, also an excepted one', async () => {
    const { id, token, email } = await newMember(auth);
    await change(token, PASSWORD, NEXT);
    const other = await logIn(auth, email, NEXT);
    await adminUpdates(auth, admin, id, { password: 'password3' });
    expect(await statusOf(token)).toBe(403);
    expect(await statusOf(other)).toBe(403);
    expect(await statusOf(await logIn(auth, email, 'password3'))).toBe(200);
  });

  test('then the old password does not log in any more', async () => {
    const { id, email } = await newMember(auth);
    await adminUpdates(auth, admin, id, { password: NEXT });
    await expect(logIn(auth, email, PASSWORD)).rejects.toThrow('400');
  });
});

describe('every byte of a password counts', () => {
  const long = emoji(127);

  test.each([
    ['only its last byte', `${long}ā`, `${long}Ă`],
    ['what stands behind 72 bytes', `${'x'.repeat(72)}A`, `${'x'.repeat(72)}B`],
    ['a trailing space', 'password', 'password '],
    ['its Unicode form', 'passwörd', 'passwörd'.normalize('NFD')],
  ])('given two that differ in %s, then only the right one logs in', async (_name, password, other) => {
    const email = newEmail();
    await signUp(auth, email, password);
    expect(await logIn(auth, email, password)).toBeTruthy();
    await expect(logIn(auth, email, other)).rejects.toThrow('Incorrect email or password');
    const token = await logIn(auth, email, password);
    expect(await change(token, other, NEXT)).toMatchObject({
      status: 400,
      body: { detail: 'Incorrect password' },
    });
    expect((await change(token, password, other)).status).toBe(200);
    expect(await logIn(auth, email, other)).toBeTruthy();
  });
});
