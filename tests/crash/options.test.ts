import { expect, test } from 'vitest';
import { UsageError } from '../../tools/command-line.ts';
import { losses } from './faults/data-loss.ts';
import { parseOptions } from './options.ts';
import { sabotages } from './sabotage/sabotages.ts';

test('given options, then each is read, and the others have defaults', () => {
  expect(parseOptions([])).toEqual({
    ...{ help: false, kills: 25, round: 25, seed: 1, clients: 8, items: 2, quietSeconds: 180 },
    ...{ targets: undefined, losses: { losses, percent: 15 }, sabotage: undefined },
  });
  const argv = '--kills 300 --round 50 --seed 7 --clients 4 --items 3 --targets auth,broker --quiet 60 -h';
  expect(parseOptions(argv.split(' '))).toMatchObject({
    ...{ help: true, kills: 300, round: 50, seed: 7, clients: 4, items: 3, quietSeconds: 60 },
    targets: ['auth', 'broker'],
  });
  const lossesOf = (...words: string[]) => parseOptions(words).losses;
  expect(lossesOf('--losses', 'everything,LIMITS', '--loss-share', '40')).toEqual({
    ...{ losses: ['everything', 'LIMITS'], percent: 40 },
  });
  expect(lossesOf('--losses', 'none').losses).toEqual([]);
  expect(lossesOf('--targets', 'auth,items').losses).toEqual([]);
  expect(lossesOf('--targets', 'auth,items', '--losses', 'ROUTES').losses).toEqual(['ROUTES']);
  expect(parseOptions(['--sabotage', 'all']).sabotage).toBe('all');
  const [, , forget] = sabotages;
  expect(parseOptions(['--sabotage', 'forget-on-restart']).sabotage).toBe(forget);
});

test.each([
  [['--kill', '3'], /Unknown option '--kill'/],
  [['--kills', '0'], '--kills must be a whole number from 1 to 100000, not "0"'],
  [['--seed', '1e3'], '--seed must be a whole number'],
  [['--losses', 'EVENT'], '--losses: there is no loss "EVENT"'],
  [['--loss-share', '100'], '--loss-share must be a whole number from 1 to 90'],
  [['--sabotage', 'none'], '--sabotage: there is no sabotage "none"'],
])('%j is refused', (argv, message) => {
  expect(() => parseOptions(argv)).toThrow(message);
  expect(() => parseOptions(argv)).toThrow(UsageError);
});
