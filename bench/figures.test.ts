import { expect, test } from 'vitest';
import { quantile } from '../tests/support/quantile.ts';
import { lines, ratio, spread } from './figures.ts';

const hundred = Array.from({ length: 100 }, (_, n) => 100 - n);

test('given values in any order, then a quantile is one of them', () => {
  expect(quantile([3, 1, 2], 0.5)).toBe(2);
  expect(quantile([7], 0.99)).toBe(7);
  expect(quantile(hundred, 1)).toBe(100);
  expect(quantile([], 0.5)).toBeNaN();
});

test('given milliseconds, then their spread goes up to the greatest', () => {
  expect(spread([1, 2, 30.04])).toBe('p50 2.0 ms, p99 30.0 ms, max 30.0 ms');
});

test('given rounds, then the ratio compares the least values and shows the middle half of all', () => {
  expect(ratio([4, 2, 6], [2, 2, 2])).toBe('1.00 (by rounds 1.00..3.00)');
});

test('given rows, then their values are aligned', () => {
  expect(
    lines([
      ['a', '1'],
      ['long', '2'],
    ]),
  ).toBe('  a     1\n  long  2');
});
