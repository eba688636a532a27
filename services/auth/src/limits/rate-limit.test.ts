import { describe, expect, test } from 'vitest';
import { giveBack, type Rate, take, type UsedUntil } from './rate-limit.ts';

const NOW = 1_800_000_000_000;
const RATES: Rate[] = [
  { count: 1, periodMs: 1_000 },
  { count: 3, periodMs: 10_000 },
  { count: 7, periodMs: 60_000 },
  { count: 100, periodMs: 3_600_000 },
  { count: 997, periodMs: 60_000 },
];

/** Small and repeatable: what fails here fails again. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

/** Tries at given times; the times at which one was let through. */
function passed(times: number[], rate: Rate): number[] {
  let used: UsedUntil;
  return times.filter((now) => {
    const taken = take(used, now, rate);
    if ('usedUntil' in taken) used = taken.usedUntil;
    return 'usedUntil' in taken;
  });
}

describe.each(RATES)('given $count in $periodMs ms', (rate) => {
  test('when all come at once, then exactly the count passes', () => {
    expect(passed(Array(rate.count * 3).fill(NOW), rate)).toHaveLength(rate.count);
  });

  test('when they come no faster than that, then all pass', () => {
    const share = rate.periodMs / rate.count;
    const times = Array.from({ length: rate.count * 3 }, (_, n) => NOW + Math.ceil(n * share));
    expect(passed(times, rate)).toHaveLength(times.length);
  });

  test('when they come at any times, then no period sees twice as many or more', () => {
    const random = numbers(rate.count);
    let now = NOW;
    const times = Array.from({ length: 3_000 }, () => {
      now += Math.floor(random() ** 4 * rate.periodMs * 0.2);
      return now;
    });
    const went = passed(times, rate);
    for (const from of went) {
      const inPeriod = went.filter((at) => at >= from && at < from + rate.periodMs);
      expect(inPeriod.length).toBeLessThanOrEqual(2 * rate.count);
    }
  });

  test('when one is refused, then it passes after the time in the answer, and not before', () => {
    let used: UsedUntil;
    for (let n = 0; n < rate.count; n += 1) used = usedUntil(take(used, NOW, rate));
    const refused = take(used, NOW, rate);
    if ('usedUntil' in refused) throw new Error('it was not refused');
    expect(refused.retryAfterMs).toBeCloseTo(rate.periodMs / rate.count, 0);
    expect(take(used, NOW + refused.retryAfterMs - 1, rate)).toHaveProperty('retryAfterMs');
    expect(take(used, NOW + refused.retryAfterMs, rate)).toHaveProperty('usedUntil');
  });

  test('when one is given back, then one more passes', () => {
    let used: UsedUntil;
    for (let n = 0; n < rate.count; n += 1) used = usedUntil(take(used, NOW, rate));
    const given = giveBack(used, NOW, rate);
    expect(take(given, NOW, rate)).toHaveProperty('usedUntil');
    expect(take(usedUntil(take(given, NOW, rate)), NOW, rate)).toHaveProperty('retryAfterMs');
  });
});

const usedUntil = (taken: ReturnType<typeof take>): number => {
  if (!('usedUntil' in taken)) throw new Error('it was refused');
  return taken.usedUntil;
};

test('given nothing taken, when it is given back, then nothing changes', () => {
  const rate = { count: 3, periodMs: 10_000 };
  expect(giveBack(undefined, NOW, rate)).toBeUndefined();
  expect(giveBack(NOW - 1, NOW, rate)).toBeUndefined();
});

test('given a state from a clock far ahead, then nobody waits longer than the period', () => {
  const rate = { count: 3, periodMs: 10_000 };
  const refused = take(NOW + 86_400_000, NOW, rate);
  expect(refused).toHaveProperty('retryAfterMs');
  expect('retryAfterMs' in refused && refused.retryAfterMs).toBeLessThanOrEqual(rate.periodMs);
});
