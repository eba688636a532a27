import { type Collection, ObjectId } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';
import { itemEvent } from '../../test/event-kit.ts';
import type { Outboxed } from '../events/outbox/outbox.ts';
import { type AliveList, openAliveList } from './alive-list.ts';
import { timeOrderedId } from './time-ordered-id.ts';

type Thing = Outboxed & { created_at: Date };

let bed: Testbed;

beforeAll(async () => {
  bed = await startTestbed();
});
afterAll(() => bed.stop());

const collection = (name: string): Collection<Thing> => bed.database.db.collection(name);
const open = (name: string): Promise<AliveList<Thing>> =>
  openAliveList(bed.database.db, collection(name), 'things_state');
const made = (created_at: Date, _id = timeOrderedId(created_at)): Thing => ({ _id, created_at, outbox: [] });
const tombstone = (): object => ({
  _id: new ObjectId(),
  deleted_at: new Date(),
  outbox: [itemEvent(), itemEvent()],
});

const idsOf = (things: Thing[]) => things.map(({ _id }) => _id.toHexString());
const newestFirst = (things: Thing[]) =>
  idsOf(
    things.toSorted(
      (a, b) =>
        b.created_at.getTime() - a.created_at.getTime() ||
        b._id.toHexString().localeCompare(a._id.toHexString()),
    ),
  );

async function pages(list: AliveList<Thing>, limit: number, expected: number): Promise<string[]> {
  const ids: string[] = [];
  for (let skip = 0; skip <= expected; skip += limit) {
    const { data, count } = await list.page({ skip, limit });
    expect(count).toBe(expected);
    ids.push(...idsOf(data));
  }
  return ids;
}

const NOW = Date.now();

test('given times within a second and equal ones, then pages are newest first, disjoint and complete', async () => {
  const list = await open('new');
  const things = Array.from({ length: 50 }, (_, n) => made(new Date(NOW + Math.floor(n / 3))));
  await collection('new').insertMany(things.toSorted(() => Math.random() - 0.5));
  for (const limit of [1, 7, 50, 1_000]) expect(await pages(list, limit, 50)).toEqual(newestFirst(things));
});

test('given tombstones, then they are neither listed nor counted, and none at all is counted as 0', async () => {
  const list = await open('deleted');
  expect(await list.page({ skip: 0, limit: 10 })).toEqual({ data: [], count: 0 });
  const documents = collection('deleted') as unknown as Collection<object>;
  await documents.insertMany([tombstone(), tombstone()]);
  expect(await list.page({ skip: 0, limit: 10 })).toEqual({ data: [], count: 0 });
  const things = Array.from({ length: 20 }, (_, n) => ({
    ...made(new Date(NOW + n)),
    outbox: [itemEvent()],
  }));
  await documents.insertMany(things);
  await documents.insertMany([tombstone(), tombstone()]);
  expect(await pages(list, 6, 20)).toEqual(newestFirst(things));
});

test('given a collection of release 0.1, then its random ids do not disturb the order, today and after many new ones', async () => {
  const at = (n: number) => new Date(NOW - 60_000 + 100 * n);
  const early = Array.from({ length: 30 }, (_, n) => made(at(n), new ObjectId()));
  await collection('early').insertMany(early);
  // Processes of the earlier release go on for a while.
  const list = await open('early');
  const beside = Array.from({ length: 30 }, (_, n) =>
    made(at(30 + n), n % 2 === 0 ? timeOrderedId(at(30 + n)) : new ObjectId()),
  );
  await collection('early').insertMany(beside);
  expect(await pages(list, 7, 60)).toEqual(newestFirst([...early, ...beside]));

  const later = Array.from({ length: 30 }, (_, n) => made(new Date(NOW + 3_600_000 + n)));
  await collection('early').insertMany(later);
  for (const again of [list, await open('early')]) {
    expect(await pages(again, 7, 90)).toEqual(newestFirst([...early, ...beside, ...later]));
  }
});

test('given replicas that start together before the collection exists, then both know that all is in order', async () => {
  await Promise.all([open('together'), open('together')]);
  const state = bed.database.db.collection<{ _id: string }>('things_state');
  expect(await state.findOne({ _id: 'list order together' })).toMatchObject({ in_order_since: new Date(0) });
});

test('given writers, then the count is exact after each of their writes', async () => {
  const list = await open('written');
  const things = collection('written');
  for (let round = 0; round < 10; round += 1) {
    const some = Array.from({ length: 12 }, (_, n) => made(new Date(NOW + 12 * round + n)));
    await Promise.all(some.map((one) => things.insertOne(one)));
    const counted = await list.page({ skip: 0, limit: 1 });
    expect(counted.count).toBe(12 + 8 * round);
    await Promise.all(some.slice(0, 4).map(({ _id }) => things.deleteOne({ _id })));
    expect((await list.page({ skip: 0, limit: 1 })).count).toBe(8 * (round + 1));
  }
});
