import { expect, test } from 'vitest';
import { onItem, useConsumerBed } from '../../test/consumer-kit.ts';
import { documentWith, itemEvent } from '../../test/event-kit.ts';
import { createMetrics } from '../process/metrics.ts';
import {
  countEvents,
  observeBroker,
  observeConsumer,
  observeDeadLetters,
  observeOutbox,
} from './event-metrics.ts';
import { type Outboxed, outboxIndex } from './outbox/outbox.ts';
import { createRelay } from './outbox/relay.ts';

const given = useConsumerBed();

/** The value of a metric's only line, as a number. */
async function measured(
  metrics: ReturnType<typeof createMetrics>,
  name: string,
): Promise<number | undefined> {
  const text = await metrics.registry.getSingleMetricAsString(name);
  const line = text.split('\n').find((each) => each !== '' && !each.startsWith('#'));
  return line === undefined ? undefined : Number(line.split(' ').at(-1));
}

test('given documents with unpublished events, when metrics are read, then they show the number and the oldest age', async () => {
  const collection = given.bed.database.db.collection<Outboxed>('measured');
  await collection.createIndex(outboxIndex);
  const metrics = createMetrics();
  observeBroker(metrics, given.bed.broker);
  observeOutbox(metrics, collection);
  expect(await measured(metrics, 'quartet_outbox_documents')).toBe(0);
  expect(await measured(metrics, 'quartet_outbox_oldest_age_seconds')).toBe(0);

  // Event times of the kit lie in November 2023.
  const documents = [documentWith(itemEvent(0), itemEvent(1)), documentWith(itemEvent(2))];
  await collection.insertMany([...documents, documentWith()]);
  expect(await measured(metrics, 'quartet_outbox_documents')).toBe(2);
  expect(await measured(metrics, 'quartet_outbox_oldest_age_seconds')).toBeGreaterThan(365 * 86_400);

  const relay = createRelay({
    collection,
    broker: given.bed.broker,
    log: given.bed.log,
    counts: countEvents(metrics),
  });
  await Promise.all(documents.map((document) => relay.publish(document)));
  await relay.flush();
  expect(await measured(metrics, 'quartet_outbox_documents')).toBe(0);
  expect(await measured(metrics, 'quartet_events_published_total')).toBe(3);
  expect(await measured(metrics, 'quartet_broker_connected')).toBe(1);
});

test('given a consumer that fails, when metrics are read, then they show its lag, redeliveries and dead letters', async () => {
  const metrics = createMetrics();
  const held = Promise.withResolvers<void>();
  const handlers = onItem(async () => {
    await held.promise;
    throw new Error('no');
  });
  const { name } = await given.kit.consume(handlers, undefined, { counts: countEvents(metrics) });
  observeConsumer(metrics, given.bed.broker, name);
  observeDeadLetters(metrics, given.bed.broker);
  const before = (await measured(metrics, 'quartet_dead_letters')) ?? 0;
  await given.kit.publishItem();
  await expect.poll(() => measured(metrics, 'quartet_consumer_unacknowledged')).toBe(1);
  expect(await measured(metrics, 'quartet_consumer_pending')).toBe(0);
  held.resolve();
  // Counted last, when the broker has said that it has the letter.
  await expect.poll(() => measured(metrics, 'quartet_events_dead_lettered_total')).toBe(1);
  expect(await measured(metrics, 'quartet_dead_letters')).toBe(before + 1);
  expect(await measured(metrics, 'quartet_events_delivered_total')).toBe(3);
  expect(await measured(metrics, 'quartet_events_redelivered_total')).toBe(2);
  await expect.poll(() => measured(metrics, 'quartet_consumer_unacknowledged')).toBe(0);
});

test('given publications, deliveries and dead letters, when they happen, then they are counted by type and consumer', async () => {
  const metrics = createMetrics();
  const counts = countEvents(metrics);
  counts.published('user.created');
  counts.published('user.created');
  counts.delivered('items', 'user.deleted', 1);
  counts.delivered('items', 'user.deleted', 2);
  counts.deadLettered('items', 'user.deleted');
  expect(
    (await metrics.registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#')),
  ).toEqual([
    'quartet_events_published_total{type="user.created"} 2',
    'quartet_events_delivered_total{consumer="items",type="user.deleted"} 2',
    'quartet_events_redelivered_total{consumer="items",type="user.deleted"} 1',
    'quartet_events_dead_lettered_total{consumer="items",type="user.deleted"} 1',
  ]);
});
