import { expect, test } from 'vitest';
import { createLocalStates } from './state-store.ts';

test('given more keys than there is room for, then the least recently used keys are removed', () => {
  const states = createLocalStates<number>(3, 1_000);
  for (const key of ['attacked', 'b', 'c']) states.set(key, 1, 0);
  states.set('attacked', 2, 1);
  states.set('d', 1, 2);
  states.set('e', 1, 3);
  expect(['attacked', 'b', 'c', 'd', 'e'].map(states.get)).toEqual([2, undefined, undefined, 1, 1]);
});

test('given a flood of new keys, then an account under attack is kept', () => {
  const states = createLocalStates<number>(100, 1_000_000);
  for (let n = 0; n < 10_000; n += 1) {
    states.set(`flood-${n}`, 1, n);
    if (n % 50 === 0) states.set('attacked', n, n);
  }
  expect(states.get('attacked')).toBe(9_950);
  expect(states.size()).toBe(100);
});

test('given states that have expired, then they are removed', () => {
  const states = createLocalStates<number>(100, 1_000);
  for (let n = 0; n < 10; n += 1) states.set(`key-${n}`, 1, n);
  states.set('new', 1, 1_005);
  expect(states.size()).toBe(5);
  states.set('new', 1, 5_000);
  expect(states.size()).toBe(1);
});
