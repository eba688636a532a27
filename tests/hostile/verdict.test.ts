import { expect, test } from 'vitest';
import { quantile } from '../support/quantile.ts';
import type { Observed, Times } from './observing/observe.ts';
import { differences, faultsOf, type Row } from './verdict.ts';

const times = (p99: number, failed: string[] = []): Times => ({ median: p99 / 2, p99, count: 100, failed });

function observed(changes: Partial<Observed> = {}): Observed {
  return {
    times: { me: times(20), item: times(20), login: times(400), post: times(110) },
    usualMemory: new Map([['gateway', 200]]),
    peakMemory: new Map([['gateway', 210]]),
    longestHealthMs: 40,
    ...changes,
  };
}

const row = (changes: Partial<Row> = {}): Row => ({
  ...{ name: 'an-attack', idle: observed(), meanwhile: observed(), after: observed() },
  ...{ backAfterSeconds: 1, tries: 1, sent: 100, heard: {} },
  ...changes,
});

const slow = (changes: Partial<Observed['times']>) =>
  observed({ times: { ...observed().times, ...changes } });

test('given unchanged times and memory, then there are no faults', () => {
  expect(faultsOf(row())).toEqual([]);
});

test.each<[string, Partial<Observed['times']>, string[]]>([
  ['within what nobody notices', { me: times(250) }, []],
  ['longer than that', { me: times(251) }, ['meanwhile me took 251 ms, more than 250']],
  ['within five times', { login: times(2_000), post: times(550) }, []],
  ['longer than five times', { login: times(2_001) }, ['meanwhile login took 2001 ms, more than 2000']],
  [
    'refused',
    { item: times(20, ['503', '503', 'ECONNRESET']) },
    ['meanwhile item failed 3 times: 503, ECONNRESET'],
  ],
])('given an answer %s, then that is a fault or not', (_words, changes, faults) => {
  expect(faultsOf(row({ meanwhile: slow(changes) }))).toEqual(faults);
});

test.each<[Partial<Row>, string]>([
  [{ meanwhile: observed({ peakMemory: new Map([['gateway', 513]]) }) }, 'gateway held 513 of 512 MB'],
  [{ meanwhile: observed({ longestHealthMs: 3_001 }) }, 'a health check waited 3001 ms'],
  [{ sent: 0 }, 'the attacker sent nothing'],
  [
    { backAfterSeconds: undefined, after: observed({ usualMemory: new Map([['gateway', 265]]) }) },
    'afterwards gateway held 265 MB, before 200',
  ],
])('%j is a fault', (changes, fault) => {
  expect(faultsOf(row(changes))).toEqual([fault]);
});

test('given a fifth more memory, or 64 MB more in a small process, then all is as before', () => {
  const idle = observed({
    usualMemory: new Map([
      ['gateway', 400],
      ['mail', 40],
    ]),
  });
  const after = (gateway: number, mail: number) =>
    differences(
      idle,
      observed({
        usualMemory: new Map([
          ['gateway', gateway],
          ['mail', mail],
        ]),
      }),
    );
  expect(after(480, 104)).toEqual([]);
  expect(after(481, 105)).toHaveLength(2);
});

test('given few values, then the p99 is the greatest', () => {
  expect(quantile([3, 1, 2], 0.99)).toBe(3);
  expect(quantile([3, 1, 2], 0.5)).toBe(2);
  const hundreds = Array.from({ length: 200 }, (_, n) => n + 1);
  expect(quantile(hundreds, 0.99)).toBe(198);
});
