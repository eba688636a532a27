import { describe, expect, test } from 'vitest';
import { onItem, useConsumerBed } from '../../../test/consumer-kit.ts';
import { itemEvent } from '../../../test/event-kit.ts';
import { schemaOf } from '../envelope.ts';
import { runConsumer } from './consumer.ts';
import type { EventHandlers } from './event-handler.ts';

const SOON = { timeout: 20_000 };
/** So many attempts that an event comes to each replica with certainty. */
const PATIENT = { attempts: 60, firstDelayMs: 20, longestDelayMs: 100 };
const given = useConsumerBed();

const older = () => onItem(async () => undefined);
const newer = (seen: string[]): EventHandlers => ({
  ...older(),
  'item.deleted': async ({ id }) => void seen.push(id),
});

async function publishAs(type: string, dataschema: string): Promise<string> {
  const event = { ...itemEvent(), type, dataschema };
  await given.kit.publish(JSON.stringify(event), 'item.deleted');
  return event.id;
}
const publishDeleted = () => publishAs('item.deleted', schemaOf('item.deleted'));
const many = (publish: () => Promise<string>) => Promise.all(Array.from({ length: 20 }, publish));

describe('replicas of two releases that share a consumer', () => {
  test('given a newer replica with one more type, when events of it arrive, then it handles all and none is a dead letter', async () => {
    const seen: string[] = [];
    const { name, letters, unacknowledged } = await given.kit.consume(older(), PATIENT);
    const next = await runConsumer({ ...shared(name), handlers: newer(seen) });
    given.bed.stopLater(() => next.stop());
    const ids = await many(publishDeleted);
    await expect.poll(() => seen.toSorted(), SOON).toEqual(ids.toSorted());
    await expect.poll(unacknowledged, SOON).toBe(0);
    expect(await letters()).toEqual([]);
  });

  test('given an older replica that restarts, when events arrive, then the newer replica still gets its events', async () => {
    const seen: string[] = [];
    const { name, info, letters } = await given.kit.consume(newer(seen), PATIENT);
    const before = (await info()).config.filter_subjects;
    const again = await runConsumer({ ...shared(name), handlers: older() });
    given.bed.stopLater(() => again.stop());
    expect((await info()).config.filter_subjects).toEqual(before);
    const ids = await many(publishDeleted);
    await expect.poll(() => seen.toSorted(), SOON).toEqual(ids.toSorted());
    expect(await letters()).toEqual([]);
  });

  test('given an earlier release that narrows the filter, when the consumer is checked, then the process restores its types', async () => {
    const seen: string[] = [];
    const { name, info } = await given.kit.consume(newer(seen), PATIENT);
    const { jsm, names } = given.bed.broker;
    const filter_subjects = [names.event('item.created'), names.replay(name)];
    await jsm.consumers.update(names.eventStream, name, { filter_subjects });
    await expect
      .poll(async () => (await info()).config.filter_subjects, SOON)
      .toContain(names.event('item.deleted'));
    const id = await publishDeleted();
    await expect.poll(() => seen, SOON).toEqual([id]);
  });
});

describe('an event that no process of a service handles', () => {
  const shapes: [string, string, string, string][] = [
    ['a type without a handler', 'item.deleted', schemaOf('item.deleted'), 'no handler for item.deleted'],
    ['an unknown type', 'item.eaten', 'urn:quartet:event:item.eaten:1', 'unknown event type item.eaten'],
    ['an unknown version', 'item.deleted', 'urn:quartet:event:item.deleted:9', 'unknown version'],
  ];
  test.each(shapes)(
    'given %s, when all attempts have failed, then it is a dead letter, and later events are handled meanwhile',
    async (_name, type, dataschema, reason) => {
      const seen: string[] = [];
      const deliveries: number[] = [];
      const counts = {
        published() {},
        delivered: (_consumer: string, about: string, nth: number) => {
          if (about === 'item.deleted') deliveries.push(nth);
        },
        deadLettered() {},
      };
      const { name, running, letters, unacknowledged } = await given.kit.consume(newer([]));
      await running.stop();
      const handlers = onItem(async ({ id }) => void seen.push(id));
      const retry = { attempts: 3, firstDelayMs: 200, longestDelayMs: 200 };
      const next = await runConsumer({ ...shared(name), handlers, retry, counts });
      given.bed.stopLater(() => next.stop());
      const id = await publishAs(type, dataschema);
      const later = await given.kit.publishItem();
      await expect.poll(letters, SOON).toHaveLength(1);
      await expect.poll(unacknowledged, SOON).toBe(0);
      expect(await letters()).toMatchObject([{ attempts: 3, event: { id } }]);
      expect((await letters())[0]?.reason).toContain(reason);
      expect([deliveries, seen]).toEqual([[1, 2, 3], [later]]);
    },
  );
});

const shared = (name: string) => ({ broker: given.bed.broker, name, log: given.kit.log, retry: PATIENT });
