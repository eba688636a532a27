import { expect, test } from 'vitest';
import { newMember } from '../../../tests/support/accounts.ts';
import { documentOf, eventsAbout } from '../../../tests/support/events.ts';
import { itemsFixture } from '../../../tests/support/fixtures.ts';
import type { ItemPublic } from './schemas.ts';

const { bed, auth, admin, call: items } = await itemsFixture();
const owner = await newMember(auth.client);

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

async function newItem(headers = {}): Promise<{ id: string; data: object }> {
  const call = { token: owner.token, body: { title: 'one' }, headers };
  const { id, owner_id } = (await items('POST', '/items/', call)).body as ItemPublic;
  return { id, data: { item_id: id, owner_id } };
}

const eventsOf = async (id: string) =>
  (await eventsAbout(bed, 'items', id)).map(({ event, subject }) => [subject, event.source, event.data]);

test('given an item that is created, changed and deleted, then each write has one event', async () => {
  const { id, data } = await newItem();
  const call = { token: owner.token, body: { title: 'two', description: 'second' } };
  await items('PATCH', `/items/${id}`, call);
  await items('PATCH', `/items/${id}`, call);
  await items('PUT', `/items/${id}`, { token: admin, body: { title: 'two', description: null } });
  const written = [
    ['item.created', '/quartet/items', data],
    ['item.updated', '/quartet/items', { ...data, changed: ['title', 'description'] }],
    ['item.updated', '/quartet/items', { ...data, changed: ['description'] }],
  ];
  expect(await eventsOf(id)).toEqual(written);
  expect(await documentOf(bed, 'items', id)).toMatchObject({ title: 'two', outbox: [] });
  await items('DELETE', `/items/${id}`, { token: admin });
  expect(await eventsOf(id)).toEqual([...written, ['item.deleted', '/quartet/items', data]]);
  expect(await documentOf(bed, 'items', id)).toBeNull();
});

test('given refused writes, then there is no event', async () => {
  const { id } = await newItem();
  await items('PATCH', `/items/${id}`, { token: owner.token, body: { title: '' } });
  await items('PATCH', `/items/${id}`, { token: owner.token, body: {} });
  expect(await eventsOf(id)).toHaveLength(1);
});

test('given 30 items created and deleted at once, then each has two events, and no document is left', async () => {
  const made = await Promise.all(Array.from({ length: 30 }, () => newItem()));
  await Promise.all(made.map(({ id }) => items('DELETE', `/items/${id}`, { token: owner.token })));
  for (const { id, data } of made) {
    expect(await eventsOf(id)).toEqual([
      ['item.created', '/quartet/items', data],
      ['item.deleted', '/quartet/items', data],
    ]);
    expect(await documentOf(bed, 'items', id)).toBeNull();
  }
});

test('given a traceparent, then it travels in the headers of the event, and an invalid one does not', async () => {
  const { id } = await newItem({ traceparent });
  await items('PATCH', `/items/${id}`, {
    token: owner.token,
    body: { title: 'two' },
    headers: { traceparent: 'nonsense' },
  });
  await items('DELETE', `/items/${id}`, { token: owner.token, headers: { traceparent } });
  const stored = await eventsAbout(bed, 'items', id);
  expect(stored.map((event) => event.traceparent)).toEqual([traceparent, '', traceparent]);
});

test('given what items logs, then no token is in it', async () => {
  await items('GET', '/items/', { token: owner.token });
  const log = JSON.stringify(bed.logLines());
  expect(log).toContain('items-read_items');
  for (const token of [owner.token, admin]) expect(log.includes(token)).toBe(false);
});
