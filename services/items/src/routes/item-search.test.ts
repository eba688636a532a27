import { describe, expect, test } from 'vitest';
import { newMember } from '../../../../tests/support/accounts.ts';
import { itemsFixture } from '../../../../tests/support/fixtures.ts';
import type { ItemPublic } from '../schemas.ts';

type Items = { data: ItemPublic[]; count: number; next_cursor: string | null };

const { auth, admin, call: items } = await itemsFixture();
const owner = await newMember(auth.client);
const other = await newMember(auth.client);

const create = async (token: string, title: string, description: string | null = null) =>
  (await items('POST', '/items/', { token, body: { title, description } })).body as ItemPublic;

const ask = (token: string, query: Record<string, string>) =>
  items('GET', `/items/?${new URLSearchParams(query)}`, { token });

async function list(token: string, query: Record<string, string>): Promise<Items> {
  const { status, body, text } = await ask(token, query);
  if (status !== 200) throw new Error(`${status} ${text}`);
  return body as Items;
}

const titles = async (q: string, token = owner.token) =>
  (await list(token, { q, sort: 'title' })).data.map(({ title }) => title);

await create(owner.token, 'Zürich', 'Straße am See');
const others = [
  await create(owner.token, 'ISTANBUL İĞNE', 'ﬁne Ｗｉｄｅ ΣΊΣΥΦΟΣ'),
  await create(owner.token, 'a.*b $where', 'zero [x] (y)'),
  await create(owner.token, 'Milk', 'two litres'),
];
await create(other.token, 'Zürich of another');

describe('the search for items', () => {
  test.each([
    ['zur', ['Zürich']],
    ['ZÜR', ['Zürich']],
    ['Zu\u0308r', ['Zürich']],
    ['zürich', ['Zürich']],
    ['ürich', []],
    ['strasse', ['Zürich']],
    ['STRASSE zur', ['Zürich']],
    ['zur milk', []],
    ['am s', ['Zürich']],
    ['istanbul', ['ISTANBUL İĞNE']],
    ['igne fine wide σισυφος', ['ISTANBUL İĞNE']],
    ['σίσυφο', ['ISTANBUL İĞNE']],
    ['z', ['Zürich', 'a.*b $where']],
    ['.*b', ['a.*b $where']],
    ['$where', ['a.*b $where']],
    ['a.*', ['Zürich', 'a.*b $where']],
    ['[x]', ['a.*b $where']],
    ['litres-two', ['Milk']],
  ])('given q=%s, then exactly the items are found whose words begin with each of it', async (q, found) => {
    expect(await titles(q)).toEqual(found);
    expect((await list(owner.token, { q })).count).toBe(found.length);
  });

  test('given a superuser, then all items are searched, or those of one owner', async () => {
    expect(await titles('zur', admin)).toEqual(['Zürich', 'Zürich of another']);
    const { data, count } = await list(admin, { q: 'zur', owner_id: other.id });
    expect([data.map(({ title }) => title), count]).toEqual([['Zürich of another'], 1]);
    expect((await list(admin, { owner_id: owner.id })).count).toBe(1 + others.length);
  });

  test('given an ordinary user who filters by owner, then only their own items are in question', async () => {
    expect(await list(owner.token, { owner_id: other.id })).toEqual({
      data: [],
      count: 0,
      next_cursor: null,
    });
    expect((await list(owner.token, { owner_id: owner.id })).count).toBe(1 + others.length);
  });

  test('given a changed and a deleted item, then it is found by its present words only', async () => {
    const { token } = await newMember(auth.client);
    const { id } = await create(token, 'before', 'kept');
    await items('PUT', `/items/${id}`, { token, body: { title: 'after' } });
    expect([await titles('before', token), await titles('after kept', token)]).toEqual([[], ['after']]);
    await items('DELETE', `/items/${id}`, { token });
    expect(await titles('after', token)).toEqual([]);
  });

  test('given hits on several pages, then the cursor continues each sort, and a limit may change', async () => {
    const { token } = await newMember(auth.client);
    for (let n = 0; n < 7; n += 1) await create(token, n % 2 === 0 ? 'same milk' : `Milk ${n}`, 'milky milk');
    for (const sort of ['-created_at', 'created_at', '-updated_at', 'updated_at', 'title', '-title']) {
      const all = await list(token, { q: 'mil', sort });
      expect([all.count, all.next_cursor]).toEqual([7, null]);
      const ids: string[] = [];
      let cursor: string | null = null;
      for (let limit = 1; limit < 10 && (limit === 1 || cursor !== null); limit += 1) {
        const page: Items = await list(token, {
          q: 'mil',
          sort,
          limit: `${limit}`,
          ...(cursor === null ? {} : { cursor }),
        });
        ids.push(...page.data.map(({ id }) => id));
        cursor = page.next_cursor;
      }
      expect([sort, cursor, ids]).toEqual([sort, null, all.data.map(({ id }) => id)]);
    }
  });
});

const fault = (type: string, field: string, input: string, msg: string, ctx: object) => ({
  ...{ type, loc: ['query', field], msg, input, ctx },
});
const noWord = (input: string) =>
  fault('value_error', 'q', input, 'Value error, q has no word in it', { error: 'q has no word in it' });
const SORTS = "'-created_at', 'created_at', '-updated_at', 'updated_at', 'title' or '-title'";
const PATTERN = '^[0-9a-f]{24}$';

describe('a list that is asked for wrongly', () => {
  test.each([
    [
      { sort: 'password' },
      [fault('enum', 'sort', 'password', `Input should be ${SORTS}`, { expected: SORTS })],
    ],
    [
      { sort: 'toString' },
      [fault('enum', 'sort', 'toString', `Input should be ${SORTS}`, { expected: SORTS })],
    ],
    [{ q: ' '.repeat(100) }, [noWord(' '.repeat(100))]],
    [{ q: '.*' }, [noWord('.*')]],
    [{ q: '\u0301' }, [noWord('\u0301')]],
    [
      { q: '' },
      [fault('string_too_short', 'q', '', 'String should have at least 1 character', { min_length: 1 })],
    ],
    [
      { q: 'x'.repeat(101) },
      [
        fault('string_too_long', 'q', 'x'.repeat(101), 'String should have at most 100 characters', {
          max_length: 100,
        }),
      ],
    ],
    [
      { owner_id: 'me' },
      [
        fault('string_pattern_mismatch', 'owner_id', 'me', `String should match pattern '${PATTERN}'`, {
          pattern: PATTERN,
        }),
      ],
    ],
    [
      { skip: '1', cursor: 'x' },
      [
        fault('value_error', 'skip', '1', 'Value error, skip must be 0 with a cursor', {
          error: 'skip must be 0 with a cursor',
        }),
      ],
    ],
  ])('given %o, then 422', async (query, faults) => {
    const { status, body } = await ask(owner.token, query);
    expect([status, body]).toEqual([422, { detail: faults }]);
  });

  test('given 100 characters beyond the basic plane, then q is short enough', async () => {
    expect((await list(owner.token, { q: '𝔞'.repeat(100) })).count).toBe(0);
  });

  test.each(['-created_at', 'title'])(
    'given a cursor of sort=%s that is not its own, then 400',
    async (sort) => {
      const first = await list(owner.token, { sort, limit: '1', q: 'z' });
      const cursor = String(first.next_cursor);
      const own = { sort, limit: '1', q: 'z', cursor };
      expect((await list(owner.token, own)).data).toHaveLength(1);
      expect((await list(owner.token, { ...own, skip: '0' })).data).toHaveLength(1);
      const refused = async (token: string, query: Record<string, string>) =>
        expect((await ask(token, query)).text).toBe('{"detail":"Invalid cursor"}');
      for (let at = 0; at < cursor.length; at += 1) {
        const changed = `${cursor.slice(0, at)}${cursor.charAt(at) === 'A' ? 'B' : 'A'}${cursor.slice(at + 1)}`;
        await refused(owner.token, { ...own, cursor: changed });
      }
      for (const changed of ['', 'x', `${cursor}A`, `${cursor}=`, cursor.slice(1), 'é', 'A'.repeat(9_000)]) {
        await refused(owner.token, { ...own, cursor: changed });
      }
      await refused(owner.token, { ...own, sort: '-title' });
      await refused(owner.token, { ...own, q: 'zu' });
      await refused(owner.token, { sort, limit: '1', cursor });
      await refused(owner.token, { ...own, owner_id: owner.id });
      await refused(other.token, own);
      await refused(admin, own);
      await refused(admin, { ...own, owner_id: owner.id });
    },
  );
});
