import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** All that the built dashboard depends on. */
const SOURCES = [
  'package-lock.json',
  'clients/dashboard/{package,tsconfig}.json',
  'clients/dashboard/index.html',
  'clients/dashboard/vite.config.ts',
  'clients/dashboard/{src,build}/**/*.*',
  'clients/typescript/index.ts',
  'clients/typescript/{src,quartet-client}/**/*.ts',
];

/** It changes with the name and the content of each source. */
export function hashOfSources(root: string): string {
  const hash = createHash('sha256');
  const files = globSync(SOURCES, { cwd: root, exclude: ['**/*.test.ts', '**/node_modules'] });
  for (const file of files.map((name) => name.replaceAll('\\', '/')).toSorted()) {
    const content = readFileSync(join(root, file));
    hash.update(`${file} ${content.length}\n`).update(content);
  }
  return hash.digest('hex');
}
