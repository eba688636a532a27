import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { logInAdmin, newEmail, PASSWORD, type UserBody } from '../../../../tests/support/accounts.ts';
import { type Client, logIn } from '../../../../tests/support/client.ts';
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

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const routes = [
  { path: '/users/signup', more: {}, taken: 'The user with this email already exists in the system' },
  { path: '/users/', more: {}, taken: 'The user with this email already exists in the system.' },
  {
    path: '/private/users/',
    more: { full_name: 'Private' },
    taken: 'The user with this email already exists in the system',
  },
];

describe.each(routes)('POST $path', ({ path, more, taken }) => {
  const create = (body: Record<string, unknown>) =>
    auth('POST', path, { token: admin, body: { ...more, ...body } });

  test('given valid fields, then the answer is the new user, who can log in', async () => {
    const email = newEmail();
    const { status, body } = await create({ email, password: PASSWORD, full_name: 'A Name' });
    expect(status).toBe(200);
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{24}$/),
      email,
      full_name: 'A Name',
      is_active: true,
      is_superuser: false,
      is_verified: false,
      created_at: expect.stringMatching(TIME),
      updated_at: (body as UserBody).created_at,
    });
    const token = await logIn(auth, email, PASSWORD);
    expect((await auth('GET', '/users/me', { token })).body).toEqual(body);
  });

  test('given an address with spaces and capitals, then it is stored in one form', async () => {
    const email = newEmail();
    const answer = await create({ email: `  ${email.toUpperCase()}\t`, password: PASSWORD });
    expect(answer.body).toMatchObject({ email });
  });

  test('given a taken address in any form, then 400', async () => {
    const email = newEmail();
    await create({ email, password: PASSWORD });
    for (const same of [email, email.toUpperCase(), ` ${email} `]) {
      expect(await create({ email: same, password: PASSWORD })).toMatchObject({
        status: 400,
        body: { detail: taken },
      });
    }
  });

  test('given 50 at once with one address in different letter cases, then one 200 and 49 400', async () => {
    const email = newEmail();
    const inCase = (n: number) =>
      [...email].map((char, at) => ((n >> at) & 1 ? char.toUpperCase() : char)).join('');
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => create({ email: inCase(n), password: PASSWORD })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const refused = answers.filter(({ status }) => status === 400);
    expect(refused).toHaveLength(49);
    for (const { body } of refused) expect(body).toEqual({ detail: taken });
    expect(await bed.database.db.collection('users').countDocuments({ email })).toBe(1);
  });

  test("given a deleted user's address, then it is free again", async () => {
    const email = newEmail();
    const first = (await create({ email, password: PASSWORD })).body as UserBody;
    await auth('DELETE', `/users/${first.id}`, { token: admin });
    const again = await create({ email, password: PASSWORD });
    expect(again.status).toBe(200);
    expect((again.body as UserBody).id).not.toBe(first.id);
  });
});

test.each([undefined, null])('given the name %s, then it is null', async (full_name) => {
  const body = { email: newEmail(), password: PASSWORD, full_name };
  expect(await auth('POST', '/users/signup', { body })).toMatchObject({
    status: 200,
    body: { full_name: null },
  });
});

test('given an admin who makes an inactive superuser, then it is both', async () => {
  const body = { email: newEmail(), password: PASSWORD, is_active: false, is_superuser: true };
  const answer = await auth('POST', '/users/', { token: admin, body });
  expect(answer).toMatchObject({ status: 200, body: { is_active: false, is_superuser: true } });
});

test.each([true, false])(
  'given the private route with is_verified %s, then the user is so',
  async (is_verified) => {
    const body = { email: newEmail(), password: PASSWORD, full_name: 'P', is_verified };
    const answer = await auth('POST', '/private/users/', { body });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ is_verified });
  },
);

test.each(['staging', 'production'])(
  'given ENVIRONMENT=%s, then there is no private route',
  async (ENVIRONMENT) => {
    const outside = (await runAuth(bed, { ENVIRONMENT, FIRST_SUPERUSER_PASSWORD: 'a real password' })).client;
    const body = { email: newEmail(), password: PASSWORD, full_name: 'P' };
    for (const method of ['GET', 'POST']) {
      const answer = await outside(method, '/private/users/', method === 'POST' ? { body } : {});
      expect(answer).toMatchObject({ status: 404, body: { detail: 'Not Found' } });
    }
    expect((await outside('POST', '/users/signup', { body })).status).toBe(200);
  },
);
