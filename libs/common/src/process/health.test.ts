import { hostname } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  FOREIGN_HOSTS,
  MALFORMED_HOSTS,
  OWN_HOSTS,
  statusAsHost,
} from '../../../../tests/support/ask-as-host.ts';
import type { HttpServer } from '../http/server/server.ts';
import { type HealthCheck, servePrivately } from './health.ts';

let health: HealthCheck = async () => ({ problems: [], notes: [] });
let metrics = async () => 'up 1\n';
let server: HttpServer;

beforeAll(async () => {
  server = await servePrivately(
    () => health(),
    () => metrics(),
    '127.0.0.1',
    0,
    ['items', 'Items.Example.'],
  );
});
afterAll(() => server.drain());

async function ask(path: string) {
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`);
  return { status: response.status, body: await response.json() };
}

test('given no problem, then live and ready answer ok', async () => {
  health = async () => ({ problems: [], notes: [] });
  const ok = { status: 200, body: { status: 'ok', problems: [], notes: [] } };
  expect(await ask('/health/live')).toEqual(ok);
  expect(await ask('/health/ready')).toEqual(ok);
});

test('given a problem, then ready names it and live still answers ok', async () => {
  health = async () => ({ problems: ['the database does not answer'], notes: [] });
  expect(await ask('/health/ready')).toEqual({
    status: 503,
    body: { status: 'not ok', problems: ['the database does not answer'], notes: [] },
  });
  expect((await ask('/health/live')).status).toBe(200);
});

test('given a note, then ready answers ok and names it', async () => {
  health = async () => ({ problems: [], notes: ['the broker is away'] });
  const body = { status: 'ok', problems: [], notes: ['the broker is away'] };
  expect(await ask('/health/ready')).toEqual({ status: 200, body });
});

test('given a check that throws, then ready reports it and the process continues', async () => {
  health = () => Promise.reject(new Error('secret'));
  const { status, body } = await ask('/health/ready');
  expect(status).toBe(503);
  expect(JSON.stringify(body)).not.toContain('secret');
  expect((await ask('/health/live')).status).toBe(200);
});

test.each(['/', '/health', '/metrics/x', '/toString', '/health/ready/'])(
  'given %s, then the answer is 404',
  async (path) => {
    expect((await ask(path)).status).toBe(404);
  },
);

describe.each(['/health/live', '/health/ready', '/metrics'])('given %s', (path) => {
  const ask = (host: string | undefined) => statusAsHost(`http://127.0.0.1:${server.port}`, host, path);

  // A service's own name is that of its containers; a probe of HTTP/1.0 names nobody.
  test.each([...OWN_HOSTS, hostname(), 'items:9002', 'items.example', undefined])(
    'when the Host is %j, then it answers',
    async (host) => {
      health = async () => ({ problems: [], notes: [] });
      expect(await ask(host)).toBe(200);
    },
  );

  test.each([...FOREIGN_HOSTS, 'items.evil.example', 'auth'])(
    'when a page whose name %j points here asks, then the answer is 403',
    async (host) => {
      expect(await ask(host)).toBe(403);
    },
  );

  test.each(MALFORMED_HOSTS)(
    'when the Host is %j, which is invalid, then the answer is 400',
    async (host) => {
      expect(await ask(host)).toBe(400);
    },
  );
});

test('given metrics, then they are in the text format, and a failure is a 500 without its cause', async () => {
  const asked = await fetch(`http://127.0.0.1:${server.port}/metrics`);
  expect([asked.status, asked.headers.get('content-type'), await asked.text()]).toEqual([
    200,
    'text/plain; version=0.0.4; charset=utf-8',
    'up 1\n',
  ]);
  metrics = () => Promise.reject(new Error('secret'));
  const failed = await fetch(`http://127.0.0.1:${server.port}/metrics`);
  expect([failed.status, await failed.text()]).toEqual([500, '']);
});
