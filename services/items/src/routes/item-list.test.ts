import { timeOrderedId } from '@quartet/common/database/time-ordered-id.ts';
import { ObjectId } from 'mongodb';
import { beforeAll, describe, expect, test } from 'vitest';
import { newMember } from '../../../../tests/support/accounts.ts';
import { goodPages, pageFaults } from '../../../../tests/support/faults.ts';
import { itemsFixture } from '../../../../tests/support/fixtures.ts';
import type { ItemPublic } from '../schemas.ts';

type Items = { data: ItemPublic[]; count: number };

const OWNED = 120;

const { bed, auth, admin, call: items } = await itemsFixture();
const owner = await newMember(auth.client);
const other = await newMember(auth.client);
beforeAll(async () => {
  await insertItems(owner.id, OWNED);
  await insertItems(other.id, 3);
});

/** Items of three moments only, so that most share theirs. */
async function insertItems(ownerId: string, count: number): Promise<void> {
  const moments = [0, 1, 2].map((minute) => new Date(Date.UTC(2026, 0, 1, 0, minute)));
  const documents = Array.from({ length: count }, (_, n) => ({
    _id: timeOrderedId(moments[n % moments.length] ?? new Date()),
    owner_id: new ObjectId(ownerId),
    title: `item ${n}`,
    description: null,
    created_at: moments[n % moments.length],
    updated_at: moments[n % moments.length],
    outbox: [],
  }));
  await bed.database.db.collection('items').insertMany(documents);
}

async function list(token: string, query = ''): Promise<Items> {
  const { status, body, text } = await items('GET', `/items/${query}`, { token });
  if (status !== 200) throw new Error(`${status} ${text}`);
  return body as Items;
}

const newestFirst = (a: ItemPublic, b: ItemPublic) =>
  b.created_at.localeCompare(a.created_at) || b.id.localeCompare(a.id);

describe('the list of items', () => {
  test('given an ordinary user, then only own items are listed and counted', async () => {
    const { data, count } = await list(other.token);
    expect(count).toBe(3);
    expect(data.map(({ owner_id }) => owner_id)).toEqual(Array(3).fill(other.id));
  });

  test('given a superuser, then the items of all users are listed and counted', async () => {
    const { data, count } = await list(admin, '?limit=1000');
    expect(count).toBe(OWNED + 3);
    expect(new Set(data.map(({ owner_id }) => owner_id))).toEqual(new Set([owner.id, other.id]));
    expect(data).toEqual(data.toSorted(newestFirst));
  });

  test('given more items than a page, then the answer has the newest 100, ordered by id at equal times', async () => {
    const { data, count } = await list(owner.token);
    expect(count).toBe(OWNED);
    expect(data).toHaveLength(100);
    expect(data).toEqual(data.toSorted(newestFirst));
  });

  test.each([1, 7, 50, 1000])(
    'given pages of %i, then they contain every item once, in order',
    async (limit) => {
      const found: ItemPublic[] = [];
      for (let skip = 0; skip < OWNED; skip += limit) {
        const { data, count } = await list(owner.token, `?skip=${skip}&limit=${limit}`);
        expect(count).toBe(OWNED);
        found.push(...data);
      }
      expect(found).toEqual((await list(owner.token, '?limit=1000')).data);
      expect(new Set(found.map(({ id }) => id)).size).toBe(OWNED);
    },
  );

  test('given a skip past the end, then the answer has no data but the count', async () => {
    expect(await list(owner.token, `?skip=${OWNED}`)).toEqual({ data: [], count: OWNED, next_cursor: null });
  });

  test.each(goodPages)('given %s, then it is accepted for both kinds of users', async (query) => {
    expect((await list(owner.token, query)).count).toBe(OWNED);
    expect((await list(admin, query)).count).toBe(OWNED + 3);
  });

  test.each(pageFaults)('given ?$query, then 422', async ({ query, faults }) => {
    const answer = await items('GET', `/items/?${query}`, { token: owner.token });
    expect(answer.status).toBe(422);
    expect(answer.body).toEqual({ detail: faults });
  });

  test('given new items, then they come first, and deleted ones do not count', async () => {
    const { token } = await newMember(auth.client);
    const made: string[] = [];
    for (const title of ['first', 'second', 'third']) {
      made.unshift(((await items('POST', '/items/', { token, body: { title } })).body as ItemPublic).id);
    }
    expect((await list(token)).data.map(({ id }) => id)).toEqual(made);
    await items('DELETE', `/items/${made[1]}`, { token });
    expect(await list(token)).toMatchObject({ count: 2, data: [{ title: 'third' }, { title: 'first' }] });
  });

  test.each(['ordinary', 'super'])(
    'given other users who write, as %s user the count is always within the possible range',
    async (kind) => {
      const token = kind === 'super' ? admin : owner.token;
      const before = (await list(token)).count;
      const made: string[] = [];
      let finished = false;
      const writing = Promise.all(
        Array.from({ length: 4 }, async () => {
          for (let n = 0; n < 10; n += 1) {
            const { body } = await items('POST', '/items/', { token: owner.token, body: { title: 'new' } });
            made.push((body as ItemPublic).id);
          }
        }),
      ).finally(() => {
        finished = true;
      });
      let last = before;
      while (!finished) {
        const { count, data } = await list(token, '?limit=1000');
        expect(count).toBeGreaterThanOrEqual(last);
        expect(count).toBeLessThanOrEqual(before + 40);
        expect(new Set(data.map(({ id }) => id)).size).toBe(data.length);
        last = count;
      }
      await writing;
      expect((await list(token)).count).toBe(before + 40);
      await Promise.all(made.map((id) => items('DELETE', `/items/${id}`, { token })));
      expect((await list(token)).count).toBe(before);
    },
  );
});
