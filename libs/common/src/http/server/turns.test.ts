import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lines, openRaw, type RawConnection } from '../../../../../tests/support/raw-http.ts';
import { createMetrics, type Metrics } from '../../process/metrics.ts';
import { type HttpServer, listen } from './server.ts';

/** More than fit into one read, so some of them are read later. */
const MANY = 1_400;

let server: HttpServer;
let metrics: Metrics;
let opened: RawConnection[];
/** What was begun, in order. */
let begun: string[];
/** What waits at `/held`. */
let held: (() => void)[];
/** How many went before their answer. */
let gone: number;

beforeEach(async () => {
  opened = [];
  begun = [];
  held = [];
  gone = 0;
  metrics = createMetrics();
  server = await listen(
    async (req, res) => {
      begun.push(req.url ?? '');
      res.once('close', () => {
        if (!res.writableFinished) gone += 1;
      });
      if (req.url === '/held') held.push(() => res.end('at last'));
      else if (req.method === 'POST') res.end(`read ${(await text(req).catch(() => '')).length}`);
      else res.end(`answer to ${req.url}`);
    },
    '127.0.0.1',
    0,
    { metrics },
  );
});
afterEach(async () => {
  for (const { socket } of opened) socket.destroy();
  await server.drain();
});

const get = (path: string, ...headers: string[]) => lines(`GET ${path} HTTP/1.1`, 'Host: a', ...headers);
const many = (number: number, from = 0) =>
  Array.from({ length: number }, (_, at) => get(`/${from + at}`)).join('');

async function open() {
  const raw = await openRaw(`http://127.0.0.1:${server.port}`);
  opened.push(raw);
  return raw;
}

const cut = async (reason: string) =>
  (await metrics.registry.getSingleMetric('quartet_connections_cut_total')?.get())?.values.find(
    ({ labels }) => labels.reason === reason,
  )?.value ?? 0;

describe('given many requests at once on one connection', () => {
  test('when the first is in progress, then no other begins, and later all are handled in order', async () => {
    const raw = await open();
    raw.write(get('/held') + many(MANY));
    await expect.poll(() => begun).toEqual(['/held']);
    // Another caller is answered meanwhile, as often as it asks.
    for (let asked = 0; asked < 3; asked += 1) await fetch(`http://127.0.0.1:${server.port}/other`);
    expect(begun).toEqual(['/held', '/other', '/other', '/other']);
    held[0]?.();
    await expect.poll(() => raw.received().match(/answer to/g)?.length).toBe(MANY);
    const answers = [...raw.received().matchAll(/answer to \/(\d+)/g)].map(([, number]) => Number(number));
    expect(answers).toEqual(Array.from({ length: MANY }, (_, at) => at));
  });

  test('when all are answered quickly, then other connections are served in between', async () => {
    const raw = await open();
    // So many take longer than the other caller needs to connect.
    const most = 10 * MANY;
    raw.write(many(most));
    await expect.poll(() => begun.length, { interval: 1 }).toBeGreaterThan(0);
    const before = begun.length;
    await fetch(`http://127.0.0.1:${server.port}/other`);
    expect(before).toBeLessThan(most);
    expect(begun.indexOf('/other')).toBeLessThan(most);
    await expect.poll(() => raw.received().match(/answer to/g)?.length).toBe(most);
  });

  test('when they never stop, then they are not read without limit', async () => {
    const raw = await open();
    raw.write(get('/held'));
    await expect.poll(() => held.length).toBe(1);
    // 100 MB: more than the kernel keeps of a connection.
    const part = Buffer.from(get('/x', `Filler: ${'x'.repeat(8_000)}`).repeat(12));
    let sent = 0;
    for (let parts = 0; parts < 1_000; parts += 1) raw.socket.write(part, () => (sent += part.length));
    let before = -1;
    const rests = () => {
      const last = before;
      before = sent;
      return before === last;
    };
    await expect.poll(rests, { interval: 300 }).toBe(true);
    expect(sent).toBeLessThan(1_000 * part.length);
    expect(begun).toEqual(['/held']);
  });

  test('when the caller half-closes after them, then it gets all answers', async () => {
    const raw = await open();
    raw.socket.end(get('/held') + many(MANY));
    await expect.poll(() => held.length).toBe(1);
    held[0]?.();
    await raw.closed;
    expect(raw.received().match(/answer to/g)).toHaveLength(MANY);
  });

  test('when the caller closes the connection, then the others do not begin', async () => {
    const raw = await open();
    raw.write(get('/held') + many(10));
    await expect.poll(() => held.length).toBe(1);
    raw.socket.resetAndDestroy();
    await once(raw.socket, 'close');
    held[0]?.();
    await fetch(`http://127.0.0.1:${server.port}/other`);
    expect(begun).toEqual(['/held', '/other']);
  });

  test('when the caller has gone, then the server notices, though it reads nothing from it', async () => {
    const raw = await open();
    raw.write(get('/held') + many(10));
    await expect.poll(() => held.length).toBe(1);
    raw.socket.destroy();
    await expect.poll(() => gone).toBe(1);
  });

  test('when the body of a queued request arrives in parts, then it is read when that request begins', async () => {
    const raw = await open();
    const [body, half] = ['x'.repeat(300_000), 150_000];
    const head = lines('POST /body HTTP/1.1', 'Host: a', `Content-Length: ${body.length}`);
    raw.write(get('/held') + head + body.slice(0, half));
    await expect.poll(() => held.length).toBe(1);
    raw.write(body.slice(half) + get('/behind'));
    held[0]?.();
    await expect.poll(raw.received).toMatch(/at last[\s\S]*read 300000[\s\S]*answer to \/behind/);
    expect(begun).toEqual(['/held', '/body', '/behind']);
  });

  test('when a queued request expects 100 Continue, then it gets that after the earlier answer', async () => {
    const raw = await open();
    const expecting = lines('POST /body HTTP/1.1', 'Host: a', 'Content-Length: 4', 'Expect: 100-continue');
    raw.write(get('/held') + expecting);
    await expect.poll(() => held.length).toBe(1);
    expect(raw.received()).toBe('');
    held[0]?.();
    await expect.poll(raw.received).toMatch(/at last[\s\S]*100 Continue/);
    raw.write('body');
    await expect.poll(raw.received).toMatch(/100 Continue[\s\S]*read 4$/);
  });

  test('when one of them is refused, then no later request is handled', async () => {
    const raw = await open();
    raw.write(get('/held') + many(2) + lines('GET /bad HTTP/1.1', 'Host: a b') + many(MANY, 2));
    await expect.poll(() => held.length).toBe(1);
    held[0]?.();
    await raw.closed;
    expect(begun).toEqual(['/held', '/0', '/1']);
    expect(raw.received()).toMatch(/at last[\s\S]*answer to \/1HTTP\/1\.1 400 /);
  });
});

test('given more queued requests than the limit, then the connection with most of them is cut, and others are answered', async () => {
  const modest = await open();
  modest.write(get('/held') + many(3));
  await expect.poll(() => held.length).toBe(1);
  const greedy = await Promise.all(Array.from({ length: 60 }, open));
  for (const raw of greedy) raw.write(get('/held') + 'GET / HTTP/1.1\r\n\r\n'.repeat(3_600));
  await expect.poll(() => cut('too_many_waiting')).toBeGreaterThan(0);
  await expect.poll(() => greedy.filter(({ socket }) => socket.closed).length).toBeGreaterThan(0);
  held[0]?.();
  await expect.poll(modest.received).toMatch(/at last[\s\S]*answer to \/2$/);
});
