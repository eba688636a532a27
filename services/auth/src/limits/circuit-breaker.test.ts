import { expect, test } from 'vitest';
import { recordingLog } from '../../../../libs/common/test/event-kit.ts';
import { createCircuitBreaker } from './circuit-breaker.ts';

function newBreaker() {
  const { log, lines } = recordingLog();
  const world = { connected: true, now: 0 };
  const breaker = createCircuitBreaker({ isConnected: () => world.connected }, log, () => world.now);
  const call = (work: () => Promise<string>) => breaker.run(work, () => 'fallback');
  return {
    world,
    breaker,
    succeed: () => call(async () => 'shared'),
    fail: () => call(() => Promise.reject(new Error('frozen'))),
    logged: () => lines().map(({ msg }) => msg),
  };
}
const OPENED = 'limits count in this process alone: the broker is away';
const CLOSED = 'limits are shared with the other replicas again';

test('given a failure, when 5 s have passed, then one call tries the bucket, and its success closes the circuit', async () => {
  const { world, breaker, succeed, fail, logged } = newBreaker();
  expect([await succeed(), breaker.isOpen()]).toEqual(['shared', false]);
  expect([await fail(), breaker.isOpen()]).toEqual(['fallback', true]);
  world.now = 4_999;
  expect(await succeed()).toBe('fallback');
  world.now = 5_000;
  expect(await fail()).toBe('fallback');
  world.now = 9_999;
  expect(await succeed()).toBe('fallback');
  world.now = 10_000;
  expect([await succeed(), await succeed(), breaker.isOpen()]).toEqual(['shared', 'shared', false]);
  expect(logged()).toEqual([OPENED, CLOSED]);
});

test('given an open circuit, when one call tries the bucket, then the others do not wait for it', async () => {
  const { world, breaker, succeed, fail } = newBreaker();
  await fail();
  world.now = 5_000;
  const answer = Promise.withResolvers<string>();
  const trying = breaker.run(
    () => answer.promise,
    () => 'fallback',
  );
  expect(await succeed()).toBe('fallback');
  answer.resolve('shared');
  expect([await trying, await succeed()]).toEqual(['shared', 'shared']);
});

test('given a lost connection, when it is back, then the next call tries the bucket without a pause', async () => {
  const { world, breaker, succeed, logged } = newBreaker();
  world.connected = false;
  expect([await succeed(), await succeed(), breaker.isOpen()]).toEqual(['fallback', 'fallback', true]);
  world.connected = true;
  expect(await succeed()).toBe('shared');
  expect(logged()).toEqual([OPENED, CLOSED]);
});
