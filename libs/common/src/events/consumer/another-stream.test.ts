import { expect, test } from 'vitest';
import { onItem, useConsumerBed } from '../../../test/consumer-kit.ts';
import { documentWith, itemEvent, storedIds } from '../../../test/event-kit.ts';
import { ensureTopology } from '../broker/topology.ts';
import { type Outboxed, outboxIndex } from '../outbox/outbox.ts';
import { createRelay } from '../outbox/relay.ts';
import { sweepOutboxes } from '../outbox/sweep.ts';

/** Noticed within 5 s, and the machine may be busy; less than the 15 s after which the broker delivers again. */
const SOON = { timeout: 12_000 };
const given = useConsumerBed();

/** Another stream of the same name: its first message has the number that the first of the lost one had. */
async function replaceEvents(): Promise<void> {
  const { jsm, names } = given.bed.broker;
  await jsm.streams.delete(names.eventStream);
  await ensureTopology(given.bed.broker, 3600);
}

test('given an event in flight, when its stream is replaced, then it does not end the new event of the same sequence', async () => {
  const held = new Map<string, () => void>();
  const ended: string[] = [];
  const handlers = onItem(async ({ id }) => {
    await new Promise<void>((resolve) => held.set(id, resolve));
    ended.push(id);
    return undefined;
  });
  await replaceEvents();
  const { name, running } = await given.kit.consume(handlers);

  const before = await given.kit.publishItem();
  await expect.poll(() => [...held.keys()], SOON).toEqual([before]);

  await replaceEvents();
  const after = await given.kit.publishItem();
  await expect.poll(() => [...held.keys()], SOON).toEqual([before, after]);
  held.get(before)?.();
  await expect.poll(() => ended).toEqual([before]);
  // Its answer, if there was one, has gone before this question.
  const { jsm, names } = given.bed.broker;
  const unacknowledged = async () => (await jsm.consumers.info(names.eventStream, name)).num_ack_pending;
  expect(await unacknowledged()).toBe(1);
  held.get(after)?.();
  await expect.poll(unacknowledged, SOON).toBe(0);
  expect(ended).toEqual([before, after]);
  await running.stop();
});

test('given two streams of one name, when each stores a dead letter of the same sequence, then both are kept', async () => {
  await replaceEvents();
  const { letters, running } = await given.kit.consume(onItem(async () => undefined));
  await given.kit.publish('not JSON');
  await expect.poll(async () => (await letters()).length, SOON).toBe(1);
  await replaceEvents();
  await given.kit.publish('no JSON either');
  await expect
    .poll(async () => (await letters()).map(({ event }) => event), SOON)
    .toEqual(['not JSON', 'no JSON either']);
  await running.stop();
});

test('given a lost dead letter stream, when it is restored, then it gets the letters that were given up meanwhile', {
  timeout: 60_000,
}, async () => {
  const { letters, unacknowledged, running } = await given.kit.consume(
    onItem(async () => undefined),
    undefined,
    {
      ackWaitMs: 1_000,
    },
  );
  const { jsm, names } = given.bed.broker;
  await jsm.streams.delete(names.deadLetterStream);
  await given.kit.publish('given up');
  await expect.poll(unacknowledged, SOON).toBe(1);
  await ensureTopology(given.bed.broker, 3600);
  await expect.poll(async () => (await letters()).map(({ event }) => event), SOON).toEqual(['given up']);
  await expect.poll(unacknowledged, SOON).toBe(0);
  await running.stop();
});

test('given no event stream, when it is restored, then the events in the outbox are published', async () => {
  const collection = given.bed.database.db.collection<Outboxed>('lost');
  await collection.createIndex(outboxIndex);
  const { broker, log } = given.bed;
  const relay = createRelay<Outboxed>({ collection, broker, log });
  const documents = [documentWith(itemEvent(1), itemEvent(2)), documentWith(itemEvent(3))];
  await collection.insertMany(documents);
  await broker.jsm.streams.delete(broker.names.eventStream);
  expect(await Promise.all(documents.map((document) => relay.publish(document)))).toEqual([false, false]);
  const waiting = () => collection.countDocuments({ 'outbox.0': { $exists: true } });
  expect(await waiting()).toBe(2);
  const controller = new AbortController();
  const timing = { everyMs: 100, graceMs: 0 };
  const sweeping = sweepOutboxes({ collection, relay, broker, log, signal: controller.signal, timing });
  await ensureTopology(broker, 3600);
  await expect.poll(waiting, SOON).toBe(0);
  const ids = documents.flatMap(({ outbox }) => outbox.map(({ id }) => id));
  expect((await storedIds(broker)).toSorted()).toEqual(ids.toSorted());
  controller.abort();
  await sweeping;
});
