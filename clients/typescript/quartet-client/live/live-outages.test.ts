import { expect, test } from 'vitest';
import { newReader } from '../../../../tests/support/client-reader.ts';
import { allServicesFixture } from '../../../../tests/support/fixtures.ts';
import { publishItem, publishItems } from '../../../../tests/support/live-events.ts';
import { addressesOf, type Running, runGateway } from '../../../../tests/support/services.ts';
import { startTcpProxy } from '../../../../tests/support/tcp-proxy.ts';
import { systemClock } from '../clock.ts';

const all = await allServicesFixture();
const { bed, auth, gateway } = all;
const urls = addressesOf({ auth, items: all.items, notifier: all.notifier });

test('given a gateway that drains, then the stream goes on at its successor', async () => {
  const first = await runGateway(bed, urls);
  let target: Running = first;
  const { member, ids, live, opened, reasons } = await newReader(all, {
    async fetch(input, init) {
      const request = new Request(input, init);
      const { url, method, headers, signal } = request;
      const body = method === 'GET' ? null : await request.text();
      return fetch(url.replace(gateway.url, target.url), { method, headers, signal, body });
    },
  });
  void live();
  await opened();
  const before = await publishItems(bed, member.id, 2);
  target = await runGateway(bed, urls);
  await first.stop();
  const meanwhile = await publishItems(bed, member.id, 2);
  await opened(2);
  const after = await publishItems(bed, member.id, 2);
  await expect.poll(() => ids).toEqual([...before, ...meanwhile, ...after]);
  expect(reasons()).toEqual(['draining']);
});

test('given a connection that is silent for longer than two comments, then another takes its place', async () => {
  const proxy = await startTcpProxy(bed, gateway.url);
  const silences: (() => void)[] = [];
  const { member, ids, live, opened, reasons } = await newReader(all, {
    baseUrl: proxy.url.replace(/\/$/, ''),
    clock: {
      ...systemClock,
      async wait(ms, signal) {
        if (ms < 30_000) return systemClock.wait(ms, signal);
        // The test says when the time is over.
        const { promise, resolve, reject } = Promise.withResolvers<void>();
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        silences.push(resolve);
        return promise;
      },
    },
  });
  void live();
  await opened();
  const [first] = await publishItems(bed, member.id, 1);
  await expect.poll(() => ids).toEqual([first]);
  void proxy.cut('nothing');
  const missed = await publishItems(bed, member.id, 2);
  silences.at(-1)?.();
  await expect.poll(reasons).toEqual(['lost']);
  proxy.mend();
  await expect.poll(() => ids).toEqual([first, ...missed]);
});

test.each([
  ['429', 429, { 'retry-after': '1' }, { status: 429, retryAfterSeconds: 1 }],
  ['503', 503, {}, { status: 503 }],
  ['a proxy’s page in place of a stream', 200, { 'content-type': 'text/html' }, { status: 200 }],
])('given %s, then the client waits and asks again', async (_what, status, headers, error) => {
  let refused = 0;
  const { member, ids, live, opened, states } = await newReader(all, {
    async fetch(input, init) {
      const request = new Request(input, init);
      if (!request.url.endsWith('/live') || refused === 2) return fetch(request);
      refused += 1;
      return new Response('{"detail":"no"}', { status, headers });
    },
  });
  void live();
  await opened();
  const waits = states.filter((state) => state.state === 'waiting');
  expect(waits).toEqual(
    [error, error].map((one) =>
      expect.objectContaining({ reason: 'lost', error: expect.objectContaining(one) }),
    ),
  );
  const [first, second] = waits.map(({ forMs }) => forMs);
  expect(first).toBeGreaterThanOrEqual(status === 429 ? 1_000 : 500);
  expect(first).toBeLessThanOrEqual(1_000);
  expect(second).toBeGreaterThanOrEqual(1_000);
  expect(second).toBeLessThanOrEqual(2_000);
  const { itemId } = await publishItem(bed, member.id);
  await expect.poll(() => ids).toEqual([itemId]);
});
