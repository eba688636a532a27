import { afterEach, describe, expect, test } from 'vitest';
import { newMember } from '../../../../tests/support/accounts.ts';
import { allServicesFixture } from '../../../../tests/support/fixtures.ts';
import { publishItem, publishItems } from '../../../../tests/support/live-events.ts';
import {
  itemsIn,
  type LiveReader,
  type LiveRequest,
  openLiveStream,
} from '../../../../tests/support/live-reader.ts';
import { addressesOf, type Running, runGateway } from '../../../../tests/support/services.ts';
import type { LiveSettings } from './live-updates.ts';

const all = await allServicesFixture();
const { bed, gateway, auth, admin } = all;
const urls = addressesOf({ auth, items: all.items, notifier: all.notifier });
const another = (live: Partial<LiveSettings> = {}) => runGateway(bed, urls, [], live);
const readers: LiveReader[] = [];
afterEach(() => {
  for (const reader of readers.splice(0)) reader.close();
});

async function open(at: Running, request: LiveRequest): Promise<LiveReader> {
  const reader = await openLiveStream(at.url, request);
  readers.push(reader);
  return reader;
}

const resumesOf = async ({ metrics }: Running, source: string): Promise<number> => {
  const text = await metrics.metrics();
  return Number(new RegExp(`quartet_live_resumes_total{source="${source}"} (\\d+)`).exec(text)?.[1] ?? 0);
};
const after = (last: number | string) => ({ 'last-event-id': String(last) });
const ofLong = { timeout: 20_000 };

describe('given a reader that was away', () => {
  test('when it comes back to a process that was started meanwhile, then nothing is missing or twice', async () => {
    const { id, token } = await newMember(auth.client);
    const first = await open(gateway, { token });
    const known = await publishItems(bed, id, 3);
    await expect.poll(() => itemsIn(first)).toEqual(known);
    first.close();
    const missed = await publishItems(bed, id, 20);
    const fresh = await another();
    const second = await open(fresh, { token, headers: after(first.lastEventId()) });
    const later = await publishItems(bed, id, 3);
    await expect.poll(() => itemsIn(second)).toEqual([...missed, ...later]);
    expect(await resumesOf(fresh, 'memory')).toBe(1);
  });

  test('when it has seen no event yet, then the opening id is enough to continue', async () => {
    const { id, token } = await newMember(auth.client);
    const first = await open(gateway, { token });
    await expect.poll(first.lastEventId).toMatch(/^\d+$/);
    first.close();
    const missed = await publishItems(bed, id, 2);
    const second = await open(await another(), { token, headers: after(first.lastEventId()) });
    await expect.poll(() => itemsIn(second)).toEqual(missed);
  });

  test('when the process has forgotten what it missed, then it gets that from the broker while others write', async () => {
    const { id, token } = await newMember(auth.client);
    const { seq } = await publishItem(bed, id);
    const small = await another({ recent: { events: 20, bytes: 1_000_000 } });
    const missed = await publishItems(bed, id, 1_200);
    const writing = publishItems(bed, id, 300);
    const requests = [{ token }, { token: admin }];
    const back = await Promise.all(
      [...requests, ...requests].map((request) => open(small, { ...request, headers: after(seq) })),
    );
    const wanted = [...missed, ...(await writing)];
    for (const reader of back) await expect.poll(() => itemsIn(reader), ofLong).toEqual(wanted);
    expect(await resumesOf(small, 'broker')).toBe(4);
  });

  test('when a header and a parameter differ, then the header counts, as for a browser that comes back', async () => {
    const { id, token } = await newMember(auth.client);
    const [, last, next] = [
      await publishItem(bed, id),
      await publishItem(bed, id),
      await publishItem(bed, id),
    ];
    const reader = await open(gateway, {
      token,
      headers: after(last.seq),
      query: { last_event_id: '0' },
    });
    await expect.poll(() => itemsIn(reader)).toEqual([next.itemId]);
  });
});

describe('given an id of which nothing is known', () => {
  test('when it is beyond the end, then a reset comes first, and then what is new', async () => {
    const { id, token } = await newMember(auth.client);
    const reader = await open(gateway, { token, headers: after(Number.MAX_SAFE_INTEGER) });
    const reset = await reader.until('reset');
    expect(JSON.parse(reset.data)).toEqual({ reason: 'unknown-id' });
    const { itemId, seq } = await publishItem(bed, id);
    await expect.poll(() => itemsIn(reader)).toEqual([itemId]);
    expect(Number(reset.id)).toBeLessThan(seq);
    expect(reader.messages.map(({ event }) => event)).toEqual(['reset', 'item.created']);
  });

  test('when it is older than what the broker keeps, then a reset comes first', async () => {
    const { id, token } = await newMember(auth.client);
    const { seq } = await publishItem(bed, id);
    await publishItems(bed, id, 3);
    const { jsm, names } = bed.broker;
    await jsm.streams.purge(names.eventStream, { seq: seq + 3 });
    const reader = await open(await another(), { token, headers: after(seq) });
    expect(JSON.parse((await reader.until('reset')).data)).toEqual({ reason: 'too-old' });
    const later = await publishItem(bed, id);
    await expect.poll(() => itemsIn(reader)).toEqual([later.itemId]);
    // From the reset on, the reader is like any other.
    reader.close();
    const again = await open(gateway, { token, headers: after(reader.lastEventId()) });
    const last = await publishItem(bed, id);
    await expect.poll(() => itemsIn(again)).toEqual([last.itemId]);
    expect(again.messages.map(({ event }) => event)).toEqual(['item.created']);
  });
});

describe('given an id that is none', () => {
  test.each([
    ['letters', 'int_parsing', 'last'],
    ['a negative number', 'greater_than_equal', '-1'],
    ['a fraction', 'int_parsing', '1.5'],
    ['more than a number can say', 'less_than_equal', '9'.repeat(400)],
  ])('when it is %s, then it is a 422', async (_name, type, id) => {
    const { token } = await newMember(auth.client);
    const call = (path: string, headers = {}) => gateway.client('GET', path, { token, headers });
    const byHeader = await call('/live', after(id));
    expect(byHeader.status).toBe(422);
    expect(byHeader.body).toMatchObject({ detail: [{ type, loc: ['header', 'last-event-id'], input: id }] });
    const byQuery = await call(`/live?last_event_id=${id}`);
    expect(byQuery.status).toBe(422);
    expect(byQuery.body).toMatchObject({ detail: [{ type, loc: ['query', 'last_event_id'], input: id }] });
  });

  test('when it has a megabyte, then it is a 431', async () => {
    const { token } = await newMember(auth.client);
    const id = '1'.repeat(1_000_000);
    const url = `${gateway.url}/api/v1/live`;
    const authorization = `Bearer ${token}`;
    const byHeader = fetch(url, { headers: { authorization, ...after(id) } });
    expect((await byHeader).status).toBe(431);
    expect((await fetch(`${url}?last_event_id=${id}`, { headers: { authorization } })).status).toBe(431);
  });

  test('when there is no token either, then it is a 401', async () => {
    expect((await gateway.client('GET', '/live?last_event_id=x')).status).toBe(401);
  });
});

test('given an event stream that is recreated, then open streams say so, and go on', async () => {
  const { id, token } = await newMember(auth.client);
  const reader = await open(gateway, { token });
  const { seq: before } = await publishItem(bed, id);
  const { jsm, names } = bed.broker;
  await jsm.streams.delete(names.eventStream);
  expect(JSON.parse((await reader.until('reset')).data)).toEqual({ reason: 'new-stream' });
  const { itemId, seq } = await publishItem(bed, id);
  await reader.until('item.created', ({ id: at }) => Number(at) === seq);
  expect(itemsIn(reader).at(-1)).toBe(itemId);
  // One that was away meanwhile finds out as well, since no sequence comes twice.
  const away = await open(await another(), { token, headers: after(before) });
  expect(JSON.parse((await away.until('reset')).data)).toEqual({ reason: 'too-old' });
});
