import { DeliverPolicy } from '@nats-io/jetstream';
import { headers as createHeaders } from '@nats-io/transport-node';
import { describe, expect, test } from 'vitest';
import { onItem, useConsumerBed } from '../../../test/consumer-kit.ts';
import { itemEvent, stored } from '../../../test/event-kit.ts';
import { runConsumer } from '../consumer/consumer.ts';
import { letterId } from './dead-letter.ts';

const SOON = { timeout: 10_000 };
const given = useConsumerBed();

describe('a dead letter', () => {
  const item = itemEvent();
  test.each([
    ['text that is not JSON', '{"no', 'not JSON'],
    ['no envelope', '{"id":"1"}', 'no CloudEvents envelope'],
    [
      'a payload against its contract',
      JSON.stringify({ ...item, data: { item_id: 'x' } }),
      'against its contract',
    ],
  ])(
    'given %s, when it is delivered, then it is a dead letter with reason and original, and the next event is handled',
    async (_name, text, reason) => {
      const seen: string[] = [];
      const { name, letters, unacknowledged } = await given.kit.consume(
        onItem(async ({ id }) => void seen.push(id)),
      );
      await given.kit.publish(text);
      const id = await given.kit.publishItem();
      await expect.poll(() => seen, SOON).toEqual([id]);
      await expect.poll(unacknowledged, SOON).toBe(0);
      const [letter, ...more] = await letters();
      expect(more).toEqual([]);
      expect(letter).toMatchObject({ consumer: name, subject: 'item.created', attempts: 1 });
      expect(letter?.reason).toContain(reason);
      const original = letter?.event;
      expect(typeof original === 'string' ? original : JSON.stringify(original)).toBe(text);
      expect(Date.parse(String(letter?.dead_at))).toBeGreaterThanOrEqual(
        Date.parse(String(letter?.first_seen_at)),
      );
    },
  );

  test('given a consumer that is killed before it ends a delivery, when another consumes, then there is one dead letter', async () => {
    const { name, running, letters, unacknowledged } = await given.kit.consume(onItem(async () => undefined));
    await running.stop();
    const { broker } = given.bed;
    const { seq } = await broker.js.publish(broker.names.event('item.created'), 'not JSON');
    const reader = await broker.js.consumers.get(broker.names.eventStream, {
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: seq,
    });
    const message = await reader.next();
    if (!message) throw new Error('the message is not there');
    const msgID = letterId(name, message);
    const letter = { consumer: name, reason: 'written before the kill' };
    await broker.js.publish(broker.names.deadLetter(name), JSON.stringify(letter), { msgID });
    const next = await runConsumer({
      broker,
      name,
      handlers: onItem(async () => undefined),
      log: given.kit.log,
    });
    given.bed.stopLater(() => next.stop());
    await expect.poll(unacknowledged, SOON).toBe(0);
    expect(await letters()).toEqual([letter]);
  });

  test('given a message of nearly the largest size, when it fails, then its dead letter holds as much of it as fits', async () => {
    const { letters, unacknowledged } = await given.kit.consume(onItem(async () => undefined));
    const most = given.bed.broker.nc.info?.max_payload ?? 0;
    await given.kit.publish('"'.repeat(most));
    await expect.poll(unacknowledged, SOON).toBe(0);
    const [letter] = await letters();
    expect(letter?.reason).toContain('too large to be kept whole');
    expect(String(letter?.event).length).toBeGreaterThan(50_000);
  });

  test('given an event with a trace, when it fails, then its dead letter has the trace', async () => {
    const { letters } = await given.kit.consume(onItem(async () => undefined));
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const headers = createHeaders();
    headers.set('traceparent', traceparent);
    await given.bed.broker.js.publish(given.bed.broker.names.event('item.created'), 'not JSON', { headers });
    await expect.poll(letters, SOON).toHaveLength(1);
    const all = await stored(given.bed.broker, given.bed.broker.names.deadLetterStream);
    expect(all.at(-1)?.traceparent).toBe(traceparent);
  });

  test('given an event with too many deliveries without an outcome, when it arrives, then it is an unhandled dead letter', async () => {
    const handled: string[] = [];
    const { name, running, letters, info, unacknowledged } = await given.kit.consume(
      onItem(async ({ id }) => void handled.push(id)),
    );
    await running.stop();
    const [deadly, unlucky] = [await given.kit.publishItem(), await given.kit.publishItem()];
    const { eventStream } = given.bed.broker.names;
    const consumer = await given.bed.broker.js.consumers.get(eventStream, name);
    // What a process does that is killed by an event, as the broker sees it; 3 attempts and 20 for crashes.
    for (let delivery = 1; delivery <= 23; delivery += 1) {
      for await (const message of await consumer.fetch({ max_messages: delivery < 23 ? 2 : 1 }))
        message.nak();
    }
    expect((await info()).num_redelivered).toBe(2);
    const next = await runConsumer({
      broker: given.bed.broker,
      name,
      handlers: onItem(async ({ id }) => void handled.push(id)),
      log: given.kit.log,
      retry: { attempts: 3, firstDelayMs: 20, longestDelayMs: 40 },
    });
    given.bed.stopLater(() => next.stop());
    await expect.poll(unacknowledged, SOON).toBe(0);
    expect(handled).toEqual([unlucky]);
    expect(await letters()).toMatchObject([
      { event: { id: deadly }, attempts: 24, reason: 'delivered 24 times without an outcome' },
    ]);
  });

  test('given an event that always fails, when its last attempt ends, then it is a dead letter and blocks no other event', async () => {
    const seen: string[] = [];
    const poison = itemEvent();
    const { letters, unacknowledged } = await given.kit.consume(
      onItem(async ({ id }) => {
        seen.push(id);
        if (id === poison.id) throw new Error('poison');
        return undefined;
      }),
    );
    await given.kit.publishItem(poison);
    const healthy = [await given.kit.publishItem(), await given.kit.publishItem()];
    await expect.poll(letters, SOON).toHaveLength(1);
    await expect.poll(unacknowledged, SOON).toBe(0);
    expect(seen.filter((id) => id === poison.id)).toHaveLength(3);
    expect(seen.filter((id) => id !== poison.id).toSorted()).toEqual(healthy.toSorted());
    expect((await letters())[0]).toMatchObject({
      attempts: 3,
      reason: 'Error: poison',
      event: { id: poison.id },
    });
  });
});
