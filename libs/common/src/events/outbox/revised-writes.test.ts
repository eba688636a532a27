import { type Collection, ObjectId } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestbed, type Testbed } from '../../../../../tests/support/testbed.ts';
import { createEvent } from '../envelope.ts';
import { type OutboxEntry, toOutbox } from './outbox.ts';
import { type Revised, retryLostRaces, writeManyRevised, writeRevised } from './revised-writes.ts';

type Thing = Revised & { title?: string };

let bed: Testbed;
let things: Collection<Thing>;

beforeAll(async () => {
  bed = await startTestbed();
  things = bed.database.db.collection('things');
});
afterAll(() => bed.stop());

const AT = new Date('2026-11-26T12:00:00.000Z');
const event = (): OutboxEntry => {
  const id = new ObjectId().toHexString();
  const data = { item_id: id, owner_id: id, changed: ['title'] };
  return toOutbox(createEvent('item.updated', id, data, AT), { now: AT });
};

async function stored(fields: Partial<Thing> = {}): Promise<Thing> {
  const thing = { _id: new ObjectId(), title: 'old', updated_at: AT, outbox: [], ...fields };
  await things.insertOne(thing);
  return thing;
}

const read = (_id: ObjectId) => things.findOne({ _id });

describe('a write that compares the revision', () => {
  test('given two writers that read the same, then the second gets null and changes nothing', async () => {
    const before = await stored({ revision: 7 });
    const [first, second] = [event(), event()];
    const written = await writeRevised(things, before, { set: { title: 'first' }, events: [first] });
    expect(written).toEqual({ ...before, title: 'first', revision: 8, outbox: [first] });
    expect(await writeRevised(things, before, { set: { title: 'second' }, events: [second] })).toBeNull();
    expect(await read(before._id)).toEqual(written);
  });

  test('given a document of release 0.1, then its revision begins, and it is compared from then on', async () => {
    const before = await stored();
    const written = await writeRevised(things, before, { set: { title: 'new' } });
    expect(written).toMatchObject({ title: 'new', revision: 1 });
    expect(await writeRevised(things, before, { set: { title: 'late' } })).toBeNull();
    expect(await read(before._id)).toEqual(written);
  });

  test.each([
    ['changes it', { $set: { title: 'by 0.1', updated_at: new Date(AT.getTime() + 5) } }],
    ['deletes it', { $set: { deleted_at: AT }, $unset: { title: '' as const, updated_at: '' as const } }],
  ])(
    'given release 0.1 %s meanwhile, which grows no revision, then the write is lost',
    async (_what, by01) => {
      for (const before of [await stored(), await stored({ revision: 2 })]) {
        await things.updateOne({ _id: before._id }, by01);
        const after = await read(before._id);
        expect(await writeRevised(things, before, { set: { title: 'new' }, events: [event()] })).toBeNull();
        expect(await read(before._id)).toEqual(after);
      }
    },
  );

  test('given an event that was published and removed meanwhile, then the write succeeds, and it stays removed', async () => {
    const [published, added] = [event(), event()];
    const before = await stored({ revision: 0, outbox: [published] });
    await things.updateOne({ _id: before._id }, { $pull: { outbox: { id: published.id } } });
    const written = await writeRevised(things, before, { set: { title: 'new' }, events: [added] });
    expect(written?.outbox).toEqual([published, added]);
    expect((await read(before._id))?.outbox).toEqual([added]);
  });

  test('given many documents in one request, then those that were changed first stay as they are', async () => {
    const documents = await Promise.all([stored(), stored({ revision: 3 }), stored({ revision: 4 })]);
    const [, changed] = documents;
    if (changed) await writeRevised(things, changed, { set: { title: 'first' } });
    await writeManyRevised(
      things,
      documents.map((one) => ({ read: one, write: { set: { title: 'many' }, events: [event()] } })),
    );
    const after = await Promise.all(documents.map(({ _id }) => read(_id)));
    expect(after.map((one) => [one?.title, one?.revision, one?.outbox.length])).toEqual([
      ['many', 1, 1],
      ['first', 4, 0],
      ['many', 5, 1],
    ]);
  });

  test('given 16 writers that repeat lost races, then each write and each event is stored once', async () => {
    const { _id } = await stored({ revision: 0 });
    const events = Array.from({ length: 16 }, event);
    await Promise.all(
      events.map((one) =>
        retryLostRaces(async () => {
          const before = await read(_id);
          return before && writeRevised(things, before, { events: [one] });
        }),
      ),
    );
    const after = await read(_id);
    expect(after?.revision).toBe(16);
    expect(after?.outbox.map(({ id }) => id).toSorted()).toEqual(events.map(({ id }) => id).toSorted());
  });
});

test('given races that are always lost, then the attempts end with an error', async () => {
  let attempts = 0;
  const lost = retryLostRaces(async () => {
    attempts += 1;
    return null;
  });
  await expect(lost).rejects.toThrow('under a write');
  expect(attempts).toBe(50);
});
