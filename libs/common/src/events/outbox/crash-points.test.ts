import { beforeEach, describe, expect, test } from 'vitest';
import { documentWith, itemEvent, storedIds } from '../../../test/event-kit.ts';
import { type OutboxBed, useOutboxBed } from '../../../test/outbox-bed.ts';
import type { OutboxEntry, Outboxed } from './outbox.ts';
import { sweepOutboxes } from './sweep.ts';

const outboxBed = useOutboxBed();
let { bed, collection, newRelay } = {} as OutboxBed;
beforeEach(() => {
  ({ bed, collection, newRelay } = outboxBed());
});

/** What the broker has of a process that was killed: these events, in this order. */
async function publishedBefore(...events: OutboxEntry[]): Promise<void> {
  for (const event of events) {
    const subject = bed.broker.names.event(event.type);
    await bed.broker.js.publish(subject, JSON.stringify(event), { msgID: event.id });
  }
}

/** The next process: it sweeps at its start until no event waits. */
async function sweepAll(before?: (document: Outboxed) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  const timing = { everyMs: 50, graceMs: 0 };
  const relay = newRelay(before);
  const sweeping = sweepOutboxes({ collection, relay, broker: bed.broker, log: bed.log, signal, timing });
  const waiting = () => collection.countDocuments({ 'outbox.0': { $exists: true } });
  await expect.poll(waiting, { timeout: 10_000 }).toBe(0);
  controller.abort();
  await sweeping;
}

/** New ones each time: the broker remembers what it has seen. */
const newEvents = (times: number[]): Map<number, OutboxEntry> => new Map(times.map((n) => [n, itemEvent(n)]));

describe('a process that was killed', () => {
  test.each<[string, number[], number[]]>([
    ['after the write', [], [1, 2]],
    ['between two events of a document', [1], [1, 2]],
    ['after publishing, before the events were removed', [1, 2], [1, 2]],
    ['after some events were removed', [1], [2, 3]],
  ])(
    'given a crash %s, when the sweep runs, then each event is in the stream once and in order',
    async (_name, published, waiting) => {
      const events = newEvents([...new Set([...published, ...waiting])]);
      const some = (times: number[]) => times.flatMap((n) => events.get(n) ?? []);
      await publishedBefore(...some(published));
      const document = documentWith(...some(waiting));
      await collection.insertOne(document);
      await sweepAll();
      expect(await storedIds(bed.broker)).toEqual([...events.values()].map(({ id }) => id));
      expect((await collection.findOne({ _id: document._id }))?.outbox).toEqual([]);
    },
  );

  test.each([
    ['before the event of its tombstone was published', false],
    ['after that event was published, before the tombstone was removed', true],
  ])(
    'given a crash %s, when the sweep runs, then the event is in the stream once and the tombstone is removed',
    async (_name, isOut) => {
      const event = itemEvent();
      if (isOut) await publishedBefore(event);
      await collection.insertOne({ ...documentWith(event), deleted_at: new Date() });
      await sweepAll();
      expect(await storedIds(bed.broker)).toEqual([event.id]);
      expect(await collection.countDocuments()).toBe(0);
    },
  );

  test('given a crash between the step before and the event, when the sweep runs, then both are done', async () => {
    const event = itemEvent();
    await collection.insertOne(documentWith(event));
    let times = 0;
    await sweepAll(async () => {
      times += 1;
      if (times === 1) throw new Error('killed here');
    });
    expect(times).toBe(2);
    expect(await storedIds(bed.broker)).toEqual([event.id]);
  });
});
