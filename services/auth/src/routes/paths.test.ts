import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { logInAdmin, type Member, newMember } from '../../../../tests/support/accounts.ts';
import type { Client } from '../../../../tests/support/client.ts';
import { type Running, runAuth } from '../../../../tests/support/services.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';

let bed: Testbed;
let running: Running;
let auth: Client;
let admin: string;
let member: Member;

beforeAll(async () => {
  bed = await startTestbed();
  running = await runAuth(bed);
  auth = running.client;
  admin = await logInAdmin(auth);
  member = await newMember(auth);
});
afterAll(() => bed.stop());

describe('given a path that exists, when the method does not', () => {
  test.each([
    ['DELETE', '/login/access-token', ['POST']],
    ['GET', '/login/test-token', ['POST']],
    ['GET', '/password-recovery/a@example.com', ['POST']],
    ['GET', '/reset-password/', ['POST']],
    ['GET', '/users/signup', ['POST']],
    ['DELETE', '/users/signup', ['POST']],
    ['GET', '/private/users/', ['POST']],
    ['PATCH', '/users/', ['GET', 'HEAD', 'POST']],
    ['POST', '/users/me', ['DELETE', 'GET', 'HEAD', 'PATCH', 'PUT']],
    ['PUT', '/users/me/password', ['PATCH']],
    ['POST', '/users/no-id', ['DELETE', 'GET', 'HEAD', 'PATCH', 'PUT']],
  ])('%s %s, then 405 lists all of its methods, also without a token', async (method, path, allowed) => {
    const answer = await auth(method, path);
    expect(answer).toMatchObject({ status: 405, body: { detail: 'Method Not Allowed' } });
    expect(answer.headers.get('allow')?.split(', ').sort()).toEqual(allowed);
  });
});

test.each(['/', '/nothing', '/users/me/nothing', '/users//', '/password-recovery/', '/Users/me', '/items/'])(
  'given a path that does not exist, %s, then 404 without a token',
  async (path) => {
    expect(await auth('GET', path)).toMatchObject({ status: 404, body: { detail: 'Not Found' } });
  },
);

describe('given a trailing slash or none', () => {
  test.each([
    ['GET', '/users'],
    ['GET', '/users/me'],
    ['POST', '/login/test-token'],
    ['PATCH', '/users/me'],
  ])('%s %s, then both are answered alike', async (method, path) => {
    const call = { token: admin, ...(method === 'PATCH' ? { body: {} } : {}) };
    const [without, with_] = [await auth(method, path, call), await auth(method, `${path}/`, call)];
    expect(without.status).toBe(200);
    expect(with_).toMatchObject({ status: 200, body: without.body });
  });

  test.each(['/users/signup', '/reset-password', '/login/access-token', '/private/users'])(
    'POST %s without a body, then both are a 422',
    async (path) => {
      for (const way of [path, `${path}/`]) expect((await auth('POST', way)).status).toBe(422);
    },
  );
});

describe('HEAD', () => {
  test('given a route, then it is answered like GET without a body', async () => {
    const got = await auth('GET', '/users/me', { token: member.token });
    const head = await auth('HEAD', '/users/me', { token: member.token });
    expect(head).toMatchObject({ status: 200, text: '' });
    expect(head.headers.get('content-type')).toBe(got.headers.get('content-type'));
    expect(head.headers.get('content-length')).toBe(String(got.text.length));
  });

  test('given no token, an unknown path or no GET, then the status is an error without a body', async () => {
    expect(await auth('HEAD', '/users/me')).toMatchObject({ status: 401, text: '' });
    expect(await auth('HEAD', '/nothing')).toMatchObject({ status: 404, text: '' });
    expect(await auth('HEAD', '/users/signup')).toMatchObject({ status: 405, text: '' });
  });
});

describe('given a malformed id in the path', () => {
  const ids = [
    'x',
    'FFFFFFFFFFFFFFFFFFFFFFFF',
    'f'.repeat(23),
    'f'.repeat(25),
    `${'f'.repeat(23)}g`,
    '%zz',
    '%00',
    '%F0%9F%98%80',
    `${'f'.repeat(24)}%0A`,
    `a%2F${'f'.repeat(22)}`,
  ];
  test.each(ids)('%s, then 400 for every method', async (id) => {
    for (const method of ['GET', 'PATCH', 'PUT', 'DELETE']) {
      const answer = await auth(method, `/users/${id}`, { token: admin });
      expect(answer).toMatchObject({ status: 400, body: { detail: 'Invalid user ID format' } });
    }
  });

  test('given an ordinary user, then 400 before 403', async () => {
    expect((await auth('GET', '/users/x', { token: member.token })).status).toBe(400);
  });

  test('given a body that does not fit too, then 400 before 422', async () => {
    expect((await auth('PATCH', '/users/x', { token: admin, raw: '{' })).status).toBe(400);
  });
});

test('given an unknown id and an invalid body, then 422 before 404', async () => {
  const path = `/users/${'f'.repeat(24)}`;
  expect((await auth('PATCH', path, { token: admin, body: { email: 1 } })).status).toBe(422);
  expect((await auth('PATCH', path, { token: admin, body: {} })).status).toBe(404);
});

describe('X-Request-Id', () => {
  test.each(['abc', 'A-Z_0.9', 'x'.repeat(128)])('given %s, then the answer carries it', async (id) => {
    const { headers } = await auth('GET', '/nothing', { headers: { 'X-Request-Id': id } });
    expect(headers.get('x-request-id')).toBe(id);
  });

  test.each(['', 'two words', 'x'.repeat(129), 'a/b'])(
    'given %j, then the answer carries another',
    async (id) => {
      const { headers } = await auth('GET', '/users/me', { headers: { 'X-Request-Id': id } });
      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    },
  );
});

test('given a request target with dots and slashes of its own, then it names no route', async () => {
  const status = await new Promise((resolve, reject) => {
    const path = '/api/v1/items/../users/me';
    const sent = request(
      running.url,
      { path, headers: { authorization: `Bearer ${member.token}` } },
      (answer) => {
        resolve(answer.resume().statusCode);
      },
    );
    sent.on('error', reject).end();
  });
  expect(status).toBe(404);
});
