import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Client, createClient } from '../../../../tests/support/client.ts';
import { badRequest, invalid, unavailable } from '../errors.ts';
import { createLog } from '../process/logging.ts';
import { createApp } from './app.ts';
import { readJsonObject } from './input/body.ts';
import { notJson } from './input/body-faults.ts';
import { logOf, noteCaller, noteOperation, requestIdOf, traceparentOf } from './request-context.ts';
import { type HttpServer, listen } from './server/server.ts';

const THINGS = ['things-read', 'GET', '/things/{id}'] as const;
const AWAY = new Error('the database is away at secret-host');
const written: string[] = [];
const lines = () => written.map((line) => JSON.parse(line) as Record<string, unknown>);
const requestLines = () => lines().filter(({ msg }) => msg === 'request');
let server: HttpServer;
let arrived = 0;
let client: Client;

beforeAll(async () => {
  const app = createApp({
    log: createLog('test', 'debug', { write: (line) => void written.push(line) }),
    isAway: (err) => err === AWAY,
    handlers: [
      [
        '/',
        (_req, _res, next) => {
          arrived += 1;
          next();
        },
      ],
      ['/ok', (req, res) => void res.json({ id: requestIdOf(res), trace: traceparentOf(req, res) })],
      [
        '/noted',
        (_req, res) => {
          noteOperation(res, ...THINGS);
          noteCaller(res, 'user-1');
          logOf(res).debug('inside');
          res.json({});
        },
      ],
      ['/refused', () => Promise.reject(badRequest('not like this'))],
      ['/invalid', () => Promise.reject(invalid([notJson(3, 'Expecting value')]))],
      ['/broken', () => Promise.reject(new Error('the secret cause'))],
      ['/thrown', () => Promise.reject('just a text')],
      ['/away', () => Promise.reject(AWAY)],
      ['/busy', () => Promise.reject(unavailable('SMTP says no', 7))],
      ['/body', async (req, res) => void res.json(await readJsonObject(req, false))],
      [
        '/late',
        (_req, res) => {
          res.write('half an ans');
          throw new Error('too late');
        },
      ],
      ['/slow', async (_req, res) => void (await once(res, 'close'))],
    ],
  });
  server = await listen(app, '127.0.0.1', 0);
  client = createClient(`http://127.0.0.1:${server.port}`);
});
afterAll(() => server.drain());
beforeEach(() => void written.splice(0));

/** Sends text over a connection of its own and closes it once the server has the request. */
async function sendAndLeave(text: string): Promise<void> {
  const socket = connect(server.port, '127.0.0.1');
  await once(socket, 'connect');
  const before = arrived;
  socket.write(text);
  await expect.poll(() => arrived).toBe(before + 1);
  socket.destroy();
}

describe('the id of a request', () => {
  test.each(['a', 'A-b_c.9', 'x'.repeat(128)])('given %s, then it is kept', async (id) => {
    const { headers, body } = await client('GET', '/ok', { headers: { 'x-request-id': id } });
    expect(headers.get('x-request-id')).toBe(id);
    expect(body).toMatchObject({ id });
  });

  test.each(['', 'x'.repeat(129), 'a b', 'a/b', 'é'])(
    'given %j, then the request gets a new id',
    async (id) => {
      const { headers } = await client('GET', '/ok', { headers: { 'x-request-id': id } });
      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    },
  );
});

describe('the caller’s trace', () => {
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  test.each([
    [traceparent, traceparent],
    [traceparent.toUpperCase(), undefined],
    ['00-1-2-3', undefined],
    ['', undefined],
  ])('given %j, then the trace is %j', async (header, trace) => {
    const { body } = await client('GET', '/ok', { headers: { traceparent: header } });
    expect(body).toHaveProperty('id');
    expect((body as { trace?: string }).trace).toBe(trace);
  });
});

describe('the log of a request', () => {
  test('given an answer, then one line is logged at info with all that is known, but not the path', async () => {
    await client('GET', '/noted/ann@example.com?token=abc', { headers: { 'x-request-id': 'r1' } });
    await expect.poll(requestLines).toHaveLength(1);
    const [line] = requestLines();
    expect(line).toMatchObject({
      level: 30,
      request_id: 'r1',
      method: 'GET',
      status: 200,
      operation: 'things-read',
      route: '/things/{id}',
      user_id: 'user-1',
    });
    expect(line?.duration_ms).toBeTypeOf('number');
    expect(lines().find(({ msg }) => msg === 'inside')).toMatchObject({ request_id: 'r1' });
    expect(written.join('')).not.toMatch(/ann@example|abc/);
  });

  test.each([
    ['/refused', 400, 'not like this'],
    ['/invalid', 422, 'json_invalid body.3'],
    ['/nowhere', 404, 'Not Found'],
  ])('given %s, then status %i and the reason are logged at info', async (path, status, reason) => {
    await client('GET', path);
    await expect.poll(requestLines).toHaveLength(1);
    expect(requestLines()[0]).toMatchObject({ level: 30, status, reason });
  });

  test.each([
    ['/broken', 500],
    ['/away', 503],
  ])('given %s, then status %i is logged at error', async (path, status) => {
    await client('GET', path);
    await expect.poll(requestLines).toHaveLength(1);
    expect(requestLines()[0]).toMatchObject({ level: 50, status });
  });

  test.each([
    ['leaves before the answer', 'GET /slow HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['leaves within its own body', 'POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{"a":'],
  ])('given a caller who %s, then 499 is logged at info, and nothing at error', async (_name, text) => {
    await sendAndLeave(text);
    await expect.poll(requestLines).toHaveLength(1);
    expect(requestLines()[0]).toMatchObject({ level: 30, status: 499 });
    expect((await client('GET', '/ok')).status).toBe(200);
    expect(lines().filter(({ level }) => Number(level) >= 50)).toEqual([]);
  });
});

describe('an error as an answer', () => {
  test.each([
    ['/broken', 'the secret cause'],
    ['/thrown', 'just a text'],
  ])('given %s, then the 500 hides its cause and the log has it', async (path, cause) => {
    const { status, body, text } = await client('GET', path, { headers: { 'x-request-id': 'r2' } });
    expect({ status, body }).toEqual({
      status: 500,
      body: { detail: 'Internal Server Error', request_id: 'r2' },
    });
    expect(text).not.toContain(cause);
    const logged = lines().find(({ msg }) => msg === 'unexpected error');
    expect(logged).toMatchObject({ level: 50, request_id: 'r2' });
    expect(JSON.stringify(logged)).toContain(cause);
  });

  test('given an unavailable dependency, then the answer is 503 with Retry-After, and only the log has the cause', async () => {
    const { status, body, headers, text } = await client('GET', '/away');
    expect({ status, body }).toEqual({ status: 503, body: { detail: 'Service unavailable' } });
    expect(headers.get('retry-after')).toBe('1');
    expect(text).not.toContain('secret-host');
    expect(written.join('')).toContain('secret-host');
  });

  test('given a detail of its own, then the 503 shows it', async () => {
    const { status, body, headers } = await client('GET', '/busy');
    expect({ status, body }).toEqual({ status: 503, body: { detail: 'SMTP says no' } });
    expect(headers.get('retry-after')).toBe('7');
  });

  test('given an answer that has begun, then the connection ends, and the next request works', async () => {
    await expect(client('GET', '/late')).rejects.toThrow();
    await expect.poll(requestLines).toHaveLength(1);
    expect(requestLines()[0]).toMatchObject({ status: 499 });
    expect(lines().find(({ msg }) => msg === 'answer cut short')).toBeDefined();
    expect((await client('GET', '/ok')).status).toBe(200);
  });

  test('given any answer, then it has the request’s id and not the framework’s name', async () => {
    for (const path of ['/ok', '/refused', '/broken', '/nowhere']) {
      const { headers } = await client('GET', path);
      expect(headers.get('x-request-id')).toBeTruthy();
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('etag')).toBeNull();
    }
  });
});
