import { setImmediate } from 'node:timers/promises';
import type { Collection } from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { canKillBroker, type OwnBroker, startOwnBroker } from '../../../../../tests/support/own-broker.ts';
import { startTestbed, type Testbed } from '../../../../../tests/support/testbed.ts';
import { connectTo, documentWith, itemEvent, storedIds } from '../../../test/event-kit.ts';
import type { Broker } from '../broker/broker.ts';
import { ensureTopology } from '../broker/topology.ts';
import type { Outboxed } from './outbox.ts';
import { createRelay } from './relay.ts';
import { sweepOutboxes } from './sweep.ts';

const LONG = { timeout: 60_000 };
/** Thousands of documents, and the broker's answers that never came: some seconds, and several times that on a busy machine. */
const PUBLISHED = { timeout: 45_000 };

describe.skipIf(!canKillBroker)('a broker that goes away', () => {
  let bed: Testbed;
  let own: OwnBroker;
  let broker: Broker;
  let collection: Collection<Outboxed>;
  let round = 0;

  beforeAll(async () => {
    [bed, own] = await Promise.all([startTestbed(), startOwnBroker()]);
    broker = (await connectTo(own.url, bed.log)).broker;
    await ensureTopology(broker, 3600);
  });
  afterAll(async () => {
    await broker.close();
    await own.stop();
    await bed.stop();
  });
  beforeEach(async () => {
    round += 1;
    collection = bed.database.db.collection(`outage_${round}`);
    await collection.createIndex({ 'outbox.time': 1 });
    await broker.jsm.streams.purge(broker.names.eventStream);
  });

  const waiting = () => collection.countDocuments({ 'outbox.0': { $exists: true } });
  const newRelay = () => createRelay<Outboxed>({ collection, broker, log: bed.log });
  const sweep = (signal: AbortSignal, everyMs = 100) =>
    sweepOutboxes({
      collection,
      relay: newRelay(),
      broker,
      log: bed.log,
      signal,
      timing: { everyMs, graceMs: 0 },
    });

  test(
    'given a killed broker, when it returns, then publishing has failed at once and the sweep publishes all events',
    LONG,
    async () => {
      const controller = new AbortController();
      // The pause is long: it is the reconnection that wakes the sweep.
      const sweeping = sweep(controller.signal, 60_000);
      const relay = newRelay();
      await own.kill();
      await expect.poll(() => broker.isConnected()).toBe(false);
      const documents = Array.from({ length: 50 }, (_, n) => documentWith(itemEvent(n), itemEvent(n)));
      await collection.insertMany(documents);
      const outcomes = Promise.all(documents.map((document) => relay.publish(document)));
      // At once: before anything else of this process runs.
      const said = await Promise.race([outcomes, setImmediate(['waits'])]);
      expect(said).toEqual(Array(50).fill(false));
      await relay.flush();
      expect(await waiting()).toBe(50);
      await own.start();
      await expect.poll(waiting, PUBLISHED).toBe(0);
      expect((await storedIds(broker)).toSorted()).toEqual(
        documents.flatMap(({ outbox }) => outbox.map(({ id }) => id)).toSorted(),
      );
      controller.abort();
      await sweeping;
    },
  );

  test(
    'given two relays that publish, when the broker is killed, then no event is lost, duplicated or out of order',
    LONG,
    async () => {
      const controller = new AbortController();
      const sweeping = [sweep(controller.signal), sweep(controller.signal)];
      const relays = [newRelay(), newRelay()];
      const documents = Array.from({ length: 300 }, (_, n) =>
        documentWith(itemEvent(n), itemEvent(n), itemEvent(n)),
      );
      await collection.insertMany(documents);
      const published = documents.map((document, n) => relays[n % 2]?.publish(document));
      await Promise.race(published);
      await own.kill();
      await own.start();
      await expect.poll(waiting, PUBLISHED).toBe(0);
      controller.abort();
      await Promise.all([...sweeping, ...published]);
      const ids = await storedIds(broker);
      expect(ids).toHaveLength(900);
      expect(new Set(ids).size).toBe(900);
      for (const { outbox } of documents) {
        const places = outbox.map(({ id }) => ids.indexOf(id));
        expect(places).toEqual(places.toSorted((a, b) => a - b));
      }
    },
  );

  test(
    'given a frozen broker and 5,000 documents, when it continues, then memory was bounded and all are published',
    LONG,
    async () => {
      const relay = newRelay();
      own.freeze();
      const documents = Array.from({ length: 5_000 }, (_, n) => documentWith(itemEvent(n)));
      await collection.insertMany(documents);
      const outcomes = documents.map((document) => relay.publish(document));
      const refused = await Promise.all(outcomes.slice(2_000));
      expect(refused).toHaveLength(3_000);
      expect(refused).not.toContain(true);
      own.thaw();
      await Promise.all(outcomes);
      const controller = new AbortController();
      const sweeping = sweep(controller.signal);
      await expect.poll(waiting, PUBLISHED).toBe(0);
      controller.abort();
      await sweeping;
      expect((await broker.jsm.streams.info(broker.names.eventStream)).state.messages).toBe(5_000);
    },
  );

  test(
    'given a frozen broker, when one document changes many times, then memory is bounded',
    LONG,
    async () => {
      const relay = newRelay();
      own.freeze();
      const document = documentWith(itemEvent());
      await collection.insertOne(document);
      const changes = Array.from({ length: 4_999 }, () => ({ ...document, outbox: [itemEvent()] }));
      const outcomes = [document, ...changes].map((copy) => relay.publish(copy));
      expect(
        await Promise.race([
          Promise.all(outcomes.slice(2_000)),
          new Promise((resolve) => setTimeout(resolve, 1_000)),
        ]),
      ).toHaveLength(3_000);
      own.thaw();
      expect(await outcomes[0]).toBe(true);
      await relay.flush();
      expect(await waiting()).toBe(0);
    },
  );

  test.each(['kill', 'freeze'] as const)(
    'given a broker after %s, when the connection is closed, then that does not wait for the broker',
    LONG,
    async (how) => {
      const { broker: other } = await connectTo(own.url, bed.log);
      await own[how]();
      const late = new Promise((resolve) => setTimeout(resolve, 4_000, 'waits'));
      const outcome = await Promise.race([other.close().then(() => 'closed'), late]);
      if (how === 'kill') await own.start();
      else own.thaw();
      await expect.poll(() => broker.isConnected(), { timeout: 10_000 }).toBe(true);
      expect(outcome).toBe('closed');
    },
  );
});
