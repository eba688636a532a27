import { expect, test } from 'vitest';
import { rate } from './limit-settings.ts';

test.each([
  ['20/hour', 20, 3_600_000],
  ['1/second', 1, 1_000],
  ['300/minute', 300, 60_000],
  ['20/15 minutes', 20, 900_000],
  [' 5 / 30 Seconds ', 5, 30_000],
  ['2/30days', 2, 30 * 86_400_000],
])('given %j, then it is read', (text, count, periodMs) => {
  expect(rate().parse(text)).toEqual({ count, periodMs });
});

test.each([
  '',
  '20',
  '/hour',
  '0/hour',
  '-1/hour',
  '1.5/hour',
  '20/0 minutes',
  '20/week',
  '20/31 days',
  '20 per hour',
])('given %j, then it is refused with an example of what is right', (text) => {
  expect(rate().safeParse(text).error?.issues[0]?.message).toContain('must read like 20/hour');
});
