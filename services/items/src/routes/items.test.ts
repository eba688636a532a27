import { ObjectId } from 'mongodb';
import { describe, expect, test } from 'vitest';
import { newMember } from '../../../../tests/support/accounts.ts';
import { itemsFixture } from '../../../../tests/support/fixtures.ts';
import type { ItemPublic } from '../schemas.ts';

const { auth, admin, call: items } = await itemsFixture();
const owner = await newMember(auth.client);
const other = await newMember(auth.client);

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const NOTHING = 'ffffffffffffffffffffffff';
const unknown = { status: 404, body: { detail: 'Item not found' } };
const notYours = { status: 403, body: { detail: 'Not enough permissions' } };

async function newItem(fields: Record<string, unknown> = { title: 'one' }): Promise<ItemPublic> {
  const { status, body } = await items('POST', '/items/', { token: owner.token, body: fields });
  expect(status).toBe(200);
  return body as ItemPublic;
}

describe('creating an item', () => {
  test('given a title, then the answer is the item, which belongs to the caller', async () => {
    const item = await newItem({ title: 'one' });
    expect(item).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{24}$/),
      title: 'one',
      description: null,
      owner_id: owner.id,
      created_at: expect.stringMatching(TIME),
      updated_at: item.created_at,
    });
    expect((await items('GET', `/items/${item.id}`, { token: owner.token })).body).toEqual(item);
  });

  test.each([
    ['a text', 'text'],
    ['an empty text', ''],
    ['null', null],
  ])('given %s as description, then it is kept', async (_name, description) => {
    expect(await newItem({ title: 'one', description })).toMatchObject({ description });
  });

  test('given an owner and other unknown fields, then they are ignored', async () => {
    const item = await newItem({ title: 'one', owner_id: other.id, id: NOTHING, created_at: 'x', outbox: 1 });
    expect(item).toMatchObject({ owner_id: owner.id });
    expect(item.id).not.toBe(NOTHING);
  });

  test('given a superuser, then the item belongs to the superuser', async () => {
    const { body } = await items('POST', '/items', { token: admin, body: { title: 'admin' } });
    expect((body as ItemPublic).owner_id).not.toBe(owner.id);
  });
});

describe.each(['PUT', 'PATCH'])('%s /items/{id}', (method) => {
  const update = (id: string, body: unknown, token = owner.token) =>
    items(method, `/items/${id}`, { token, body });

  test('given some fields, then those are set, the rest stays, and updated_at changes', async () => {
    const item = await newItem({ title: 'one', description: 'first' });
    const titled = await update(item.id, { title: 'two' });
    expect(titled.status).toBe(200);
    expect(titled.body).toEqual({ ...item, title: 'two', updated_at: expect.any(String) });
    const described = (await update(item.id, { description: 'second' })).body as ItemPublic;
    expect(described).toMatchObject({ title: 'two', description: 'second', created_at: item.created_at });
    expect(Date.parse(described.updated_at)).toBeGreaterThan(Date.parse(item.updated_at));
  });

  test('given null, then it clears the description and leaves the title; "" is kept', async () => {
    const item = await newItem({ title: 'one', description: 'first' });
    expect((await update(item.id, {})).body).toEqual(item);
    expect((await update(item.id, { title: null })).body).toEqual(item);
    expect((await update(item.id, { description: '' })).body).toMatchObject({
      title: 'one',
      description: '',
    });
    expect((await update(item.id, { description: null })).body).toMatchObject({
      title: 'one',
      description: null,
    });
  });

  test('given unknown fields, then they are ignored', async () => {
    const item = await newItem();
    expect((await update(item.id, { owner_id: other.id, id: NOTHING })).body).toEqual(item);
  });

  test('given a superuser, then the items of others can be changed and keep their owners', async () => {
    const item = await newItem();
    expect(await update(item.id, { title: 'two' }, admin)).toMatchObject({
      status: 200,
      body: { title: 'two', owner_id: owner.id },
    });
  });

  test('given an invalid body, then 422 before 404 and 403', async () => {
    const item = await newItem();
    expect((await update(NOTHING, { title: '' })).status).toBe(422);
    expect((await update(item.id, { title: '' }, other.token)).status).toBe(422);
    expect((await update('x', { title: '' })).status).toBe(400);
  });

  test('given 20 updates at once, then each succeeds and one of them is the last', async () => {
    const item = await newItem();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => update(item.id, { title: `title ${n}` })),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    const { body } = await items('GET', `/items/${item.id}`, { token: owner.token });
    expect(answers.map((answer) => (answer.body as ItemPublic).title)).toContain((body as ItemPublic).title);
  });
});

describe('deleting an item', () => {
  const remove = (id: string, token = owner.token) => items('DELETE', `/items/${id}`, { token });

  test('given an own item, then it is deleted', async () => {
    const { id } = await newItem();
    expect(await remove(id)).toMatchObject({ status: 200, body: { message: 'Item deleted successfully' } });
    for (const method of ['GET', 'DELETE']) {
      expect(await items(method, `/items/${id}`, { token: owner.token })).toMatchObject(unknown);
    }
    expect(await items('PATCH', `/items/${id}`, { token: owner.token, body: {} })).toMatchObject(unknown);
  });

  test('given a superuser, then the items of others can be deleted', async () => {
    const { id } = await newItem();
    expect((await remove(id, admin)).status).toBe(200);
    expect((await remove(id, admin)).status).toBe(404);
  });

  test('given 10 deletions at once, then one succeeds and nine find nothing', async () => {
    const { id } = await newItem();
    const answers = await Promise.all(Array.from({ length: 10 }, () => remove(id)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(404)]);
  });
});

describe.each(['GET', 'PUT', 'PATCH', 'DELETE'])('%s /items/{id}', (method) => {
  const withBody = method === 'GET' || method === 'DELETE' ? {} : { body: { title: 'stolen' } };

  test('given the item of another user, then 403 and it does not change', async () => {
    const item = await newItem();
    expect(await items(method, `/items/${item.id}`, { token: other.token, ...withBody })).toMatchObject(
      notYours,
    );
    expect((await items('GET', `/items/${item.id}`, { token: admin })).body).toEqual(item);
  });

  test('given an unknown id, then 404 for all users', async () => {
    for (const token of [owner.token, admin]) {
      for (const id of [NOTHING, new ObjectId().toHexString()]) {
        expect(await items(method, `/items/${id}`, { token, ...withBody })).toMatchObject(unknown);
      }
    }
  });

  test.each(['x', 'F'.repeat(24), 'f'.repeat(23), '%zz', '%00', '%F0%9F%98%80'])(
    'given the id %s, then 400',
    async (id) => {
      expect(await items(method, `/items/${id}`, { token: owner.token, ...withBody })).toMatchObject({
        status: 400,
        body: { detail: 'Invalid item ID format' },
      });
    },
  );
});
