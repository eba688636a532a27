import { glob, readFile } from 'node:fs/promises';
import { type Db, MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';
import { batchWrites } from './batched-writes.ts';

type Counted = { _id: string; n: number };

let bed: Testbed;

beforeAll(async () => {
  bed = await startTestbed();
});
afterAll(() => bed.stop());

const idsOf = (count: number) => Array.from({ length: count }, (_, n) => `id ${String(n).padStart(3, '0')}`);

const shuffled = <T>(all: T[]): T[] =>
  all
    .map((each) => [Math.random(), each] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, each]) => each);

const increments = (ids: string[]) =>
  ids.map((_id) => ({ _id, write: { updateOne: { filter: { _id }, update: { $inc: { n: 1 } } } } }));

/** The ids of each update command, in the order in which the database was given them. */
async function watched(): Promise<{ db: Db; orders: string[][] }> {
  const client = await new MongoClient(bed.env.MONGODB_URL ?? '', { monitorCommands: true }).connect();
  bed.stopLater(() => client.close());
  const orders: string[][] = [];
  client.on('commandStarted', ({ command }) => {
    const updates = (command.updates ?? []) as { q: { _id: string } }[];
    if (updates.length > 0) orders.push(updates.map(({ q }) => q._id));
  });
  return { db: client.db(bed.database.db.databaseName), orders };
}

test('given documents in any order, when they are written, then the database receives them in one fixed order', async () => {
  const { db, orders } = await watched();
  const ids = idsOf(50);
  await batchWrites(db.collection<Counted>('ordered'), increments(shuffled(ids)));
  expect(orders).toEqual([ids]);
});

test('given no document, when nothing is written, then no request is sent to the database', async () => {
  const { db, orders } = await watched();
  await batchWrites(db.collection<Counted>('none'), []);
  expect(orders).toEqual([]);
});

test('given parallel writers of the same documents in different orders, when all are done, then each write is stored once', async () => {
  const counted = bed.database.db.collection<Counted>('counted');
  const ids = idsOf(40);
  await counted.insertMany(ids.map((_id) => ({ _id, n: 0 })));
  const [writers, rounds] = [4, 5];
  const write = async () => {
    for (let round = 0; round < rounds; round += 1) await batchWrites(counted, increments(shuffled(ids)));
  };
  const alone = async () => {
    for (const _id of shuffled(ids)) await counted.updateOne({ _id }, { $inc: { n: 1 } });
  };
  await Promise.all([...Array.from({ length: writers }, write), alone()]);
  expect(await counted.distinct('n')).toEqual([writers * rounds + 1]);
});

test('given a write that the database refuses, when all are sent, then its error is thrown and the others are written', async () => {
  const counted = bed.database.db.collection<Counted>('refused');
  await counted.insertMany([
    { _id: 'a', n: 0 },
    { _id: 'b', n: 0 },
  ]);
  const wrong = { filter: { _id: 'a' }, update: { $inc: { 'n.m': 1 } } };
  const writes = [{ _id: 'a', write: { updateOne: wrong } }, ...increments(['b'])];
  await expect(batchWrites(counted, writes)).rejects.toThrow();
  expect(await counted.findOne({ _id: 'b' })).toMatchObject({ n: 1 });
});

test('given the source of services and the library, when it is searched, then only batched-writes.ts writes in bulk', async () => {
  const root = new URL('../../../../', import.meta.url);
  const bulk = /\.(bulkWrite|initialize(Uno|O)rderedBulkOp)\(/;
  const writers: string[] = [];
  for await (const file of glob('{libs,services}/*/src/**/*.ts', { cwd: root })) {
    if (file.endsWith('.test.ts')) continue;
    if (bulk.test(await readFile(new URL(file, root), 'utf8'))) writers.push(file);
  }
  expect(writers).toEqual(['libs/common/src/database/batched-writes.ts']);
});
