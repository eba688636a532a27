import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { exchangeRaw, lines } from '../../../../tests/support/raw-http.ts';
import { createLog } from '../process/logging.ts';
import { createMetrics } from '../process/metrics.ts';
import { createApp } from './app.ts';
import { route } from './routes/route.ts';
import { serveRoutes } from './routes/serve-routes.ts';
import { type HttpServer, listen } from './server/server.ts';

const metrics = createMetrics();
let held = Promise.withResolvers<void>();
let arrived = 0;
let server: HttpServer;

const answering = (path: string, operationId: string, work: () => Promise<unknown>) =>
  route({
    method: 'GET',
    path,
    access: 'anyone',
    operationId,
    summary: '',
    description: '',
    ...(path.includes('{id}') ? { params: { id: { description: '', example: '', maxLength: 9 } } } : {}),
    answer: { schema: z.unknown() },
    handler: work,
  });

const routes = [
  answering('/items/{id}', 'items-read', async () => 'here'),
  answering('/broken', 'items-break', () => Promise.reject(new Error('broken'))),
  answering('/slow', 'items-wait', async () => {
    arrived += 1;
    await held.promise;
    return 'late';
  }),
];

beforeAll(async () => {
  const app = createApp({
    log: createLog('test', 'silent'),
    metrics,
    dispatches: [serveRoutes('', routes, async () => undefined)],
  });
  server = await listen(app, '127.0.0.1', 0);
});
afterAll(() => server.drain());

const url = (path: string) => `http://127.0.0.1:${server.port}${path}`;
const get = async (path: string) => (await fetch(url(path))).text();

/** The lines of one metric. */
const told = async (name: string): Promise<string[]> =>
  (await metrics.registry.metrics()).split('\n').filter((line) => line.startsWith(`quartet_${name}`));
const counts = () => told('http_request_duration_seconds_count');

test('given requests, then they are counted by method, route template and status', async () => {
  for (const path of ['/items/1', '/items/2?q=x', '/items/ada@example.com', '/broken']) await get(path);
  await expect
    .poll(counts)
    .toEqual([
      'quartet_http_request_duration_seconds_count{method="GET",route="/items/{id}",status="200"} 3',
      'quartet_http_request_duration_seconds_count{method="GET",route="/broken",status="500"} 1',
    ]);
  const sum = (await told('http_request_duration_seconds_sum')).find((line) => line.includes('{id}'));
  expect(Number(sum?.split(' ').at(-1))).toBeGreaterThan(0);
});

test('given unknown paths, then they are counted as one route', async () => {
  const before = (await counts()).length;
  for (let n = 0; n < 50; n += 1) await get(`/nowhere/${n}/${Math.random()}`);
  const one = 'quartet_http_request_duration_seconds_count{method="GET",route="unmatched",status="404"} 50';
  await expect.poll(counts).toContain(one);
  expect(await counts()).toHaveLength(before + 1);
});

test('given unknown methods, then they are counted as one method', async () => {
  for (const method of ['PROPFIND', 'PURGE', 'LOCK']) {
    await exchangeRaw(url(''), lines(`${method} /items/1 HTTP/1.1`, 'Host: x', 'Connection: close'));
  }
  const others = async () => (await counts()).filter((line) => line.includes('method="OTHER"'));
  await expect.poll(async () => (await others())[0]).toMatch(/status="405"\} 3$/);
  expect(await others()).toHaveLength(1);
});

test('given requests in progress, then they are counted until they are answered', async () => {
  const inHand = () => told('http_requests_in_flight');
  const answers = [get('/slow'), get('/slow')];
  await expect.poll(() => arrived).toBe(2);
  expect(await inHand()).toEqual(['quartet_http_requests_in_flight 2']);
  held.resolve();
  await Promise.all(answers);
  await expect.poll(inHand).toEqual(['quartet_http_requests_in_flight 0']);
});

test('given a caller who leaves, then the request ends as 499', async () => {
  const leaving = new AbortController();
  const before = arrived;
  held = Promise.withResolvers();
  const asking = fetch(url('/slow'), { signal: leaving.signal }).catch(() => undefined);
  await expect.poll(() => arrived).toBe(before + 1);
  leaving.abort();
  await asking;
  const gone = 'quartet_http_request_duration_seconds_count{method="GET",route="/slow",status="499"} 1';
  await expect.poll(counts).toContain(gone);
  held.resolve();
});
