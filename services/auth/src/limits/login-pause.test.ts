import { describe, expect, test } from 'vitest';
import { type Attempts, giveBack, pauseAfter, schedule, type ThrottleRule } from './login-pause.ts';

const RULE: ThrottleRule = {
  freeAttempts: 10,
  longestPauseMs: 60_000,
  forgetMs: 3_600_000,
  longestWaitMs: 10_000,
};
const NOW = 1_800_000_000_000;

/** Makes attempts at one time; how long each waits, or when it should come back. */
function many(count: number, from?: Attempts, now = NOW) {
  let state = from;
  const told = Array.from({ length: count }, () => {
    const slot = schedule(state, now, RULE);
    if ('retryAfterMs' in slot) return `429 ${slot.retryAfterMs}`;
    state = slot.next;
    return slot.waitMs;
  });
  return { told, state };
}

describe('attempts at once', () => {
  test('given 100, then ten are free, three wait with pauses that double, the rest is refused', () => {
    const { told, state } = many(100);
    const refused = Array(87).fill('429 5000');
    expect(told).toEqual([...Array(10).fill(0), 1_000, 3_000, 7_000, ...refused]);
    expect(state).toEqual({ failures: 13, freeAt: NOW + 15_000 });
  });

  test('given a refused attempt, then it gets a slot after the time in the answer, and not before', () => {
    const { state } = many(13);
    expect(schedule(state, NOW + 4_999, RULE)).toHaveProperty('retryAfterMs');
    expect(schedule(state, NOW + 5_000, RULE)).toMatchObject({ waitMs: 10_000 });
  });
});

test('given an attack that continues, then it gets one attempt in each longest pause', () => {
  let state: Attempts | undefined;
  let compared = 0;
  for (let now = NOW; now < NOW + 3_600_000; now += 1_000) {
    const slot = schedule(state, now, RULE);
    if ('retryAfterMs' in slot) continue;
    state = slot.next;
    compared += 1;
  }
  expect(compared).toBeGreaterThan(60);
  expect(compared).toBeLessThan(80);
});

test('given attempts long ago, then they are forgotten', () => {
  const { state } = many(13);
  const freeAt = state?.freeAt ?? 0;
  expect(schedule(state, freeAt + RULE.forgetMs - 1, RULE)).toMatchObject({ next: { failures: 14 } });
  expect(schedule(state, freeAt + RULE.forgetMs, RULE)).toMatchObject({ next: { failures: 1 }, waitMs: 0 });
});

test('given a state from a clock far ahead, then nobody waits longer than the longest pause', () => {
  const slot = schedule({ failures: 20, freeAt: NOW + 86_400_000 }, NOW, RULE);
  expect(slot).toEqual({ retryAfterMs: 60_000 });
});

test('given more and more failures, then pauses double up to the longest', () => {
  const pauses = [9, 10, 11, 12, 15, 16, 17, 1_000_000].map((failures) => pauseAfter(failures, RULE));
  expect(pauses).toEqual([0, 1_000, 2_000, 4_000, 32_000, 60_000, 60_000, 60_000]);
});

test('given an attempt is given back, then its pause is gone and later attempts keep their slots', () => {
  const { state } = many(12);
  const later = many(1, state).state ?? expect.fail();
  const given = giveBack(later, pauseAfter(12, RULE));
  expect(given).toEqual({ failures: 12, freeAt: later.freeAt - 4_000 });
  expect(giveBack({ failures: 0, freeAt: NOW }, 0)).toEqual({ failures: 0, freeAt: NOW });
});
