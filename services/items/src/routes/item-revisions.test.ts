import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { newMember } from '../../../../tests/support/accounts.ts';
import type { Answer } from '../../../../tests/support/client.ts';
import { itemsFixture } from '../../../../tests/support/fixtures.ts';
import { runItems } from '../../../../tests/support/services.ts';
import type { ItemPublic } from '../schemas.ts';

const { bed, auth, admin, items, call } = await itemsFixture();
const replica = await runItems(bed, auth);
const { token } = await newMember(auth.client);
const stranger = await newMember(auth.client);

const failed = { status: 412, body: { detail: 'Precondition failed' } };
const tagOf = ({ headers }: Answer): string => headers.get('etag') ?? '';

async function newItem(): Promise<{ path: string; etag: string; item: ItemPublic }> {
  const answer = await call('POST', '/items/', { token, body: { title: 'one' } });
  const item = answer.body as ItemPublic;
  return { path: `/items/${item.id}`, etag: tagOf(answer), item };
}

describe('the ETag of an item', () => {
  test('given an item, then every answer that is the item has its revision', async () => {
    const { path, etag } = await newItem();
    expect(etag).toBe('"0"');
    expect(tagOf(await call('GET', path, { token }))).toBe(etag);
    expect(tagOf(await call('HEAD', path, { token: admin }))).toBe(etag);
    expect(tagOf(await call('PUT', path, { token, body: { title: 'two' } }))).toBe('"1"');
    expect(tagOf(await call('PATCH', path, { token, body: { description: 'x' } }))).toBe('"2"');
    expect(tagOf(await call('GET', path, { token }))).toBe('"2"');
    expect((await call('GET', '/items/', { token })).headers.has('etag')).toBe(false);
    expect((await call('DELETE', path, { token })).headers.has('etag')).toBe(false);
  });

  test('given an update that changes nothing, then the revision stays', async () => {
    const { path, etag } = await newItem();
    for (const body of [{}, { title: 'one' }, { title: null }, { description: null }]) {
      expect(tagOf(await call('PATCH', path, { token, body }))).toBe(etag);
    }
  });

  test('given events that were published meanwhile, then the revision stays', async () => {
    const { path, item } = await newItem();
    const update = await call('PUT', path, { token, body: { title: 'two' } });
    await expect
      .poll(
        async () => (await bed.database.db.collection('items').findOne({ title: 'two', outbox: [] }))?._id,
      )
      .toBeDefined();
    expect(tagOf(await call('GET', path, { token }))).toBe(tagOf(update));
    await call('DELETE', `/items/${item.id}`, { token });
  });

  test('given an item of release 0.1, which has no revision, then its tag is that of 0 until its first write', async () => {
    const { path, item } = await newItem();
    await bed.database.db.collection('items').updateOne({ title: item.title }, { $unset: { revision: '' } });
    expect(tagOf(await call('GET', path, { token }))).toBe('"0"');
    expect(
      (await call('PUT', path, { token, body: { title: 'x' }, headers: { 'if-match': '"1"' } })).status,
    ).toBe(412);
    const updated = await call('PUT', path, { token, body: { title: 'x' }, headers: { 'if-match': '"0"' } });
    expect([updated.status, tagOf(updated)]).toEqual([200, '"1"']);
  });
});

describe('If-None-Match', () => {
  test('given the present tag, a list with it or *, then the answer is 304 without a body', async () => {
    const { path, etag } = await newItem();
    for (const known of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      const answer = await call('GET', path, { token, headers: { 'if-none-match': known } });
      expect([answer.status, answer.text, tagOf(answer)]).toEqual([304, '', etag]);
    }
  });

  test('given another tag, then the answer is the item', async () => {
    const { path, etag, item } = await newItem();
    const headers = { 'if-none-match': etag };
    await call('PUT', path, { token, body: { title: 'two' } });
    expect(await call('GET', path, { token, headers })).toMatchObject({
      status: 200,
      body: { id: item.id, title: 'two' },
    });
  });

  test('given somebody else’s item or none, then the caller learns nothing of its tag', async () => {
    const { path } = await newItem();
    const headers = { 'if-none-match': '*' };
    expect(await call('GET', path, { token: stranger.token, headers })).toMatchObject({ status: 403 });
    expect(await call('GET', `/items/${'f'.repeat(24)}`, { token, headers })).toMatchObject({ status: 404 });
  });
});

describe.each(['PUT', 'PATCH', 'DELETE'])('If-Match of a %s', (method) => {
  const write = (path: string, match: string, more: Record<string, unknown> = {}) =>
    call(method, path, {
      token,
      body: method === 'DELETE' ? undefined : { title: randomUUID() },
      headers: { 'if-match': match },
      ...more,
    });

  test('given the present tag, a list with it, or *, then it is written', async () => {
    for (const match of ['"0"', '"9", "0"', '*']) {
      const { path } = await newItem();
      expect((await write(path, match)).status).toBe(200);
    }
  });

  test.each(['"1"', 'W/"0"', '0', '"0', '', '"9", W/"0"', '"0", x', '*, "0"'])(
    'given %s, then the answer is 412, and the item stays as it is',
    async (match) => {
      const { path, etag, item } = await newItem();
      expect(await write(path, match)).toMatchObject(failed);
      const now = await call('GET', path, { token });
      expect([now.body, tagOf(now)]).toEqual([item, etag]);
    },
  );

  test('given a former tag, then the answer is 412, also when nothing would change', async () => {
    const { path, etag } = await newItem();
    await call('PUT', path, { token, body: { title: 'two' } });
    expect(await write(path, etag)).toMatchObject(failed);
    if (method !== 'DELETE') expect(await write(path, etag, { body: {} })).toMatchObject(failed);
  });

  test('given other faults, then those are answered first', async () => {
    const { path } = await newItem();
    const nothing = `/items/${'f'.repeat(24)}`;
    const statusOf = async (answer: Promise<Answer>) => (await answer).status;
    expect(await statusOf(write(path, '"9"', { token: undefined }))).toBe(401);
    expect(await statusOf(write('/items/x', '"9"'))).toBe(400);
    if (method !== 'DELETE') expect(await statusOf(write(nothing, '"9"', { body: { title: 7 } }))).toBe(422);
    expect(await statusOf(write(nothing, '*'))).toBe(404);
    expect(await statusOf(write(path, '"9"', { token: stranger.token }))).toBe(403);
  });
});

describe('given 50 writers with one ETag on two replicas', () => {
  const race = (path: string, etag: string, method: string) =>
    Promise.all(
      Array.from({ length: 50 }, (_, at) =>
        (at % 2 === 0 ? items : replica).client(method, path, {
          token,
          headers: { 'if-match': etag },
          body: method === 'DELETE' ? undefined : { title: `by ${at}` },
        }),
      ),
    );

  test.each(['PUT', 'PATCH'])('then one %s succeeds, and 49 answers are 412', async (method) => {
    const { path, etag } = await newItem();
    const answers = await race(path, etag, method);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array(49).fill(412)]);
    const winner = answers.find(({ status }) => status === 200);
    const now = await call('GET', path, { token });
    expect([now.body, tagOf(now)]).toEqual([winner?.body, '"1"']);
  });

  test('then one DELETE succeeds, and the others find nothing', async () => {
    const { path, etag } = await newItem();
    const answers = await race(path, etag, 'DELETE');
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array(49).fill(404)]);
  });
});
