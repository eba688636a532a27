import { expect, test } from 'vitest';
import { shortDuration } from './times.ts';

test.each([
  [0.4, '0 s'],
  [59.9, '59 s'],
  [60, '1 min'],
  [3_599, '59 min'],
  [3_900, '1 h 5 min'],
  [172_799, '47 h 59 min'],
  [172_800, '2 days'],
])('given %d seconds, then they are %s', (seconds, expected) => {
  expect(shortDuration(seconds)).toBe(expected);
});
