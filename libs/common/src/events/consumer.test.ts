import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';
import { itemEvent, recordingLog, stored } from '../../test/event-kit.ts';
import { type EventHandler, type EventHandlers, type RetryPolicy, runConsumer } from './consumer.ts';
import { ensureTopology } from './topology.ts';

const QUICK: RetryPolicy = { attempts: 3, firstDelayMs: 20, longestDelayMs: 40 };
const SOON = { timeout: 10_000 };
let bed: Testbed;
let consumers = 0;

beforeAll(async () => {
  bed = await startTestbed();
  await ensureTopology(bed.broker, 3600);
});
afterAll(() => bed.stop());

const { log } = recordingLog();

async function publish(text: string, type = 'item.created'): Promise<void> {
  await bed.broker.js.publish(bed.broker.names.event(type), text);
}

async function publishItem(event = itemEvent()): Promise<string> {
  await publish(JSON.stringify(event));
  return event.id;
}

/** A consumer of its own that begins behind what other tests published. */
async function consume(handlers: EventHandlers, retry = QUICK) {
  consumers += 1;
  const name = `consumer-${consumers}`;
  await bed.broker.jsm.streams.purge(bed.broker.names.eventStream);
  const running = await runConsumer({ broker: bed.broker, name, handlers, log, retry });
  bed.stopLater(() => running.stop());
  const info = () => bed.broker.jsm.consumers.info(bed.broker.names.eventStream, name);
  const unacknowledged = async () => {
    const { num_ack_pending, num_pending } = await info();
    return num_ack_pending + num_pending;
  };
  const letters = async () =>
    (await stored(bed.broker, bed.broker.names.deadLetterStream))
      .map(({ text }) => JSON.parse(text) as Record<string, unknown>)
      .filter(({ consumer }) => consumer === name);
  return { name, running, info, unacknowledged, letters };
}

const onItem = (handler: EventHandler<'item.created'>): EventHandlers => ({ 'item.created': handler });

/** Notes an event's id, then does something that takes as long as `effect`. */
const noting = (seen: string[], effect: Promise<undefined>): EventHandlers =>
  onItem(({ id }) => {
    seen.push(id);
    return effect;
  });

describe('an event', () => {
  test('given an effect under way, then it is acknowledged after it and not before', async () => {
    const effect = Promise.withResolvers<undefined>();
    const seen: string[] = [];
    const { unacknowledged } = await consume(noting(seen, effect.promise));
    const id = await publishItem();
    await expect.poll(() => seen, SOON).toEqual([id]);
    expect(await unacknowledged()).toBe(1);
    effect.resolve(undefined);
    await expect.poll(unacknowledged, SOON).toBe(0);
    expect(seen).toEqual([id]);
  });

  test('given an effect that fails, then it comes again after growing pauses until it succeeds', async () => {
    const times: number[] = [];
    const { unacknowledged, letters } = await consume(
      onItem(async () => {
        times.push(performance.now());
        if (times.length < 4) throw new Error('not yet');
        return undefined;
      }),
      { attempts: 6, firstDelayMs: 40, longestDelayMs: 2_560 },
    );
    await publishItem();
    await expect.poll(() => times, SOON).toHaveLength(4);
    await expect.poll(unacknowledged, SOON).toBe(0);
    // Nominally 40, 113, 320 ms, each between half and whole; the broker never delivers early.
    const pauses = times.slice(1).map((time, n) => time - (times[n] ?? 0));
    for (const [n, least] of [20, 56, 160].entries()) expect(pauses[n]).toBeGreaterThanOrEqual(least - 3);
    expect(await letters()).toEqual([]);
  });

  test('given an effect that is wanted once more, then it comes again, and that is no failure', async () => {
    const times: number[] = [];
    const { unacknowledged, letters } = await consume(
      onItem(async () => {
        times.push(performance.now());
        return times.length < 6 ? { afterMs: 30 } : undefined;
      }),
    );
    await publishItem();
    await expect.poll(() => times, SOON).toHaveLength(6);
    await expect.poll(unacknowledged, SOON).toBe(0);
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(27);
    // Twice as often as there are attempts.
    expect(await letters()).toEqual([]);
  });
});

describe('a dead letter', () => {
  const item = itemEvent();
  test.each([
    ['text that is not JSON', '{"no', 'not JSON'],
    ['no envelope', '{"id":"1"}', 'no CloudEvents envelope'],
    [
      'an unknown version',
      JSON.stringify({ ...item, dataschema: 'urn:quartet:event:item.created:2' }),
      'unknown version',
    ],
    [
      'a payload against its contract',
      JSON.stringify({ ...item, data: { item_id: 'x' } }),
      'against its contract',
    ],
    ['an unknown type', JSON.stringify({ ...item, type: 'item.eaten' }), 'unknown event type'],
    [
      'a type nobody here handles',
      JSON.stringify({ ...item, type: 'item.deleted', dataschema: 'urn:quartet:event:item.deleted:1' }),
      'nothing here handles',
    ],
  ])(
    'given %s, then it is one at once, with the reason and the original, and the next event is handled',
    async (_name, text, reason) => {
      const seen: string[] = [];
      const { name, letters, unacknowledged } = await consume(onItem(async ({ id }) => void seen.push(id)));
      await publish(text);
      const id = await publishItem();
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

  test('given an event that fails every time, then after the last attempt, and others are not held up', async () => {
    const seen: string[] = [];
    const poison = itemEvent();
    const { letters, unacknowledged } = await consume(
      onItem(async ({ id }) => {
        seen.push(id);
        if (id === poison.id) throw new Error('poison');
        return undefined;
      }),
    );
    await publishItem(poison);
    const healthy = [await publishItem(), await publishItem()];
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

describe('several replicas', () => {
  test('given many events, then each is handled once, by one of them, and both have work', async () => {
    const seen: [number, string][] = [];
    const handlerOf = (replica: number) =>
      onItem(async ({ id }) => {
        await new Promise(setImmediate);
        seen.push([replica, id]);
        return undefined;
      });
    const { name, unacknowledged } = await consume(handlerOf(1));
    const second = await runConsumer({ broker: bed.broker, name, handlers: handlerOf(2), log });
    bed.stopLater(() => second.stop());
    const ids = await Promise.all(Array.from({ length: 200 }, () => publishItem()));
    await expect.poll(unacknowledged, SOON).toBe(0);
    expect(seen.map(([, id]) => id).toSorted()).toEqual(ids.toSorted());
    expect(new Set(seen.map(([replica]) => replica)).size).toBe(2);
  });
});

describe('stopping', () => {
  test('given events in hand, then it waits for them, and takes no other', async () => {
    const effect = Promise.withResolvers<undefined>();
    const seen: string[] = [];
    const { running, unacknowledged } = await consume(noting(seen, effect.promise));
    const first = await publishItem();
    await expect.poll(() => seen, SOON).toEqual([first]);
    let stopped = false;
    const stopping = running.stop().then(() => {
      stopped = true;
    });
    await publishItem();
    expect(stopped).toBe(false);
    effect.resolve(undefined);
    await stopping;
    await expect.poll(unacknowledged, SOON).toBe(1);
    expect(seen).toEqual([first]);
  });

  test('given more events than are in hand, then the rest is with the next replica at once', async () => {
    const effect = Promise.withResolvers<undefined>();
    const seen: string[] = [];
    const { name, running, unacknowledged } = await consume(noting(seen, effect.promise));
    const ids = await Promise.all(Array.from({ length: 60 }, () => publishItem()));
    await expect.poll(() => seen.length, SOON).toBe(32);
    const stopping = running.stop();
    effect.resolve(undefined);
    await stopping;
    const next = await runConsumer({
      broker: bed.broker,
      name,
      handlers: onItem(async ({ id }) => void seen.push(id)),
      log,
    });
    bed.stopLater(() => next.stop());
    await expect.poll(unacknowledged, SOON).toBe(0);
    expect(seen.toSorted()).toEqual(ids.toSorted());
  });
});

describe('a consumer that exists', () => {
  test('given other handlers, then its filters are brought up to date, and its place is kept', async () => {
    const seen: string[] = [];
    const { name, running, info, unacknowledged } = await consume(
      onItem(async ({ id }) => void seen.push(id)),
    );
    const first = await publishItem();
    await expect.poll(unacknowledged, SOON).toBe(0);
    await running.stop();
    const again = await runConsumer({
      broker: bed.broker,
      name,
      handlers: {
        ...onItem(async ({ id }) => void seen.push(id)),
        'item.deleted': async ({ id }) => void seen.push(id),
      },
      log,
    });
    bed.stopLater(() => again.stop());
    expect((await info()).config.filter_subjects).toHaveLength(2);
    const second = { ...itemEvent(), type: 'item.deleted', dataschema: 'urn:quartet:event:item.deleted:1' };
    await publish(JSON.stringify(second), 'item.deleted');
    await expect.poll(() => seen, SOON).toEqual([first, second.id]);
  });
});
