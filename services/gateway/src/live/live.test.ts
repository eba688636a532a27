import { afterEach, describe, expect, test } from 'vitest';
import { newMember } from '../../../../tests/support/accounts.ts';
import type { Client } from '../../../../tests/support/client.ts';
import { allServicesFixture } from '../../../../tests/support/fixtures.ts';
import {
  itemsIn,
  type LiveReader,
  type LiveRequest,
  openLiveStream,
} from '../../../../tests/support/live-reader.ts';

const all = await allServicesFixture();
const { gateway, auth, admin } = all;
const readers: LiveReader[] = [];
afterEach(() => {
  for (const reader of readers.splice(0)) reader.close();
});

async function open(request: LiveRequest, { url } = gateway): Promise<LiveReader> {
  const reader = await openLiveStream(url, request);
  readers.push(reader);
  return reader;
}

async function createItem(token: string, client: Client = gateway.client): Promise<string> {
  const { status, body } = await client('POST', '/items/', { token, body: { title: 'Tea' } });
  expect(status).toBe(200);
  return (body as { id: string }).id;
}

describe('given an open stream', () => {
  test('when the user makes items, then their events arrive in order, with growing ids', async () => {
    const { id: userId, token } = await newMember(auth.client);
    const reader = await open({ token });
    expect(reader.headers.get('content-type')).toBe('text/event-stream');
    expect(reader.headers.get('cache-control')).toBe('no-store');
    expect(reader.headers.get('x-accel-buffering')).toBe('no');
    expect(reader.headers.get('content-encoding')).toBeNull();
    const made = [await createItem(token), await createItem(token), await createItem(token)];
    await expect.poll(() => itemsIn(reader), { timeout: 10_000 }).toEqual(made);
    const ids = reader.messages.map(({ id }) => Number(id));
    expect(ids).toEqual(ids.toSorted((one, other) => one - other));
    const [first] = reader.messages;
    expect(JSON.parse(first?.data ?? '')).toMatchObject({
      specversion: '1.0',
      type: 'item.created',
      source: '/quartet/items',
      data: { item_id: made[0], owner_id: userId },
    });
  });

  test("when others' items and users change, then only superusers get the events", async () => {
    const [ada, bob] = [await newMember(auth.client), await newMember(auth.client)];
    const [adas, all] = [await open({ token: ada.token }), await open({ token: admin })];
    const bobsItem = await createItem(bob.token);
    const adasItem = await createItem(ada.token);
    await adas.until('item.created');
    await expect.poll(() => itemsIn(all)).toEqual([bobsItem, adasItem]);
    expect(itemsIn(adas)).toEqual([adasItem]);
    expect(adas.messages.map(({ data }) => data).join()).not.toContain(bob.id);
  });
});

describe('given a reader that was away', () => {
  test('when it names its last event, then it gets what it missed, once and in order', async () => {
    const { token } = await newMember(auth.client);
    const before = await open({ token });
    await createItem(token);
    const last = await before.until('item.created');
    before.close();
    const missed = [await createItem(token), await createItem(token)];
    const [byHeader, byQuery] = [
      await open({ token, headers: { 'last-event-id': last.id } }),
      await open({ token, query: { last_event_id: last.id } }),
    ];
    const later = await createItem(token);
    for (const reader of [byHeader, byQuery]) {
      await expect.poll(() => itemsIn(reader), { timeout: 10_000 }).toEqual([...missed, later]);
    }
  });
});
