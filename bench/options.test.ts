import { expect, test } from 'vitest';
import { UsageError } from '../tools/command-line.ts';
import { parseOptions, parts, usage } from './options.ts';
import { routeNames, subjectNames } from './routes/names.ts';

test('given no options, then every part is measured for the full time', () => {
  expect(parseOptions([])).toEqual({
    ...{
      help: false,
      isQuick: false,
      isScale: false,
      onlyLists: false,
      parts,
      routes: routeNames,
      rounds: 5,
      seconds: 3,
    },
    ...{ json: undefined, markdown: undefined, profile: undefined, documents: 100_000 },
    ...{ subjects: subjectNames, template: undefined, postgres: undefined, pocketbase: undefined },
  });
});

test('given every option, then each is read', () => {
  const argv = '--quick --only waiting --rounds 7 --json a.json --markdown b.md --profile c -h'.split(' ');
  expect(parseOptions(argv)).toMatchObject({
    ...{ help: true, isQuick: true, parts: ['waiting'], rounds: 7, seconds: 1 },
    ...{ json: 'a.json', markdown: 'b.md', profile: 'c' },
  });
  expect(parseOptions(['--scale', '--documents', '5000'])).toMatchObject({ isScale: true, documents: 5_000 });
  expect(parseOptions(['--scale', '--lists'])).toMatchObject({ isScale: true, onlyLists: true });
});

test('given other applications, then each has its path', () => {
  const argv = '--template backend --postgres bin --pocketbase pb --routes me'.split(' ');
  expect(parseOptions(argv)).toMatchObject({ template: 'backend', postgres: 'bin', pocketbase: 'pb' });
});

test('given some routes, then only those are measured', () => {
  expect(parseOptions(['--routes', 'item,put'])).toMatchObject({
    parts: ['routes'],
    routes: ['item', 'put'],
  });
  expect(parseOptions(['--subjects', 'gateway,proxy'])).toMatchObject({ subjects: ['gateway', 'proxy'] });
  expect(parseOptions(['--routes', 'item', '--only', 'memory']).parts).toEqual(['memory']);
});

test('given the help, then it names every part and route', () => {
  for (const name of [...parts, ...routeNames, ...subjectNames]) expect(usage).toContain(name);
});

test.each([
  [['--round', '3'], /Unknown option '--round'/],
  [['--rounds', '0'], '--rounds must be a whole number from 1 to 1000, not "0"'],
  [['--seconds', '1.5'], '--seconds must be a whole number from 1 to 600, not "1.5"'],
  [['--only', 'speed'], '--only must be one of routes, memory, waiting, not "speed"'],
  [['--routes', 'item,'], /--routes must be one of me, item, .*, not ""/],
  [['--scale', '--routes', 'item'], '--scale has no parts: leave out --only and --routes'],
  [['--lists'], '--lists goes with --scale'],
  [['--subjects', 'gateway,rails'], /--subjects must be one of gateway, service, .*, not "rails"/],
  [['--subjects', 'gateway,template'], '--subjects has template: name its place with --template'],
  [['--postgres', 'bin'], '--postgres goes with --template'],
  [['--template', 'a', '--only', 'memory'], /--template and --pocketbase belong to the routes/],
  [['--pocketbase', 'a', '--scale'], /--template and --pocketbase belong to the routes/],
  [
    ['--scale', '--documents', '1000'],
    '--documents must be a whole number from 2000 to 10000000, not "1000"',
  ],
])('given %j, then it is refused', (argv, message) => {
  expect(() => parseOptions(argv)).toThrow(message);
  expect(() => parseOptions(argv)).toThrow(UsageError);
});
