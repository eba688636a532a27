import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { UsageError } from '../command-line.ts';
import { parseArguments, usage } from './arguments.ts';

const program = join(import.meta.dirname, '..', 'generate.ts');
const run = (...args: string[]) => promisify(execFile)(process.execPath, [program, ...args]);

test('given no option, then it writes, and given --check, then it does not', () => {
  expect(parseArguments([])).toEqual({ check: false, help: false });
  expect(parseArguments(['--check'])).toEqual({ check: true, help: false });
});

test('given an unknown option, then it is refused', () => {
  expect(() => parseArguments(['--chek'])).toThrow(UsageError);
  expect(() => parseArguments(['docs'])).toThrow(UsageError);
});

test('given the program, then it prints its help and ends with 2 for a wrong command line', async () => {
  expect((await run('--help')).stdout).toBe(`${usage}\n`);
  await expect(run('--chek')).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining('See npm run generate -- --help'),
  });
});
