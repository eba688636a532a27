import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';
import { engineOf } from '../database/engine.ts';
import { createKeySamples } from './key-sample.ts';

const FRESH_MS = 60_000;

let bed: Testbed;
let client: MongoClient;

beforeAll(async () => {
  bed = await startTestbed();
  client = new MongoClient(bed.env.MONGODB_URL ?? '');
});
afterAll(async () => {
  await client.close();
  await bed.stop();
});

test('given too few documents for a sample, when there are many, then one is taken long before it would be renewed', async ({
  skip,
}) => {
  const db = client.db(bed.env.DOCUMENTDB_DB);
  if ((await engineOf(db)) !== 'documentdb') skip();
  const collection = db.collection('growing');
  const insert = (count: number) =>
    collection.insertMany(Array.from({ length: count }, (_, n) => ({ title: `title ${n}` })));
  await insert(10);
  const samples = createKeySamples(collection, FRESH_MS);
  expect(await samples.of('title')).toBeUndefined();
  await insert(3_000);
  await expect.poll(() => samples.of('title'), { timeout: FRESH_MS / 3 }).toBeDefined();
});
