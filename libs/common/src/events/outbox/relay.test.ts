import { beforeEach, describe, expect, test } from 'vitest';
import { documentWith, itemEvent, stored, storedIds } from '../../../test/event-kit.ts';
import { type OutboxBed, useOutboxBed } from '../../../test/outbox-bed.ts';
import { createRelay } from './relay.ts';

const outboxBed = useOutboxBed();
let { bed, collection, newRelay, outboxOf } = {} as OutboxBed;
beforeEach(() => {
  ({ bed, collection, newRelay, outboxOf } = outboxBed());
});

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

  test('given copies of growing length, then each event is kept and published once, whatever the copies hold', async () => {
    const begun: string[][] = [];
    const relay = newRelay(async ({ outbox }) => void begun.push(outbox.map(({ id }) => id)));
    const events = Array.from({ length: 20 }, (_, n) => itemEvent(n));
    const document = documentWith(...events);
    await collection.insertOne(document);
    await Promise.all(events.map((_, n) => relay.publish({ ...document, outbox: events.slice(0, n + 1) })));
    expect(begun).toEqual(events.map(({ id }) => [id]));
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

  test('given who counts, then it is told of what the broker took, and not of what it had', async () => {
    const told: string[] = [];
    const counts = { published: (type: string) => void told.push(type), delivered() {}, deadLettered() {} };
    const relays = [1, 2].map(() => createRelay({ collection, broker: bed.broker, log: bed.log, counts }));
    const refused = { ...itemEvent(3), type: 'nobody.listens' };
    const document = documentWith(itemEvent(1), itemEvent(2), refused);
    for (const relay of relays) expect(await relay.publish(document)).toBe(false);
    expect(told).toEqual(['item.created', 'item.created']);
  });

  test('given nothing in the outbox, then there is nothing to do', async () => {
    expect(await newRelay().publish(documentWith())).toBe(true);
  });
});
