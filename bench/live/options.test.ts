import { expect, test } from 'vitest';
import { UsageError } from '../../tools/command-line.ts';
import { parseOptions } from './options.ts';

test('given no options, then the goal’s own figures are measured', () => {
  expect(parseOptions([])).toEqual({ help: false, streams: 10_000, perUser: 10, rate: 100, seconds: 30 });
});

test('given every option, then each is read', () => {
  const argv = '--streams 50 --per-user 5 --rate 7 --seconds 2 --help'.split(' ');
  expect(parseOptions(argv)).toEqual({ help: true, streams: 50, perUser: 5, rate: 7, seconds: 2 });
});

test.each([
  [['--streams', '0'], '--streams must be a whole number from 1 to 100000, not "0"'],
  [['--stream', '1'], /Unknown option '--stream'/],
])('given %j, then it is refused', (argv, message) => {
  expect(() => parseOptions(argv)).toThrow(message);
  expect(() => parseOptions(argv)).toThrow(UsageError);
});
