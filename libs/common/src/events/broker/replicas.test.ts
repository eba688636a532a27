import { beforeEach, expect, test } from 'vitest';
import { documentWith, itemEvent, storedIds } from '../../../test/event-kit.ts';
import { type OutboxBed, useOutboxBed } from '../../../test/outbox-bed.ts';
import { sweepOutboxes } from '../outbox/sweep.ts';

const outboxBed = useOutboxBed();
let { bed, collection, newRelay } = {} as OutboxBed;
beforeEach(() => {
  ({ bed, collection, newRelay } = outboxBed());
});

const REPLICAS = 10;
const DOCUMENTS = 150;
const EVENTS_BEFORE = 3;
const EVENTS_MEANWHILE = 3;

test('given ten replicas, when they sweep while documents change, then the events of each document are in order', {
  timeout: 90_000,
}, async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const documents = Array.from({ length: DOCUMENTS }, () =>
    documentWith(...Array.from({ length: EVENTS_BEFORE }, (_, n) => itemEvent(n))),
  );
  const orderOf = new Map(documents.map(({ _id, outbox }) => [_id, outbox.map(({ id }) => id)]));
  await collection.insertMany(documents);
  const relays = Array.from({ length: REPLICAS }, () => newRelay());
  const timing = { everyMs: 20, graceMs: 0 };
  const sweeping = relays.map((relay) =>
    sweepOutboxes({ collection, relay, broker: bed.broker, log: bed.log, signal, timing }),
  );
  // As a service does it: the change and its event in one write, then any replica publishes what it was given back.
  for (let change = 0; change < EVENTS_MEANWHILE; change += 1) {
    const changes = documents.map(async ({ _id }, n) => {
      const event = itemEvent(EVENTS_BEFORE + change);
      const push = { $push: { outbox: event } };
      const changed = await collection.findOneAndUpdate({ _id }, push, { returnDocument: 'after' });
      orderOf.get(_id)?.push(event.id);
      if (changed) void relays[(n + change) % REPLICAS]?.publish(changed);
    });
    await Promise.all(changes);
  }
  const waiting = () => collection.countDocuments({ 'outbox.0': { $exists: true } });
  await expect.poll(waiting, { timeout: 60_000 }).toBe(0);
  controller.abort();
  await Promise.all(sweeping);
  const ids = await storedIds(bed.broker);
  expect(ids).toHaveLength(DOCUMENTS * (EVENTS_BEFORE + EVENTS_MEANWHILE));
  const placeOf = new Map(ids.toReversed().map((id, n) => [id, ids.length - 1 - n]));
  for (const order of orderOf.values()) {
    const places = order.map((id) => placeOf.get(id) ?? -1);
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  }
});
