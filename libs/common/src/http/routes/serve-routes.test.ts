import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { type Client, createClient } from '../../../../../tests/support/client.ts';
import { badRequest, forbidden, notAuthenticated } from '../../errors.ts';
import { createLog } from '../../process/logging.ts';
import { createApp } from '../app.ts';
import { pageQuery, text } from '../input/fields.ts';
import { type HttpServer, listen } from '../server/server.ts';
import { Reply, Revised, route } from './route.ts';
import { serveRoutes } from './serve-routes.ts';

let server: HttpServer;
let client: Client;
const caller = {
  userId: 'u1',
  sessionId: 's1',
  isSuperuser: false,
  tokenVersion: 0,
  issuedAt: 0,
  expiresAt: 1,
};

const echo = {
  operationId: 'things-echo',
  summary: 'Echo',
  description: 'Says what it was given.',
  answer: { schema: z.unknown() },
};
const id = {
  description: 'Id',
  example: '7',
  maxLength: 9,
  format: { pattern: /^\d+$/, detail: 'Invalid thing ID format' },
};
const body = z.object({ name: text({ min: 2, max: 9 }), count: text({ max: 9 }) });

const routes = [
  route({
    ...echo,
    method: 'PUT',
    path: '/things/{id}',
    access: 'superuser',
    params: { id },
    query: pageQuery,
    body,
    handler: async ({ params, query, body: given, caller: who }) => ({ params, query, given, who }),
  }),
  route({
    ...echo,
    method: 'GET',
    path: '/things',
    access: 'user',
    query: pageQuery,
    handler: async ({ query, body: none }) => ({ query, none: none === undefined }),
  }),
  route({
    ...echo,
    method: 'POST',
    path: '/forms',
    access: 'anyone',
    form: true,
    body,
    answer: { status: 201, schema: z.unknown() },
    handler: async ({ body: given, caller: who }) => ({ given, who: who === undefined }),
  }),
  route({
    ...echo,
    method: 'GET',
    path: '/pages/{any}',
    access: 'anyone',
    params: { any: { description: 'Any', example: 'x', maxLength: 9 } },
    answer: { schema: z.string(), mediaType: 'text/html; charset=utf-8' },
    handler: async ({ params }) => new Reply(`<p>${params.any.length}`, { subject: 'Hi' }),
  }),
  route({
    ...echo,
    method: 'DELETE',
    path: '/things',
    access: 'anyone',
    handler: async () => new Reply({ gone: true }, { 'X-Extra': '1' }),
  }),
  route({
    ...echo,
    method: 'GET',
    path: '/revised',
    access: 'anyone',
    answer: { schema: z.unknown(), revised: true },
    conditional: true,
    handler: async () => new Revised({ name: 'x' }, 3),
  }),
  route({
    ...echo,
    method: 'POST',
    path: '/revised',
    access: 'anyone',
    answer: { status: 201, schema: z.unknown(), revised: true },
    handler: async ({ checkRevision }) => {
      checkRevision(3);
      return new Revised({ name: 'x' }, 3);
    },
  }),
  route({
    ...echo,
    method: 'PUT',
    path: '/revised',
    access: 'anyone',
    conditional: true,
    handler: async ({ checkRevision }) => {
      checkRevision(3);
      return 'written';
    },
  }),
  route({
    ...echo,
    method: 'POST',
    path: '/fails',
    access: 'anyone',
    handler: () => Promise.reject(badRequest('no')),
  }),
];

beforeAll(async () => {
  const authorize = async (access: string, header: string | undefined) => {
    if (access === 'anyone') return undefined;
    if (header === undefined) throw notAuthenticated();
    if (access === 'superuser' && header !== 'Bearer admin') throw forbidden('not you');
    return caller;
  };
  const app = createApp({
    log: createLog('test', 'silent'),
    dispatches: [serveRoutes('/api', routes, authorize)],
  });
  server = await listen(app, '127.0.0.1', 0);
  client = createClient(`http://127.0.0.1:${server.port}/api`);
});
afterAll(() => server.drain());

describe('the order of checks', () => {
  const wrong = { raw: '{', headers: { 'content-type': 'application/json' } };
  test.each([
    ['token', '/things/x?limit=0', {}, 401, 'Not authenticated'],
    ['role', '/things/x?limit=0', { token: 'user' }, 403, 'not you'],
    ['path', '/things/x?limit=0', { token: 'admin' }, 400, 'Invalid thing ID format'],
  ])(
    'given a request that is wrong from the %s onwards, then the answer says %s',
    async (_what, path, more, status, detail) => {
      const answer = await client('PUT', path, { ...wrong, ...more });
      expect({ status: answer.status, body: answer.body }).toEqual({ status, body: { detail } });
    },
  );

  test('given an invalid query and an invalid body, then both are in one 422', async () => {
    const answer = await client('PUT', '/things/1?limit=0&skip=x', { token: 'admin', body: { name: 'a' } });
    expect(answer.status).toBe(422);
    const { detail } = answer.body as { detail: { loc: unknown[]; type: string }[] };
    expect(detail.map(({ loc, type }) => [...loc, type])).toEqual([
      ['query', 'skip', 'int_parsing'],
      ['query', 'limit', 'greater_than_equal'],
      ['body', 'name', 'string_too_short'],
      ['body', 'count', 'missing'],
    ]);
  });

  test('given valid input, then the handler gets the parsed values and no unknown ones', async () => {
    const answer = await client('PUT', '/things/7/?limit=5', {
      token: 'admin',
      body: { name: 'ab', count: '1', more: 1 },
    });
    expect(answer.body).toEqual({
      params: { id: '7' },
      query: { skip: 0, limit: 5 },
      given: { name: 'ab', count: '1' },
      who: caller,
    });
  });
});

describe('answers', () => {
  test('given a form, then its fields are read; given no form, then each field is missing and no input is shown', async () => {
    const good = await client('POST', '/forms', { form: { name: 'ab', count: '', other: 'x' } });
    expect(good.status).toBe(422);
    expect(good.body).toEqual({
      detail: [{ type: 'missing', loc: ['body', 'count'], msg: 'Field required', input: null }],
    });
    const answer = await client('POST', '/forms', { form: { name: 'ab', count: '2' } });
    expect({ status: answer.status, body: answer.body }).toEqual({
      status: 201,
      body: { given: { name: 'ab', count: '2' }, who: true },
    });
  });

  test('given an answer that is not JSON, then it is sent with its headers', async () => {
    const answer = await client('GET', '/pages/a%2Fb');
    expect(answer.text).toBe('<p>3');
    expect([answer.headers.get('content-type'), answer.headers.get('subject')]).toEqual([
      'text/html; charset=utf-8',
      'Hi',
    ]);
    const json = await client('DELETE', '/things');
    expect([json.body, json.headers.get('x-extra')]).toEqual([{ gone: true }, '1']);
  });

  test('given HEAD, then the answer has GET’s headers and no body', async () => {
    const answer = await client('HEAD', '/things', { token: 'user' });
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 200, text: '' });
    expect(Number(answer.headers.get('content-length'))).toBeGreaterThan(0);
  });

  test('given another method, then the answer is 405 with all methods, also without a token', async () => {
    const answer = await client('PATCH', '/things');
    expect([answer.status, answer.body, answer.headers.get('allow')]).toEqual([
      405,
      { detail: 'Method Not Allowed' },
      'GET, HEAD, DELETE',
    ]);
  });

  test.each(['/nowhere', '/things/1/2', '//things'])('given %s, then the answer is 404', async (path) => {
    const answer = await client('GET', path);
    expect([answer.status, answer.body]).toEqual([404, { detail: 'Not Found' }]);
  });

  test('given a body that is too large on a route without a body, then the answer is 413', async () => {
    expect((await client('POST', '/fails', { raw: 'x'.repeat(100_001) })).status).toBe(413);
    expect((await client('POST', '/fails')).status).toBe(400);
  });
});

describe('given an answer with a revision', () => {
  const ask = async (method: string, headers: Record<string, string> = {}) => {
    const answer = await client(method, '/revised', { headers });
    return { status: answer.status, text: answer.text, etag: answer.headers.get('etag') };
  };
  const whole = { status: 200, text: '{"name":"x"}', etag: '"3"' };

  test('then it has an ETag, also for HEAD', async () => {
    expect(await ask('GET')).toEqual(whole);
    expect(await ask('HEAD')).toEqual({ ...whole, text: '' });
  });

  test('when the caller has it already, then the answer is 304 without a body and with the other headers', async () => {
    for (const method of ['GET', 'HEAD']) {
      expect(await ask(method, { 'if-none-match': '"2", W/"3"' })).toEqual({
        status: 304,
        text: '',
        etag: '"3"',
      });
    }
    const { headers } = await client('GET', '/revised', { headers: { 'if-none-match': '*' } });
    expect(headers.has('content-type') || headers.has('content-length')).toBe(false);
    expect([headers.get('x-request-id'), headers.get('x-content-type-options')]).toEqual([
      expect.any(String),
      'nosniff',
    ]);
    expect(await ask('GET', { 'if-none-match': '"2"' })).toEqual(whole);
  });

  test('when If-Match names another, then nothing is written, and the answer is 412', async () => {
    expect(await ask('PUT', { 'if-match': '"3"' })).toMatchObject({ status: 200, text: '"written"' });
    const refusal = { status: 412, text: '{"detail":"Precondition failed"}' };
    expect(await ask('PUT', { 'if-match': '"2"' })).toMatchObject(refusal);
    expect(await ask('GET', { 'if-match': '"2"' })).toMatchObject(refusal);
  });

  test('when the path does not name it, as that of a creation, then conditions do not count', async () => {
    const headers = { 'if-match': '"2"', 'if-none-match': '"3"' };
    expect(await ask('POST', headers)).toEqual({ ...whole, status: 201 });
  });
});
