import { describe, expect, test } from 'vitest';
import { onItem, useConsumerBed } from '../../../test/consumer-kit.ts';
import { itemEvent } from '../../../test/event-kit.ts';
import { openDeadLetters } from '../dead-letters/dead-letters.ts';
import { runConsumer } from './consumer.ts';
import type { EventHandlers } from './event-handler.ts';

const SOON = { timeout: 10_000 };
const given = useConsumerBed();

/** Notes an event's id, then does something that takes as long as `effect`. */
const noting = (seen: string[], effect: Promise<undefined>): EventHandlers =>
  onItem(({ id }) => {
    seen.push(id);
    return effect;
  });

describe('an event', () => {
  test('given a handler that still runs, when it ends, then the event is acknowledged and not before', async () => {
    const effect = Promise.withResolvers<undefined>();
    const seen: string[] = [];
    const { unacknowledged } = await given.kit.consume(noting(seen, effect.promise));
    const id = await given.kit.publishItem();
    await expect.poll(() => seen, SOON).toEqual([id]);
    expect(await unacknowledged()).toBe(1);
    effect.resolve(undefined);
    await expect.poll(unacknowledged, SOON).toBe(0);
    expect(seen).toEqual([id]);
  });

  test('given a handler that fails, when pauses grow, then the event is delivered again until the handler succeeds', async () => {
    const times: number[] = [];
    const { unacknowledged, letters } = await given.kit.consume(
      onItem(async () => {
        times.push(performance.now());
        if (times.length < 4) throw new Error('not yet');
        return undefined;
      }),
      { attempts: 6, firstDelayMs: 40, longestDelayMs: 2_560 },
    );
    await given.kit.publishItem();
    await expect.poll(() => times, SOON).toHaveLength(4);
    await expect.poll(unacknowledged, SOON).toBe(0);
    // Nominally 40, 113, 320 ms, each between half and whole; the broker never delivers early.
    const pauses = times.slice(1).map((time, n) => time - (times[n] ?? 0));
    for (const [n, least] of [20, 56, 160].entries()) expect(pauses[n]).toBeGreaterThanOrEqual(least - 3);
    expect(await letters()).toEqual([]);
  });

  test('given a handler that asks for another delivery, when the event returns, then no failure is counted', async () => {
    const times: number[] = [];
    const { unacknowledged, letters } = await given.kit.consume(
      onItem(async () => {
        times.push(performance.now());
        return times.length < 6 ? { afterMs: 30 } : undefined;
      }),
    );
    await given.kit.publishItem();
    await expect.poll(() => times, SOON).toHaveLength(6);
    await expect.poll(unacknowledged, SOON).toBe(0);
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(27);
    // Twice as often as there are attempts.
    expect(await letters()).toEqual([]);
  });
});

describe('long work', () => {
  test('given a handler that takes longer than the broker waits, when it runs, then the event is not delivered again', async () => {
    const effect = Promise.withResolvers<undefined>();
    const seen: string[] = [];
    const { name, info, unacknowledged } = await given.kit.consume(noting(seen, effect.promise), undefined, {
      // Three times as long as between two signs, and much longer than a busy process sends none.
      ackWaitMs: 3_000,
    });
    const signs: string[] = [];
    const answers = `$JS.ACK.${given.bed.broker.names.eventStream}.${name}.>`;
    given.bed.broker.nc.subscribe(answers, {
      callback: (_err, message) => void signs.push(message.string()),
    });
    const id = await given.kit.publishItem();
    // Three of them are as long as the broker waits.
    await expect.poll(() => signs.length, SOON).toBeGreaterThan(3);
    expect(new Set(signs)).toEqual(new Set(['+WPI']));
    expect(await info()).toMatchObject({ num_ack_pending: 1, num_redelivered: 0 });
    effect.resolve(undefined);
    await expect.poll(unacknowledged, SOON).toBe(0);
    expect(seen).toEqual([id]);
  });
});

describe('counting', () => {
  test('given deliveries and dead letters, when they happen, then each is counted by its published type', async () => {
    const told: unknown[][] = [];
    const counts = {
      published: (...of: unknown[]) => void told.push(['published', ...of]),
      delivered: (...of: unknown[]) => void told.push(['delivered', ...of]),
      deadLettered: (...of: unknown[]) => void told.push(['dead', ...of]),
    };
    const { name } = await given.kit.consume(
      onItem(async () => {
        throw new Error('poison');
      }),
      { attempts: 2, firstDelayMs: 20, longestDelayMs: 20 },
      { counts },
    );
    await given.kit.publishItem();
    await expect.poll(() => told, SOON).toHaveLength(3);
    const letters = openDeadLetters(given.bed.broker);
    const { data } = await letters.list({ consumer: name }, { skip: 0, limit: 1 });
    await letters.replay(data[0]?.id ?? '');
    await expect.poll(() => told, SOON).toHaveLength(6);
    const once = [
      ['delivered', name, 'item.created', 1],
      ['delivered', name, 'item.created', 2],
      ['dead', name, 'item.created'],
    ];
    expect(told).toEqual([...once, ...once]);
  });
});

describe('several replicas', () => {
  test('given many events, when two replicas consume, then each event is handled once and both replicas handle some', async () => {
    const seen: [number, string][] = [];
    const handlerOf = (replica: number) =>
      onItem(async ({ id }) => {
        await new Promise(setImmediate);
        seen.push([replica, id]);
        return undefined;
      });
    const { name, unacknowledged } = await given.kit.consume(handlerOf(1));
    const second = await runConsumer({
      broker: given.bed.broker,
      name,
      handlers: handlerOf(2),
      log: given.kit.log,
    });
    given.bed.stopLater(() => second.stop());
    const ids = await Promise.all(Array.from({ length: 200 }, () => given.kit.publishItem()));
    await expect.poll(unacknowledged, SOON).toBe(0);
    expect(seen.map(([, id]) => id).toSorted()).toEqual(ids.toSorted());
    expect(new Set(seen.map(([replica]) => replica)).size).toBe(2);
  });
});

describe('stopping', () => {
  test('given events in flight, when the consumer stops, then it waits for them and takes no others', async () => {
    const effect = Promise.withResolvers<undefined>();
    const seen: string[] = [];
    const { running, unacknowledged } = await given.kit.consume(noting(seen, effect.promise));
    const first = await given.kit.publishItem();
    await expect.poll(() => seen, SOON).toEqual([first]);
    let stopped = false;
    const stopping = running.stop().then(() => {
      stopped = true;
    });
    await given.kit.publishItem();
    expect(stopped).toBe(false);
    effect.resolve(undefined);
    await stopping;
    await expect.poll(unacknowledged, SOON).toBe(1);
    expect(seen).toEqual([first]);
  });

  test('given more events than are in flight, when the consumer stops, then the next replica gets the rest at once', async () => {
    const effect = Promise.withResolvers<undefined>();
    const seen: string[] = [];
    const { name, running, unacknowledged } = await given.kit.consume(noting(seen, effect.promise));
    const ids = await Promise.all(Array.from({ length: 60 }, () => given.kit.publishItem()));
    await expect.poll(() => seen.length, SOON).toBe(32);
    const stopping = running.stop();
    effect.resolve(undefined);
    await stopping;
    const next = await runConsumer({
      broker: given.bed.broker,
      name,
      handlers: onItem(async ({ id }) => void seen.push(id)),
      log: given.kit.log,
    });
    given.bed.stopLater(() => next.stop());
    await expect.poll(unacknowledged, SOON).toBe(0);
    expect(seen.toSorted()).toEqual(ids.toSorted());
  });
});

describe('a consumer that exists', () => {
  test('given other handlers, when the consumer starts, then its filter is updated and its position is kept', async () => {
    const seen: string[] = [];
    const { name, running, info, unacknowledged } = await given.kit.consume(
      onItem(async ({ id }) => void seen.push(id)),
    );
    const first = await given.kit.publishItem();
    await expect.poll(unacknowledged, SOON).toBe(0);
    await running.stop();
    const again = await runConsumer({
      broker: given.bed.broker,
      name,
      handlers: {
        ...onItem(async ({ id }) => void seen.push(id)),
        'item.deleted': async ({ id }) => void seen.push(id),
      },
      log: given.kit.log,
    });
    given.bed.stopLater(() => again.stop());
    expect((await info()).config.filter_subjects).toHaveLength(3);
    const second = { ...itemEvent(), type: 'item.deleted', dataschema: 'urn:quartet:event:item.deleted:1' };
    await given.kit.publish(JSON.stringify(second), 'item.deleted');
    await expect.poll(() => seen, SOON).toEqual([first, second.id]);
  });
});
