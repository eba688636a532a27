import { expect, test } from 'vitest';
import { recordingLog } from '../../../../libs/common/test/event-kit.ts';
import { createBucketWatch } from './bucket-watch.ts';

function watchOf() {
  const { log, lines } = recordingLog();
  const world = { connected: true, now: 0 };
  const watch = createBucketWatch({ isConnected: () => world.connected }, log, () => world.now);
  return { world, watch, said: () => lines().map(({ msg }) => msg) };
}
const BEGIN = 'limits count in this process alone: the broker is away';
const END = 'limits are shared with the other replicas again';

test('given a failure, then the bucket is left alone for 5 s, and then one question tries it', () => {
  const { world, watch, said } = watchOf();
  expect([watch.isWorthAsking(), watch.isLocal()]).toEqual([true, false]);
  watch.failed(new Error('frozen'));
  world.now = 4_999;
  expect([watch.isWorthAsking(), watch.isLocal()]).toEqual([false, true]);
  world.now = 5_000;
  expect([watch.isWorthAsking(), watch.isWorthAsking()]).toEqual([true, false]);
  watch.failed(new Error('frozen'));
  world.now = 10_000;
  expect(watch.isWorthAsking()).toBe(true);
  watch.answered();
  expect([watch.isWorthAsking(), watch.isWorthAsking(), watch.isLocal()]).toEqual([true, true, false]);
  expect(said()).toEqual([BEGIN, END]);
});

test('given a lost connection, then nothing is asked, and at once when it is back', () => {
  const { world, watch, said } = watchOf();
  world.connected = false;
  expect([watch.isWorthAsking(), watch.isWorthAsking(), watch.isLocal()]).toEqual([false, false, true]);
  world.connected = true;
  expect(watch.isWorthAsking()).toBe(true);
  watch.answered();
  expect(said()).toEqual([BEGIN, END]);
});
