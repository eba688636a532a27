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
  test('given an event, when it is published, then it is in the stream once with id and trace, and not in the outbox', async () => {
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

  test('given a change during publishing, when publishing ends, then only published events leave the outbox', async () => {
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

  test('given copies with growing outboxes, when they are published, then every event is published once and in order', async () => {
    const relay = newRelay();
    const events = Array.from({ length: 20 }, (_, n) => itemEvent(n));
    const document = documentWith(...events);
    await collection.insertOne(document);
    await Promise.all(events.map((_, n) => relay.publish({ ...document, outbox: events.slice(0, n + 1) })));
    await relay.flush();
    expect(await storedIds(bed.broker)).toEqual(events.map(({ id }) => id));
    expect(await outboxOf(document)).toEqual([]);
  });

  test('given copies with growing outboxes, when they wait, then each event is kept in memory and published once', async () => {
    const begun: string[][] = [];
    const relay = newRelay(async ({ outbox }) => void begun.push(outbox.map(({ id }) => id)));
    const events = Array.from({ length: 20 }, (_, n) => itemEvent(n));
    const document = documentWith(...events);
    await collection.insertOne(document);
    await Promise.all(events.map((_, n) => relay.publish({ ...document, outbox: events.slice(0, n + 1) })));
    expect(begun).toEqual(events.map(({ id }) => [id]));
  });

  test('given two relays with copies of one document, when both publish, then events are in order without duplicates', async () => {
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

  test('given a tombstone, when its last event is published, then it is removed', async () => {
    const relay = newRelay();
    const tombstone = { ...documentWith(itemEvent(1), itemEvent(2)), deleted_at: new Date() };
    await collection.insertOne(tombstone);
    expect(await relay.publish(tombstone)).toBe(true);
    await relay.flush();
    expect(await collection.findOne({ _id: tombstone._id })).toBeNull();
    expect(await stored(bed.broker)).toHaveLength(2);
  });

  test('given a step before that fails, when a document is published, then its events and its tombstone stay', async () => {
    const relay = newRelay(() => Promise.reject(new Error('not yet')));
    const tombstone = { ...documentWith(itemEvent()), deleted_at: new Date() };
    await collection.insertOne(tombstone);
    expect(await relay.publish(tombstone)).toBe(false);
    await relay.flush();
    expect(await outboxOf(tombstone)).toHaveLength(1);
    expect(await stored(bed.broker)).toEqual([]);
  });

  test('given a step before, when a document is published, then the step ends before the event is published', async () => {
    const seen: number[] = [];
    const relay = newRelay(async () => void seen.push((await stored(bed.broker)).length));
    await relay.publish(documentWith(itemEvent()));
    expect(seen).toEqual([0]);
  });

  test('given a counter, when events are published, then it counts new events and no duplicates', async () => {
    const told: string[] = [];
    const counts = {
      published: (type: string) => void told.push(type),
      delivered() {},
      deadLettered() {},
    };
    const relays = [1, 2].map(() => createRelay({ collection, broker: bed.broker, log: bed.log, counts }));
    const refused = { ...itemEvent(3), type: 'nobody.listens' };
    const document = documentWith(itemEvent(1), itemEvent(2), refused);
    for (const relay of relays) expect(await relay.publish(document)).toBe(false);
    expect(told).toEqual(['item.created', 'item.created']);
  });

  test('given an empty outbox, when the document is published, then nothing happens', async () => {
    expect(await newRelay().publish(documentWith())).toBe(true);
  });
});
