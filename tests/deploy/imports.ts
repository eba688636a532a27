import { dirname, join, relative, resolve } from 'node:path';
import * as z from 'zod';
import { ROOT, textOf } from './read-deploy.ts';

const COMMON = '@quartet/common/';
export const IMPORTED = /(?:from|import)\s*\(?\s*'([\w@./:-]+)'/g;

const manifest = z.object({
  dependencies: z.record(z.string(), z.string()).default({}),
  devDependencies: z.record(z.string(), z.string()).default({}),
});
export const manifestOf = (folder: string) =>
  manifest.parse(JSON.parse(textOf(join(folder, 'package.json'))));

/** Returns every file that `entries` import, each with its packages. */
export function filesReached(entries: readonly string[]): Map<string, string[]> {
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
