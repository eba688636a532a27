import { expect, test } from 'vitest';
import { isFlat } from '../scale/tables.ts';
import { asMarkdown, asText, goalTable } from './tables.ts';

const table = {
  title: 'Title',
  rows: [
    ['', 'ms'],
    ['a long name', '1.0'],
    ['b', '10.0'],
  ],
};

test('given a table, then its numbers are right-aligned as text', () => {
  expect(asText(table)).toBe('Title\n                 ms\n  a long name   1.0\n  b            10.0');
});

test('given a table, then as Markdown it has a rule below its header', () => {
  expect(asMarkdown(table)).toBe('### Title\n\n|  | ms |\n|---|---:|\n| a long name | 1.0 |\n| b | 10.0 |');
});

test('given goals, then each shows the measured value and whether it reaches the goal', () => {
  const goals = [
    { name: 'one', value: 1.234, limit: 1.3, unit: 'times', isReached: true },
    { name: 'a part', value: 0.1234, limit: 1 / 6, unit: 'times', isReached: true },
    { name: 'two', value: 351, limit: 350, unit: 'MB', isReached: false },
  ] as const;
  expect(goalTable(goals).rows.slice(1)).toEqual([
    ['one', '1.23 times', '1.3', 'reached'],
    ['a part', '0.123 times', '0.167', 'reached'],
    ['two', '351.0 MB', '350', 'not reached'],
  ]);
});

const row = (bounded: 'everywhere' | 'documentdb' | 'nowhere', many: number) => ({
  ...{ name: 'an operation', bounded },
  few: { p50: 10, databaseMs: undefined, samples: 5 },
  many: { p50: many, databaseMs: undefined, samples: 5 },
});

test.each([
  [row('everywhere', 13), true, true],
  [row('everywhere', 14), false, false],
  [row('documentdb', 14), undefined, false],
  [row('nowhere', 14), undefined, undefined],
])('given $bounded and $many.p50 ms, then the verdict is as expected', (one, onOwnDatabase, onDocumentDb) => {
  expect(isFlat(one, true)).toBe(onOwnDatabase);
  expect(isFlat(one, false)).toBe(onDocumentDb);
});
