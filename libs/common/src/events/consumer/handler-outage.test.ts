import { expect, test } from 'vitest';
import { onItem, useConsumerBed } from '../../../test/consumer-kit.ts';
import { runConsumer } from './consumer.ts';

const SOON = { timeout: 15_000 };
const given = useConsumerBed();

class Away extends Error {}
const isAway = (err: unknown) => err instanceof Away;
const ONCE = { attempts: 1, firstDelayMs: 20, longestDelayMs: 40 };

test('given a handler without its dependency, when events arrive, then they stay in flight and use up no attempt', async () => {
  let isBack = false;
  const tries = new Map<string, number>();
  const done: string[] = [];
  const { letters, info, unacknowledged } = await given.kit.consume(
    onItem(async ({ id }) => {
      tries.set(id, (tries.get(id) ?? 0) + 1);
      if (!isBack) throw new Away();
      done.push(id);
      return undefined;
    }),
    ONCE,
    { isAway },
  );
  const ids = await Promise.all(Array.from({ length: 5 }, () => given.kit.publishItem()));
  await expect.poll(() => [...tries.values()].filter((count) => count > 3), SOON).toHaveLength(5);
  expect(await info()).toMatchObject({ num_ack_pending: 5, num_redelivered: 0 });
  isBack = true;
  await expect.poll(unacknowledged, SOON).toBe(0);
  expect(done.toSorted()).toEqual(ids.toSorted());
  expect(await letters()).toEqual([]);
});

test('given an outage, when the consumer stops, then another replica gets the events at once', async () => {
  let tries = 0;
  const handlers = onItem(async () => {
    tries += 1;
    throw new Away();
  });
  const { name, running, letters, unacknowledged } = await given.kit.consume(handlers, ONCE, { isAway });
  const ids = await Promise.all(Array.from({ length: 5 }, () => given.kit.publishItem()));
  await expect.poll(() => tries, SOON).toBeGreaterThan(5);
  await running.stop();
  const done: string[] = [];
  const next = await runConsumer({
    broker: given.bed.broker,
    name,
    handlers: onItem(async ({ id }) => void done.push(id)),
    log: given.kit.log,
    retry: ONCE,
  });
  given.bed.stopLater(() => next.stop());
  await expect.poll(unacknowledged, SOON).toBe(0);
  expect(done.toSorted()).toEqual(ids.toSorted());
  expect(await letters()).toEqual([]);
});

test('given an outage, when the handler fails after it, then that counts as the first attempt', async () => {
  let tries = 0;
  const { letters } = await given.kit.consume(
    onItem(async () => {
      tries += 1;
      throw tries < 3 ? new Away() : new Error('no');
    }),
    ONCE,
    { isAway },
  );
  await given.kit.publishItem();
  await expect.poll(letters, SOON).toMatchObject([{ attempts: 1, reason: 'Error: no' }]);
});
