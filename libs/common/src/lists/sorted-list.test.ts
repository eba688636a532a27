import { MongoClient, ObjectId } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';
import { foldedWords } from './folded-words.ts';
import { openSortedList } from './sorted-list.ts';
import { listIndexes } from './stored-order.ts';
import type { MovesOn } from './younger-moment.ts';

type Written = { title: string; updated_at: Date };
type Thing = Written & { _id: ObjectId; owner_id: ObjectId; created_at: Date; earlier?: Written[] };

const COUNT = 1_000;
const owner_id = new ObjectId();

let bed: Testbed;
let client: MongoClient;
let queries = 0;
let documents = 0;
let collections = 0;

beforeAll(async () => {
  bed = await startTestbed();
  client = new MongoClient(bed.env.MONGODB_URL ?? '', { monitorCommands: true, ignoreUndefined: true });
  client.on('commandStarted', ({ commandName }) => {
    if (commandName === 'find') queries += 1;
  });
  client.on('commandSucceeded', ({ reply }) => {
    const { cursor } = reply as { cursor?: { firstBatch?: unknown[]; nextBatch?: unknown[] } };
    documents += (cursor?.firstBatch ?? cursor?.nextBatch ?? []).length;
  });
});
afterAll(async () => {
  await client.close();
  await bed.stop();
});

const titles = Array.from({ length: COUNT }, (_, n) => `title ${String(n).padStart(4, '0')}`);
const wordsOf = ({ title }: { title: string }) => foldedWords(title);

async function listOf(
  things: Omit<Thing, '_id' | 'owner_id'>[],
  options: { movesOn?: MovesOn; now?: () => Date } = {},
) {
  const db = client.db(bed.env.DOCUMENTDB_DB);
  collections += 1;
  const collection = db.collection<Thing>(`things${collections}`);
  await collection.createIndexes([
    ...listIndexes(['owner_id'], ['updated_at', 'title']),
    ...listIndexes([], ['updated_at', 'title']),
  ]);
  const everybodys = { count: () => collection.countDocuments(), read: () => Promise.resolve([]) };
  const stateName = 'things_state';
  const list = await openSortedList<Thing>({ db, collection, everybodys, stateName, wordsOf, ...options });
  await collection.insertMany(things.map((thing) => ({ _id: new ObjectId(), owner_id, ...thing })));
  const page = (query: { skip?: number; limit: number; sort: string; cursor?: string | undefined }) =>
    list.page({ prefix: { owner_id }, query: { skip: 0, ...query }, scope: [] });
  return { page, collection };
}

test('given many documents that were just written, when a small page is read, then few queries find it', async () => {
  const now = new Date();
  const { page } = await listOf(titles.map((title) => ({ title, created_at: now, updated_at: now })));
  queries = 0;
  const first = await page({ limit: 1, sort: 'title' });
  expect(first.data.map(({ title }) => title)).toEqual(titles.slice(0, 1));
  const second = await page({ limit: 1, sort: 'title', cursor: first.next_cursor ?? '' });
  expect(second.data.map(({ title }) => title)).toEqual(titles.slice(1, 2));
  expect(queries).toBeLessThan(60);
});

test.each(['-updated_at', 'updated_at', 'title', '-title'])(
  'given many documents that have just moved, when a list by %s is read behind a skip, then short cursors continue it',
  async (sort) => {
    const now = new Date();
    const created_at = new Date(now.getTime() - 3_600_000);
    const { page } = await listOf(
      titles.map((title, n) => {
        const isMoved = n % 4 > 0;
        const before = { title, updated_at: new Date(created_at.getTime() + n) };
        if (!isMoved) return { ...before, created_at };
        return { title: `title ${COUNT - n}`, updated_at: now, created_at, earlier: [before] };
      }),
    );
    const skip = 730;
    const first = await page({ skip, limit: 20, sort });
    const ids = first.data.map(({ _id }) => _id.toHexString());
    for (let cursor = first.next_cursor; cursor !== null; ) {
      // It is part of an address.
      expect(cursor.length).toBeLessThan(2_500);
      const next = await page({ limit: 100, sort, cursor });
      ids.push(...next.data.map(({ _id }) => _id.toHexString()));
      cursor = next.next_cursor;
    }
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toHaveLength(COUNT - skip);
  },
);

test('given an old cursor and very many documents written since, then a page reads few of them, and what has not moved comes once', async () => {
  let now = new Date();
  const written = { created_at: now, updated_at: now };
  const { page, collection } = await listOf(
    titles.map((title) => ({ title, ...written })),
    { movesOn: { afterMs: 60_000, most: COUNT - 1 }, now: () => now },
  );
  now = new Date(now.getTime() + 3_600_000);
  const first = await page({ limit: 10, sort: 'title' });
  const later = { created_at: now, updated_at: now };
  const others = titles.map((title) => ({
    _id: new ObjectId(),
    owner_id,
    title: `${title} later`,
    ...later,
  }));
  await collection.insertMany(others);
  now = new Date(now.getTime() + 60_000);
  documents = 0;
  const second = await page({ limit: 10, sort: 'title', cursor: first.next_cursor ?? '' });
  expect(documents).toBeLessThan(50);
  const rest = await page({ limit: 2 * COUNT, sort: 'title', cursor: second.next_cursor ?? '' });
  const found = [...first.data, ...second.data, ...rest.data].map(({ title }) => title);
  expect(found.filter((title) => !title.endsWith('later'))).toEqual(titles);
  expect(new Set(found).size).toBe(found.length);
});
