import { expect, test } from 'vitest';
import { rangeEnds } from './key-sample.ts';

const sample = { keys: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'], apart: 100 };

test('given a sample, then the first range holds what is wanted, and each further one twice as much', () => {
  expect(rangeEnds(sample, {}, 1, 100)).toEqual(['a', 'c', 'g']);
  expect(rangeEnds(sample, {}, 1, 201)).toEqual(['c']);
  expect(rangeEnds(sample, {}, -1, 100)).toEqual(['h', 'f', 'b']);
});

test('given bounds, then all ends lie strictly between them', () => {
  expect(rangeEnds(sample, { after: 'c' }, 1, 1)).toEqual(['d', 'f']);
  expect(rangeEnds(sample, { after: 'c' }, -1, 1)).toEqual(['b']);
  expect(rangeEnds(sample, { before: 'c' }, 1, 1)).toEqual(['a']);
  expect(rangeEnds(sample, { after: 'x' }, 1, 1)).toEqual([]);
});

test('given a key that many documents have, then it ends one range only', () => {
  expect(rangeEnds({ keys: ['a', 'a', 'a', 'a', 'b'], apart: 1 }, {}, 1, 1)).toEqual(['a']);
});
