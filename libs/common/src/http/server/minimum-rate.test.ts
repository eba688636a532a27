import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lines, openRaw, type RawConnection } from '../../../../../tests/support/raw-http.ts';
import { createMetrics, type Metrics } from '../../process/metrics.ts';
import { trustsNobody } from '../caller-address.ts';
import { type HttpServer, listen } from './server.ts';

const WITHIN_MS = 6_000;
/** More than the kernel keeps of a connection. */
const LARGE = Buffer.alloc(200_000_000);

let server: HttpServer;
let metrics: Metrics;
let opened: RawConnection[];
let lost: number;

beforeEach(async () => {
  opened = [];
  lost = 0;
  metrics = createMetrics();
  server = await listen(
    async (req, res) => {
      res.once('close', () => {
        if (!res.writableFinished) lost += 1;
      });
      if (req.url === '/large') res.end(LARGE);
      else res.end(`read ${await text(req).catch(() => '')}`);
    },
    '127.0.0.1',
    0,
    { metrics, receiveWithinMs: WITHIN_MS, perCaller: { most: 2, trusts: trustsNobody } },
  );
});
afterEach(async () => {
  for (const { socket } of opened) socket.destroy();
  await server.drain();
});

const urlOf = () => `http://127.0.0.1:${server.port}`;
const cut = async (reason: string) =>
  (await metrics.registry.getSingleMetric('quartet_connections_cut_total')?.get())?.values.find(
    ({ labels }) => labels.reason === reason,
  )?.value ?? 0;

async function open() {
  const raw = await openRaw(urlOf());
  opened.push(raw);
  return raw;
}

describe('given a caller of a large answer', () => {
  test('when it reads nothing, then its connection is cut in time', async () => {
    const raw = await open();
    raw.socket.pause();
    raw.write(lines('GET /large HTTP/1.1', 'Host: a'));
    await expect.poll(() => lost, { timeout: 4 * WITHIN_MS }).toBe(1);
    expect(await cut('takes_nothing')).toBe(1);
  });

  test('when it reads slowly but steadily, then it gets the whole answer, however long that takes', async () => {
    const asked = request(`${urlOf()}/large`).end();
    const [answer] = await once(asked, 'response');
    const until = performance.now() + 1.5 * WITHIN_MS;
    let received = 0;
    for await (const chunk of answer) {
      received += chunk.length;
      // At this pace it would take an hour.
      if (performance.now() < until) await delay(50);
    }
    expect(received).toBe(LARGE.length);
    expect(await cut('takes_nothing')).toBe(0);
  });
});

describe('given a body that arrives slowly', () => {
  const head = (length: number) => lines('POST / HTTP/1.1', 'Host: a', `Content-Length: ${length}`);

  /** Sends `piece` again and again until the time is over or the connection is. */
  async function sendFor(ms: number, piece: string, raw: RawConnection) {
    const until = performance.now() + ms;
    let sent = 0;
    while (performance.now() < until && raw.received() === '') {
      raw.write(piece);
      sent += piece.length;
      await delay(100);
    }
    return sent;
  }

  test('when it arrives a byte at a time, then it is a 408', async () => {
    const raw = await open();
    raw.write(head(1_000));
    await sendFor(2 * WITHIN_MS, 'x', raw);
    await raw.closed;
    expect(raw.received()).toMatch(/^HTTP\/1\.1 408 [\s\S]*\{"detail":"Request Timeout"\}$/);
    expect(await cut('slow_body')).toBe(1);
  });

  test('when it is slow but steady, then it is accepted', async () => {
    const raw = await open();
    const size = 10_000;
    raw.write(head(size));
    const sent = await sendFor(WITHIN_MS / 2, 'x'.repeat(50), raw);
    raw.write('x'.repeat(size - sent));
    await expect.poll(raw.received).toMatch(/^HTTP\/1\.1 200 [\s\S]*read x{10000}$/);
  });
});

describe('given a caller with the most connections that it may have', () => {
  test('when it opens another, then that ends with a 429, until one of them ends', async () => {
    const [first] = [await open(), await open()];
    const another = await open();
    await another.closed;
    expect(another.received()).toMatch(/^HTTP\/1\.1 429 Too Many Requests\r\n[\s\S]*Retry-After: 1\r\n/);
    expect(await cut('too_many')).toBe(1);
    first.socket.destroy();
    const isTaken = async () => {
      const response = await fetch(urlOf(), { headers: { connection: 'close' } });
      return response.ok;
    };
    await expect.poll(isTaken).toBe(true);
  });

  test('when another caller comes, then it is served', async () => {
    await Promise.all([open(), open()]);
    const asked = request(urlOf(), { localAddress: '127.0.0.2' }).end();
    const [{ statusCode }] = await once(asked, 'response');
    expect(statusCode).toBe(200);
  });

  test('when the connections are those of a trusted proxy, then their number has no limit', async () => {
    const perCaller = { most: 1, trusts: (address: string) => address === '127.0.0.1' };
    const trusting = await listen((_req, res) => void res.end('ok'), '127.0.0.1', 0, { perCaller });
    const url = `http://127.0.0.1:${trusting.port}`;
    const raws = await Promise.all([openRaw(url), openRaw(url), openRaw(url)]);
    for (const raw of raws) raw.write(lines('GET / HTTP/1.1', 'Host: a', 'Connection: close'));
    for (const raw of raws) {
      await raw.closed;
      expect(raw.received()).toMatch(/^HTTP\/1\.1 200 /);
    }
    await trusting.drain();
  });
});
