import { MongoClient, ObjectId } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';
import { foldedWords } from './folded-words.ts';
import { openSortedList } from './sorted-list.ts';
import { listIndexes } from './stored-order.ts';

type Thing = { _id: ObjectId; owner_id: ObjectId; title: string; created_at: Date; updated_at: Date };

const COUNT = 1_000;
const owner_id = new ObjectId();

let bed: Testbed;
let client: MongoClient;
let queries = 0;

beforeAll(async () => {
  bed = await startTestbed();
  client = new MongoClient(bed.env.MONGODB_URL ?? '', { monitorCommands: true, ignoreUndefined: true });
  client.on('commandStarted', ({ commandName }) => {
    if (commandName === 'find') queries += 1;
  });
});
afterAll(async () => {
  await client.close();
  await bed.stop();
});

test('given many documents that were just written, when a small page is read, then few queries find it', async () => {
  const db = client.db(bed.env.DOCUMENTDB_DB);
  const collection = db.collection<Thing>('things');
  await collection.createIndexes([
    ...listIndexes(['owner_id'], ['updated_at', 'title']),
    ...listIndexes([], ['updated_at', 'title']),
  ]);
  const everybodys = { count: () => collection.countDocuments(), read: () => Promise.resolve([]) };
  const wordsOf = ({ title }: { title: string }) => foldedWords(title);
  const list = await openSortedList<Thing>({
    db,
    collection,
    everybodys,
    stateName: 'things_state',
    wordsOf,
  });
  const now = new Date();
  const titles = Array.from({ length: COUNT }, (_, n) => `title ${String(n).padStart(4, '0')}`);
  await collection.insertMany(
    titles.map((title) => ({ _id: new ObjectId(), owner_id, title, created_at: now, updated_at: now })),
  );
  queries = 0;
  const query = { skip: 0, limit: 1, sort: 'title' };
  const first = await list.page({ prefix: { owner_id }, query, scope: [] });
  expect(first.data.map(({ title }) => title)).toEqual(titles.slice(0, 1));
  const cursor = first.next_cursor ?? '';
  const second = await list.page({ prefix: { owner_id }, query: { ...query, cursor }, scope: [] });
  expect(second.data.map(({ title }) => title)).toEqual(titles.slice(1, 2));
  expect(queries).toBeLessThan(60);
});
