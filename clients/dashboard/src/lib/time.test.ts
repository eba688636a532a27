import { expect, test } from 'vitest';
import { ago, shortDuration } from './time.ts';

const now = new Date('2026-11-26T09:00:00Z');

test.each([
  ['2026-11-26T09:00:20Z', 'just now'],
  ['2026-11-26T08:59:01Z', 'just now'],
  ['2026-11-26T08:59:00Z', '1 minute ago'],
  ['2026-11-26T08:00:01Z', '59 minutes ago'],
  ['2026-11-26T07:00:00Z', '2 hours ago'],
  ['2026-11-25T08:00:00Z', 'yesterday'],
  ['2026-10-20T08:00:00Z', 'last month'],
  ['2024-11-20T08:00:00Z', '2 years ago'],
])('given a time of %s, then it is %s', (at, expected) => {
  expect(ago(new Date(at), now)).toBe(expected);
});

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
