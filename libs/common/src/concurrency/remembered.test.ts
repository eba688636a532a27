import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { remembered } from './remembered.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

/** A read that takes this long by the clock, and returns how often it has run. */
function counting(tookMs: number) {
  let reads = 0;
  return async () => {
    reads += 1;
    vi.advanceTimersByTime(tookMs);
    return reads;
  };
}

test('given a read that runs, when more callers come, then they share it and its value', async () => {
  let reads = 0;
  const { promise, resolve } = Promise.withResolvers<number>();
  const read = remembered(() => {
    reads += 1;
    return promise;
  }, 1_000);
  const callers = [read(), read(), read()];
  vi.advanceTimersByTime(10_000);
  callers.push(read());
  resolve(7);
  expect(await Promise.all(callers)).toEqual([7, 7, 7, 7]);
  expect(reads).toBe(1);
});

test('given a quick read, then its value is given for as long as was asked for', async () => {
  const read = remembered(counting(0), 1_000);
  expect(await read()).toBe(1);
  vi.advanceTimersByTime(999);
  expect(await read()).toBe(1);
  vi.advanceTimersByTime(1);
  expect(await read()).toBe(2);
});

test('given a slow read, then its value is given for so long that reading takes a twentieth of the time', async () => {
  const read = remembered(counting(300), 1_000, 15_000);
  expect(await read()).toBe(1);
  vi.advanceTimersByTime(5_699);
  expect(await read()).toBe(1);
  vi.advanceTimersByTime(1);
  expect(await read()).toBe(2);
});

test.each([
  ['the longest time', 15_000, 15_000],
  ['as long as was asked for without one', undefined, 1_000],
])('given a read that is very slow, then its value is given for %s', async (_what, longestMs, freshMs) => {
  const read = remembered(counting(5_000), 1_000, longestMs);
  expect(await read()).toBe(1);
  vi.advanceTimersByTime(freshMs - 1);
  expect(await read()).toBe(1);
  vi.advanceTimersByTime(1);
  expect(await read()).toBe(2);
});

test('given a read that fails, then its callers are told and the next one reads again', async () => {
  let reads = 0;
  const read = remembered(async () => {
    reads += 1;
    if (reads === 1) throw new Error('away');
    return reads;
  }, 1_000);
  const callers = [read(), read()].map((value) => value.catch(String));
  expect(await Promise.all(callers)).toEqual(['Error: away', 'Error: away']);
  expect(await read()).toBe(2);
});
