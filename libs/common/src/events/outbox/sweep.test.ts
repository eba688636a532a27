import { beforeEach, describe, expect, test } from 'vitest';
import { documentWith, itemEvent, stored, storedIds } from '../../../test/event-kit.ts';
import { type OutboxBed, useOutboxBed } from '../../../test/outbox-bed.ts';
import type { Outboxed } from './outbox.ts';
import { sweepOutboxes } from './sweep.ts';

const outboxBed = useOutboxBed();
let { bed, collection, newRelay, outboxOf } = {} as OutboxBed;
beforeEach(() => {
  ({ bed, collection, newRelay, outboxOf } = outboxBed());
});

const SOON = { everyMs: 50, graceMs: 0 };

describe('the sweep', () => {
  /** Sweeps until stopped; several as several processes would. */
  function startSweeps(count: number, timing = SOON) {
    const controller = new AbortController();
    const { signal } = controller;
    const sweeping = Array.from({ length: count }, () =>
      sweepOutboxes({ collection, relay: newRelay(), broker: bed.broker, log: bed.log, signal, timing }),
    );
    return async () => {
      controller.abort();
      await Promise.all(sweeping);
    };
  }

  test('given documents of a crash, when two sweeps run at once, then each event is published once and in order', async () => {
    const documents = Array.from({ length: 450 }, (_, n) => documentWith(itemEvent(n), itemEvent(n)));
    const tombstones = documents
      .slice(0, 50)
      .map((document) => Object.assign(document, { deleted_at: new Date() }));
    await collection.insertMany(documents);
    const stop = startSweeps(2);
    await expect
      .poll(() => collection.countDocuments({ 'outbox.0': { $exists: true } }), { timeout: 20_000 })
      .toBe(0);
    await stop();
    const ids = await storedIds(bed.broker);
    expect(ids.toSorted()).toEqual(documents.flatMap(({ outbox }) => outbox.map(({ id }) => id)).toSorted());
    for (const {
      outbox: [first, second],
    } of documents) {
      expect(ids.indexOf(first?.id)).toBeLessThan(ids.indexOf(second?.id));
    }
    expect(await collection.countDocuments()).toBe(documents.length - tombstones.length);
  });

  test('given a young event, when the sweep runs, then it skips the event except at the start', async () => {
    const stop = startSweeps(1, { everyMs: 20, graceMs: 60_000 });
    const old = documentWith(itemEvent());
    await collection.insertOne(old);
    await expect.poll(() => outboxOf(old)).toEqual([]);
    const young = documentWith({ ...itemEvent(), time: new Date().toISOString() });
    const older = documentWith(itemEvent());
    await collection.insertMany([young, older]);
    await expect.poll(() => outboxOf(older)).toEqual([]);
    expect(await outboxOf(young)).toHaveLength(1);
    await stop();
    const stopSecond = startSweeps(1, { everyMs: 60_000, graceMs: 60_000 });
    await expect.poll(() => outboxOf(young)).toEqual([]);
    await stopSecond();
  });

  test('given an event that cannot be published, when the sweep runs, then all other events are published', async () => {
    const stuck = documentWith({ ...itemEvent(), type: 'nobody.listens' });
    const others = Array.from({ length: 30 }, (_, n) => documentWith(itemEvent(n)));
    await collection.insertMany([stuck, ...others]);
    const stop = startSweeps(1);
    await expect
      .poll(() => collection.countDocuments({ 'outbox.0': { $exists: true } }), { timeout: 20_000 })
      .toBe(1);
    await stop();
    expect(await outboxOf(stuck)).toHaveLength(1);
    expect(await stored(bed.broker)).toHaveLength(30);
  });

  test('given more than a page of refused events before others, when the sweep runs, then the others are published', async () => {
    const tooLarge = () => ({ ...itemEvent(), data: 'x'.repeat(1_100_000) });
    const refused = Array.from({ length: 250 }, (_, n) =>
      documentWith(n === 0 ? tooLarge() : { ...itemEvent(), type: 'nobody.listens' }),
    );
    const others = Array.from({ length: 300 }, (_, n) => documentWith(itemEvent(1_000 + n)));
    await collection.insertMany([...refused, ...others]);
    const stop = startSweeps(1);
    await expect
      .poll(() => collection.countDocuments({ 'outbox.0': { $exists: true } }), { timeout: 25_000 })
      .toBe(refused.length);
    await stop();
    expect((await stored(bed.broker)).map(({ id }) => id).toSorted()).toEqual(
      others.flatMap(({ outbox }) => outbox.map(({ id }) => id)).toSorted(),
    );
  });

  test('given the query of the sweep, when it runs, then its range has two bounds', async () => {
    const commands: unknown[] = [];
    const { client } = bed.database.db;
    const watched = new (client.constructor as typeof import('mongodb').MongoClient)(
      bed.env.MONGODB_URL ?? '',
      {
        monitorCommands: true,
      },
    );
    watched.on(
      'commandStarted',
      ({ commandName, command }) => commandName === 'find' && commands.push(command.filter),
    );
    const own = watched.db(bed.env.DOCUMENTDB_DB).collection<Outboxed>(collection.collectionName);
    const controller = new AbortController();
    const relay = newRelay();
    const sweeping = sweepOutboxes({
      collection: own,
      relay,
      broker: bed.broker,
      log: bed.log,
      signal: controller.signal,
      timing: SOON,
    });
    await expect.poll(() => commands.length).toBeGreaterThan(0);
    controller.abort();
    await sweeping;
    await watched.close();
    expect(commands[0]).toEqual({ 'outbox.time': { $gt: '', $lt: expect.stringMatching(/^20\d\d-/) } });
  });
});
