import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { logInAdmin, newEmail, newMember, PASSWORD } from '../support/accounts.ts';
import type { Answer, Client } from '../support/client.ts';
import { runAllServices } from '../support/services.ts';
import { startTestbed, type Testbed } from '../support/testbed.ts';
import { operations } from './read-openapi.ts';

/** Entity tags and conditions of every operation whose answer, or whose path, is one thing with a revision. */

const REVISED = ['UserPublic', 'ItemPublic'].map((name) => `#/components/schemas/${name}`);
const isRevised = (schema: unknown) =>
  REVISED.some((ref) => JSON.stringify(schema) === JSON.stringify({ $ref: ref }));
const revised = operations.filter(({ responses }) =>
  Object.values(responses[200]?.content ?? {}).some(({ schema }) => isRevised(schema)),
);
const single = operations.filter(
  ({ method, path }) => method !== 'post' && /\/(users\/me|users\/\{user_id\}|items\/\{id\})$/.test(path),
);
const FRONTEND = 'http://localhost:5173';

let bed: Testbed;
let client: Client;
let admin: string;

beforeAll(async () => {
  bed = await startTestbed();
  const { gateway } = await runAllServices(bed, { FRONTEND_HOST: FRONTEND });
  client = gateway.client;
  admin = await logInAdmin(client);
});
afterAll(() => bed.stop());

test('given an operation whose answer is one user or item, then the answer has an ETag', () => {
  expect(revised.length).toBe(16);
  for (const { id, responses } of revised) expect(responses[200]?.headers, id).toHaveProperty('ETag');
});

test('given an operation on one user or item, then it declares the conditions and their answers', () => {
  expect(single.map(({ method, path }) => `${method} ${path.slice('/api/v1'.length)}`).toSorted()).toEqual(
    ['/items/{id}', '/users/me', '/users/{user_id}']
      .flatMap((path) => ['delete', 'get', 'patch', 'put'].map((method) => `${method} ${path}`))
      .toSorted(),
  );
  for (const { id, method, parameters, responses } of single) {
    const headers = parameters.filter((parameter) => parameter.in === 'header').map(({ name }) => name);
    expect(headers, id).toEqual(['If-Match', 'If-None-Match']);
    expect(responses, id).toHaveProperty('412');
    expect('304' in responses, id).toBe(method === 'get');
  }
});

/** Makes what an operation is about, and returns how to call it. */
async function targetOf({ method, path }: { method: string; path: string }) {
  const { token, ...user } = await newMember(client);
  const created = await client('POST', '/items/', { token, body: { title: 'one' } });
  const { id } = created.body as { id: string };
  const at = path.slice('/api/v1'.length).replace('{user_id}', user.id).replace('{id}', id);
  const caller = path.endsWith('{user_id}') ? admin : token;
  const body = ['put', 'patch'].includes(method)
    ? path.includes('items')
      ? { title: 'two' }
      : { full_name: 'two' }
    : undefined;
  return (headers: Record<string, string>, as = method.toUpperCase()): Promise<Answer> =>
    client(as, at, { token: caller, body: as === method.toUpperCase() ? body : undefined, headers });
}

describe.each(single)('$method $path through the gateway', (operation) => {
  const { method } = operation;

  test('given a tag that is not the present one, then the answer is 412, and nothing is written', async () => {
    const ask = await targetOf(operation);
    const before = await ask({}, 'GET');
    for (const match of ['"1"', 'W/"0"', '0', '"1", "2"']) {
      const answer = await ask({ 'if-match': match });
      expect([answer.status, answer.body]).toEqual([412, { detail: 'Precondition failed' }]);
    }
    const after = await ask({}, 'GET');
    expect([after.body, after.headers.get('etag')]).toEqual([before.body, before.headers.get('etag')]);
  });

  test('given the present tag in a list, then the request is performed', async () => {
    const ask = await targetOf(operation);
    const etag = (await ask({}, 'HEAD')).headers.get('etag') ?? '';
    const answer = await ask({ 'if-match': `"x", ${etag}` });
    expect([answer.status, answer.headers.get('etag')]).toEqual([
      200,
      { get: etag, put: '"1"', patch: '"1"', delete: null }[method],
    ]);
  });

  test('given If-None-Match, then a read is answered with 304, and a write with 412', async () => {
    const ask = await targetOf(operation);
    const etag = (await ask({}, 'GET')).headers.get('etag') ?? '';
    for (const as of method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]) {
      const answer = await ask({ 'if-none-match': `"x", W/${etag}` }, as);
      expect([answer.status, answer.text === '']).toEqual(method === 'get' ? [304, true] : [412, false]);
      if (method === 'get') expect(answer.headers.get('etag')).toBe(etag);
    }
  });
});

test('given a page of an allowed origin, then it may read the ETag', async () => {
  const { headers } = await client('POST', '/users/signup', {
    body: { email: newEmail(), password: PASSWORD },
    headers: { origin: FRONTEND },
  });
  expect(headers.get('etag')).toBe('"0"');
  expect(headers.get('access-control-expose-headers')?.split(', ')).toContain('ETag');
});

test('given two answers on one connection, the first a 304, then the second is whole', async () => {
  const ask = await targetOf({ method: 'get', path: '/api/v1/items/{id}' });
  for (let at = 0; at < 3; at += 1) {
    expect((await ask({ 'if-none-match': '"0"' })).status).toBe(304);
    expect((await ask({})).body).toMatchObject({ title: 'one' });
  }
});
