import { existsSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { serviceNames } from '../../services/services.ts';
import { ROOT, textOf } from './read-deploy.ts';

const COMMON = '@quartet/common/';
const IMPORTED = /(?:from|import)\s*\(?\s*'([\w@./:-]+)'/g;

const manifest = z.object({
  dependencies: z.record(z.string(), z.string()).default({}),
  devDependencies: z.record(z.string(), z.string()).default({}),
});
const manifestOf = (folder: string) => manifest.parse(JSON.parse(textOf(join(folder, 'package.json'))));

/** Returns every file that `entries` import, each with its packages. */
function filesReached(entries: readonly string[]): Map<string, string[]> {
  const reached = new Map<string, string[]>();
  const waiting = [...entries];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (reached.has(file) || !file.endsWith('.ts')) continue;
    // Types do not exist when the code runs.
    const text = textOf(file).replaceAll(/^(import|export) type [^;]*;/gm, '');
    const named = [...text.matchAll(IMPORTED)].map(([, from = '']) => from);
    const packages = named.filter((from) => !/^(\.|node:)/.test(from) && !from.startsWith(COMMON));
    reached.set(file, packages.map(packageName));
    for (const from of named) {
      if (from.startsWith('.')) waiting.push(relative(ROOT, resolve(ROOT, dirname(file), from)));
      if (from.startsWith(COMMON)) waiting.push(join('libs/common/src', from.slice(COMMON.length)));
    }
  }
  return reached;
}

const packageName = (from: string): string => from.split('/', from.startsWith('@') ? 2 : 1).join('/');

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
