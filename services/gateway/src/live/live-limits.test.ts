import { afterEach, describe, expect, test } from 'vitest';
import { newMember } from '../../../../tests/support/accounts.ts';
import { allServicesFixture } from '../../../../tests/support/fixtures.ts';
import { publishEvent, publishItem } from '../../../../tests/support/live-events.ts';
import {
  itemsIn,
  type LiveReader,
  type LiveRequest,
  openLive,
  openLiveStream,
} from '../../../../tests/support/live-reader.ts';
import { lines, openRaw } from '../../../../tests/support/raw-http.ts';
import { addressesOf, type Running, runGateway } from '../../../../tests/support/services.ts';
import type { LiveSettings } from './live-updates.ts';

const all = await allServicesFixture();
const { bed, auth, admin } = all;
const urls = addressesOf({ auth, items: all.items, notifier: all.notifier });
const another = (env: Record<string, string> = {}, live: Partial<LiveSettings> = {}) =>
  runGateway(bed, { ...urls, ...env }, [], live);
const readers: LiveReader[] = [];
afterEach(() => {
  for (const reader of readers.splice(0)) reader.close();
});

async function open(at: Running, request: LiveRequest): Promise<LiveReader> {
  const reader = await openLiveStream(at.url, request);
  readers.push(reader);
  return reader;
}

async function metricOf({ metrics }: Running, name: string): Promise<number> {
  const text = await metrics.metrics();
  return Number(new RegExp(`^quartet_${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
}

const request = (token: string) =>
  lines('GET /api/v1/live HTTP/1.1', 'Host: a', `Authorization: Bearer ${token}`);

describe('given as many streams as are allowed', () => {
  test('when a user opens one more, then it is a 429 until one of theirs is closed', async () => {
    const gateway = await another({ LIVE_CONNECTIONS_PER_USER: '2' });
    const { token } = await newMember(auth.client);
    const [first] = [await open(gateway, { token }), await open(gateway, { token })];
    const refused = await gateway.client('GET', '/live', { token });
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    expect(refused.body).toEqual({ detail: 'Too many requests' });
    expect((await gateway.client('HEAD', '/live', { token })).status).toBe(429);
    await open(gateway, { token: (await newMember(auth.client)).token });
    first?.close();
    await expect.poll(async () => (await gateway.client('HEAD', '/live', { token })).status).toBe(200);
    await open(gateway, { token });
    expect(await metricOf(gateway, 'live_streams')).toBe(3);
  });

  test('when anybody opens one more, then it is a 503', async () => {
    const gateway = await another({ LIVE_CONNECTIONS: '2' });
    await open(gateway, { token: admin });
    await open(gateway, { token: (await newMember(auth.client)).token });
    const { token } = await newMember(auth.client);
    const refused = await gateway.client('GET', '/live', { token });
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    expect((await gateway.client('GET', '/users/me', { token })).status).toBe(200);
  });
});

test('given HEAD, then it answers like GET without a stream', async () => {
  const gateway = await another();
  const { status, headers, text } = await gateway.client('HEAD', '/live', { token: admin });
  expect([status, text, headers.get('content-type')]).toEqual([200, '', 'text/event-stream']);
  expect(headers.get('x-accel-buffering')).toBe('no');
  expect(await metricOf(gateway, 'live_streams')).toBe(0);
});

test('given a caller that accepts compression, then the stream has none', async () => {
  const gateway = await another();
  const reader = await open(gateway, { token: admin, headers: { 'accept-encoding': 'gzip, br' } });
  expect(reader.headers.get('content-encoding')).toBeNull();
});

describe('given a slow reader', () => {
  const EMAIL = `${'a'.repeat(50_000)}@example.com`;
  const big = (user_id: string) =>
    publishEvent(bed, 'user.updated', user_id, {
      ...{ user_id, email: EMAIL, is_active: true, is_superuser: false, changed: ['full_name'] },
    });

  test('when it takes nothing, then it is cut off, and others go on', async () => {
    const gateway = await another();
    const { id, token } = await newMember(auth.client);
    const slow = await openRaw(gateway.url);
    slow.write(request(token));
    await expect.poll(slow.received).toContain(': open');
    slow.socket.pause();
    const healthy = await open(gateway, { token });
    for (let sent = 0; (await metricOf(gateway, 'live_cut_off_total')) === 0; sent += 1) {
      expect(sent).toBeLessThan(1_000);
      await big(id);
    }
    slow.socket.resume();
    await slow.closed;
    const { itemId } = await publishItem(bed, id);
    await expect.poll(() => itemsIn(healthy), { timeout: 10_000 }).toEqual([itemId]);
    expect(await metricOf(gateway, 'live_cut_off_total')).toBe(1);
    expect(await metricOf(gateway, 'live_streams')).toBe(1);
  });

  test('when it leaves a few events unread, then it is cut off at their number too', async () => {
    const gateway = await another({}, { inHand: { events: 3, bytes: 1_000_000_000 } });
    const { id, token } = await newMember(auth.client);
    const slow = await openRaw(gateway.url);
    slow.write(request(token));
    await expect.poll(slow.received).toContain(': open');
    slow.socket.pause();
    for (let sent = 0; (await metricOf(gateway, 'live_cut_off_total')) === 0; sent += 1) {
      expect(sent).toBeLessThan(1_000);
      await big(id);
    }
    slow.socket.destroy();
  });
});

describe('given a stream without events', () => {
  test('when time passes, then comments come, and its position moves on past what others did', async () => {
    const gateway = await another({ REQUEST_TIMEOUT_SECONDS: '1' }, { heartbeatMs: 300 });
    const [{ token }, bob] = [await newMember(auth.client), await newMember(auth.client)];
    const startedAt = performance.now();
    const reader = await open(gateway, { token });
    const { seq } = await publishItem(bed, bob.id);
    await expect.poll(() => Number(reader.lastEventId())).toBeGreaterThanOrEqual(seq);
    const alive = () => reader.comments.filter((comment) => comment === 'alive').length;
    // That is more than the time in which a request must arrive.
    const seconds = () => (performance.now() - startedAt) / 1000;
    await expect.poll(() => alive() > 2 && seconds() > 1.5, { timeout: 30_000 }).toBe(true);
    expect(reader.messages).toEqual([]);
    await expect.poll(() => metricOf(gateway, 'live_streams')).toBe(1);
  });

  test('when its reader ends its side of the connection, then the stream ends', async () => {
    const gateway = await another();
    const reader = await openRaw(gateway.url);
    reader.write(request(admin));
    await expect.poll(reader.received).toContain(': open');
    reader.socket.end();
    await reader.closed;
    await expect.poll(() => metricOf(gateway, 'live_streams')).toBe(0);
  });
});

describe('given a process that drains', () => {
  test('when it stops, then its streams say so and end, and continue elsewhere without a gap', async () => {
    const [leaving, stays] = [await another(), await another()];
    const { id, token } = await newMember(auth.client);
    const open20 = Array.from({ length: 5 }, () => open(leaving, { token }));
    const left = await Promise.all(open20);
    const before = await publishItem(bed, id);
    for (const reader of left) await expect.poll(() => itemsIn(reader)).toEqual([before.itemId]);
    await leaving.stop();
    for (const reader of left) {
      expect(JSON.parse((await reader.until('end')).data)).toEqual({ reason: 'draining' });
      expect(reader.retries).toEqual(['1000']);
      await reader.ended;
    }
    const missed = await publishItem(bed, id);
    const again = await open(stays, { token, headers: { 'last-event-id': left[0]?.lastEventId() ?? '' } });
    await expect.poll(() => itemsIn(again)).toEqual([missed.itemId]);
  });

  test('when a reader comes meanwhile, then it is sent on', async () => {
    const leaving = await another({ DRAIN_SECONDS: '3' });
    const { token } = await newMember(auth.client);
    await open(leaving, { token });
    const stopped = leaving.stop();
    const late = await openLive(leaving.url, { token });
    expect(late.status).toBe(200);
    expect(JSON.parse((await late.until('end')).data)).toEqual({ reason: 'draining' });
    await late.ended;
    await stopped;
  });
});
