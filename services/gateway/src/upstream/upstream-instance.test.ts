import { afterEach, describe, expect, test } from 'vitest';
import {
  compareRest,
  createUpstreamInstance,
  noteChosen,
  noteDraining,
  noteRefusal,
  type UpstreamInstance,
} from './upstream-instance.ts';

const made: UpstreamInstance[] = [];
const given = (): UpstreamInstance => {
  const instance = createUpstreamInstance('http://127.0.0.1:1', undefined, { timeoutMs: 1_000 });
  made.push(instance);
  return instance;
};

afterEach(async () => {
  await Promise.all(made.splice(0).map(({ pool }) => pool.destroy()));
});

describe('given an instance that refuses', () => {
  test('when it keeps refusing, then it rests longer each time, and at most 4 s', () => {
    const instance = given();
    const rests = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000].map((now) => {
      noteRefusal(instance, now - 1, now);
      return instance.restsUntil - now;
    });
    expect(rests).toEqual([500, 1_000, 2_000, 4_000, 4_000, 4_000]);
  });

  test('when many requests fail at the same time, then they count as one refusal', () => {
    const instance = given();
    for (let now = 1_000; now < 1_020; now += 1) noteRefusal(instance, 999, now);
    expect(instance).toMatchObject({ refusals: 1, restsUntil: 1_500 });
  });

  test('when its rest is over, then one request tests whether it is back', () => {
    const [refusing, working] = [given(), given()];
    noteRefusal(refusing, 999, 1_000);
    expect(compareRest(refusing, working, 1_499)).toBeGreaterThan(0);
    expect(compareRest(refusing, working, 1_500)).toBe(0);
    noteChosen(refusing, 1_500);
    expect(compareRest(refusing, working, 1_501)).toBeGreaterThan(0);
  });
});

describe('given instances of which none is healthy', () => {
  test('when one drains and another refuses, then the one that drains is first', () => {
    const [leaving, refusing] = [given(), given()];
    noteRefusal(refusing, 999, 1_000);
    noteDraining(leaving, 1_000);
    expect(compareRest(leaving, refusing, 1_001)).toBeLessThan(0);
  });

  test('when all were draining, then the first that drained is first: it may be back', () => {
    const [earlier, later] = [given(), given()];
    noteDraining(earlier, 1_000);
    noteDraining(later, 3_000);
    expect(compareRest(earlier, later, 3_001)).toBeLessThan(0);
  });
});
