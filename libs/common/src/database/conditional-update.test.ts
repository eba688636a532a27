import { type Collection, ObjectId } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';
import {
  applyChange,
  type Change,
  conditionalUpdate,
  type Expected,
  updateIf,
} from './conditional-update.ts';

type Thing = {
  _id: ObjectId;
  title?: string;
  version?: number;
  holder?: string | null;
  at?: Date;
  detail?: object;
  list?: unknown[];
};

let bed: Testbed;
let things: Collection<Thing>;

beforeAll(async () => {
  bed = await startTestbed();
  things = bed.database.db.collection('things');
});
afterAll(() => bed.stop());

const AT = new Date('2026-11-26T12:00:00.000Z');

async function stored(fields: Omit<Thing, '_id'>): Promise<Thing> {
  const thing = { _id: new ObjectId(), ...fields };
  await things.insertOne(thing);
  return thing;
}

const read = (_id: ObjectId) => things.findOne({ _id });

/** Both forms run on the engine of this run, whichever it is. */
describe.each(['embedded', 'other'] as const)('a conditional update in the form for %s', (engine) => {
  async function update(_id: ObjectId, expected: Expected<Thing>, change: Change<Thing>): Promise<boolean> {
    const { filter, update } = conditionalUpdate<Thing>(engine, _id, expected, change);
    return (await things.updateOne(filter, update)).modifiedCount === 1;
  }

  test('given what is expected, then all changes are stored, and are those of applyChange', async () => {
    const before = await stored({ title: 'old', version: 3, holder: null, at: AT, list: [1] });
    const change: Change<Thing> = {
      set: { title: 'new', holder: 'me', detail: { a: [AT] } },
      unset: ['at'],
      grow: ['version'],
      push: { list: [2, { three: 3 }] },
    };
    const expected = { version: 3, holder: null, at: AT, title: 'old', detail: undefined };
    expect(await update(before._id, expected, change)).toBe(true);
    const after = await read(before._id);
    expect(after).toEqual({
      _id: before._id,
      title: 'new',
      version: 4,
      holder: 'me',
      detail: { a: [AT] },
      list: [1, 2, { three: 3 }],
    });
    expect(applyChange(before, change)).toEqual(after);
  });

  test.each<[string, Expected<Thing>]>([
    ['another number', { version: 2 }],
    ['another text', { version: 3, title: 'new' }],
    ['another time', { version: 3, at: new Date(AT.getTime() + 1) }],
    ['a value instead of null', { version: 3, holder: 'me' }],
    ['a field that should be missing', { version: 3, title: undefined }],
    ['a missing field', { version: 3, detail: {} }],
  ])('given %s, then nothing changes', async (_what, expected) => {
    const before = await stored({ title: 'old', version: 3, holder: null, at: AT });
    const change: Change<Thing> = { set: { title: 'x', detail: {} }, unset: ['at'], grow: ['version'] };
    expect(await update(before._id, expected, { ...change, push: { list: [1] } })).toBe(false);
    expect(await read(before._id)).toEqual(before);
  });

  test('given no such document, then nothing is stored', async () => {
    const _id = new ObjectId();
    expect(await update(_id, { version: undefined }, { grow: ['version'] })).toBe(false);
    expect(await read(_id)).toBeNull();
  });

  test('given a document without the fields, then numbers begin at 0 and arrays are empty', async () => {
    const { _id } = await stored({ title: 'of an earlier release' });
    const change: Change<Thing> = { grow: ['version'], push: { list: [1] }, unset: ['at'] };
    expect(await update(_id, { version: undefined }, change)).toBe(true);
    expect(await read(_id)).toEqual({ _id, title: 'of an earlier release', version: 1, list: [1] });
    expect(await update(_id, { version: undefined }, change)).toBe(false);
  });

  test.each(['$title', '$$ROOT', 'a.b', '{ "$set": 1 }', '$$REMOVE', '', '\\$', '%24', 'title'])(
    'given the text %s, then it is stored and compared as it is',
    async (text) => {
      const detail = { [text || 'empty']: text, nested: [{ text }] };
      const { _id } = await stored({ title: text, version: 0 });
      const change: Change<Thing> = { set: { holder: text, detail }, push: { list: [text, { text }] } };
      expect(await update(_id, { title: text, version: 0 }, { ...change, grow: ['version'] })).toBe(true);
      const after = { _id, title: text, version: 1, holder: text, detail, list: [text, { text }] };
      expect(await read(_id)).toEqual(after);
      expect(await update(_id, { title: `${text}?` }, { grow: ['version'] })).toBe(false);
    },
  );

  test('given undefined values, then these fields stay as they are', async () => {
    const before = await stored({ title: 'old', version: 0 });
    const change: Change<Thing> = { set: { title: undefined }, grow: ['version'] } as object;
    expect(await update(before._id, { version: 0 }, change)).toBe(true);
    expect(await read(before._id)).toEqual({ ...before, version: 1 });
    expect(applyChange(before, change)).toEqual({ ...before, version: 1 });
  });

  test('given 20 writers with one version, then one of them writes', async () => {
    const { _id } = await stored({ version: 5 });
    const writers = Array.from({ length: 20 }, (_, n) =>
      update(_id, { version: 5 }, { set: { title: `writer ${n}` }, grow: ['version'] }),
    );
    const isWinner = await Promise.all(writers);
    expect(isWinner.filter(Boolean)).toHaveLength(1);
    expect(await read(_id)).toEqual({ _id, version: 6, title: `writer ${isWinner.indexOf(true)}` });
  });
});

test('given 20,000 documents, then a conditional update costs about what an update by _id costs', async () => {
  const many: Collection<Thing> = bed.database.db.collection('many');
  const ids = Array.from({ length: 20_000 }, () => new ObjectId());
  await many.insertMany(ids.map((_id) => ({ _id, version: 0 })));
  const some = ids.slice(10_000, 10_025);
  const plain: number[] = [];
  const conditional: number[] = [];
  const timed = async (times: number[], write: () => Promise<unknown>) => {
    const startedAt = performance.now();
    await write();
    times.push(performance.now() - startedAt);
  };
  for (const _id of some) {
    await timed(plain, () => many.updateOne({ _id }, { $set: { title: 'x' } }));
    await timed(conditional, () => updateIf(many, _id, { version: 0 }, { grow: ['version'] }));
  }
  expect(await many.countDocuments({ version: 1 })).toBe(some.length);
  // A write that reads the collection costs ten times as much, so the least of each shows it under any load.
  expect(Math.min(...conditional)).toBeLessThan(4 * Math.min(...plain));
});
