import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { UsageError } from '../../tools/command-line.ts';
import { replaced } from '../support/replacement.ts';
import { parseOptions } from './options.ts';
import { sabotages } from './sabotages.ts';

const ROOT = join(import.meta.dirname, '../..');

test('given options, then each is read, and the others have defaults', () => {
  const defaults = { rounds: 1, rate: 220, writers: 6, seed: 1, drainSeconds: 2 };
  expect(parseOptions([])).toEqual({ ...defaults, help: false, sabotage: undefined });
  const argv = '--rounds 3 --rate 400 --writers 8 --seed 7 --drain 0 --sabotage no-drain -h';
  expect(parseOptions(argv.split(' '))).toEqual({
    ...{ rounds: 3, rate: 400, writers: 8, seed: 7, drainSeconds: 0 },
    ...{ help: true, sabotage: expect.objectContaining({ name: 'no-drain' }) },
  });
});

test.each([
  [['--round', '3'], /Unknown option '--round'/],
  [['--rate', '0'], '--rate must be a whole number from 10 to 10000, not "0"'],
  [['--sabotage', 'none'], '--sabotage must be one of no-drain, forget-what-readers-missed, not "none"'],
])('%j is refused', (argv, message) => {
  expect(() => parseOptions(argv)).toThrow(message);
  expect(() => parseOptions(argv)).toThrow(UsageError);
});

test.each([...sabotages])('given the sabotage %s, then its replacement applies', async (_name, sabotage) => {
  const source = await readFile(join(ROOT, sabotage.file), 'utf8');
  expect(replaced(source, sabotage)).not.toBe(source);
});
