import { describe, expect, test } from 'vitest';
import { onItem, useConsumerBed } from '../../../test/consumer-kit.ts';
import { itemEvent } from '../../../test/event-kit.ts';

const SOON = { timeout: 15_000 };
const given = useConsumerBed();

const about = (subject: string, n = 0) => ({ ...itemEvent(n), subject });

describe('events about one subject', () => {
  test('given many events of several subjects, when they are handled, then each subject is in sequence, and subjects in parallel', async () => {
    const seen: string[] = [];
    const running = new Map<string, number>();
    const sideBySide = Promise.withResolvers<void>();
    let [mostOfOne, mostOfAll] = [0, 0];
    const { unacknowledged } = await given.kit.consume(
      onItem(async ({ id, subject }) => {
        running.set(subject, (running.get(subject) ?? 0) + 1);
        mostOfOne = Math.max(mostOfOne, running.get(subject) ?? 0);
        mostOfAll = Math.max(mostOfAll, running.size);
        if (mostOfAll > 1) sideBySide.resolve();
        // However slowly they come: the first goes on when one of another subject is begun beside it.
        await sideBySide.promise;
        for (let turns = Math.random() * 20; turns > 0; turns -= 1) await new Promise(setImmediate);
        seen.push(id);
        running.delete(subject);
        return undefined;
      }),
    );
    const events = Array.from({ length: 120 }, (_, n) => about(`user-${n % 4}`, n));
    for (const event of events) await given.kit.publishItem(event);
    await expect.poll(unacknowledged, SOON).toBe(0);
    for (const subject of ['user-0', 'user-1', 'user-2', 'user-3']) {
      const ids = events.filter((event) => event.subject === subject).map(({ id }) => id);
      expect(seen.filter((id) => ids.includes(id))).toEqual(ids);
    }
    expect(mostOfOne).toBe(1);
    expect(mostOfAll).toBeGreaterThan(1);
  });

  test('given a first event that fails, when it waits for its retry, then later events of its subject are handled', async () => {
    const [first, second] = [about('user'), about('user', 1)];
    const seen: string[] = [];
    const bothAreHere = Promise.withResolvers<void>();
    let delivered = 0;
    const counts = {
      published() {},
      delivered() {
        delivered += 1;
        if (delivered === 2) bothAreHere.resolve();
      },
      deadLettered() {},
    };
    const { unacknowledged } = await given.kit.consume(
      onItem(async ({ id }) => {
        const isFirstTry = id === first.id && seen.length === 0;
        seen.push(id);
        // Not before the other is behind it: it could come after the pause.
        await bothAreHere.promise;
        if (isFirstTry) throw new Error('not yet');
        return undefined;
      }),
      { attempts: 5, firstDelayMs: 400, longestDelayMs: 400 },
      { counts },
    );
    await given.kit.publishItem(first);
    await given.kit.publishItem(second);
    await expect.poll(unacknowledged, SOON).toBe(0);
    expect(seen).toEqual([first.id, second.id, first.id]);
  });
});

test('given 1,500 events that wait for a retry, when another event arrives, then it is handled at once', async () => {
  const seen: string[] = [];
  const poison = new Set<string>();
  const { info } = await given.kit.consume(
    onItem(async ({ id }) => {
      if (poison.has(id)) throw new Error('poison');
      seen.push(id);
      return undefined;
    }),
    { attempts: 12, firstDelayMs: 3_600_000, longestDelayMs: 3_600_000 },
  );
  const events = Array.from({ length: 1_500 }, (_, n) => itemEvent(n));
  for (const { id } of events) poison.add(id);
  await Promise.all(events.map((event) => given.kit.publishItem(event)));
  await expect.poll(async () => (await info()).num_pending, SOON).toBe(0);
  const healthy = await given.kit.publishItem();
  await expect.poll(() => seen, SOON).toEqual([healthy]);
  // Its own acknowledgement may still be on its way.
  await expect.poll(async () => (await info()).num_ack_pending, SOON).toBe(1_500);
});

test('given slow handlers, when many events arrive, then 32 are in flight and the rest is not delivered', async () => {
  const effect = Promise.withResolvers<undefined>();
  let begun = 0;
  const { info, unacknowledged } = await given.kit.consume(
    onItem(() => {
      begun += 1;
      return effect.promise;
    }),
  );
  await Promise.all(Array.from({ length: 100 }, () => given.kit.publishItem()));
  await expect.poll(() => begun, SOON).toBe(32);
  // The broker counts what waits a little late.
  await expect.poll(info, SOON).toMatchObject({ num_ack_pending: 32, num_pending: 68 });
  effect.resolve(undefined);
  await expect.poll(unacknowledged, SOON).toBe(0);
  expect(begun).toBe(100);
});
