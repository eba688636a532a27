import { requestLink } from '@quartet/common/events/user-request.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adminUpdates, logInAdmin, type Member, newMember } from '../../../../tests/support/accounts.ts';
import type { Client } from '../../../../tests/support/client.ts';
import { forgedTokens, noTokens, shownLink } from '../../../../tests/support/forged-tokens.ts';
import { runAuth } from '../../../../tests/support/services.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';

let bed: Testbed;
let auth: Client;
let admin: string;
let member: Member;

beforeAll(async () => {
  bed = await startTestbed();
  auth = (await runAuth(bed)).client;
  admin = await logInAdmin(auth);
  member = await newMember(auth);
});
afterAll(() => bed.stop());

const ID = 'ffffffffffffffffffffffff';

const userRoutes: [method: string, path: string][] = [
  ['POST', '/login/test-token'],
  ['GET', '/users/me'],
  ['PATCH', '/users/me'],
  ['PUT', '/users/me'],
  ['PATCH', '/users/me/password'],
  ['DELETE', '/users/me'],
  ['GET', `/users/${ID}`],
];
const superuserRoutes: [method: string, path: string][] = [
  ['GET', '/users/'],
  ['POST', '/users/'],
  ['PATCH', `/users/${ID}`],
  ['PUT', `/users/${ID}`],
  ['DELETE', `/users/${ID}`],
];

describe.each([...userRoutes, ...superuserRoutes])('%s %s', (method, path) => {
  test('given no token, then 401 asks for one before body or id is checked', async () => {
    const withBody = method === 'GET' ? {} : { raw: '{broken' };
    const answer = await auth(method, path.replace(ID, 'no-id'), withBody);
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual({ detail: 'Not authenticated' });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  test('given an invalid token, then 403 before body or id is checked', async () => {
    const answer = await auth(method, path.replace(ID, 'no-id'), { token: 'nonsense' });
    expect(answer).toMatchObject({ status: 403, body: { detail: 'Could not validate credentials' } });
  });
});

test.each(noTokens)('given $name, then 401', async ({ headers }) => {
  const answer = await auth('GET', '/users/me', { headers });
  expect(answer).toMatchObject({ status: 401, body: { detail: 'Not authenticated' } });
  expect(answer.headers.get('www-authenticate')).toBe('Bearer');
});

test('given the scheme in lower case, then the token is accepted', async () => {
  const answer = await auth('GET', '/users/me', { headers: { authorization: `bearer ${member.token}` } });
  expect(answer).toMatchObject({ status: 200, body: { id: member.id } });
});

test('given a token with a defect, then 403', async () => {
  const refused = { status: 403, body: { detail: 'Could not validate credentials' } };
  for (const [fault, token] of await forgedTokens(bed, member)) {
    expect(await auth('GET', '/users/me', { token }), `a token that ${fault}`).toMatchObject(refused);
  }
});

test("given an access token instead of a reset link's token, then 400", async () => {
  const body = { token: member.token, new_password: 'password2' };
  expect(await auth('POST', '/reset-password/', { body })).toMatchObject({
    status: 400,
    body: { detail: 'Invalid token' },
  });
  expect(await requestLink(bed.broker, shownLink(bed, member.email))).toMatchObject({ found: true });
});

test.each(superuserRoutes)(
  'given an ordinary user, when %s %s is called, then 403 before body or id is checked',
  async (method, path) => {
    const withBody = method === 'GET' ? {} : { raw: '{broken' };
    const answer = await auth(method, path.replace(ID, 'no-id'), { token: member.token, ...withBody });
    expect(answer).toMatchObject({
      status: 403,
      body: { detail: "The user doesn't have enough privileges" },
    });
  },
);

test.each([...userRoutes, ...superuserRoutes])(
  'given a deleted user, when %s %s is called, then 404',
  async (method, path) => {
    const { id, token } = await newMember(auth);
    await auth('DELETE', `/users/${id}`, { token: admin });
    expect(await auth(method, path, { token })).toMatchObject({
      status: 404,
      body: { detail: 'User not found' },
    });
  },
);

describe('given a deactivated user', () => {
  test.each([...userRoutes, ...superuserRoutes])('when %s %s is called, then 400', async (method, path) => {
    const { id, token } = await newMember(auth);
    await adminUpdates(auth, admin, id, { is_active: false });
    expect(await auth(method, path, { token })).toMatchObject({
      status: 400,
      body: { detail: 'Inactive user' },
    });
  });

  test('when it is active again, then its old token works again', async () => {
    const { id, token } = await newMember(auth);
    await adminUpdates(auth, admin, id, { is_active: false });
    await adminUpdates(auth, admin, id, { is_active: true });
    expect(await auth('GET', '/users/me', { token })).toMatchObject({
      status: 200,
      body: { is_active: true },
    });
  });

  test('when its sessions ended too, then the answer says first that the token is revoked', async () => {
    const { id, token } = await newMember(auth);
    await adminUpdates(auth, admin, id, { is_active: false, password: 'password2' });
    expect((await auth('GET', '/users/me', { token })).status).toBe(403);
    await auth('DELETE', `/users/${id}`, { token: admin });
    expect((await auth('GET', '/users/me', { token })).status).toBe(403);
  });
});

test('given a promotion and a demotion, then each counts at once for existing tokens', async () => {
  const { id, token } = await newMember(auth);
  expect((await auth('GET', '/users/', { token })).status).toBe(403);
  await adminUpdates(auth, admin, id, { is_superuser: true });
  expect((await auth('GET', '/users/', { token })).status).toBe(200);
  await adminUpdates(auth, admin, id, { is_superuser: false });
  expect((await auth('GET', '/users/', { token })).status).toBe(403);
});

test('given another replica, when a user is deactivated, then that replica refuses its token too', async () => {
  const replica = (await runAuth(bed)).client;
  const { id, token } = await newMember(auth);
  expect((await replica('GET', '/users/me', { token })).status).toBe(200);
  await adminUpdates(auth, admin, id, { is_active: false });
  await expect
    .poll(async () => (await replica('PATCH', '/users/me', { token, body: {} })).status, { timeout: 10_000 })
    .toBe(400);
});
