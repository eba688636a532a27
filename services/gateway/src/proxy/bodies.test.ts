import { AppError } from '@quartet/common/errors.ts';
import { statusOf } from '@quartet/common/http/app.ts';
import { type HttpServer, listen } from '@quartet/common/http/server/server.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lines, openRaw, type RawConnection } from '../../../../tests/support/raw-http.ts';
import { createBodies } from './bodies.ts';

const LARGE = 100_000;

let server: HttpServer;
/** What has its body, and waits to be carried out. */
let ready: (() => void)[];
let opened: RawConnection[];

beforeEach(async () => {
  ready = [];
  opened = [];
  const bodies = createBodies(2 * LARGE);
  server = await listen(
    async (req, res) => {
      try {
        await bodies.read(req, async (body) => {
          if (req.url === '/held') await new Promise<void>((resolve) => ready.push(resolve));
          res.end(String(body?.length));
        });
      } catch (err) {
        res.writeHead(err instanceof AppError ? statusOf(err) : 499).end();
      }
    },
    '127.0.0.1',
    0,
  );
});
afterEach(async () => {
  for (const { socket } of opened) socket.destroy();
  await server.drain();
});

async function send(path: string, length: number, body: string): Promise<RawConnection> {
  const raw = await openRaw(`http://127.0.0.1:${server.port}`);
  opened.push(raw);
  raw.write(lines(`POST ${path} HTTP/1.1`, 'Host: a', `Content-Length: ${length}`) + body);
  return raw;
}
const post = (path: string, size: number) => send(path, size, 'x'.repeat(size));

async function statusOfPost(size: number): Promise<string> {
  const raw = await post('/', size);
  await expect.poll(raw.received).toMatch(/\r\n\r\n/);
  return raw.received().slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length);
}

test('given bodies that take all memory, then a large one is a 503 and a small one is accepted, until one is done', async () => {
  await Promise.all([post('/held', LARGE), post('/held', LARGE)]);
  await expect.poll(() => ready.length).toBe(2);
  expect(await statusOfPost(LARGE)).toBe('503');
  expect(await statusOfPost(1_000)).toBe('200');
  ready[0]?.();
  await expect.poll(() => statusOfPost(LARGE)).toBe('200');
  ready[1]?.();
});

test('given bodies that are not whole, then they take memory until their callers have gone', async () => {
  const slow = await Promise.all([1, 2].map(() => send('/', LARGE, 'x'.repeat(LARGE - 1))));
  await expect.poll(() => statusOfPost(LARGE)).toBe('503');
  for (const { socket } of slow) socket.destroy();
  await expect.poll(() => statusOfPost(LARGE)).toBe('200');
});

test('given a body that is refused, then its rest is read, and the next request is answered', async () => {
  await Promise.all([post('/held', LARGE), post('/held', LARGE)]);
  await expect.poll(() => ready.length).toBe(2);
  const refused = await post('/', LARGE);
  refused.write(lines('POST / HTTP/1.1', 'Host: a', 'Content-Length: 4', 'Connection: close'));
  refused.write('body');
  await refused.closed;
  expect(refused.received()).toMatch(/^HTTP\/1\.1 503 [\s\S]*HTTP\/1\.1 200 [\s\S]*4$/);
  for (const end of ready) end();
});

test('given too many bytes in chunks, then it is a 413, and no memory is kept', async () => {
  for (let sent = 0; sent < 3; sent += 1) {
    const raw = await openRaw(`http://127.0.0.1:${server.port}`);
    opened.push(raw);
    const chunk = 'x'.repeat(LARGE + 1);
    raw.write(lines('POST / HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked', 'Connection: close'));
    raw.write(`${chunk.length.toString(16)}\r\n${chunk}\r\n0\r\n\r\n`);
    await raw.closed;
    expect(raw.received()).toMatch(/^HTTP\/1\.1 413 /);
  }
  expect(await statusOfPost(LARGE)).toBe('200');
});
