import { describe, expect, test } from 'vitest';
import { timeOrderedId } from './time-ordered-id.ts';

const START = Date.UTC(2026, 10, 26, 12, 0, 0, 995);

describe('an id that is ordered by its time', () => {
  test('given times a millisecond apart, then their ids have the same order, also over a second', () => {
    const ids = Array.from({ length: 2_000 }, (_, n) => timeOrderedId(new Date(START + n)).toHexString());
    expect(ids.toSorted()).toEqual(ids);
  });

  test.each([0, 1, 999, 1_000, START])('given %i, then the id has its second', (ms) => {
    expect(timeOrderedId(new Date(ms)).getTimestamp().getTime()).toBe(Math.floor(ms / 1_000) * 1_000);
  });

  test('given one time, then its ids differ', () => {
    const ids = Array.from({ length: 10_000 }, () => timeOrderedId(new Date(START)).toHexString());
    expect(new Set(ids).size).toBe(ids.length);
  });
});
