import { once } from 'node:events';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { beforeEach, describe, expect, test } from 'vitest';
import { gatewayFixture } from '../../../tests/support/fixtures.ts';
import { openRaw } from '../../../tests/support/raw-http.ts';
import { runGateway } from '../../../tests/support/services.ts';

type Exchange = { req: IncomingMessage; res: ServerResponse };

/** As many connections as the gateway keeps to one address. */
const MOST_CONNECTIONS = 256;

let seen: Exchange[];
let behaviour: (exchange: Exchange) => void;

const listener = (req: IncomingMessage, res: ServerResponse) => {
  seen.push({ req, res });
  behaviour({ req, res });
};
const all = await gatewayFixture([listener, listener]);
const url = `${all.gateway.url}/api/v1/items`;
beforeEach(() => {
  seen = [];
});

const complaints = () => all.bed.logLines().filter(({ level }) => Number(level) >= 40);

describe('connections to a service', () => {
  test('when requests come one after the other, then they share one connection to each address', async () => {
    behaviour = ({ req, res }) => void req.resume().once('end', () => res.end('ok'));
    const before = all.replicas.map(({ connections }) => connections.length);
    const startedAt = performance.now();
    for (let sent = 0; sent < 60; sent += 1) {
      await (await fetch(url, sent % 2 === 0 ? {} : { method: 'POST', body: 'x' })).text();
    }
    const made = all.replicas.map(({ connections }, at) => connections.length - (before[at] ?? 0));
    // One that is idle for a second is closed; that takes a second.
    const closed = Math.floor((performance.now() - startedAt) / 1_000);
    expect(Math.max(...made)).toBeLessThanOrEqual(2 + closed);
  });
});

describe('given a caller that disconnects', () => {
  test('when the answer has not begun, then the service notices and no other instance is asked', async () => {
    behaviour = () => undefined;
    const before = complaints().length;
    const leaving = new AbortController();
    const asked = fetch(url, { signal: leaving.signal });
    await expect.poll(() => seen.length).toBe(1);
    const ended = once(seen[0]?.res ?? expect.fail(), 'close');
    leaving.abort();
    await expect(asked).rejects.toThrow();
    await ended;
    // The next request shows that the gateway is done with the last one.
    behaviour = ({ res }) => void res.end('next');
    expect(await (await fetch(url)).text()).toBe('next');
    expect(seen).toHaveLength(2);
    expect(complaints()).toHaveLength(before);
  });

  test('when the answer is being sent, then the service notices while it sends', async () => {
    behaviour = ({ res }) => void res.write('first');
    const leaving = new AbortController();
    await fetch(url, { signal: leaving.signal });
    const { res } = seen[0] ?? expect.fail();
    const ended = once(res, 'close');
    leaving.abort();
    // It may only have sent all that it wants to send: that shows when something is sent to it.
    res.write('second');
    await ended;
  });

  test('when its body is being sent, then no service is asked and nothing is logged as an error', async () => {
    const before = complaints().length;
    const left = () => all.bed.logLines().filter(({ status }) => status === 499).length;
    const leftBefore = left();
    const upload = request(url, { method: 'POST', headers: { 'content-length': '1000' } });
    upload.on('error', () => undefined);
    upload.write('some of it');
    behaviour = ({ res }) => void res.end('next');
    // The gateway is handling it once it has answered what came later.
    expect(await (await fetch(url)).text()).toBe('next');
    upload.socket?.resetAndDestroy();
    await expect.poll(left).toBe(leftBefore + 1);
    expect(await (await fetch(url)).text()).toBe('next');
    expect(seen.map(({ req }) => req.method)).toEqual(['GET', 'GET']);
    expect(complaints()).toHaveLength(before);
  });

  test('when its request still waits for a connection, then the service never sees it', async () => {
    const { items, bed, auth } = all;
    const { url: narrow } = await runGateway(bed, { AUTH_URL: auth.url, ITEMS_URL: items.url });
    behaviour = () => undefined;
    const path = `${narrow}/api/v1/items`;
    const busy = Array.from({ length: MOST_CONNECTIONS }, () => fetch(path));
    await expect.poll(() => seen.length, { timeout: 10_000 }).toBe(MOST_CONNECTIONS);
    const waiting = await openRaw(narrow);
    waiting.write('POST /api/v1/items/waiting HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n');
    const asked = () => bed.logLines().filter(({ status }) => status === 499).length;
    const before = asked();
    waiting.socket.resetAndDestroy();
    await expect.poll(asked).toBe(before + 1);
    for (const { res } of seen) res.end();
    await Promise.all(busy);
    behaviour = ({ res }) => void res.end('next');
    expect(await (await fetch(path)).text()).toBe('next');
    expect(seen.map(({ req }) => req.url)).not.toContain('/api/v1/items/waiting');
  });
});

describe('given a caller that does not read', () => {
  test('when it reads nothing for as long as a service may be silent, then the answer breaks off', async () => {
    const { items, bed, auth } = all;
    const env = { AUTH_URL: auth.url, ITEMS_URL: items.url, UPSTREAM_TIMEOUT_SECONDS: '1' };
    const { url: patient } = await runGateway(bed, env);
    const lost = Promise.withResolvers<void>();
    behaviour = ({ res }) => void res.once('close', lost.resolve).end(Buffer.alloc(200_000_000));
    const idle = await openRaw(patient);
    idle.socket.pause();
    idle.write('GET /api/v1/items HTTP/1.1\r\nHost: a\r\n\r\n');
    await lost.promise;
    expect(seen).toHaveLength(1);
    expect(seen[0]?.res.writableFinished).toBe(false);
    idle.socket.destroy();
  });
});

test('given many addresses that all fail, then no listener is left', async () => {
  const warnings: string[] = [];
  const note = ({ name }: Error) => void warnings.push(name);
  process.on('warning', note);
  behaviour = ({ req }) => void req.socket.destroy();
  const { items, bed, auth } = all;
  const { port } = new URL(items.url);
  const ITEMS_URL = Array.from({ length: 20 }, (_, at) => `http://127.0.0.${at + 1}:${port}`).join(',');
  const gateway = await runGateway(bed, { AUTH_URL: auth.url, ITEMS_URL });
  await fetch(`${gateway.url}/api/v1/items`);
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', note);
  expect(warnings).toEqual([]);
  await gateway.stop();
});

test('given a connection without a request, when the gateway stops, then it does not wait for it', async () => {
  const { items, bed, auth } = all;
  const gateway = await runGateway(bed, { AUTH_URL: auth.url, ITEMS_URL: items.url });
  const ahead = await openRaw(gateway.url);
  // A second one that is answered shows that the first was taken as well.
  expect((await gateway.client('GET', '/utils/health-check/')).body).toBe(true);
  await gateway.stop();
  await ahead.closed;
});
