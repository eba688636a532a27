import { existsSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { serviceNames } from '../../services/services.ts';
import { filesReached, IMPORTED, manifestOf } from './imports.ts';
import { ROOT, textOf } from './read-deploy.ts';

const ownerOf = (file: string): string => /^(libs|services)\/[^/]+(?=\/)/.exec(file)?.[0] ?? '.';

test('given an installation without development packages, then `npm start` and the services find all that they import', () => {
  const entries = [
    ...[
      'tools/start.ts',
      'tools/mail-catcher/main.ts',
      'tools/stack/guardian.ts',
      'tools/engines/container/main.ts',
    ],
    ...serviceNames.map((service) => `services/${service}/src/main.ts`),
  ];
  const reached = filesReached(entries);
  expect(reached.size).toBeGreaterThan(150);
  const missing = [...reached].flatMap(([file, packages]) => {
    const { dependencies } = manifestOf(ownerOf(file));
    return packages.filter((name) => !Object.hasOwn(dependencies, name)).map((name) => `${file}: ${name}`);
  });
  expect(missing).toEqual([]);
});

test('given a package that is needed to run, then it is not a development package as well', () => {
  for (const folder of ['.', 'libs/common', ...serviceNames.map((service) => `services/${service}`)]) {
    expect(existsSync(join(ROOT, folder, 'package.json'))).toBe(true);
    const { dependencies, devDependencies } = manifestOf(folder);
    expect(Object.keys(dependencies).filter((name) => Object.hasOwn(devDependencies, name))).toEqual([]);
  }
});

test('given a file that an image carries, then it is no support code of the tests', async () => {
  const helpers: string[] = [];
  for await (const file of glob('{libs,services}/*/src/**/*.ts', { cwd: ROOT })) {
    if (file.endsWith('.test.ts')) continue;
    const imported = [...textOf(file).matchAll(IMPORTED)].map(([, from = '']) => from);
    if (imported.some((from) => from === 'vitest' || from.includes('/tests/'))) helpers.push(file);
  }
  expect(helpers).toEqual([]);
});

test('given the lock file, then it names no registry', () => {
  expect(textOf('package-lock.json')).not.toMatch(/"resolved": "https?:/);
});
