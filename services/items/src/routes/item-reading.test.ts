import { timeOrderedId } from '@quartet/common/database/time-ordered-id.ts';
import { ObjectId } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newMember } from '../../../../tests/support/accounts.ts';
import { itemsFixture } from '../../../../tests/support/fixtures.ts';
import { wordsOf } from '../item-words.ts';
import type { ItemPublic } from '../schemas.ts';

type Items = { data: ItemPublic[]; count: number; next_cursor: string | null };

/** The embedded engine reads everybody's items for each page. */
const THERE = { owner: 10_000, superuser: 1_000 };
const BATCH = 1_000;

const { bed, auth, admin, call: items } = await itemsFixture();

const stored = bed.database.db.collection('items');

/** Half of the titles are the same, and the times lie in the past. */
async function insertItems(ownerId: string, count: number): Promise<string[]> {
  const since = Date.now() - 3_600_000;
  const documents = Array.from({ length: count }, (_, n) => {
    const at = new Date(since + Math.floor(n / 3) * 10);
    const fields = { title: n % 2 === 0 ? 'same' : `item ${(n * 7_919) % count}`, description: null };
    const _id = timeOrderedId(at);
    const owner_id = new ObjectId(ownerId);
    return {
      _id,
      owner_id,
      ...fields,
      words: wordsOf(fields),
      created_at: at,
      updated_at: at,
      revision: 0,
      outbox: [],
    };
  });
  for (let at = 0; at < count; at += BATCH) await stored.insertMany(documents.slice(at, at + BATCH));
  return documents.map(({ _id }) => _id.toHexString());
}

/** Writes until the reading ends: it changes sort keys, makes, and deletes; `deleted` gets the ids. */
function startWriters(token: string, ids: readonly string[], deleted: Set<string>) {
  const [favourite = '', ...others] = ids;
  let isOver = false;
  let writes = 0;
  const write = async (writer: number) => {
    for (let n = 0; !isOver; n += 1) {
      const id = others[(writer * 131 + n * 17) % others.length] ?? '';
      const title = `${'azmAZ'.charAt(n % 5)} ${writer} ${n}`;
      const kind = n % 5;
      if (kind === 0) await items('POST', '/items/', { token, body: { title } });
      else if (kind === 1 && !deleted.has(id)) {
        deleted.add(id);
        await items('DELETE', `/items/${id}`, { token });
      } else if (kind === 2) await items('PUT', `/items/${favourite}`, { token, body: { title } });
      else if (!deleted.has(id)) await items('PUT', `/items/${id}`, { token, body: { title } });
      writes += 1;
    }
  };
  const writing = Promise.all([0, 1, 2, 3].map(write));
  return {
    writes: () => writes,
    async stop() {
      isOver = true;
      await writing;
    },
  };
}

async function readAll(token: string, query: string, until: () => boolean): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const from: string = cursor === null ? '' : `&cursor=${cursor}`;
    const { status, body, text } = await items('GET', `/items/?${query}${from}`, { token });
    if (status !== 200) throw new Error(`${status} ${text}`);
    const page = body as Items;
    ids.push(...page.data.map(({ id }) => id));
    cursor = page.next_cursor;
    // Every page meets new writes.
    await expect.poll(until, { interval: 1, timeout: 20_000 }).toBe(true);
  } while (cursor !== null);
  return ids;
}

const sorts = ['-created_at', 'created_at', '-updated_at', 'updated_at', 'title', '-title'];

describe.each(['owner', 'superuser'] as const)('given items and writers, read by the %s', (as) => {
  const deleted = new Set<string>();
  let owner: Awaited<ReturnType<typeof newMember>>;
  let made: string[];
  beforeAll(async () => {
    owner = await newMember(auth.client);
    made = await insertItems(owner.id, THERE[as]);
  }, 120_000);
  afterAll(() => stored.deleteMany({}), 120_000);

  test.each(sorts)(
    'when all pages of sort=%s are read, then nothing comes twice or is missing',
    async (sort) => {
      const there = made.filter((id) => !deleted.has(id));
      const writers = startWriters(owner.token, there, deleted);
      const [token, limit] = as === 'owner' ? [owner.token, 500] : [admin, 100];
      let seen = 0;
      const more = () => {
        const enough = writers.writes() >= seen + 20;
        if (enough) seen = writers.writes();
        return enough;
      };
      const found = await readAll(token, `sort=${sort}&limit=${limit}`, more);
      await writers.stop();
      expect(found.length - new Set(found).size).toBe(0);
      const stayed = there.filter((id) => !deleted.has(id));
      const all = new Set(found);
      expect(stayed.filter((id) => !all.has(id))).toEqual([]);
      expect(stayed.length).toBeGreaterThan(THERE[as] / 2);
    },
    120_000,
  );
});
