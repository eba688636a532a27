import { expect, test } from 'vitest';
import { onItem, useConsumerBed } from '../../../test/consumer-kit.ts';

const given = useConsumerBed();

const LATER = { attempts: 3, firstDelayMs: 3_600_000, longestDelayMs: 3_600_000 };

test('given a consumer with nothing to do, then its lag is empty', async () => {
  const { running } = await given.kit.consume(onItem(async () => undefined));
  const empty = { pending: 0, ack_pending: 0, redelivered: 0, oldest_age_seconds: null };
  expect(await running.lag()).toEqual(empty);
  await given.kit.publishItem();
  await expect.poll(running.lag).toEqual(empty);
});

test('given an event that is being handled, then its age grows until it is acknowledged', async () => {
  const held = Promise.withResolvers<undefined>();
  const { running } = await given.kit.consume(onItem(() => held.promise));
  await given.kit.publishItem();
  await expect.poll(running.lag).toMatchObject({ pending: 0, ack_pending: 1 });
  const first = (await running.lag()).oldest_age_seconds ?? expect.fail();
  const age = async () => (await running.lag()).oldest_age_seconds;
  await expect.poll(age).toBeGreaterThan(first);
  held.resolve(undefined);
  await expect.poll(age).toBe(null);
});

test('given an event that waits for another attempt, then later ones that are acknowledged leave its age', async () => {
  let handled = 0;
  const { running } = await given.kit.consume(
    onItem(async () => {
      handled += 1;
      if (handled === 1) throw new Error('no');
      return undefined;
    }),
    LATER,
  );
  await given.kit.publishItem();
  await expect.poll(() => handled).toBe(1);
  const before = (await running.lag()).oldest_age_seconds ?? expect.fail();
  await given.kit.publishItem();
  await expect.poll(() => handled).toBe(2);
  await expect.poll(running.lag).toMatchObject({ pending: 0, ack_pending: 1 });
  expect((await running.lag()).oldest_age_seconds).toBeGreaterThan(before);
});

test('given a dead letter, then its event waits no more', async () => {
  const { running, letters } = await given.kit.consume(
    onItem(() => Promise.reject(new Error('no'))),
    { attempts: 1, firstDelayMs: 20, longestDelayMs: 20 },
  );
  await given.kit.publishItem();
  await expect.poll(letters).toHaveLength(1);
  await expect.poll(running.lag).toMatchObject({ ack_pending: 0, oldest_age_seconds: null });
});
