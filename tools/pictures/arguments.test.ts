import { expect, test } from 'vitest';
import { UsageError } from '../command-line.ts';
import { parseArguments, usage } from './arguments.ts';

test('given nothing, then the pictures are those of the documents; another folder may be given', () => {
  expect(parseArguments([])).toMatchObject({ out: 'docs/pictures', help: false });
  expect(parseArguments(['--out', '/tmp/x']).out).toBe('/tmp/x');
  expect(usage).toContain('--out');
});

test.each([['--out='], ['--what'], ['x']])('given %s, then the command line is wrong', (argument) => {
  expect(() => parseArguments([argument])).toThrow(UsageError);
});
