import { expect, test } from 'vitest';
import { spread } from './sequencer.ts';

test('given two files among six others, then they are apart, no file is missing, and neither is last', () => {
  expect(spread(['A', 'B'], ['a', 'b', 'c', 'd', 'e', 'f'])).toEqual([
    'A',
    'a',
    'b',
    'B',
    'c',
    'd',
    'e',
    'f',
  ]);
});

test.each([
  [['A', 'B'], [], ['A', 'B']],
  [[], ['a'], ['a']],
  [['A', 'B'], ['a'], ['A', 'a', 'B']],
])('given %j among %j, then %j', (some, others, all) => {
  expect(spread<string>(some, others)).toEqual(all);
});
