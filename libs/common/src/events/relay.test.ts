import type { Collection } from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';
import { documentWith, itemEvent, stored, storedIds } from '../../test/event-kit.ts';
import type { Outboxed } from './outbox.ts';
import { createRelay } from './relay.ts';
import { sweepOutboxes } from './sweep.ts';
import { ensureTopology } from './topology.ts';

const SOON = { everyMs: 50, graceMs: 0 };
let bed: Testbed;
let collection: Collection<Outboxed>;
let round = 0;

beforeAll(async () => {
  bed = await startTestbed();
  await ensureTopology(bed.broker, 3600);
});
afterAll(() => bed.stop());
beforeEach(async () => {
  round += 1;
  collection = bed.database.db.collection(`things_${round}`);
  await collection.createIndex({ 'outbox.time': 1 });
  await bed.broker.jsm.streams.purge(bed.broker.names.eventStream);
});

const newRelay = (before?: (document: Outboxed) => Promise<void>) =>
  createRelay<Outboxed>({ collection, broker: bed.broker, log: bed.log, ...(before ? { before } : {}) });

const outboxOf = async ({ _id }: Outboxed) => (await collection.findOne({ _id }))?.outbox.map(({ id }) => id);

describe('publishing a document', () => {
  test('given an event, then it is in the stream once with id and trace, and out of the outbox', async () => {
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const event = itemEvent(0, traceparent);
    const document = documentWith(event);
    await collection.insertOne(document);
    expect(await newRelay().publish(document)).toBe(true);
    await expect.poll(() => outboxOf(document)).toEqual([]);
    const { traceparent: _kept, ...envelope } = event;
    const [message, ...others] = await stored(bed.broker);
    expect(others).toEqual([]);
    expect(message).toMatchObject({
      id: event.id,
      traceparent,
      subject: bed.broker.names.event('item.created'),
    });
    expect(JSON.parse(message?.text ?? '')).toEqual(envelope);
  });

  test('given changes while it is published, then only what was published leaves the outbox', async () => {
    const relay = newRelay();
    const document = documentWith(itemEvent(1));
    const late = itemEvent(2);
    await collection.insertOne(document);
    const published = relay.publish(document);
    await collection.updateOne({ _id: document._id }, { $push: { outbox: late } });
    expect(await published).toBe(true);
    await relay.flush();
    expect(await outboxOf(document)).toEqual([late.id]);
  });

  test('given copies of growing length, then every event goes out once and in order', async () => {
    const relay = newRelay();
    const events = Array.from({ length: 20 }, (_, n) => itemEvent(n));
    const document = documentWith(...events);
    await collection.insertOne(document);
    await Promise.all(events.map((_, n) => relay.publish({ ...document, outbox: events.slice(0, n + 1) })));
    await relay.flush();
    expect(await storedIds(bed.broker)).toEqual(events.map(({ id }) => id));
    expect(await outboxOf(document)).toEqual([]);
  });

  test('given two relays with copies of one document, then the order holds and nothing is doubled', async () => {
    const relays = [newRelay(), newRelay()];
    const documents = Array.from({ length: 20 }, (_, n) =>
      documentWith(itemEvent(n), itemEvent(n), itemEvent(n)),
    );
    await collection.insertMany(documents);
    await Promise.all(
      documents.flatMap((document, n) => [
        relays[n % 2]?.publish({ ...document, outbox: document.outbox.slice(0, 1 + (n % 3)) }),
        relays[(n + 1) % 2]?.publish(document),
      ]),
    );
    const ids = await storedIds(bed.broker);
    expect(ids).toHaveLength(60);
    for (const { outbox } of documents) {
      const places = outbox.map(({ id }) => ids.indexOf(id));
      expect(places).toEqual(places.toSorted((a, b) => a - b));
      expect(places).not.toContain(-1);
    }
  });

  test('given a tombstone, then it is removed after its last event', async () => {
    const relay = newRelay();
    const tombstone = { ...documentWith(itemEvent(1), itemEvent(2)), deleted_at: new Date() };
    await collection.insertOne(tombstone);
    expect(await relay.publish(tombstone)).toBe(true);
    await relay.flush();
    expect(await collection.findOne({ _id: tombstone._id })).toBeNull();
    expect(await stored(bed.broker)).toHaveLength(2);
  });

  test('given something to do before that fails, then the events stay, and so does a tombstone', async () => {
    const relay = newRelay(() => Promise.reject(new Error('not yet')));
    const tombstone = { ...documentWith(itemEvent()), deleted_at: new Date() };
    await collection.insertOne(tombstone);
    expect(await relay.publish(tombstone)).toBe(false);
    await relay.flush();
    expect(await outboxOf(tombstone)).toHaveLength(1);
    expect(await stored(bed.broker)).toEqual([]);
  });

  test('given something to do before, then it is done before the event is out', async () => {
    const seen: number[] = [];
    const relay = newRelay(async () => void seen.push((await stored(bed.broker)).length));
    await relay.publish(documentWith(itemEvent()));
    expect(seen).toEqual([0]);
  });

  test('given nothing in the outbox, then there is nothing to do', async () => {
    expect(await newRelay().publish(documentWith())).toBe(true);
  });
});

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

  test('given documents that a crash left, then two sweeps at once publish each event once, in order', async () => {
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

  test('given a young event, then it is left to whoever publishes it just now; at the start it is not', async () => {
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

  test('given an event that cannot go out, then those around it do', async () => {
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

  test('given its search, then it is bounded on both sides', async () => {
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
