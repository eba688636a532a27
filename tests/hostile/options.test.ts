import { expect, test } from 'vitest';
import { UsageError } from '../../tools/command-line.ts';
import { attacks } from './attacks/all.ts';
import { parseOptions } from './options.ts';
import { sabotages } from './sabotage/sabotages.ts';

test('given options, then each is read, and the others have defaults', () => {
  expect(parseOptions([])).toEqual({
    ...{ help: false, json: false, sabotage: undefined },
    ...{ attacks, idleSeconds: 8, seconds: 20 },
  });
  const argv = '--attack hashes --seconds 7 --json --sabotage all -h'.split(' ');
  expect(parseOptions(argv)).toMatchObject({ help: true, json: true, sabotage: 'all', seconds: 7 });
  expect(parseOptions(argv).attacks.map(({ name }) => name)).toEqual(['hashes/60', 'hashes/225']);
  expect(parseOptions(['--attack', 'hashes/60']).attacks).toHaveLength(1);
  expect(parseOptions(['--sabotage', sabotages[0]?.name ?? '']).sabotage).toBe(sabotages[0]);
});

test('given a short run, then every file has a row in it', () => {
  const { attacks: short, seconds } = parseOptions(['--short']);
  const files = (all: readonly { name: string }[]) => new Set(all.map(({ name }) => name.split('/')[0]));
  expect(seconds).toBe(5);
  expect(files(short)).toEqual(files(attacks));
  expect(short.length).toBeLessThan(attacks.length);
});

test.each([
  [['--attacks', 'hashes'], /Unknown option '--attacks'/],
  [['--seconds', '0'], '--seconds must be a whole number from 1 to 300, not "0"'],
  [['--attack', 'rain'], /--attack must be one of .*hashes.*, not "rain"/],
  [['--sabotage', 'none'], /--sabotage must be all or one of .*, not "none"/],
  [['--url', 'http://192.0.2.1'], /Unknown option '--url'/],
])('%j is refused', (argv, message) => {
  expect(() => parseOptions(argv)).toThrow(message);
  expect(() => parseOptions(argv)).toThrow(UsageError);
});
