import { type Collection, ObjectId } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';
import { foldedWords } from './folded-words.ts';
import { listIndexes } from './stored-order.ts';
import { sweepWords } from './word-sweep.ts';

type Thing = {
  _id: ObjectId;
  title: string;
  description: string | null;
  updated_at: Date;
  revision?: number;
  words?: string[];
};
type State = { _id: string; after?: ObjectId; checked_at?: Date };

let bed: Testbed;
beforeAll(async () => {
  bed = await startTestbed();
});
afterAll(() => bed.stop());

const wordsOf = ({ title, description }: Thing) => foldedWords(title, description);

async function open(name: string) {
  const collection: Collection<Thing> = bed.database.db.collection(name);
  await collection.createIndexes(listIndexes([], ['updated_at']));
  const states = bed.database.db.collection<State>('sweep_state');
  const fields = ['title', 'description'] as const;
  const stop = new AbortController();
  const sweep = (afterMs: number, signal = stop.signal) =>
    sweepWords({
      collection,
      stateName: 'sweep_state',
      fields,
      wordsOf,
      log: bed.log,
      signal,
      afterMs,
      againMs: 10,
    });
  const state = () => states.findOne({ _id: `words 1 of ${name}` });
  const lacking = async () =>
    (await collection.find().toArray()).filter(
      (thing) => thing.title && `${thing.words}` !== `${wordsOf(thing)}`,
    ).length;
  return { collection, sweep, state, lacking };
}

/** As the release before writes them; the oldest have no revision. */
const earlierThing = (n: number): Thing => ({
  _id: new ObjectId(),
  title: `Zürich ${n}`,
  description: n % 2 === 0 ? null : 'Straße',
  updated_at: new Date(Date.now() - 86_400_000),
  ...(n % 3 === 0 ? {} : { revision: n }),
});

test('given documents of an earlier release, then all get their words, and nothing else of them changes', async () => {
  const { collection, sweep, state, lacking } = await open('earlier');
  const things = Array.from({ length: 700 }, (_, n) => earlierThing(n));
  await collection.insertMany(things);
  const tombstone = { _id: new ObjectId(), deleted_at: new Date(), outbox: [] };
  await (collection as unknown as Collection<object>).insertOne(tombstone);
  expect(await lacking()).toBe(700);
  await sweep(0);
  expect(await lacking()).toBe(0);
  expect(
    await collection.find({ title: { $gt: '' } }, { projection: { words: 0 }, sort: { _id: 1 } }).toArray(),
  ).toEqual(things.toSorted((a, b) => a._id.toHexString().localeCompare(b._id.toHexString())));
  expect(await collection.findOne({ _id: tombstone._id })).toEqual(tombstone);
  expect((await state())?.checked_at).toBeInstanceOf(Date);
});

test('given a process of the earlier release that goes on writing, then its documents get their words after the roll-out, or at the next start', async () => {
  const { collection, sweep, state, lacking } = await open('beside');
  const things = [earlierThing(1), earlierThing(2)];
  await collection.insertMany(things);
  const writeAsBefore = async () => {
    const changed = { title: 'Geändert', updated_at: new Date() };
    await collection.updateOne({ _id: things[0]?._id }, { $set: changed, $inc: { revision: 1 } });
    await collection.insertOne({ ...earlierThing(3), updated_at: new Date() });
  };
  const rolling = sweep(4_000);
  await expect.poll(async () => (await state())?.checked_at).toBeInstanceOf(Date);
  expect(await lacking()).toBe(0);
  await writeAsBefore();
  expect(await lacking()).toBe(2);
  await rolling;
  expect(await lacking()).toBe(0);
  await writeAsBefore();
  expect(await lacking()).toBe(1);
  await sweep(0);
  expect(await lacking()).toBe(0);
});

test('given a process that stops in the middle, then the next one goes on from there', async () => {
  const { collection, sweep, state, lacking } = await open('stopped');
  await collection.insertMany(Array.from({ length: 1_200 }, (_, n) => earlierThing(n)));
  const stop = new AbortController();
  const first = sweep(0, stop.signal);
  await expect.poll(async () => (await state())?.after, { interval: 1 }).toBeInstanceOf(ObjectId);
  stop.abort();
  await first;
  expect((await state())?.checked_at).toBeUndefined();
  expect(await lacking()).toBeGreaterThan(0);
  const walked = (await state())?.after;
  const marked = await collection.findOne({ _id: { $lt: walked } });
  await collection.updateOne({ _id: marked?._id }, { $set: { words: ['marked'] } });
  await sweep(0);
  // What was walked through before is not looked at again.
  expect((await collection.findOne({ _id: marked?._id }))?.words).toEqual(['marked']);
  expect(await lacking()).toBe(1);
});
